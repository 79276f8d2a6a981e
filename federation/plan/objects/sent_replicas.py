"""Record in the index the replicas that an update sends.

For a number that updates leave alone, the engine sends the number of the last update. The index records the same, so
that no plan announces a number that is not sent.
"""

from federation.api.model.federated import Tree
from federation.plan.model import object_index
from federation.plan.model.digests import Digester
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.plan import PlannedObject
from federation.plan.model.trees import mapping
from federation.plan.objects.retention import REPLICAS_FIELD

__all__ = ["sent"]


def sent(planned: PlannedObject, last: IndexEntry | None, digester: Digester) -> tuple[str, int]:
    """The digest and the replicas (-1: none) of ``planned`` for the new index; ``last`` is its entry in the old one."""
    count = -1 if planned.replicas is None else planned.replicas
    if last is None or last.replicas < 0 or REPLICAS_FIELD not in planned.ignore_changes:
        return _digest(planned.manifest, digester), count
    manifest = planned.manifest if last.replicas == count else _with_replicas(planned.manifest, last.replicas)
    digest = _digest(manifest, digester)
    # The entry of a workload without a sent number has 1 replica, and no number is sent now.
    if digest != last.digest and _digest(_with_replicas(manifest, None), digester) == last.digest:
        return last.digest, last.replicas
    return digest, last.replicas


def _digest(manifest: Tree, digester: Digester) -> str:
    return digester.digest(manifest)[: object_index.DIGEST_LENGTH]


def _with_replicas(manifest: Tree, count: int | None) -> Tree:
    spec = {key: value for key, value in mapping(manifest.get("spec")).items() if key != "replicas"}
    return {**manifest, "spec": spec if count is None else {**spec, "replicas": count}}
