"""Secret values that are never shown: literals, and references to the stack's encrypted config.

A literal is wrapped on loading, and prints and serialises as ``[secret]``. Only ``federation.components`` unwraps it,
straight into a Pulumi secret, and ``fed render`` with ``--with-secrets``.
"""

from dataclasses import dataclass

__all__ = ["HIDDEN", "SecretLiteral", "SecretReference"]

HIDDEN = "[secret]"


class SecretLiteral:
    """A literal secret value. ``reveal()`` is for ``federation.components``, and for ``--with-secrets``."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretLiteral) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __copy__(self) -> "SecretLiteral":
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> "SecretLiteral":
        return self

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        # Pickling, also for another process, keeps the mark only, not the value.
        return (str, (HIDDEN,))


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretReference:
    """``{valueFrom: {config: <key>}}``: the value is in the stack's config under ``key``, encrypted.

    ``encoded`` is true under a Secret's ``data``, where Kubernetes wants base64: the config holds the plain text, and
    it is encoded on the way.
    """

    key: str
    encoded: bool = False
