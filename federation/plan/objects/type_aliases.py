"""Find the other types that an object has in Pulumi's state, to register them as aliases.

The apiVersion is part of Pulumi's token, and Pulumi takes an object with another token for another object. It would
apply the new one over the live object, and then delete the old one, which is the same live object. So an object is
registered with its tokens in the state as aliases.
"""

from federation.plan.model import names
from federation.plan.model.observed import Observed

__all__ = ["FormerTokens"]


class FormerTokens:
    """The tokens of all objects in the state, by logical name."""

    def __init__(self, observed: Observed) -> None:
        self._tokens: dict[str, set[str]] = {}
        for entries in (observed.registered or {}).values():
            for entry in entries:
                self._tokens.setdefault(entry.logical_name, set()).add(entry.token)

    def tokens_before(self, logical_name: str, api_version: str, kind: str) -> tuple[str, ...]:
        """The tokens of the object in the state, sorted, without its present one."""
        tokens = self._tokens.get(logical_name, set())
        return tuple(sorted(tokens - {names.token(api_version, kind)}))
