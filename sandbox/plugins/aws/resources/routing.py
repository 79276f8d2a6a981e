"""Routing: `RouteTable`, `Route`, `RouteTableAssociation`."""

from typing import Any

from sandbox.plugins.aws.call import Call, unless_missing
from sandbox.plugins.aws.comparing import normal_block
from sandbox.plugins.aws.resources.dependencies import when_free
from sandbox.plugins.aws.resources.tagging import change_ec2, mapping, specification
from sandbox.plugins.aws.schema import REGION, TAGS, ResourceType, Tree, blocks, text

_TARGETS = {
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
    "transitGatewayId": "TransitGatewayId",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
    "vpcEndpointId": "VpcEndpointId",
}
_INLINE = {"cidrBlock": "DestinationCidrBlock", "ipv6CidrBlock": "DestinationIpv6CidrBlock"}
_ALONE = {"destinationCidrBlock": "DestinationCidrBlock", "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock"}
_ROUTE = {name: text() for name in (*_INLINE, *_TARGETS)}


def create_table(call: Call, inputs: Tree) -> str:
    """Make a route table and the routes given with it."""
    ec2 = call.client("ec2")
    response = ec2.create_route_table(VpcId=inputs["vpcId"], **specification("route-table", inputs))
    identifier = str(response["RouteTable"]["RouteTableId"])
    for route in inputs.get("routes") or []:
        ec2.create_route(RouteTableId=identifier, **_arguments(route, _INLINE))
    return identifier


def read_table(call: Call, identifier: str, _known: Tree) -> Tree | None:
    """Read a route table; the local route that every table has is left out."""
    table = _table(call, identifier)
    if table is None:
        return None
    return {
        "region": call.region,
        "vpcId": table["VpcId"],
        "routes": [_inline(route) for route in _own_routes(table)],
        "tags": mapping(table.get("Tags")),
        "arn": call.arn("ec2", f"route-table/{identifier}"),
        "ownerId": table.get("OwnerId") or call.aws.account(),
    }


def update_table(call: Call, identifier: str, old: Tree, new: Tree) -> None:
    """Change inline routes and tags."""
    ec2 = call.client("ec2")
    before = {_destination(route): route for route in old.get("routes") or []}
    after = {_destination(route): route for route in new.get("routes") or []}
    for destination in sorted(before.keys() - after.keys()):
        ec2.delete_route(RouteTableId=identifier, **dict([destination]))
    for destination, route in sorted(after.items()):
        arguments = _arguments(route, _INLINE)
        if destination not in before:
            ec2.create_route(RouteTableId=identifier, **arguments)
        elif normal_block(_ROUTE, before[destination]) != normal_block(_ROUTE, route):
            ec2.replace_route(RouteTableId=identifier, **arguments)
    change_ec2(call, identifier, old, new)


def delete_table(call: Call, identifier: str, _state: Tree) -> None:
    """Delete a route table."""
    when_free(call, identifier, lambda: call.client("ec2").delete_route_table(RouteTableId=identifier))


def create_route(call: Call, inputs: Tree) -> str:
    """Add one route; its id consists of the table's id and the destination, as the official plugin's does."""
    table = inputs["routeTableId"]
    call.client("ec2").create_route(RouteTableId=table, **_arguments(inputs, _ALONE))
    return f"r-{table}_{_destination(inputs, _ALONE)[1]}"


def read_route(call: Call, identifier: str, known: Tree) -> Tree | None:
    """Read one route; imported as `<route table>_<destination>`."""
    name, _, destination = identifier.removeprefix("r-").partition("_")
    table = _table(call, known.get("routeTableId") or name)
    routes = [route for route in _own_routes(table or {}) if destination in _destinations(route)]
    if not routes:
        return None
    route = routes[0]
    return {
        "id": f"r-{name}_{destination}",
        "region": call.region,
        "routeTableId": name,
        **{prop: route.get(key) for prop, key in (_ALONE | _TARGETS).items()},
        "origin": route.get("Origin", "CreateRoute"),
        "state": route.get("State", "active"),
        "instanceId": "",
        "instanceOwnerId": "",
    }


def update_route(call: Call, _identifier: str, _old: Tree, new: Tree) -> None:
    """Point a route elsewhere."""
    call.client("ec2").replace_route(RouteTableId=new["routeTableId"], **_arguments(new, _ALONE))


def delete_route(call: Call, _identifier: str, state: Tree) -> None:
    """Remove a route."""
    destination = dict([_destination(state, _ALONE)])
    unless_missing(lambda: call.client("ec2").delete_route(RouteTableId=state["routeTableId"], **destination))


