"""Read the provider's settings, and refuse those that the stand-in does not implement.

The engine passes a provider's settings as strings: a value that is not a string is JSON within one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.plugins.aws.checking import Fault
from sandbox.plugins.aws.schema import Tree
from sandbox.plugins.properties import UNKNOWN

_TEXTS: Final = ("region", "accessKey", "secretKey", "token", "profile", "stsRegion", "retryMode")
_NO_EFFECT: Final = (
    "skipMetadataApiCheck",
    "skipRegionValidation",
    "maxRetries",
    "s3UsePathStyle",
    "userAgents",
    "retryMode",
)
_STRUCTURED: Final = (
    "assumeRoles",
    "endpoints",
    "defaultTags",
    "allowedAccountIds",
    "forbiddenAccountIds",
    "skipCredentialsValidation",
    "skipRequestingAccountId",
)
KNOWN: Final = tuple(sorted({*_TEXTS, *_NO_EFFECT, *_STRUCTURED}))
"""Every setting that is accepted."""

_ROLE_FIELDS: Final = ("roleArn", "sessionName", "externalId", "duration", "policy", "policyArns", "tags")
_BY_ENGINE: Final = ("version", "pluginDownloadURL", "__internal", "__defaults")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A provider's parsed settings.

    `roles` are assumed one after the other; `endpoints` are URLs by service. Keys that are empty come from the
    environment, as for every AWS tool.
    """

    region: str = ""
    access_key: str = ""
    secret_key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    profile: str = ""
    sts_region: str = ""
    roles: tuple[Mapping[str, Any], ...] = ()
    endpoints: Mapping[str, str] = field(default_factory=dict)
    default_tags: Mapping[str, str] = field(default_factory=dict)
    allowed_accounts: tuple[str, ...] = ()
    forbidden_accounts: tuple[str, ...] = ()
    validate: bool = True


def faults(given: Tree) -> list[Fault]:
    """Return the provider settings that the stand-in does not implement or cannot read."""
    found = []
    for key, value in given.items():
        if key in _BY_ENGINE or value is None:
            continue
        if key not in KNOWN:
            known = ", ".join(KNOWN)
            reason = f"is not a setting that the sandbox's stand-in for aws knows; known are: {known}"
            found.append(Fault(property=key, reason=reason))
        elif value is not UNKNOWN and key in _STRUCTURED:
            found += _structured_faults(key, value)
    return found


def read(given: Tree) -> Settings:
    """Read a provider's settings; raises `ValueError` naming the setting that cannot be read."""
    tree = {key: _plain(key, value) for key, value in given.items() if key in KNOWN and value is not None}
    roles = tree.get("assumeRoles") or []
    endpoints = {service: url for entry in tree.get("endpoints") or [] for service, url in entry.items() if url}
    return Settings(
        region=str(tree.get("region", "")),
        access_key=str(tree.get("accessKey", "")),
        secret_key=str(tree.get("secretKey", "")),
        token=str(tree.get("token", "")),
        profile=str(tree.get("profile", "")),
        sts_region=str(tree.get("stsRegion", "")),
        roles=tuple(role for role in roles if role and role.get("roleArn")),
        endpoints=endpoints,
        default_tags=(tree.get("defaultTags") or {}).get("tags") or {},
        allowed_accounts=tuple(tree.get("allowedAccountIds") or ()),
        forbidden_accounts=tuple(tree.get("forbiddenAccountIds") or ()),
        validate=not (_true(tree.get("skipCredentialsValidation")) or _true(tree.get("skipRequestingAccountId"))),
    )


def _plain(key: str, value: Any) -> Any:
    if key in _TEXTS or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        if key in _NO_EFFECT:
            return value
        raise ValueError(f"{key} must be JSON and is {value!r}") from None


def _structured_faults(key: str, value: Any) -> list[Fault]:
    try:
        plain = _plain(key, value)
    except ValueError as error:
        return [Fault(property=key, reason=str(error))]
    if key != "assumeRoles":
        return []
    unknown = sorted({name for role in plain or [] for name in role} - set(_ROLE_FIELDS))
    reason = f"known are: {', '.join(_ROLE_FIELDS)}"
    return [Fault(property=f"assumeRoles.{name}", reason=f"is not known to the stand-in; {reason}") for name in unknown]


def _true(value: Any) -> bool:
    return value is True or value == "true"
