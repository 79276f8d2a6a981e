"""An entry of ``plan.unjoin`` lets one member leave, and not the next member of that name."""

from collections.abc import Sequence

from federation.errors.fault import Severity
from federation.plan.changes import guard, unjoining
from federation.plan.model.observed import Observed
from federation.plan.planner import plan
from tests.plan.building import NAMESPACE, THE_TALK, deployment, documents, federation

TEXT = NAMESPACE + deployment()
GIVEN_NOTHING = TEXT.replace("clusterSelector: {}", "clusters: [{name: us-east}]")
BOTH = ("us-east", "us-west")


def standing(*members: str) -> Observed:
    """The observed state after an update of these members."""
    made = plan(federation({name: THE_TALK[name] for name in members}), documents(TEXT))
    return Observed(registered={each.name: each.index or () for each in made.members})


def found(
    unjoin: Sequence[str],
    observed: Observed,
    *,
    members: Sequence[str] = BOTH,
    lost: tuple[str, ...] = (),
    text: str = TEXT,
) -> list[tuple[Severity, str]]:
    settings = federation({name: THE_TALK[name] for name in members}, lost=lost, plan={"unjoin": list(unjoin)})
    made = plan(settings, documents(text), observed)
    each = (*unjoining.refused(settings, made, observed), *unjoining.warned(settings, made, observed))
    return [(fault.severity, f"{fault.message}; {fault.remedy}") for fault in each]


def test_the_update_that_takes_a_member_out_is_only_told_what_to_do_afterwards() -> None:
    assert found(["us-west"], standing(*BOTH), members=["us-east"]) == [
        (Severity.WARNING, '"us-west" lets us-west leave in this update; take the entry out afterwards')
    ]


def test_once_the_state_has_it_no_more_the_entry_is_refused() -> None:
    ((severity, line),) = found(["us-west"], standing("us-east"), members=["us-east"])
    assert severity is Severity.ERROR
    assert line.startswith('"us-west" is neither a member nor known to the state of stack dev, and would let the next')


def test_a_slip_in_the_name_is_refused_with_the_name_that_is_meant() -> None:
    ((severity, line),) = found(["us-wset"], standing(*BOTH))
    assert severity is Severity.ERROR
    assert line.endswith('if "us-west" is meant, correct it; else take the entry out')


def test_before_anybody_has_looked_nothing_is_said() -> None:
    assert found(["nobody"], Observed()) == []


def test_a_member_without_objects_is_known_by_its_cluster() -> None:
    for observed in (
        Observed(registered={}, quarantined_before=("us-west",)),
        Observed(registered={}, identities_before={"us-west": "x"}),
        Observed(registered={}, roles_before={"us-west": ""}),
    ):
        ((severity, _),) = found(["us-west"], observed, members=["us-east"])
        assert severity is Severity.WARNING


def test_the_next_member_of_that_name_has_no_pass() -> None:
    ((severity, line),) = found(["us-west"], standing("us-east"))
    assert severity is Severity.ERROR
    assert "holds nothing of ours yet" in line


def test_a_member_that_stays_and_loses_nothing_is_a_warning() -> None:
    ((severity, line),) = found(["us-west"], standing(*BOTH))
    assert severity is Severity.WARNING
    assert "loses nothing in this update" in line


def test_nothing_is_said_while_a_member_is_emptied_or_led_to_another_cluster() -> None:
    assert found(["us-west"], standing(*BOTH), text=GIVEN_NOTHING) == []
    before = standing(*BOTH)
    moved = Observed(registered=before.registered, identities_before={"us-west": "one"}, identities={"us-west": "two"})
    assert found(["us-west"], moved) == []


def test_failing_over_is_not_refused_for_an_old_entry() -> None:
    ((severity, _),) = found(["nobody"], standing(*BOTH), lost=("us-west",))
    assert severity is Severity.WARNING


def test_the_guard_refuses_it_and_has_nothing_against_a_warning() -> None:
    settings = federation({name: THE_TALK[name] for name in BOTH}, plan={"unjoin": ["nobody", "us-west"]})
    observed = standing(*BOTH)
    (fault,) = guard.refusals(settings, plan(settings, documents(TEXT), observed), observed)
    assert str(fault).startswith('Pulumi.dev.yaml: eks-federation:plan.unjoin: "nobody" is neither')
