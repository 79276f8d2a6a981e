"""An AWS on this machine: moto's server in process, with what moto lacks in front of it."""
