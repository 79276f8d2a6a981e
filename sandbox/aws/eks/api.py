"""Route each EKS request to its handler, under one lock.

moto finds an operation by botocore's own model, so every path of the API leads to one class, composed of small ones.
Every call runs under one lock, after clusters are synchronised with their control planes. So no caller sees a cluster
ACTIVE whose API server is not, and two creates of one name cannot both succeed.
"""

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.eks import urls

from sandbox.aws.eks import standing
from sandbox.aws.eks.access import AccessCalls
from sandbox.aws.eks.addons import AddonCalls, AssociationCalls
from sandbox.aws.eks.clusters import ClusterCalls
from sandbox.aws.eks.nodegroups import NodegroupCalls
from sandbox.aws.eks.store import not_found


class EksApi(ClusterCalls, NodegroupCalls, AccessCalls, AddonCalls, AssociationCalls):
    """All EKS calls of the sandbox."""

    def call_action(self) -> Any:
        """Run the request's operation, after synchronising the clusters."""
        with self._services.lock:
            standing.synchronise(self._services.planes, self.current_account, self.region)
            return super().call_action()

    def tag_resource(self) -> ActionResult:
        """TagResource: clusters, node groups, access entries, add-ons and associations."""
        self._tags().update(self._get_param("tags"))
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        """UntagResource."""
        tags = self._tags()
        for key in self._get_param("tagKeys"):
            tags.pop(key, None)
        return EmptyResult()

    def list_tags_for_resource(self) -> ActionResult:
        """ListTagsForResource."""
        return ActionResult({"tags": self._tags()})

    def _tags(self) -> dict[str, str]:
        arn = self._get_param("resourceArn")
        for cluster in self.eks_backend.clusters.values():
            owned = [(cluster.arn, cluster), *((group.arn, group) for group in cluster.nodegroups.values())]
            for known, holder in owned:
                if known == arn:
                    tags: dict[str, str] = holder.tags
                    return tags
            extras = cluster.sandbox
            for kind, key in (("access_entries", "accessEntry"), ("addons", "addon"), ("associations", "association")):
                for item in getattr(extras, kind).values():
                    if item[f"{key}Arn"] == arn:
                        held: dict[str, str] = item["tags"]
                        return held
        raise not_found(f"The specified resource {arn} was not found")


def mount() -> None:
    """Route every path of EKS's API here; call it before the first request."""
    urls.url_paths.clear()
    urls.url_paths["{0}/(?P<rest>.+)$"] = EksApi.dispatch
