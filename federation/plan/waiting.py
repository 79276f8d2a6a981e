"""Which Services have nothing to wait for?

Pulumi's Kubernetes provider waits until a Service with a selector has a ready pod behind it. Where the plan gives a
member no replicas, none will ever come: there the Service is marked as not to be waited for.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from federation.plan.drafts import Draft
from federation.plan.manifests import Rendered
from federation.plan.trees import mapping
from federation.plan.weights import Crowd

__all__ = ["marked"]

SKIP_AWAIT: Final = "pulumi.com/skipAwait"


def marked(drafts: Iterable[Draft], crowd: Crowd) -> list[Draft]:
    """The drafts, those Services marked that workloads match, but none with a replica in that member."""
    # Members that share a manifest share the marked one as well.
    done: dict[int, Rendered] = {}
    return [_marked(draft, done) if draft.kind == "Service" and _is_empty(draft, crowd) else draft for draft in drafts]


def _is_empty(draft: Draft, crowd: Crowd) -> bool:
    selector = mapping(mapping(draft.rendered.manifest.get("spec")).get("selector"))
    behind = crowd.behind(selector, draft.namespace, draft.member) if selector else []
    return bool(behind) and not any(count for _, count in behind)


def _marked(draft: Draft, done: dict[int, Rendered]) -> Draft:
    known = done.get(id(draft.rendered))
    if known is None:
        manifest = draft.rendered.manifest
        metadata = mapping(manifest["metadata"])
        annotations = {**mapping(metadata.get("annotations")), SKIP_AWAIT: "true"}
        changed = {**manifest, "metadata": {**metadata, "annotations": annotations}}
        known = done[id(draft.rendered)] = replace(draft.rendered, manifest=changed)
    return replace(
        draft,
        rendered=known,
        reasons=(*draft.reasons, "no replicas behind it in this member: it is not waited for"),
    )