def check_route(inputs: Tree) -> list[tuple[str, str]]:
    """One destination and one target are needed."""
    faults = []
    if sum(bool(inputs.get(name)) for name in _ALONE) != 1:
        faults.append(("destinationCidrBlock", f"exactly one of {', '.join(_ALONE)} is needed"))
    if sum(bool(inputs.get(name)) for name in _TARGETS) != 1:
        faults.append(("gatewayId", f"exactly one target is needed: one of {', '.join(_TARGETS)}"))
    return faults


def create_association(call: Call, inputs: Tree) -> str:
    """Bind a subnet to a route table."""
    response = call.client("ec2").associate_route_table(
        RouteTableId=inputs["routeTableId"], SubnetId=inputs["subnetId"]
    )
    return str(response["AssociationId"])


def read_association(call: Call, identifier: str, known: Tree) -> Tree | None:
    """Read a binding; imported as `<subnet>/<route table>` or by its own id.

    After a binding was moved to another table AWS knows it by a new id, so it is looked for by its subnet as well.
    """
    subnet = known.get("subnetId") or identifier.partition("/")[0]
    return _association(call, "association.route-table-association-id", identifier) or _association(
        call, "association.subnet-id", subnet
    )


def update_association(call: Call, identifier: str, _old: Tree, new: Tree) -> None:
    """Bind the subnet to another table; the next read finds the binding's new id by its subnet."""
    call.client("ec2").replace_route_table_association(AssociationId=identifier, RouteTableId=new["routeTableId"])


def delete_association(call: Call, identifier: str, state: Tree) -> None:
    """Undo a binding."""
    association = read_association(call, identifier, state)
    if association is not None:
        ec2 = call.client("ec2")
        unless_missing(lambda: ec2.disassociate_route_table(AssociationId=association["id"]))


def _association(call: Call, key: str, wanted: str) -> Tree | None:
    response = call.client("ec2").describe_route_tables(Filters=[{"Name": key, "Values": [wanted]}])
    for table in response["RouteTables"]:
        for found in table.get("Associations", []):
            if wanted in (found.get("SubnetId"), found.get("RouteTableAssociationId")):
                return {
                    "id": found["RouteTableAssociationId"],
                    "region": call.region,
                    "routeTableId": table["RouteTableId"],
                    "subnetId": found.get("SubnetId"),
                }
    return None


def _table(call: Call, identifier: str) -> Any:
    response = unless_missing(lambda: call.client("ec2").describe_route_tables(RouteTableIds=[identifier]))
    return next(iter(response["RouteTables"]), None) if response else None


def _own_routes(table: Tree) -> list[Tree]:
    return [route for route in table.get("Routes", []) if route.get("GatewayId") != "local"]


def _destinations(route: Tree) -> list[str]:
    return [route[key] for key in _ALONE.values() if route.get(key)]


def _inline(route: Tree) -> Tree:
    named = {prop: route.get(key) for prop, key in (_INLINE | _TARGETS).items()}
    return {prop: value for prop, value in named.items() if value}


def _destination(route: Tree, names: dict[str, str] = _INLINE) -> tuple[str, str]:
    return next((key, str(route[prop])) for prop, key in names.items() if route.get(prop))


def _arguments(route: Tree, names: dict[str, str]) -> Tree:
    return {key: route[prop] for prop, key in (names | _TARGETS).items() if route.get(prop)}


TYPES = (
    ResourceType(
        name="aws:ec2/routeTable:RouteTable",
        properties={
            "vpcId": text(required=True, replaces=True),
            "routes": blocks(_ROUTE, computed=True, unread=True),
            "region": REGION,
            "tags": TAGS,
        },
        outputs=("arn", "ownerId"),
        create=create_table,
        read=read_table,
        update=update_table,
        delete=delete_table,
    ),
    ResourceType(
        name="aws:ec2/route:Route",
        properties={
            "routeTableId": text(required=True, replaces=True),
            **{name: text(replaces=True) for name in _ALONE},
            **{name: text() for name in _TARGETS},
            "region": REGION,
        },
        outputs=("origin", "state", "instanceId", "instanceOwnerId"),
        create=create_route,
        read=read_route,
        update=update_route,
        delete=delete_route,
        check=check_route,
    ),
    ResourceType(
        name="aws:ec2/routeTableAssociation:RouteTableAssociation",
        properties={
            "routeTableId": text(required=True),
            "subnetId": text(required=True, replaces=True),
            "region": REGION,
        },
        create=create_association,
        read=read_association,
        update=update_association,
        delete=delete_association,
    ),
)
