"""Fields that an update takes back or removes are named, and very many are counted."""

from federation.components.fields import field_notices
from federation.components.fields.field_conflicts import FieldConflict
from federation.components.fields.field_notices import SHOWN, Line
from federation.components.fields.observe import ObservedMembers, Updates
from federation.plan.live.removed_fields import RemovedField

WEB, MAP = "east/demo/Deployment/web", "east/demo/ConfigMap/web"
TAKEN = FieldConflict(logical_name=WEB, field=".spec.replicas", manager="kubectl", live="5", planned="2")


def note(name: str, key: str = "note") -> RemovedField:
    return RemovedField(logical_name=name, field=f'metadata.annotations["{key}"]', manager="kubectl-annotate")


def test_a_field_is_said_to_go_only_with_an_update_of_its_object() -> None:
    seen = ObservedMembers(silent={}, removed=(note(WEB), note(MAP), note(MAP, "other")))
    found = field_notices.lines(seen, Updates(names=frozenset({WEB})))
    assert found == [
        Line(text=f'{WEB} metadata.annotations["note"]: set with kubectl, removed by this update', warns=True),
        Line(text="2 fields set with kubectl in objects that this update does not change: gone at their next update"),
    ]
    (one,) = field_notices.lines(ObservedMembers(silent={}, removed=(note(WEB),)), Updates())
    assert one.text.startswith("1 field set with kubectl in objects")


def test_a_field_of_another_is_taken_back_or_its_remedy_is_said() -> None:
    seen = ObservedMembers(silent={}, conflicts=(TAKEN,))
    assert field_notices.lines(seen, Updates()) == [Line(text=f"{TAKEN}; this update takes it back")]
    left = Updates(unnoticed=(TAKEN,))
    assert field_notices.lines(seen, left) == [Line(text=f"{TAKEN}; {field_notices.REFRESH}", warns=True)]
    assert field_notices.lines(seen, left, "see to it") == [Line(text=f"{TAKEN}; see to it", warns=True)]


def test_of_very_many_fields_the_first_are_named_and_the_others_counted() -> None:
    removed = tuple(note(WEB, str(number)) for number in range(SHOWN + 3))
    found = field_notices.lines(ObservedMembers(silent={}, removed=removed), Updates(names=frozenset({WEB})))
    assert len(found) == SHOWN + 1
    assert found[-1] == Line(text="and 3 more fields set with kubectl that go", warns=True)
