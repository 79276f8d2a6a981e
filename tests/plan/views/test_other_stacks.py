"""Names that only other stacks have are listed by document."""

from federation.operations.project import settings
from federation.plan import planner
from federation.plan.views.other_stacks import describe_other_stacks
from tests.places import ROOT


def lines(stack: str) -> tuple[str, ...]:
    read = settings.read_stack(ROOT, stack)
    return describe_other_stacks(planner.plan(read.federation, read.documents))


def test_the_demonstrations_override_for_us_east_is_listed_in_staging_and_refused_nowhere() -> None:
    (line,) = lines("staging")
    assert line.startswith("stacks/workloads/demo/web.yaml:")
    assert line.endswith("Deployment demo/web names us-east, which is not in stack staging")


def test_a_stack_that_has_every_member_named_has_nothing_to_list() -> None:
    assert lines("prod") == lines("dev") == ()
