"""The memory of an update is found by its own federation, and by no other."""

from typing import Any

import pytest

from federation.plan.changes import memory
from federation.plan.changes.memory import Memory
from federation.plan.model import object_index
from federation.plan.model.object_index import IndexEntry

URN = "urn:pulumi:dev::p::eks-federation:index:Federation::"


def entry(member: str) -> IndexEntry:
    return IndexEntry(
        logical_name=f"{member}/Namespace/a", token="kubernetes:core/v1:Namespace", digest="d", orphan=True
    )


def left(*members: str) -> dict[str, Any]:
    """The outputs of a federation of ``members``."""
    index = {member: object_index.to_text([entry(member)]) for member in members}
    return memory.outputs(
        index,
        Memory(quarantined=("b",), zone="example.com", dns_names=("z.example.com", "a.example.com", "a.example.com")),
    )


def of(name: str, members: list[str], **components: dict[str, Any]) -> tuple[Memory, frozenset[str]]:
    """The memory of ``name`` among ``components``, and the members of others; members a to e stand."""
    known = memory.federations({f"{URN}{each}": tree for each, tree in components.items()})
    found, others = memory.find_memory(name, members, known, left("old"))
    return found, memory.foreign({*found.index, *members}, others, "abcde")


def cells(**trees: dict[str, Any]) -> Memory:
    """The memory of the federation x in the layout ``cells``, one tree for each cell."""
    by_urn = {f"urn:pulumi:prod.{each}::p::{memory.COMPONENT}::x": tree for each, tree in trees.items()}
    (found,) = memory.federations(by_urn).values()
    assert found is not None
    return found


def tree(*members: str, **values: Any) -> dict[str, Any]:
    index = {member: object_index.to_text([entry(member)]) for member in members}
    return memory.outputs(index, Memory(**values))


def test_the_memories_of_an_environments_cells_are_one() -> None:
    root = tree(quarantined=("c",), zone="fed.test", dns_names=("b.fed.test", "a.fed.test"))
    assert cells(root=root, a=tree("a"), b=tree("b"), cluster=tree()) == Memory(
        index={"a": (entry("a"),), "b": (entry("b"),)},
        quarantined=("c",),
        zone="fed.test",
        dns_names=("a.fed.test", "b.fed.test"),
    )


def test_a_cell_that_has_no_memory_yet_hides_that_of_no_other() -> None:
    assert cells(root={}, a=tree("a")).index == {"a": (entry("a"),)}
    assert memory.federations({f"urn:pulumi:prod.a::p::{memory.COMPONENT}::x": {}}) == {"x": None}


def test_what_is_written_is_read_again() -> None:
    read = memory.read_memory(left("a"))
    assert read.index == {"a": (entry("a"),)}
    assert (read.quarantined, read.zone, read.dns_names) == (("b",), "example.com", ("a.example.com", "z.example.com"))


@pytest.mark.parametrize(
    ("members", "components", "own", "foreign"),
    [
        pytest.param("ab", {"one": left("a", "b")}, "ab", "", id="its own"),
        pytest.param("a", {"one": left("a", "b")}, "ab", "", id="a member has left"),
        pytest.param("a", {"before": left("a", "b")}, "ab", "", id="it had another name"),
        pytest.param("a", {"one": left("a"), "two": left("b")}, "a", "b", id="another one beside it"),
        pytest.param("a", {"one": left("a", "c"), "two": {}}, "ac", "bde", id="another one that came to no end"),
        pytest.param("a", {"two": left("b")}, "", "b", id="a new one beside another"),
        pytest.param("ab", {"one": left("a"), "two": left("b", "c")}, "ab", "c", id="a member comes from another one"),
        pytest.param("a", {"one": left("a"), "two": left("a", "c")}, "a", "c", id="another one had its member"),
    ],
)
def test_a_federation_finds_its_own(members: str, components: dict[str, Any], own: str, foreign: str) -> None:
    found, others = of("one", list(members), **components)
    assert "".join(sorted(found.index)) == own
    assert "".join(sorted(others)) == foreign


def test_a_member_that_comes_from_another_federation_brings_nothing_else_of_it() -> None:
    theirs = {**left("b", "c"), "held": {"b": True, "c": True}, "zone": "other.example.com", "dnsNames": ["x"]}
    found, _ = of("one", ["a", "b"], one={**left("a"), "held": {}}, two=theirs)
    assert (found.quarantined, found.zone) == (("b",), "example.com")
    assert found.dns_names == ("a.example.com", "z.example.com")


def test_a_cluster_with_the_tag_of_another_federation_is_not_ones_own_unless_its_member_is() -> None:
    known = memory.federations({f"{URN}one": left("a"), f"{URN}two": left("b")})
    found, others = memory.find_memory("one", ["a"], known, {})
    assert memory.foreign(found.index, others, "abcd", tagged="acd") == {"b", "c", "d"}
    assert memory.foreign(found.index, {}, "abcd", tagged="acd") == frozenset()


def test_outputs_of_the_stack_count_until_a_component_has_its_own() -> None:
    assert set(of("one", ["a"], one={"planDigest": "d"})[0].index) == {"old"}
    assert set(of("one", ["a"], one=left("a"))[0].index) == {"a"}


def test_the_same_is_read_from_an_exported_state() -> None:
    components = {f"{URN}one": left("a"), f"{URN}two": {}}
    assert memory.read_memory(memory.join_outputs(components)) == memory.combine_memories(
        memory.federations(components), {}
    )
    assert memory.join_outputs({f"{URN}two": {}}) == {}


def test_the_federation_within_a_component_of_its_name_is_the_one_that_counts() -> None:
    inner = URN.replace("::eks", "::eks-federation:index:Federation$eks")
    for components in ({f"{URN}one": {}, f"{inner}one": left("a")}, {f"{inner}one": left("a"), f"{URN}one": {}}):
        assert set(memory.federations(components)) == {"one"}
        assert memory.federations(components)["one"] == memory.read_memory(left("a"))
