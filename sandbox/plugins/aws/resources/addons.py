"""`eks.Addon`: software that EKS installs into a cluster."""

from typing import Any

from sandbox.plugins.aws.call import Call, unless_missing
from sandbox.plugins.aws.resources.access import when
from sandbox.plugins.aws.resources.settling import until_active
from sandbox.plugins.aws.resources.tagging import change_eks, own
from sandbox.plugins.aws.schema import REGION, TAGS, ResourceType, Timeouts, Tree, document, flag, text

_SETTINGS = ("addonVersion", "configurationValues", "serviceAccountRoleArn")


def create(call: Call, inputs: Tree) -> str:
    """Ask for an add-on; its id is `<cluster>:<add-on>`."""
    optional = {name: inputs.get(name) for name in _SETTINGS}
    optional |= {"resolveConflicts": inputs.get("resolveConflictsOnCreate"), "tags": inputs.get("tags")}
    call.client("eks").create_addon(
        clusterName=inputs["clusterName"],
        addonName=inputs["addonName"],
        **{key: value for key, value in optional.items() if value},
    )
    return f"{inputs['clusterName']}:{inputs['addonName']}"


def settle(call: Call, identifier: str, _inputs: Tree) -> None:
    """Wait until the add-on is ACTIVE."""
    until_active(
        call,
        f"add-on {identifier}",
        lambda: _describe(call, identifier),
        failed=("CREATE_FAILED", "UPDATE_FAILED"),
        ready=("ACTIVE", "DEGRADED"),
    )


def read(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read an add-on; imported as `<cluster>:<add-on>`."""
    addon = _describe(call, identifier)
    if addon is None:
        return None
    return {
        "region": call.region,
        "clusterName": addon["clusterName"],
        "addonName": addon["addonName"],
        "addonVersion": addon.get("addonVersion", ""),
        "configurationValues": addon.get("configurationValues", ""),
        "serviceAccountRoleArn": addon.get("serviceAccountRoleArn", ""),
        "tags": own(addon.get("tags")),
        "arn": addon["addonArn"],
        "createdAt": when(addon.get("createdAt")),
        "modifiedAt": when(addon.get("modifiedAt")),
    }


def update(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Change version, configuration, role and tags."""
    eks = call.client("eks")
    if any(old.get(name) != new.get(name) for name in _SETTINGS):
        settings = {name: new.get(name) for name in _SETTINGS} | {
            "resolveConflicts": new.get("resolveConflictsOnUpdate")
        }
        given = {key: value for key, value in settings.items() if value}
        eks.update_addon(clusterName=new["clusterName"], addonName=new["addonName"], **given)
    change_eks(call, (_describe(call, identifier) or {}).get("addonArn", ""), old, new)


def delete(call: Call, identifier: str, state: Tree) -> None:
    """Remove an add-on; with `preserve`, the installed software stays."""
    cluster, _, addon = identifier.partition(":")
    eks = call.client("eks")
    preserve = bool(state.get("preserve"))
    unless_missing(lambda: eks.delete_addon(clusterName=cluster, addonName=addon, preserve=preserve))
    call.wait(f"add-on {identifier} gone", lambda: _describe(call, identifier) is None)


def _describe(call: Call, identifier: str) -> Any:
    cluster, _, addon = identifier.partition(":")
    response = unless_missing(lambda: call.client("eks").describe_addon(clusterName=cluster, addonName=addon))
    return response["addon"] if response else None


TYPES = (
    ResourceType(
        name="aws:eks/addon:Addon",
        properties={
            "clusterName": text(required=True, replaces=True),
            "addonName": text(required=True, replaces=True),
            "addonVersion": text(computed=True),
            "configurationValues": document(computed=True),
            "preserve": flag(),
            "resolveConflictsOnCreate": text(),
            "resolveConflictsOnUpdate": text(),
            "serviceAccountRoleArn": text(),
            "region": REGION,
            "tags": TAGS,
        },
        outputs=("arn", "createdAt", "modifiedAt"),
        create=create,
        settle=settle,
        read=read,
        update=update,
        delete=delete,
        timeouts=Timeouts(create=1200.0, update=1200.0, delete=2400.0),
    ),
)
