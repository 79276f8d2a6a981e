"""What does the engine learn about a change: its places, and whether the object must be replaced?"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from pulumi.runtime.proto import provider_pb2

from sandbox.plugins import properties
from sandbox.plugins.kubernetes import change, manifest, paths
from sandbox.plugins.kubernetes.change import Change, How
from sandbox.plugins.kubernetes.errors import ApiError, RefusedError, UnreachableError
from sandbox.plugins.kubernetes.settings import Settings
from sandbox.plugins.properties import Path

Tree = Mapping[str, Any]

_KINDS: Final[Mapping[tuple[How, bool], Any]] = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
}


def changes(old: Tree, new: Tree, ignored: Iterable[Path]) -> list[Change]:
    """List the places where inputs differ, without those that are to be ignored."""
    ignored = list(ignored)
    return [found for found in change.between(old, new) if not paths.covered(found.path, ignored)]


async def classified(
    found: Sequence[Change],
    old: Tree,
    new: Tree,
    options: Settings,
    rehearse: Callable[[], Awaitable[None]] | None,
) -> list[Change]:
    """Mark the changes that mean a replacement.

    `rehearse` tries the update and raises what the API server says; None if it cannot be tried.
    """
    kind = str(new.get("kind", ""))
    marked = change.replacing(found, [*change.IDENTITY, *_groups(old, new)])
    marked = change.replacing(
        marked,
        change.own_accord(
            kind, mutable_config_maps=options.mutable_config_maps, mutable_secrets=options.mutable_secrets
        ),
    )
    if any(item.replaces for item in marked):
        return marked
    if rehearse is None:
        return change.replacing(marked, change.presumed(kind))
    try:
        await rehearse()
    except ApiError as error:
        return change.replacing(marked, change.refused(error, marked))
    except (RefusedError, UnreachableError):
        # The update itself will meet this again, and there it is told.
        return change.replacing(marked, change.presumed(kind))
    return marked


def response(found: Sequence[Change], new: Tree, state: Tree) -> Any:
    """Make the engine's answer of the changes.

    An object that is replaced under its own name must go before its successor comes.
    """
    detailed = {
        properties.text(item.path): provider_pb2.PropertyDiff(kind=_KINDS[item.how, item.replaces], inputDiff=True)
        for item in found
    }
    replaces = [properties.text(item.path) for item in found if item.replaces]
    before, after = manifest.metadata(state), manifest.metadata(new)
    same_place = (before.get("name"), before.get("namespace")) == (after.get("name"), after.get("namespace"))
    autonamed = manifest.annotation(new, manifest.AUTONAMED) == "true"
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if found else provider_pb2.DiffResponse.DIFF_NONE,
        replaces=replaces,
        deleteBeforeReplace=bool(replaces) and same_place and not autonamed,
        detailedDiff=detailed,
        hasDetailedDiff=True,
    )


def _groups(old: Tree, new: Tree) -> list[Path]:
    """Return the place of apiVersion if its group changes; another version of the same group is the same object."""
    before, after = (str(tree.get("apiVersion", "")).rpartition("/")[0] for tree in (old, new))
    return [("apiVersion",)] if before != after else []
