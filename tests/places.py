"""The folders that tests read from."""

from pathlib import Path
from typing import Final

__all__ = ["CASES", "ROOT", "TESTS"]

TESTS: Final = Path(__file__).resolve().parent
ROOT: Final = TESTS.parent
CASES: Final = TESTS / "cases"
