"""Match label selectors as Kubernetes does: every part must hold, and an empty selector matches all."""

from collections.abc import Mapping

from federation.api.model.federated import Requirement, Selector

__all__ = ["matches"]


def matches(selector: Selector, labels: Mapping[str, str]) -> bool:
    """True when ``labels`` satisfy every label and every expression of ``selector``."""
    if not selector.match_labels and not selector.match_expressions:
        return True
    return all(labels.get(key) == value for key, value in selector.match_labels.items()) and all(
        _holds(requirement, labels) for requirement in selector.match_expressions
    )


def _holds(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    value = labels.get(requirement.key)
    match requirement.operator:
        case "In":
            return value is not None and value in requirement.values
        case "NotIn":
            # As in Kubernetes, an absent label satisfies NotIn.
            return value is None or value not in requirement.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
