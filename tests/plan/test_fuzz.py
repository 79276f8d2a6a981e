"""Whatever a template holds, planning ends in a plan or in faults, and never changes what it was given."""

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from federation.api.documents import Documents
from federation.api.federated import (
    ClusterOverride,
    FederatedObject,
    OverrideOperation,
    Placement,
    Selector,
    TargetType,
)
from federation.api.types import KNOWN
from federation.errors import FaultsFoundError
from federation.plan import serialise
from federation.plan.planner import plan
from federation.plan.result import Plan
from tests.plan import building

KINDS: list[TargetType] = [KNOWN[kind] for kind in ("ConfigMap", "CronJob", "Deployment", "Pod", "Service", "Secret")]
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


def _outcome(documents: Documents, **settings_: Any) -> Plan | str:
    try:
        return plan(building.federation(**settings_), documents)
    except FaultsFoundError as error:
        return str(error)


@given(st.lists(DOCUMENTS, max_size=3, unique_by=lambda each: (each.target.kind, each.key)), st.booleans())
@settings(max_examples=150)
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
