"""Tokens from login commands."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from sandbox.plugins.kubernetes.credentials import Tokens
from sandbox.plugins.kubernetes.errors import UnreachableError
from sandbox.plugins.kubernetes.kubeconfig import Access, ExecLogin

COUNTING = """
import json, os, pathlib, sys
path = pathlib.Path(sys.argv[1])
count = int(path.read_text()) + 1 if path.exists() else 1
path.write_text(str(count))
status = {"token": f"{os.environ['PREFIX']}-{count}", "expirationTimestamp": sys.argv[2]}
print(json.dumps({"kind": "ExecCredential", "status": status}))
"""
FAR, PAST = "2999-01-01T00:00:00Z", "2001-01-01T00:00:00Z"


def tokens(code: str, *arguments: str) -> Tokens:
    """Tokens from a Python program."""
    login = ExecLogin(
        command=sys.executable, arguments=("-c", code, *arguments), environment={"PREFIX": "token"}, api_version="v1"
    )
    return Tokens(Access(server="https://x", namespace="default", login=login))


async def asked(login: Tokens, times: int) -> list[str]:
    """The tokens of several requests at once."""
    headers = await asyncio.gather(*(login.header() for _ in range(times)))
    return [header["Authorization"] for header in headers]


def test_a_token_is_asked_for_once_for_all_requests(tmp_path: Path) -> None:
    login = tokens(COUNTING, str(tmp_path / "count"), FAR)
    assert asyncio.run(asked(login, 5)) == ["Bearer token-1"] * 5


def test_a_token_that_has_run_out_is_asked_for_again(tmp_path: Path) -> None:
    login = tokens(COUNTING, str(tmp_path / "count"), PAST)
    assert asyncio.run(asked(login, 2)) == ["Bearer token-1", "Bearer token-2"]


def test_a_refused_token_is_forgotten_once(tmp_path: Path) -> None:
    async def refused_twice() -> list[str]:
        first = await login.header()
        assert login.forget(first)
        second = await login.header()
        assert login.forget(first)
        return [second["Authorization"], (await login.header())["Authorization"]]

    login = tokens(COUNTING, str(tmp_path / "count"), FAR)
    assert asyncio.run(refused_twice()) == ["Bearer token-2"] * 2


def test_a_fixed_token_cannot_be_renewed() -> None:
    login = Tokens(Access(server="https://x", namespace="default", token="t"))
    assert not login.forget({"Authorization": "Bearer t"})


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys; sys.exit('no such cluster')", "failed: no such cluster"),
        ("import sys; sys.exit(3)", "failed: exit code 3"),
        (f"print({json.dumps('{}')!r})", "did not print an ExecCredential"),
    ],
)
def test_a_login_command_that_fails_says_why(code: str, message: str) -> None:
    with pytest.raises(UnreachableError, match=message):
        asyncio.run(tokens(code).header())


def test_a_login_command_that_is_not_installed_is_named() -> None:
    login = ExecLogin(command="no-such-command", arguments=("x",), environment={}, api_version="v1")
    with pytest.raises(UnreachableError, match=r"`no-such-command x` cannot be started"):
        asyncio.run(Tokens(Access(server="https://x", namespace="default", login=login)).header())
