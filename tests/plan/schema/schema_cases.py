"""One case of ``tests/cases/schemas``: a template for one member, and the faults that planning it finds."""

from typing import Any

from tests.plan import building

__all__ = ["found"]


def found(case: dict[str, Any], **settings: Any) -> list[str]:
    """The faults of a case. Its template stands on line 7 of its document, its overrides on line 10."""
    body = case["template"] if case["template"].startswith("{") else f"{{{case['template']}}}"
    text = (
        "apiVersion: types.kubefed.io/v1beta1\n"
        f"kind: Federated{case['kind']}\n"
        f"metadata: {{name: {case.get('name', 'web')}, namespace: demo}}\n"
        "spec:\n"
        "  placement: {clusterSelector: {}}\n"
        "  template:\n"
        f"    {body}\n"
        "  overrides:\n"
        "  - clusterSelector: {}\n"
        f"    clusterOverrides: {case.get('overrides', '[]')}\n"
        f"---\n{building.NAMESPACE}"
    )
    members = {"us-east": {"region": "us-east-1", "kubernetesVersion": case.get("version", "1.34")}}
    return building.faults(text, members=members, plan={"schemaCheck": True, **settings})
