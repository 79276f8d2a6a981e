"""A held member is not planned; its missing changes are known, and it is not lost by accident."""

import pytest

from federation.errors.fault import FaultsFoundError
from federation.plan.changes import quarantine
from federation.plan.model import object_index
from federation.plan.model.object_index import IndexEntry
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from tests.plan.building import NAMESPACE, TALK, THE_TALK, deployment, document, line, planned, record, service

WEB = "us-east/demo/Deployment/web"


def index(plan: Plan, *members: str) -> dict[str, tuple[IndexEntry, ...]]:
    return {member.name: member.index or () for member in plan.members if member.name in members}


def after(text: str, later: str) -> Plan:
    """The plan of ``later`` with us-east held, after an update of ``text`` with all members."""
    return planned(later, Observed(registered=index(planned(text), "us-east")), lost=("us-east",))


def config_map(name: str, value: str = "1") -> str:
    return document(
        "FederatedConfigMap", name, f'{{template: {{data: {{a: "{value}"}}}}, placement: {{clusterSelector: {{}}}}}}'
    )


def test_its_replicas_go_to_the_others_and_come_back() -> None:
    plan = after(TALK, TALK)
    (web,) = (each for each in plan.workloads if each.kind == "Deployment")
    assert web.replicas == {"ap-northeast": 3, "us-east": 0, "us-west": 12}
    assert plan.member("us-east").pending == {}


def test_dns_goes_without_it_and_so_do_its_health_checks() -> None:
    text = TALK
    both = {line(each) for each in planned(text, dns={"healthChecks": True}).records}
    plan = planned(text, Observed(registered={}), lost=("us-east",), dns={"healthChecks": True})
    assert any("[us-east" in each for each in both)
    weighted = [each for each in plan.records if each.routing is not None]
    assert not [each for each in weighted if each.routing is not None and each.routing.identifier.startswith("us-east")]
    assert [each.member for each in plan.health_checks] == ["ap-northeast", "us-west"]


def test_what_stands_in_it_is_registered_again_from_the_index() -> None:
    plan = after(TALK, TALK)
    slice_ = plan.member("us-east")
    assert slice_.objects == ()
    assert slice_.index == planned(TALK).member("us-east").index


def test_what_documents_gain_and_change_is_pending_and_what_they_lose_is_kept() -> None:
    before = NAMESPACE + config_map("same") + config_map("old") + config_map("changed")
    later = NAMESPACE + config_map("same") + config_map("new") + config_map("changed", "2")
    slice_ = after(before, later).member("us-east")
    assert slice_.pending == {
        "us-east/demo/ConfigMap/changed": "update",
        "us-east/demo/ConfigMap/new": "create",
    }
    assert slice_.kept == ("us-east/demo/ConfigMap/old",)
    assert quarantine.described(slice_) == (
        "us-east is quarantined: its 4 objects stay as they are; pending: update us-east/demo/ConfigMap/changed, "
        "create us-east/demo/ConfigMap/new; kept: us-east/demo/ConfigMap/old"
    )


def test_all_documents_may_go_with_it_held() -> None:
    slice_ = after(TALK, "").member("us-east")
    assert len(slice_.kept) == len(planned(TALK).member("us-east").objects)
    assert slice_.pending == {}


def test_held_from_the_first_day_nothing_stands_there_and_all_is_pending() -> None:
    slice_ = planned(TALK, Observed(registered={}), lost=("us-east",)).member("us-east")
    assert slice_.index == ()
    assert set(slice_.pending.values()) == {"create"}
    assert "no object of it was ever registered" in quarantine.described(slice_)


def test_without_a_look_at_the_last_update_it_is_said_to_be_unknown() -> None:
    slice_ = planned(TALK, lost=("us-east",)).member("us-east")
    assert slice_.index is None
    assert slice_.pending == {}
    assert "not known here" in quarantine.described(slice_)


def test_an_object_of_another_version_is_the_same_object_and_pending_as_an_update() -> None:
    old = IndexEntry(logical_name=WEB, token="kubernetes:apps/v1beta1:Deployment", digest="x")
    new = IndexEntry(logical_name=WEB, token="kubernetes:apps/v1:Deployment", digest="x")
    assert quarantine.pending([old], [new]) == {WEB: "update"}


def test_an_object_whose_last_manifest_nobody_knows_is_not_said_to_change() -> None:
    old = IndexEntry(logical_name=WEB, token="kubernetes:apps/v1:Deployment")
    new = IndexEntry(logical_name=WEB, token="kubernetes:apps/v1:Deployment", digest="x")
    assert quarantine.pending([old], [new]) == {}


