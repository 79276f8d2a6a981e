"""An AWS front in a process of its own, with control planes that are a dictionary.

A process of its own, because moto has one state per process, and the tests of the front use that of the tests' process.
It prints its URL and ends when its standard input does.
"""

import sys

from sandbox.aws.contract import Credentials
from sandbox.aws.front import serve
from tests.sandbox.aws.fakes import FakePlanes


def main() -> None:
    """Serve until the one who started this is gone. Arguments: access key id, secret access key."""
    front = serve(FakePlanes(), Credentials(access_key_id=sys.argv[1], secret_access_key=sys.argv[2]))
    sys.stdout.write(f"{front.url}\n")
    sys.stdout.flush()
    sys.stdin.read()
    front.close()


if __name__ == "__main__":
    main()
