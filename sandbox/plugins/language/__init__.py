"""Stand in for `pulumi-language-python`: run Python programs and plugins for the engine."""

import os

from sandbox.plugins import protocol

EXEC_VARIABLE = "SANDBOX_LANGUAGE_EXEC"
"""Names the `pulumi-language-python-exec` script of Pulumi's own SDK; the installed wrapper sets it."""


def main() -> None:
    """Serve the language host until the engine ends it.

    Raises `SystemExit` when it was not started by the wrapper that `sandbox.plugins.install` writes.
    """
    # Removed from the environment, so that the program does not see it.
    script = os.environ.pop(EXEC_VARIABLE, "")
    if not script:
        raise SystemExit(f"{EXEC_VARIABLE} is not set: start the pulumi-language-python in the sandbox's bin directory")
    protocol.without_the_sdk()
    # Imported only now: both import the protocol's messages.
    from sandbox.plugins.language.servicer import LanguageHost
    from sandbox.plugins.server import serve

    serve(lambda engine: LanguageHost(engine, script))
