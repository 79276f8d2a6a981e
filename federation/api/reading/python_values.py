"""Copy Python values into plain trees, and report those that no document can hold.

A copy cannot be changed afterwards by the program that made the values. Used for documents made in a program, and for
JSON files (whose values ``json`` has read).
"""

import math
from collections.abc import Mapping
from typing import Any, Final

from federation.api.model.secrets import SecretLiteral, SecretReference
from federation.api.reading.yaml_scalars import MAX_DEPTH, MAX_INT
from federation.errors.report import Report, described
from federation.errors.source import PathKey

__all__ = ["plain"]

SECRET_PARTS: Final = frozenset({"data", "stringData", "value"})


def plain(value: Any, report: Report, path: PathKey = (), *, secrets: bool = False) -> Any:
    """``value`` as dicts, lists and scalars; a value that no document can hold is reported and becomes ``None``.

    ``secrets``: it is a Secret's document, whose leaves may be ``SecretLiteral`` and ``SecretReference``.
    """
    if len(path) > MAX_DEPTH:
        report.error(path[:8], f"nested deeper than {MAX_DEPTH} levels")
        return None
    match value:
        case str():
            return _text(value, report, path)
        case None | bool():
            return value
        case int() | float():
            return _number(value, report, path)
        case Mapping():
            return _mapping(value, report, path, secrets=secrets)
        case list() | tuple():
            return [plain(item, report, (*path, index), secrets=secrets) for index, item in enumerate(value)]
        case SecretLiteral() | SecretReference():
            if not secrets or SECRET_PARTS.isdisjoint(path):
                report.error(path, f"a {type(value).__name__} is allowed only in a Secret, below data or stringData")
            return value
    remedy = (
        "give plain values; a secret is {valueFrom: {config: <key>}}, and an output of a deployment cannot be planned"
    )
    report.error(path, f"{described(value)} cannot be part of a document", remedy)
    return None


def _number(value: float, report: Report, path: PathKey) -> float | None:
    if isinstance(value, int) and abs(value) < MAX_INT:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    what = "a whole number of more than 64 bits" if isinstance(value, int) else "infinity and 'not a number'"
    report.error(path, f"{what} cannot be sent to Kubernetes")
    return None


def _mapping(value: Mapping[Any, Any], report: Report, path: PathKey, *, secrets: bool) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            report.error(path, f"a key must be text, and one is {described(key)}", "write the key in quotes")
            continue
        result[_text(key, report, path)] = plain(item, report, (*path, key), secrets=secrets)
    return result


def _text(value: str, report: Report, path: PathKey) -> str:
    if value.isascii():
        return str(value)
    try:
        value.encode()
    except UnicodeEncodeError:
        report.error(path, "half of a surrogate pair is not text", "write the character itself")
        return ""
    return str(value)
