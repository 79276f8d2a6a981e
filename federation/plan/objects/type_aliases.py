"""Under which other type does an object stand in Pulumi's state?

The apiVersion is part of Pulumi's token, and what has another token is another object to Pulumi: it would lay the new
one over the live object, and then delete the old one, which is that same live object. So an object is registered with
the tokens that it stands under as aliases.
"""

from federation.plan.model import names
from federation.plan.model.observed import Observed

__all__ = ["FormerTokens"]


class FormerTokens:
    """What is known of all objects together, to be asked for one after another."""

    def __init__(self, observed: Observed) -> None:
        self._standing: dict[str, set[str]] = {}
        for entries in (observed.registered or {}).values():
            for entry in entries:
                self._standing.setdefault(entry.logical_name, set()).add(entry.token)

    def of(self, logical_name: str, api_version: str, kind: str) -> tuple[str, ...]:
        """The tokens, sorted, that the object stands under, without its own."""
        found = self._standing.get(logical_name, set())
        return tuple(sorted(found - {names.token(api_version, kind)}))
