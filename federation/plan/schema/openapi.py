"""Read which types a version of Kubernetes serves, and the schema of each.

The OpenAPI schemas of every version come with the package ``kubernetes-validate``. They are read from where it is
installed, so that a check needs no cluster and no network. Only its data is used: its own ``validate`` reads a megabyte
for every object.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from federation.api.model.types import REMOVED
from federation.errors.fault import FederationError

__all__ = [
    "ApiType",
    "Release",
    "closest",
    "definition",
    "is_of",
    "is_own_group",
    "release",
    "replacements",
    "versions",
]

ApiType = tuple[str, str, str]
"""Group, version and kind."""

_VERSION: Final = re.compile(r"v?1\.([0-9]{1,3})(?![0-9])")
_FOLDER: Final = re.compile(r"v(1\.[0-9]+)\.[0-9]+-local-strict")
_MATURITY: Final = re.compile(r"v[0-9]+(alpha|beta|\Z)")
_REMOVED: Final = frozenset(version for former in REMOVED.values() for version in former)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Release:
    """A version of Kubernetes such as ``1.34``: its schemas by name, and the name of each served type's schema."""

    version: str
    definitions: Mapping[str, Mapping[str, Any]]
    served: Mapping[ApiType, str]


def versions() -> tuple[str, ...]:
    """The versions whose schemas are at hand, the oldest first."""
    return tuple(_folders())


def closest(version: str) -> str:
    """The newest version at hand that is not newer than ``version``; the oldest one when all are newer.

    "" when ``version`` is not a version of Kubernetes.
    """
    found = _VERSION.match(version)
    if not found:
        return ""
    known = versions()
    return max((each for each in known if _minor(each) <= int(found[1])), key=_minor, default=known[0])


def is_of(version: str, known: str) -> bool:
    """Whether ``version``, such as ``v1.34.2``, is one of ``known``, such as ``1.34``."""
    found = _VERSION.match(version)
    return found is not None and int(found[1]) == _minor(known)


def definition(version: str, api_version: str, kind: str) -> str:
    """The name of the definition of ``kind`` in ``version`` of Kubernetes; "" when that version does not serve it."""
    group, _, name = api_version.rpartition("/")
    return release(version).served.get((group, name, kind), "")


@cache
def release(version: str) -> Release:
    """The schemas of ``version``, which is one of ``versions()``."""
    text = (_folders()[version] / "_definitions.json").read_text(encoding="utf-8")
    definitions = json.loads(text)["$defs"]
    served = {
        (each["group"], each["version"], each["kind"]): name
        for name, schema in definitions.items()
        for each in schema.get("x-kubernetes-group-version-kind", ())
    }
    return Release(version=version, definitions=definitions, served=served)


def is_own_group(api_version: str) -> bool:
    """Whether ``api_version`` belongs to Kubernetes itself, in any version: a type of it needs no definition."""
    group = api_version.rpartition("/")[0]
    return "." not in group or api_version in _REMOVED or group in _groups()


def replacements(kind: str, of: Release) -> tuple[str, ...]:
    """The apiVersions in which ``of`` serves ``kind``, the stable ones first."""
    found = [(group, version) for group, version, name in of.served if name == kind]
    ordered = sorted(found, key=lambda each: (_maturity(each[1]), each))
    return tuple(f"{group}/{version}" if group else version for group, version in ordered)


def _maturity(version: str) -> int:
    found = _MATURITY.match(version)
    return ["", "beta", "alpha"].index(found[1]) if found else 3


def _minor(version: str) -> int:
    return int(version.partition(".")[2])


@cache
def _folders() -> Mapping[str, Path]:
    package = find_spec("kubernetes_validate")
    places = list(package.submodule_search_locations or ()) if package else []
    found = {
        match[1]: folder
        for place in places
        for folder in (Path(place) / "kubernetes-json-schema").glob("v*")
        if (match := _FOLDER.fullmatch(folder.name))
    }
    if not found:
        msg = (
            "the schemas of Kubernetes are not installed: install the package kubernetes-validate, or set "
            "plan: {schemaCheck: false}"
        )
        raise FederationError(msg)
    return dict(sorted(found.items(), key=lambda item: _minor(item[0])))


@cache
def _groups() -> frozenset[str]:
    return frozenset(group for group, _, _ in release(versions()[-1]).served)
