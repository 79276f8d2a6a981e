"""Run an AWS on this machine: moto's server in process, with the sandbox's own rules in front of it."""