def test_a_fault_that_only_its_return_brings_is_a_warning_today() -> None:
    taken = record("web") + record("other", spec="domainRef: atlas, externalName: web")
    two = service("web", spec="placement: {clusters: [{name: us-east}]}") + service("other")
    text = NAMESPACE + deployment("web") + deployment("other") + two + taken
    with pytest.raises(FaultsFoundError, match="is the name of"):
        planned(text)
    plan = planned(text, Observed(registered={}), lost=("us-east",))
    assert any("once us-east is back: " in each.message for each in plan.warnings)


def test_a_member_that_was_held_is_not_lost_by_taking_it_out() -> None:
    observed = Observed(quarantined_before=("eu-west",))
    with pytest.raises(FaultsFoundError) as raised:
        planned(TALK, observed)
    assert "Pulumi.dev.yaml: config.eks-federation:members.eu-west: eu-west was quarantined at the last update" in str(
        raised.value
    )
    assert "put it back with available: true" in str(raised.value)
    assert planned(TALK, observed, plan={"unjoin": ["eu-west"]}).members


def test_an_entry_knows_its_object_from_token_and_name() -> None:
    deployed = IndexEntry(logical_name=WEB, token="kubernetes:apps/v1:Deployment")
    role = IndexEntry(
        logical_name="us-east/ClusterRole/system%3A%3Aweb", token="kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
    )
    core = IndexEntry(logical_name="us-east/Namespace/demo", token="kubernetes:core/v1:Namespace")
    fields = [
        (each.member, each.api_version, each.kind, each.namespace, each.name, each.document)
        for each in (deployed, role, core)
    ]
    assert fields == [
        ("us-east", "apps/v1", "Deployment", "demo", "web", "demo/Deployment/web"),
        ("us-east", "rbac.authorization.k8s.io/v1", "ClusterRole", "", "system::web", "ClusterRole/system%3A%3Aweb"),
        ("us-east", "v1", "Namespace", "", "demo", "Namespace/demo"),
    ]


def test_an_entry_describes_every_object_as_it_was_planned() -> None:
    made = planned(TALK)
    for name in THE_TALK:
        member = made.member(name)
        assert len(member.objects) == 3
        assert member.index is not None
        for each, entry in zip(member.objects, member.index, strict=True):
            assert (entry.member, entry.api_version, entry.kind) == (name, each.api_version, each.kind)
            assert (entry.namespace, entry.name) == (each.namespace, each.name)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "1",
        '{"a/demo/Service/web": 1}',
        '{"a/demo/Service/web": {}}',
        '{"a/demo/Service/web": []}',
        '{"a/demo/Service/web": ["kubernetes:core/v1:Service"]}',
        '{"a/demo/Service/web": ["Service", "d"]}',
        '{"a/demo/Service/web": ["kubernetes:core/v1:Service", 1]}',
        '{"a/demo/Service/web": ["kubernetes:core/v1:Service", "d", "1"]}',
        '{"a/demo/Service/web": ["kubernetes:core/v1:Service", "d", 1, true]}',
        '{"a/demo/Service/web": ["kubernetes:core/v1:Service", "d", 1, "", "http"]}',
        '{"a/demo/Service/web": ["kubernetes:core/v1:Service", "d", 1, "", [80]]}',
        '{"a/demo/Service/web": ["kubernetes:core/v1:Service", "d", 1, "", null, "more"]}',
    ],
)
def test_an_index_of_another_form_is_passed_over(text: str) -> None:
    well = object_index.to_text(())
    assert object_index.from_output({"a": f"index/1 {text}", "b": well, "c": 1, "d": text}) == {"b": ()}


def test_the_index_survives_its_text() -> None:
    entries = planned(TALK).member("us-east").index or ()
    assert object_index.from_text(object_index.to_text(entries)) == tuple(sorted(entries))
    assert object_index.from_text(object_index.to_text(())) == ()


def test_the_state_tells_what_stands_and_the_index_its_digests() -> None:
    stack = "urn:pulumi:dev::eks-federation::"
    workload = "eks-federation:index:Federation$eks-federation:index:FederatedWorkload"
    urns = [
        f"{stack}pulumi:pulumi:Stack::eks-federation-dev",
        f"{stack}{workload}::demo/Deployment/web",
        f"{stack}{workload}$kubernetes:apps/v1:Deployment::{WEB}",
        f"{stack}{workload}$kubernetes:core/v1:ConfigMap::us-west/demo/ConfigMap/web",
        f"{stack}kubernetes:core/v1:ConfigMap::us-east/somebody/elses",
    ]
    known = {"us-east": (IndexEntry(logical_name=WEB, token="kubernetes:apps/v1:Deployment", digest="d"),)}
    assert object_index.from_urns(urns, known) == {
        "us-east": known["us-east"],
        "us-west": (
            IndexEntry(logical_name="us-west/demo/ConfigMap/web", token="kubernetes:core/v1:ConfigMap", digest=""),
        ),
    }
