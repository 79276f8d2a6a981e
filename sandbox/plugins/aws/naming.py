"""Name a resource when the program gives no name.

As with the official plugin, the name is the logical name, a dash and seven hexadecimal digits from the engine's random
seed. So a replacement can exist beside the resource that it replaces, and a preview and its update agree.
"""

import hashlib
import re

from sandbox.plugins.aws.schema import AutoName


class NameFaultError(ValueError):
    """No name can be made that AWS accepts."""


def name_from(rule: AutoName, logical: str, seed: bytes) -> str:
    """Return a name for a resource.

    Raises `NameFaultError` when it would be longer than AWS allows or have characters that AWS refuses.
    """
    digest = hashlib.sha256(seed + logical.encode()).hexdigest()[:7]
    name = f"{logical.lower() if rule.lower else logical}-{digest}"
    if fault := name_fault(rule, name):
        raise NameFaultError(f"the name made of the logical name {logical!r} {fault}; give {rule.property} yourself")
    return name


def name_fault(rule: AutoName, name: str) -> str:
    """Return why AWS would refuse a name; empty when it would not."""
    if len(name) > rule.longest:
        return f"has {len(name)} characters and AWS allows {rule.longest}"
    if not re.fullmatch(rule.pattern, name):
        return f"({name!r}) has characters that AWS refuses; allowed are {rule.allowed}"
    return ""
