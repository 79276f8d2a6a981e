"""Define the sandbox's errors, with messages for the user who started it.

Every error carries its whole message: what happened, where, and what to do. The commands print it and nothing else.
"""


class SandboxError(Exception):
    """An error of the sandbox that its user can act on."""


class ToolchainError(SandboxError):
    """A program that the sandbox needs can be neither found nor built."""


class NotRunningError(SandboxError):
    """A command needs a running sandbox and there is none."""

    def __init__(self) -> None:
        super().__init__("not running; start it with 'fed sandbox up'")
