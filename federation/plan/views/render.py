"""Render a plan as files for GitOps, ``kubectl apply`` and ``kubectl diff``.

Each member has a folder and each object a file, in three folders that sort in the order in which they can be applied:
``1-definitions`` (CustomResourceDefinitions), ``2-cluster`` (Namespaces and other cluster-scoped objects) and
``3-namespaces`` (one folder per namespace). ``kubectl apply -R`` uses that order. Annotations for Pulumi are left out.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from federation.api.model.federated import Tree
from federation.api.model.types import group_of
from federation.plan.model.names import document
from federation.plan.model.plan import MemberPlan, PlannedObject
from federation.plan.model.trees import mapping
from federation.plan.views import secret_keys
from federation.plan.views.yaml_writer import Writer

__all__ = ["FileRenderer", "OmittedObject", "RenderedFile"]

_FOR_PULUMI: Final = "pulumi.com/"
_LONGEST: Final = 200  # characters of a file's name; file systems take 255 bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedFile:
    """One object's file: ``path`` below the folder of all members; ``secret``: its text holds secret values."""

    path: str
    text: str
    secret: bool = False

    def __repr__(self) -> str:
        return f"RenderedFile(path={self.path!r})"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class OmittedObject:
    """An object that gets no file, because it holds secret values, and why."""

    document: str
    why: str


class FileRenderer:
    """Renders one member after another; members that share a manifest, or a part of one, share its text.

    ``left`` collects the objects that are left out, each once for all members.
    """

    def __init__(self, *, with_secrets: bool = False) -> None:
        self._with_secrets = with_secrets
        self._writer = Writer()
        self._revealing = Writer(reveal=True)
        self._texts: dict[int, tuple[Tree, str]] = {}
        self.left: set[OmittedObject] = set()

    def files(self, member: MemberPlan) -> Iterator[RenderedFile]:
        """The files of ``member``, in the order in which they can be applied."""
        sealed = frozenset(member.sealed)
        for each in member.objects:
            if each.logical_name not in sealed:
                yield RenderedFile(path=path(each), text=self._text(each.manifest))
            elif self._is_writable(each):
                text = self._revealing.text(_for_kubectl(each.manifest))
                yield RenderedFile(path=path(each), text=text, secret=True)

    def _text(self, manifest: Tree) -> str:
        cached = self._texts.get(id(manifest))
        if cached is None:
            # The manifest is kept with its text, so that no other object can get the same id.
            cached = self._texts[id(manifest)] = (manifest, self._writer.text(_for_kubectl(manifest)))
        return cached[1]

    def _is_writable(self, each: PlannedObject) -> bool:
        keys = sorted({reference.key for reference in secret_keys.within(each.manifest)})
        if keys:
            why = f"its values stand encrypted in the stack's config ({', '.join(keys)}): only an update knows them"
        elif self._with_secrets:
            return True
        else:
            why = "it holds secret values; --with-secrets writes them"
        self.left.add(OmittedObject(document=document(each), why=why))
        return False


def path(each: PlannedObject) -> str:
    """``us-east/3-namespaces/demo/deployment-web.yaml``: an object's file, independent of all other objects."""
    group = group_of(each.api_version)
    own = document(each).split("/")[-2]  # the kind, with its group if it is not one of Kubernetes' own
    name = f"{quote(own.lower())}-{quote(each.name)}"
    if len(name) > _LONGEST:
        name = f"{name[:_LONGEST]}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    if each.namespace:
        folder = f"3-namespaces/{each.namespace}"
    else:
        is_definition = each.kind == "CustomResourceDefinition" and group == "apiextensions.k8s.io"
        folder = "1-definitions" if is_definition else "2-cluster"
    return f"{each.member}/{folder}/{name}.yaml"


def _for_kubectl(manifest: Tree) -> Tree:
    """``manifest`` without annotations that only Pulumi's provider reads."""
    metadata = mapping(manifest.get("metadata"))
    annotations = mapping(metadata.get("annotations"))
    kept = {key: value for key, value in annotations.items() if not str(key).startswith(_FOR_PULUMI)}
    if len(kept) == len(annotations):
        return manifest
    bare = {key: value for key, value in metadata.items() if key != "annotations"}
    return {**manifest, "metadata": {**bare, "annotations": kept} if kept else bare}
