"""Change the registry, repository or tag in an image's name, as Karmada does.

``[registry/]repository[:tag][@digest]``: the first part is a registry when it contains a dot or a colon, or is
``localhost``. A digest counts as the tag.
"""

from dataclasses import dataclass, replace

__all__ = ["Image", "changed", "parse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """The parts of an image's name; "" for a part that is absent. ``mark`` comes before the tag: ``:`` or ``@``."""

    registry: str
    repository: str
    mark: str
    tag: str

    def __str__(self) -> str:
        path = "/".join(part for part in (self.registry, self.repository) if part)
        return path + (f"{self.mark}{self.tag}" if self.tag else "")


def parse(name: str) -> Image:
    """The parts of an image's ``name``."""
    first, slash, rest = name.partition("/")
    has_registry = bool(slash) and ("." in first or ":" in first or first == "localhost")
    path = rest if has_registry else name
    repository, at, digest = path.partition("@")
    mark, tag = ("@", digest) if at else ("", "")
    if not at:
        before, colon, after = path.rpartition(":")
        if colon and "/" not in after:
            repository, mark, tag = before, ":", after
    return Image(registry=first if has_registry else "", repository=repository, mark=mark, tag=tag)


def changed(name: str, component: str, operator: str, value: str) -> str:
    """``name`` with its ``component`` (Registry, Repository or Tag) replaced, removed, or extended."""
    image = parse(name)
    part = {"Registry": "registry", "Repository": "repository", "Tag": "tag"}.get(component)
    if part is None or operator not in ("add", "remove", "replace"):
        return name
    before = str(getattr(image, part))
    after = {"add": before + value, "remove": "", "replace": value}[operator]
    if part != "tag":
        return str(replace(image, **{part: after.strip("/")}))
    is_digest = after.lstrip("@").startswith("sha256:")
    return str(replace(image, tag=after.lstrip(":@"), mark="@" if is_digest else ":"))
