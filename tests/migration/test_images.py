"""An image's name is split and joined as Karmada does."""

import pytest

from federation.migration import images


@pytest.mark.parametrize(
    ("name", "component", "operator", "value", "expected"),
    [
        ("nginx", "Tag", "replace", "1.2", "nginx:1.2"),
        ("nginx:1", "Tag", "remove", "", "nginx"),
        ("nginx:1", "Tag", "add", "-slim", "nginx:1-slim"),
        ("nginx@sha256:aa", "Tag", "replace", "1", "nginx:1"),
        ("nginx:1", "Tag", "replace", "sha256:bb", "nginx@sha256:bb"),
        ("nginx:1", "Tag", "replace", "@sha256:bb", "nginx@sha256:bb"),
        ("library/nginx:1", "Registry", "replace", "r.io", "r.io/library/nginx:1"),
        ("r.io/library/nginx:1", "Registry", "remove", "", "library/nginx:1"),
        ("r.io:5000/nginx", "Registry", "add", ".cn", "r.io:5000.cn/nginx"),
        ("localhost/nginx:1", "Registry", "replace", "r.io", "r.io/nginx:1"),
        ("r.io/nginx:1", "Repository", "replace", "web/nginx", "r.io/web/nginx:1"),
        ("r.io/nginx:1", "Repository", "add", "-debug", "r.io/nginx-debug:1"),
        ("nginx:1", "Colour", "replace", "red", "nginx:1"),
    ],
)
def test_one_part_is_changed_and_the_others_stay(
    name: str, component: str, operator: str, value: str, expected: str
) -> None:
    assert images.changed(name, component, operator, value) == expected


@pytest.mark.parametrize("name", ["nginx", "a/b/c:1", "r.io:5000/a@sha256:aa", "localhost/a", "r.io/a:1"])
def test_a_name_that_is_taken_apart_is_the_same_put_together(name: str) -> None:
    assert str(images.parse(name)) == name
