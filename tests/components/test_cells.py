"""A cell registers its own part of the federation, and reads of other cells what it needs."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from federation import Federation, FederationArgs
from federation.api.model.cells import Cell, find_cell, list_cells
from federation.api.model.members import FederationSettings, Member, PlanSettings
from federation.components.cells import FederationCell
from federation.plan import planner
from federation.plan.changes import memory
from federation.plan.changes.memory import Memory
from federation.plan.model import object_index
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from tests.components.mocks import THREE, Recorder, Registered, demo_documents, run
from tests.places import ROOT
from tests.plan import building

pytestmark = pytest.mark.mocks

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
RECORD = "aws:route53/record:Record"
CLUSTER = "eks:index:Cluster"
MEMBERSHIP = "eks-federation:index:Membership"
FEDERATION = "eks-federation:index:Federation"
PROVIDER = "pulumi:providers:kubernetes"
FIRST_UPDATE = Observed(registered={})
WEB = "demo/Deployment/web"


class NoSecrets:
    def require(self, key: str) -> pulumi.Output[str]:
        raise AssertionError(f"the demonstration has no secret called {key}")


def full_name(stack: str) -> str:
    return f"organization/eks-federation/{stack}"


def settings(*members: Member, layout: str = "cells", unjoin: tuple[str, ...] = ()) -> FederationSettings:
    return FederationSettings.model_validate(
        {
            "name": "atlas",
            "stack": "prod",
            "layout": layout,
            "zone": "fed.example.com",
            "members": members or THREE,
            "plan": PlanSettings(unjoin=unjoin),
        }
    )


def cell(stack: str) -> Cell:
    found = find_cell(stack, ["prod"])
    assert found is not None
    return found


OUTPUTS: Mapping[str, Mapping[str, Any]] = {
    **{
        full_name(f"prod.{each.name}"): {
            "cluster": {
                "kubeconfig": f"config of {each.name}",
                "endpoint": f"https://{each.name}",
                "identifier": "oidc",
            }
        }
        for each in THREE
    },
    **{
        full_name(f"prod.{each.name}.apps"): {"loadBalancers": {"demo/web": f"{each.name}.of-its-cell.amazonaws.com"}}
        for each in THREE
    },
}


def registered(
    stack: str,
    chosen: FederationSettings | None = None,
    observed: Observed = FIRST_UPDATE,
    *,
    outputs: Mapping[str, Mapping[str, Any]] = OUTPUTS,
    preview: bool = False,
    plan: Plan | None = None,
) -> Recorder:
    """What the program of the cell ``stack`` registers; in the layout ``single``, that of the whole stack."""
    own = chosen or settings()
    plan = plan or planner.plan(own, demo_documents(ROOT), observed)

    def make() -> Any:
        which = cell(stack) if own.layout == "cells" else None
        args = FederationArgs(settings=own, plan=plan, secrets=NoSecrets(), observed=observed, cell=which)
        made = (FederationCell if which else Federation)("atlas", args)
        return pulumi.Output.all(*(each.urn for each in made.objects.values()))

    return run(make, preview=preview, stack=stack, stack_outputs=outputs)


def tokens(recorder: Recorder) -> set[str]:
    return {each.token for each in recorder.registered}


def kubernetes(recorder: Recorder) -> list[str]:
    return [each.name for each in recorder.registered if each.token.startswith("kubernetes:")]


@pytest.mark.parametrize("preview", [True, False])
def test_a_cell_with_a_cluster_makes_it_and_joins_no_member(preview: bool) -> None:
    recorder = registered("prod.us-east", preview=preview)
    assert list(recorder.of(CLUSTER)) == ["us-east-cluster"]
    assert kubernetes(recorder) == []
    assert not tokens(recorder) & {MEMBERSHIP, RECORD, PROVIDER}
    assert recorder.references == []


@pytest.mark.parametrize("preview", [True, False])
def test_a_cell_with_objects_has_those_of_its_member_alone(preview: bool) -> None:
    recorder = registered("prod.us-east.apps", preview=preview)
    assert list(recorder.of(DEPLOYMENT)) == ["us-east/demo/Deployment/web"]
    assert {name.partition("/")[0] for name in kubernetes(recorder)} == {"us-east"}
    assert list(recorder.of(MEMBERSHIP)) == ["us-east/membership"]
    assert not [each for each in tokens(recorder) if each.startswith(("aws:", "eks:"))]


@pytest.mark.parametrize("preview", [True, False])
def test_the_root_has_the_names_and_touches_no_member(preview: bool) -> None:
    recorder = registered("prod", preview=preview)
    assert recorder.of(RECORD)
    assert recorder.of("aws:route53/zone:Zone")
    assert kubernetes(recorder) == []
    assert not tokens(recorder) & {MEMBERSHIP, CLUSTER, PROVIDER}


def test_a_member_is_reached_by_what_the_cell_with_its_cluster_exports() -> None:
    recorder = registered("prod.us-east.apps")
    assert recorder.references == [full_name("prod.us-east")]
    provider = recorder.of(PROVIDER)["us-east/kubernetes"]
    kubeconfig = provider.inputs["kubeconfig"]
    assert "config of us-east" in str(kubeconfig)
    assert provider.inputs["clusterIdentifier"] == "oidc"


def test_a_cell_exports_how_its_cluster_is_reached() -> None:
    found: dict[str, Any] = {}
    own = settings()
    plan = planner.plan(own, demo_documents(ROOT), FIRST_UPDATE)

    def make() -> Any:
        args = FederationArgs(settings=own, plan=plan, secrets=NoSecrets(), cell=cell("prod.us-east"))
        made = FederationCell("atlas", args)
        assert made.cluster is not None
        return pulumi.Output.all(**made.cluster).apply(found.update)

    run(make, preview=False, stack="prod.us-east")
    assert found == {
        "kubeconfig": '{"cluster": "us-east-cluster"}',
        "endpoint": "https://us-east-cluster",
        "identifier": "oidc/us-east-cluster",
    }


def test_records_lead_to_the_load_balancers_that_other_cells_export() -> None:
    recorder = registered("prod")
    targets = {
        each.inputs["setIdentifier"]: each.inputs["aliases"][0]["name"]
        for each in recorder.of(RECORD).values()
        if each.inputs["name"].startswith("_weighted.web.demo.atlas.svc.us-east-1.fed")
    }
    assert targets == {"us-east": "us-east.of-its-cell.amazonaws.com"}
    assert sorted(recorder.references) == [full_name(f"prod.{each.name}.apps") for each in THREE]


@pytest.mark.parametrize("own", [{}, {"loadBalancers": {}}, {"loadBalancers": {"demo/web": ""}}], ids=str)
def test_a_record_without_a_load_balancer_is_refused_with_the_remedy(own: Mapping[str, Any]) -> None:
    message = "demo/web has no load balancer with a hostname in us-east yet; update the member's cell, then this one"
    with pytest.raises(Exception, match=message):
        registered("prod", outputs={**OUTPUTS, full_name("prod.us-east.apps"): own})


def places(recorder: Recorder) -> set[tuple[str, str, str]]:
    """Type and name of each resource, with those of its parent: its URN without the stack."""
    return {(each.token, each.name, _of(recorder, each)) for each in recorder.registered}


def _of(recorder: Recorder, each: Registered) -> str:
    parent = recorder.parents[each.name]
    return "" if "pulumi:pulumi:Stack" in parent else parent.split("::", 2)[-1]


def test_all_cells_together_have_the_resources_of_one_stack_under_the_same_names() -> None:
    whole = places(registered("prod", settings(layout="single")))
    cells: set[tuple[str, str, str]] = set()
    for each in list_cells(settings()):
        cells |= places(registered(each.stack))
    assert cells == whole


def test_a_renamed_member_has_the_cells_of_its_first_name_and_objects_of_its_present_one() -> None:
    virginia = THREE[1].model_copy(update={"name": "virginia", "former_names": ("us-east",)})
    own = settings(THREE[0], virginia, THREE[2])
    plan = planner.plan(own, building.documents(building.NAMESPACE + building.deployment()))
    recorder = registered("prod.us-east.apps", own, plan=plan)
    assert list(recorder.of(DEPLOYMENT)) == ["virginia/demo/Deployment/web"]
    assert recorder.references == [full_name("prod.us-east")]


def test_each_cell_remembers_its_own_objects_and_the_root_the_names() -> None:
    left = {each.stack: registered(each.stack).outputs["atlas"] for each in list_cells(settings())}
    assert {stack: list(each["index"]) for stack, each in left.items() if each["index"]} == {
        f"prod.{member.name}.apps": [member.name] for member in THREE
    }
    assert [stack for stack, each in left.items() if each["dnsNames"]] == ["prod"]
    assert [stack for stack, each in left.items() if each["zone"]] == ["prod"]
    assert [stack for stack, each in left.items() if each["records"]] == ["prod"]


LOST = tuple(each.model_copy(update={"available": each.name != "us-east"}) for each in THREE)


@pytest.mark.parametrize(
    ("stack", "held"), [("prod", {"us-east": True}), ("prod.us-west", {}), ("prod.us-west.apps", {})]
)
def test_the_root_alone_remembers_which_members_are_quarantined(stack: str, held: Mapping[str, bool]) -> None:
    before = planner.plan(settings(), demo_documents(ROOT), FIRST_UPDATE)
    observed = Observed(registered={each.name: each.index or () for each in before.members})
    assert registered(stack, settings(*LOST), observed).outputs["atlas"]["held"] == held


def standing(**replicas: int) -> Observed:
    """All objects as planned, and ``replicas`` of the demonstration in these members."""
    before = planner.plan(settings(), demo_documents(ROOT), FIRST_UPDATE)
    counts = {f"{name.replace('_', '-')}/{WEB}": count for name, count in replicas.items()}
    return Observed(
        registered={
            member.name: tuple(
                IndexEntry(
                    logical_name=each.logical_name, token=each.token, digest="x", replicas=counts[each.logical_name]
                )
                if each.logical_name in counts
                else each
                for each in member.index or ()
            )
            for member in before.members
        }
    )


def test_a_giver_is_registered_as_it_stands_and_its_index_stays_the_old_one() -> None:
    recorder = registered("prod.us-east.apps", observed=standing(us_east=9, us_west=3))
    (deployment,) = recorder.of(DEPLOYMENT).values()
    assert "spec" not in deployment.inputs
    (entry,) = (
        each for each in object_index.from_output(recorder.outputs["atlas"]["index"])["us-east"] if each.document == WEB
    )
    assert (entry.digest, entry.replicas) == ("x", 9)


def state_of(stack: str, member: str) -> Mapping[str, Any]:
    """The state of a cell with the Deployment of ``member``, six replicas of it ready."""
    head = f"urn:pulumi:{stack}::eks-federation::{FEDERATION}"
    entry = IndexEntry(logical_name=f"{member}/{WEB}", token=DEPLOYMENT, digest="x", replicas=6)
    return {
        f"{head}::atlas": {
            "type": FEDERATION,
            "outputs": memory.outputs({member: object_index.to_text([entry])}, Memory()),
        },
        f"{head}$eks-federation:index:FederatedWorkload${DEPLOYMENT}::{entry.logical_name}": {
            "type": DEPLOYMENT,
            "outputs": {},
        },
    }


def left(unjoin: tuple[str, ...], stack: str = "prod.us-east.apps") -> Recorder:
    """The program of one cell, after us-east has left the config, as a plain `pulumi up` runs it."""
    own = settings(THREE[0], THREE[2], unjoin=unjoin)
    documents = building.documents(building.NAMESPACE + building.deployment())

    def make() -> Any:
        args = FederationArgs(settings=own, documents=documents, secrets=NoSecrets(), cell=cell(stack), environment={})
        return pulumi.Output.all(*(each.urn for each in FederationCell("atlas", args).objects.values()))

    states = {full_name("prod.us-east.apps"): state_of("prod.us-east.apps", "us-east")}
    return run(make, preview=True, stack=stack, states=states, stack_outputs=OUTPUTS)


def test_the_guard_holds_the_cell_of_a_member_that_has_left() -> None:
    with pytest.raises(pulumi.RunError, match=r"us-east .*plan: \{unjoin: \[us-east\]\}"):
        left(unjoin=())


def test_the_cell_of_a_member_that_has_left_keeps_its_objects_until_others_have_taken_over() -> None:
    with pytest.raises(pulumi.RunError, match=f"us-east has left the config, and .*: {WEB} waits for ap-northeast"):
        left(unjoin=("us-east",))


def test_the_cells_of_other_members_know_the_member_that_leaves() -> None:
    recorder = left(unjoin=("us-east",), stack="prod.us-west.apps")
    assert list(recorder.of(DEPLOYMENT)) == [f"us-west/{WEB}"]


def test_an_object_that_fails_in_a_member_that_is_back_has_no_replica_that_others_can_trust() -> None:
    documents = building.documents(building.NAMESPACE + building.deployment(replicas=6))
    which = "prod.us-east.apps"

    def make() -> Any:
        args = FederationArgs(
            settings=settings(), documents=documents, secrets=NoSecrets(), cell=cell(which), environment={}
        )
        return FederationCell("atlas", args).urn

    quarantine = {
        f"urn:pulumi:prod::eks-federation::{FEDERATION}::atlas": {
            "type": FEDERATION,
            "outputs": memory.outputs({}, Memory(quarantined=("us-east",))),
        }
    }
    states = {full_name("prod"): quarantine, full_name(which): state_of(which, "us-east")}
    recorder = run(make, preview=False, stack=which, states=states, stack_outputs=OUTPUTS, failing={f"us-east/{WEB}"})
    entries = object_index.from_output(recorder.outputs["atlas"]["index"])["us-east"]
    (entry,) = (each for each in entries if each.document == WEB)
    assert (entry.is_proven, entry.replicas) == (False, -1)
