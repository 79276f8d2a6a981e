"""What cannot differ is made once: for a quarantined member, in a simulation, and for members that share it."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from federation.api.model.members import FederationSettings
from federation.plan.model import digests
from federation.plan.model.observed import Observed
from federation.plan.objects import manifests
from federation.plan.objects.placed_objects import PlacedDocument
from federation.plan.overrides.operations import Overrides
from federation.plan.replicas import pairing
from federation.plan.schema import check
from federation.plan.views.simulate import Simulation, every_loss
from tests.plan.building import NAMESPACE, TALK, deployment, document, documents, federation, planned

SETTINGS = "\n".join(
    document("FederatedConfigMap", name, "{template: {data: {a: b}}, placement: {clusterSelector: {}}}")
    for name in ("one", "two")
)
OVERRIDE = "{clusterSelector: {matchLabels: {geo: us}}, clusterOverrides: [{path: /spec/paused, value: true}]}"
OVERRIDDEN = deployment(spec=f"placement: {{clusterSelector: {{}}}}, overrides: [{OVERRIDE}]")
KINDS = ("Namespace", "ConfigMap", "ConfigMap", "Deployment")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts what is made while a test plans."""
    found: Counter[str] = Counter()

    def counted(owner: Any, name: str) -> None:
        real: Callable[..., Any] = getattr(owner, name)

        def count(*args: Any, **named: Any) -> Any:
            found[name] += 1
            return real(*args, **named)

        monkeypatch.setattr(owner, name, count)

    counted(Overrides, "_derive")
    counted(manifests, "_rendered")
    counted(manifests, "_with_numbers")
    counted(digests, "_digest_and_seal")
    counted(pairing, "pair_preferences")
    return found


def test_a_plan_for_the_return_of_a_member_makes_nothing_anew_that_no_preference_divides(calls: Counter[str]) -> None:
    text = NAMESPACE + SETTINGS + OVERRIDDEN
    planned(text, Observed(registered={}))
    whole = dict(calls)
    assert min(whole.values()) > 0
    calls.clear()
    planned(text, Observed(registered={}), lost=("us-east",))
    assert dict(calls) == whole


def test_objects_that_are_checked_already_are_not_checked_for_the_return(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[list[str]] = []
    real = check.check

    def count(given: FederationSettings, made: Sequence[PlacedDocument], *rest: Any) -> None:
        checked.append([f"{each.member} {each.kind}" for _, some in made for each in some])
        real(given, made, *rest)

    monkeypatch.setattr(check, "check", count)
    planned(NAMESPACE + SETTINGS + OVERRIDDEN, Observed(registered={}), lost=("us-east",))
    assert checked == [[f"{name} {kind}" for kind in KINDS for name in ("ap-northeast", "us-west")], []]
    checked.clear()
    planned(TALK, Observed(registered={}), lost=("us-east",))
    # With us-east back, ap-northeast keeps its 3 replicas, and the others get 6 each.
    assert checked[1] == [f"{name} Deployment" for name in ("us-east", "us-west")]


def test_a_quarantined_member_gets_no_second_preparation(calls: Counter[str]) -> None:
    plan = planned(TALK, Observed(registered={}), lost=("us-east",))
    assert plan.member("us-east").pending
    assert calls["pair_preferences"] == 1


def test_losses_are_simulated_from_one_preparation(calls: Counter[str]) -> None:
    simulation = Simulation(federation(), documents(TALK), Observed())
    rendered, divided = calls["_rendered"], calls["_with_numbers"]
    outcomes = [simulation.lose(loss) for loss in every_loss(federation())]
    assert len(outcomes) == 3
    assert calls["pair_preferences"] == 1
    # The Deployment gets other numbers, at most two of them in each loss; nothing else changes.
    assert calls["_rendered"] == rendered
    assert divided < calls["_with_numbers"] <= divided + 2 * len(outcomes)


def test_members_with_the_same_overrides_share_one_derivation(calls: Counter[str]) -> None:
    planned(NAMESPACE + OVERRIDDEN)
    # The namespace, and the Deployment with the override and without it.
    assert calls["_derive"] == 3
