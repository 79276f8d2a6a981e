"""Report a type that a member does not serve, and suggest what to write in its place."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from federation.errors import suggestions
from federation.plan.schema import openapi
from federation.plan.schema.crds import DEFINITION, CustomType
from federation.plan.schema.violations import Violation

__all__ = ["not_defined", "not_served"]

_GONE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "PodSecurityPolicy": (
            "nothing replaced it: label the Namespace with pod-security.kubernetes.io/enforce, which does most of it"
        ),
    }
)


def not_served(version: str, api_version: str, kind: str) -> Violation:
    """The violation of an object whose type ``version`` of Kubernetes does not serve."""
    message = f"there is no {kind} in {api_version}"
    return Violation(path=("apiVersion",), message=message, remedy=_replacement(version, api_version, kind))


def _replacement(version: str, api_version: str, kind: str) -> str:
    served = openapi.replacements(kind, openapi.release(version))
    if served:
        return f"write apiVersion: {' or '.join(served)}, and check the fields that changed"
    later = [each for each in openapi.versions() if openapi.definition(each, api_version, kind)]
    if later:
        place = f"only {later[0]} to {later[-1]} of the versions at hand have it"
        return f"{place}: place it where it is served, or use what took its place"
    group, _, name = api_version.rpartition("/")
    kinds = [each for of, at, each in openapi.release(version).served if (of, at) == (group, name)]
    near = suggestions.nearest(kind, kinds)
    return _GONE.get(kind) or (f'did you mean "{near}"?' if near else "it was removed, or never was: use another type")


def not_defined(custom: CustomType, member: str, api_version: str) -> Violation:
    """The violation of a custom object whose version its definition does not serve."""
    group, _, version = api_version.rpartition("/")
    versions = custom.served(member)
    message = f"{DEFINITION} {custom.document.name} ({custom.document.source.place()}) serves no version {version}"
    written = " or ".join(f"{group}/{each}" for each in versions)
    remedy = f"write apiVersion: {written}" if written else "set served: true on one of its versions"
    return Violation(path=("apiVersion",), message=message, remedy=remedy)
