"""Run Pulumi's command line, and read its states, outputs, locks and events."""
