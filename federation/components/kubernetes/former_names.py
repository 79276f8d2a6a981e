"""Aliases that move the resources of a renamed member in Pulumi's state, so that none is deleted or made.

A URN has the types of all parents and no parent's name: an alias with nothing but a name keeps the rest.
"""

from collections.abc import Sequence

import pulumi

__all__ = ["aliases"]


def aliases(name: str, former_names: Sequence[str], former_tokens: Sequence[str] = ()) -> list[pulumi.Alias]:
    """The aliases of the resource ``name``, which begins with its member's name: each former name of the member, each
    former type, and each pair of both."""
    _, _, rest = name.partition("/")
    types = [pulumi.Alias(type_=token) for token in former_tokens]
    for member in former_names:
        types.append(pulumi.Alias(name=f"{member}/{rest}"))
        types += [pulumi.Alias(name=f"{member}/{rest}", type_=token) for token in former_tokens]
    return types
