"""For every template, planning ends in a plan or in faults, and never changes its input."""

import copy
from dataclasses import replace
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from federation.api.model.documents import Documents
from federation.api.model.federated import (
    ClusterOverride,
    FederatedObject,
    OverrideOperation,
    Placement,
    Selector,
    TargetType,
)
from federation.api.model.scheduling import ClusterPreference, ReplicaSchedulingPreference
from federation.api.model.types import KNOWN
from federation.errors.fault import FaultsFoundError
from federation.plan.model import serialise
from federation.plan.model.observed import Observed
from federation.plan.model.plan import Plan
from federation.plan.planner import plan
from tests.examples import examples
from tests.plan import building

KINDS: list[TargetType] = [
    KNOWN[kind] for kind in ("ConfigMap", "CronJob", "Deployment", "Job", "Pod", "Service", "Secret")
]
KEYS = st.sampled_from(
    [
        "metadata",
        "spec",
        "template",
        "labels",
        "annotations",
        "containers",
        "volumes",
        "env",
        "name",
        "replicas",
        "ports",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers(-2, 9) | st.sampled_from(["web", "LoadBalancer", ""])
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=14
)
TEMPLATES = st.dictionaries(KEYS, TREES, max_size=4)
PATHS = st.lists(KEYS | st.sampled_from(["0", "-"]), min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))
OPERATIONS = st.builds(
    OverrideOperation,
    op=st.sampled_from(["add", "remove", "replace"]),
    path=PATHS,
    value=TREES,
    value_from=st.sampled_from(["", "", "region", "labels.geo", "labels.none", "size"]),
)
OVERRIDES = st.builds(
    ClusterOverride,
    cluster_name=st.sampled_from(["us-east", "us-west", "nowhere"]),
    operations=st.lists(OPERATIONS, max_size=3).map(tuple),
)
DOCUMENTS = st.builds(
    FederatedObject,
    target=st.sampled_from(KINDS),
    name=st.sampled_from(["web", "api"]),
    namespace=st.sampled_from(["demo", "demo", "other"]),
    template=TEMPLATES,
    placement=st.sampled_from([Placement(cluster_selector=Selector()), Placement(clusters=("us-east",)), Placement()]),
    overrides=st.lists(OVERRIDES, max_size=2).map(tuple),
    retain_replicas=st.booleans(),
    propagate_dependencies=st.booleans(),
)


