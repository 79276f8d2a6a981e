"""Index entries of manifests, and the cases of fields that cannot be changed in place."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from federation.plan.changes.fingerprints import Fingerprints
from federation.plan.model import names
from federation.plan.model.object_index import IndexEntry
from tests import places

__all__ = ["cases", "entry", "merged"]

CASES = places.CASES / "changes" / "fixed_fields.yaml"


def entry(manifest: Mapping[str, Any], ignored: Sequence[str] = ()) -> IndexEntry:
    """The index entry of an object called ``demo/web``."""
    api_version, kind = manifest["apiVersion"], manifest["kind"]
    return IndexEntry(
        logical_name=names.object_name("us-east", names.in_every_member(api_version, kind, "demo", "web")),
        token=names.token(api_version, kind),
        digest="x",
        fixed=Fingerprints().prints(manifest, ignored),
    )


def cases() -> Iterator[tuple[str, dict[str, Any], dict[str, Any], Mapping[str, Any]]]:
    """Each case by its name, with the manifests before and after."""
    for group in yaml.safe_load(CASES.read_text()):
        api_version, kind = group["kind"].split()
        for case in group["cases"]:
            before, after = (
                merged({"apiVersion": api_version, "kind": kind}, merged(group.get("all", {}), part))
                for part in (group["before"], case["after"])
            )
            yield f"{kind}: {case['name']}", before, after, case


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both trees merged; ``other`` wins where they differ."""
    both = {key: merged(value, other[key]) for key, value in one.items() if key in other and isinstance(value, Mapping)}
    return {**one, **other, **both}
