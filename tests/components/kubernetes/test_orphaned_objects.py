"""An orphan is left in place by the engine, planned or quarantined, also by one that knows no hooks."""

from dataclasses import replace
from typing import Any

import pulumi
import pytest

from federation import Federation, FederationArgs
from federation.api.reading import loading
from federation.components.kubernetes.objects import ConfigSecrets
from federation.plan import planner
from federation.plan.model.observed import Observed
from tests.components.mocks import HELD_STATE, THREE, Recorder, federation, run


def document(kind: str, name: str, annotations: dict[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "types.kubefed.io/v1beta1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "demo", "annotations": annotations},
        "spec": {"placement": {"clusterSelector": {}}},
    }


DOCUMENTS = loading.from_values(
    [
        document("FederatedNamespace", "demo", {}),
        document("FederatedConfigMap", "plain", {}),
        document("FederatedConfigMap", "orphan", {"kubefed.io/orphan": "true"}),
    ]
)


@pytest.mark.parametrize("quarantined", [True, False])
def test_the_engine_leaves_orphans_and_nothing_else(quarantined: bool) -> None:
    lost = (each.model_copy(update={"available": each.name != "us-east" or not quarantined}) for each in THREE)
    settings = federation(*lost)
    everywhere = planner.plan(federation(), DOCUMENTS)
    observed = Observed(registered={member.name: member.index or () for member in everywhere.members})
    plan = planner.plan(settings, DOCUMENTS, observed if quarantined else replace(observed, registered=None))

    def make() -> Any:
        made = Federation("atlas", FederationArgs(settings=settings, plan=plan, secrets=ConfigSecrets(pulumi.Config())))
        return pulumi.Output.all(*(each.urn for each in made.objects.values()))

    recorder: Recorder = run(make, preview=False, state=HELD_STATE)
    assert recorder.left_standing == {f"{member.name}/demo/ConfigMap/orphan" for member in THREE}