COUNTS = st.none() | st.integers(-1, 30) | st.booleans() | st.sampled_from(["3", 2.5, [], {}])
SPECS = st.fixed_dictionaries(
    {},
    optional={
        "replicas": COUNTS,
        "parallelism": COUNTS,
        "completions": COUNTS,
        "completionMode": st.sampled_from(["Indexed", "NonIndexed", 1]),
        "minReplicas": COUNTS,
        "maxReplicas": COUNTS,
        "scaleTargetRef": TREES | st.just({"kind": "Deployment", "name": "web"}),
    },
)
SCALED_OPERATIONS = st.builds(
    OverrideOperation,
    op=st.sampled_from(["add", "remove", "replace"]),
    path=SPECS.flatmap(lambda spec: st.sampled_from(["/spec", *(f"/spec/{key}" for key in spec)])),
    value=COUNTS | SPECS,
)
SCALED = st.builds(
    FederatedObject,
    target=st.sampled_from([KNOWN[kind] for kind in ("Deployment", "StatefulSet", "Job", "HorizontalPodAutoscaler")]),
    name=st.just("web"),
    namespace=st.just("demo"),
    template=st.builds(lambda spec: {"spec": spec}, SPECS) | TEMPLATES,
    placement=st.sampled_from([Placement(cluster_selector=Selector()), Placement(clusters=("us-east",)), Placement()]),
    overrides=st.lists(
        st.builds(
            ClusterOverride,
            cluster_name=st.sampled_from(["us-east", "us-west"]),
            operations=st.lists(SCALED_OPERATIONS, max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)
FEW = st.integers(0, 9)
PREFERENCES = st.builds(
    ReplicaSchedulingPreference,
    name=st.just("web"),
    namespace=st.just("demo"),
    target_kind=st.sampled_from([f"Federated{kind}" for kind in ("Deployment", "StatefulSet", "Job", "CronJob")]),
    total_replicas=st.integers(0, 30),
    clusters=st.dictionaries(
        st.sampled_from(["*", "us-east", "us-west", "nowhere"]),
        st.builds(ClusterPreference, weight=FEW, min_replicas=FEW, max_replicas=st.none() | FEW),
        max_size=3,
    ),
    rebalance=st.booleans(),
    intersect_with_cluster_selector=st.booleans(),
    strategy=st.sampled_from(["kubefed", "monotone"]),
)
BY_MEMBER = st.dictionaries(st.sampled_from(["ap-northeast", "us-east", "us-west", "gone"]), FEW)


def _outcome(documents: Documents, observed: Observed | None = None, **settings_: Any) -> Plan | str:
    try:
        return plan(building.federation(**settings_), documents, observed or Observed())
    except FaultsFoundError as error:
        return str(error)


@given(st.lists(DOCUMENTS, max_size=3, unique_by=lambda each: (each.target.kind, each.key)), st.booleans())
@settings(max_examples=examples(150, 50))
def test_planning_ends_in_a_plan_or_in_faults(federated: list[FederatedObject], lenient: bool) -> None:
    base = building.documents(building.NAMESPACE + building.record("web"))
    documents = Documents(federated=(*base.federated, *federated), service_records=base.service_records)
    before = copy.deepcopy([each.template for each in federated])
    made = _outcome(documents, plan={"strictness": "warn" if lenient else "error"})
    assert [each.template for each in federated] == before
    if isinstance(made, Plan):
        assert made == _outcome(documents, plan={"strictness": "warn" if lenient else "error"})
        assert serialise.to_tree(made)["digest"] == made.digest
    else:
        assert "web.yaml:" in made or "<python>" in made


@given(
    st.lists(SCALED, max_size=3, unique_by=lambda each: each.target.kind),
    st.lists(PREFERENCES, max_size=3, unique_by=lambda each: each.target_kind),
    BY_MEMBER,
    BY_MEMBER,
    st.sampled_from([(), ("us-east",), ("us-east", "us-west"), tuple(building.THE_TALK)]),
)
@settings(max_examples=examples(300, 75))
def test_dividing_anything_ends_in_a_plan_or_in_faults(
    federated: list[FederatedObject],
    preferences: list[ReplicaSchedulingPreference],
    current: dict[str, int],
    capacity: dict[str, int],
    lost: tuple[str, ...],
) -> None:
    base = building.documents(building.NAMESPACE)
    documents = Documents(federated=(*base.federated, *federated), preferences=tuple(preferences))
    observed = Observed(current={"demo/web": current}, capacity={"demo/web": capacity})
    made = _outcome(documents, observed, lost=lost, plan={"strictness": "warn"})
    if isinstance(made, str):
        assert "web.yaml:" in made or "<python>" in made
        return
    assert made == _outcome(documents, observed, lost=lost, plan={"strictness": "warn"})
    divided = {each.kind: each.distribution for each in made.workloads if each.distribution}
    # An override of the whole spec further down the list takes the numbers away again, as it did with KubeFed.
    objects = [each for member in made.members for each in member.objects if each.kind in divided]
    for each in (item for item in objects if "/spec" not in {override.path for override in item.overrides}):
        field = "parallelism" if each.kind == "Job" else "replicas"
        assert each.manifest["spec"][field] == divided[each.kind].assigned[each.member]
        assert each.kind != "Job" or each.manifest["spec"][field] > 0
    if "Deployment" in divided:
        assert [each for each in _autoscaler_limits(made) if not 1 <= each[0] <= each[1]] == []


@given(PREFERENCES, st.integers(0, 30), st.integers(1, 30), BY_MEMBER, BY_MEMBER)
def test_the_limits_of_a_divided_autoscaler_are_in_order(
    preference: ReplicaSchedulingPreference, low: int, high: int, current: dict[str, int], capacity: dict[str, int]
) -> None:
    spec = {"minReplicas": low, "maxReplicas": high, "scaleTargetRef": {"kind": "Deployment", "name": "web"}}
    everywhere = Placement(cluster_selector=Selector())
    federated = tuple(
        FederatedObject(target=KNOWN[kind], name="web", namespace="demo", template={"spec": tree}, placement=everywhere)
        for kind, tree in (("Deployment", {}), ("HorizontalPodAutoscaler", spec))
    )
    base = building.documents(building.NAMESPACE)
    divided = replace(preference, target_kind="FederatedDeployment")
    documents = Documents(federated=(*base.federated, *federated), preferences=(divided,))
    observed = Observed(current={"demo/web": current}, capacity={"demo/web": capacity})
    made = _outcome(documents, observed, plan={"strictness": "warn"})
    assume(isinstance(made, Plan))
    assert isinstance(made, Plan)
    limits = _autoscaler_limits(made)
    assume(limits)
    assert [each for each in limits if not 1 <= each[0] <= each[1]] == []


def _autoscaler_limits(made: Plan) -> list[tuple[int, int]]:
    """Minimum and maximum of each autoscaler of the Deployment `web` that no override has changed."""
    limits: list[tuple[int, int]] = []
    for member in made.members:
        for each in member.objects:
            spec = each.manifest.get("spec")
            if each.kind != "HorizontalPodAutoscaler" or not isinstance(spec, dict):
                continue
            low, high = spec.get("minReplicas"), spec.get("maxReplicas")
            named = isinstance(spec.get("scaleTargetRef"), dict) and spec["scaleTargetRef"].get("name") == "web"
            if named and type(low) is int and type(high) is int and not each.overrides:
                limits.append((low, high))
    return limits
