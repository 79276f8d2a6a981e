"""The digest of a cell changes with what the cell registers, and with nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from federation.api.model.cells import Cell, Part
from federation.api.model.members import FederationSettings
from federation.plan import planner
from federation.plan.cells.digests import digest_cell, has_secrets
from federation.plan.cells.slices import slice_of
from federation.plan.model.observed import Observed
from tests.plan import building
from tests.plan.cells.fleet import Fleet, apps, documents, federation

US_EAST = building.THE_TALK["us-east"]
PARTS: tuple[Part, ...] = ("cluster", "apps", "root")


def settings(**values: Any) -> FederationSettings:
    """The talk's federation; ``us_east`` has further settings of that member."""
    east = {**US_EAST, **values.pop("us_east", {})}
    return building.federation({**building.THE_TALK, "us-east": east}, stack="prod", layout="cells", **values)


def digest(part: Part, chosen: FederationSettings, text: str = building.TALK, program: str = "p") -> str:
    cell = Cell(environment="prod", member="" if part == "root" else "us-east", part=part)
    plan = planner.plan(chosen, building.documents(text))
    return digest_cell(cell, slice_of(plan, cell, chosen, Observed()), chosen, program)


def changed(chosen: FederationSettings, text: str = building.TALK, program: str = "p") -> set[str]:
    """The parts of us-east whose digest is another one, and the root where its digest is."""
    return {part for part in PARTS if digest(part, chosen, text, program) != digest(part, settings())}


def test_the_same_input_gives_the_same_digest_in_any_order() -> None:
    turned = dict(reversed([*building.THE_TALK.items()]))
    again = building.federation(turned, stack="prod", layout="cells")
    text = "---".join(reversed(building.TALK.split("---")))
    assert changed(again, text) == set()


def test_another_program_changes_every_digest() -> None:
    assert changed(settings(), program="q") == {"cluster", "apps", "root"}


def test_a_manifest_changes_the_digest_of_objects_alone() -> None:
    assert changed(settings(), building.TALK.replace("nginx:1", "nginx:2")) == {"apps"}


def test_a_record_changes_the_digest_of_the_root_alone() -> None:
    text = building.TALK.replace("{domainRef: atlas}", "{domainRef: atlas, dnsPrefix: shop}")
    assert text != building.TALK
    assert changed(settings(), text) == {"root"}


def test_a_weight_changes_the_digest_of_the_root_and_of_the_objects_behind_it() -> None:
    assert changed(settings(), building.TALK.replace("totalReplicas: 15", "totalReplicas: 12")) == {"apps", "root"}


@pytest.mark.parametrize(
    "own",
    [
        {"kubernetesVersion": "1.33"},
        {"network": {"cidr": "10.9.0.0/16"}},
        {"nodes": {"desired": 3}},
        {"deletionProtection": False},
    ],
    ids=str,
)
def test_a_members_settings_on_aws_change_the_digests_of_its_two_cells(own: Mapping[str, Any]) -> None:
    assert changed(settings(us_east=own)) == {"cluster", "apps"}


@pytest.mark.parametrize(
    "own", [{"labels": {"geo": "us", "tier": "1"}}, {"wave": 3}, {"annotations": {"a": "b"}}], ids=str
)
def test_what_aws_does_not_get_changes_no_digest_of_a_cluster(own: Mapping[str, Any]) -> None:
    assert changed(settings(us_east=own)) == set()


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        ({"role_arn": "arn:aws:iam::111122223333:role/deploy"}, ["apps", "cluster", "root"]),
        ({"deletion_protection": False}, ["apps", "cluster", "root"]),
        ({"timeout_seconds": 60}, ["apps"]),
        ({"zone": "other.test"}, ["root"]),
    ],
    ids=str,
)
def test_settings_of_the_federation_change_the_digests_of_the_cells_that_use_them(
    values: Mapping[str, Any], cells: list[str]
) -> None:
    assert sorted(changed(settings(**values))) == cells


def test_a_quarantined_member_changes_the_digest_of_the_root() -> None:
    assert digest("root", settings(us_east={"available": False})) != digest("root", settings())


def test_a_cell_that_waits_has_another_digest_than_one_that_has_given() -> None:
    fleet = Fleet(federation("east", "west"))
    fleet.update(documents(web={"east": 4, "west": 2}))
    text, digests = documents(web={"east": 1, "west": 5}), []
    for _ in range(3):
        plan = fleet.plan(text)
        part = slice_of(plan, apps("east"), fleet.federation, fleet.observed)
        digests.append(digest_cell(apps("east"), part, fleet.federation, "p"))
        fleet.update(text)
    waits, gives, has_given = digests
    assert waits != gives == has_given


def test_a_cell_whose_member_has_left_has_no_digest() -> None:
    chosen = settings()
    plan = replace(planner.plan(chosen, building.documents(building.TALK)), members=())
    assert digest_cell(apps("eu-west"), plan, chosen, "p") == ""


SECRET = building.document("FederatedSecret", "token", "{template: {stringData: {token: TOKEN}}, placement: PLACEMENT}")
IN_US_EAST = SECRET.replace("PLACEMENT", "{clusters: [{name: us-east}]}")


@pytest.mark.parametrize(("member", "holds"), [("us-east", True), ("us-west", False)])
def test_only_a_cell_with_secrets_says_so(member: str, holds: bool) -> None:
    chosen = settings()
    plan = planner.plan(chosen, building.documents(building.TALK + IN_US_EAST.replace("TOKEN", "hunter2")))
    assert has_secrets(slice_of(plan, apps(member), chosen, Observed())) is holds
    assert not has_secrets(slice_of(plan, Cell(environment="prod"), chosen, Observed()))


def test_a_secret_value_is_in_no_digest() -> None:
    one, other = (digest("apps", settings(), building.TALK + IN_US_EAST.replace("TOKEN", each)) for each in ("a", "b"))
    assert one == other
