"""`route53.Record`: one record set, plain or with a routing policy.

As in the official plugin: a new one is a `CREATE` unless `allowOverwrite` is set, a changed one an `UPSERT`, and one
whose type or set identifier changes is deleted and created in one batch, so that the name answers all the time. Only
zone and name replace the resource.
"""

from typing import Any

from sandbox.plugins.aws.call import Call, unless_missing
from sandbox.plugins.aws.schema import ResourceType, Timeouts, Tree, block, blocks, domain, flag, number, text, texts
from sandbox.plugins.properties import UNKNOWN

_ALIAS = {
    "name": domain(required=True),
    "zoneId": text(required=True),
    "evaluateTargetHealth": flag(required=True),
}
_GEO = {"continent": "ContinentCode", "country": "CountryCode", "subdivision": "SubdivisionCode"}
_POLICIES = (
    "weightedRoutingPolicies",
    "latencyRoutingPolicies",
    "failoverRoutingPolicies",
    "geolocationRoutingPolicies",
    "cidrRoutingPolicy",
    "multivalueAnswerRoutingPolicy",
)
_TYPES = ("A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP")
TYPES_OF_RECORDS = (*_TYPES, "SVCB", "TLSA", "TXT")
_QUOTED = ("TXT", "SPF")


def create(call: Call, inputs: Tree) -> str:
    """Make a record set; the id has zone, name, type and set identifier."""
    action = "UPSERT" if inputs.get("allowOverwrite") else "CREATE"
    _apply(call, inputs, [(action, inputs)])
    return _identifier(inputs)


def read(call: Call, identifier: str, known: Tree) -> Tree | None:
    """Read a record set; imported as `<zone>_<name>_<type>[_<set identifier>]`."""
    wanted = known if known.get("zoneId") else _parse(identifier)
    found = _find(call, wanted)
    if found is None:
        return None
    record_set, fqdn = found
    values = [entry["Value"] for entry in record_set.get("ResourceRecords", [])]
    if record_set["Type"] in _QUOTED:
        values = [value.removeprefix('"').removesuffix('"') for value in values]
    return {
        "zoneId": wanted["zoneId"],
        "name": wanted["name"],
        "type": record_set["Type"],
        "ttl": record_set.get("TTL"),
        "records": values,
        "aliases": _aliases(record_set),
        "setIdentifier": record_set.get("SetIdentifier"),
        "healthCheckId": record_set.get("HealthCheckId"),
        **_policies(record_set),
        "fqdn": fqdn,
    }


def update(call: Call, _identifier: str, old: Tree, new: Tree) -> None:
    """Change a record set."""
    if all(old.get(name) == new.get(name) for name in ("type", "setIdentifier")):
        _apply(call, new, [("UPSERT", new)])
    else:
        _apply(call, new, [("DELETE", old), ("CREATE", new)])


def delete(call: Call, identifier: str, state: Tree) -> None:
    """Delete a record set as it is now."""
    wanted = state if state.get("zoneId") else _parse(identifier)
    found = _find(call, wanted)
    if found is not None:
        _change(call, wanted["zoneId"], [{"Action": "DELETE", "ResourceRecordSet": found[0]}])


def check(inputs: Tree) -> list[tuple[str, str]]:
    """Check combinations of properties, as the official plugin does before it calls AWS."""
    faults = []
    if bool(inputs.get("aliases")) == bool(inputs.get("records")):
        faults.append(("records", "exactly one of records and aliases is needed"))
    if inputs.get("aliases") and inputs.get("ttl"):
        faults.append(("ttl", "does not go with aliases: an alias has the TTL of its target"))
    if inputs.get("records") and inputs.get("ttl") is None:
        faults.append(("ttl", "is needed with records"))
    given = [name for name in _POLICIES if inputs.get(name)]
    if len(given) > 1:
        faults.append((given[1], f"does not go with {given[0]}: a record set has one policy"))
    if given and not inputs.get("setIdentifier"):
        faults.append((given[0], "needs setIdentifier"))
    if inputs["type"] is not UNKNOWN and inputs["type"] not in TYPES_OF_RECORDS:
        faults.append(("type", f"must be one of {', '.join(TYPES_OF_RECORDS)} and is {inputs['type']}"))
    return faults


def _find(call: Call, wanted: Tree) -> tuple[Tree, str] | None:
    route53, zone = call.client("route53"), _bare(wanted["zoneId"])
    apex = unless_missing(lambda: route53.get_hosted_zone(Id=zone))
    if apex is None:
        return None
    fqdn = expand(wanted["name"], apex["HostedZone"]["Name"])
    response = route53.get_paginator("list_resource_record_sets").paginate(
        HostedZoneId=zone, StartRecordName=fqdn, StartRecordType=wanted["type"]
    )
    for page in response:
        for found in page["ResourceRecordSets"]:
            if _plain(found["Name"]) != fqdn:
                return None
            if found["Type"] == wanted["type"] and found.get("SetIdentifier") == wanted.get("setIdentifier"):
                return found, fqdn
    return None


def _apply(call: Call, inputs: Tree, actions: list[tuple[str, Tree]]) -> None:
    zone = _bare(inputs["zoneId"])
    apex = call.client("route53").get_hosted_zone(Id=zone)["HostedZone"]["Name"]
    changes = [{"Action": action, "ResourceRecordSet": record_set(tree, apex)} for action, tree in actions]
    _change(call, zone, changes)


def _change(call: Call, zone: str, changes: list[Tree]) -> None:
    route53 = call.client("route53")
    batch = {"Comment": "Managed by Pulumi", "Changes": changes}
    response = route53.change_resource_record_sets(HostedZoneId=_bare(zone), ChangeBatch=batch)
    change = response["ChangeInfo"]
    if change["Status"] != "INSYNC":
        call.wait("change INSYNC", lambda: route53.get_change(Id=change["Id"])["ChangeInfo"]["Status"] == "INSYNC")


def record_set(inputs: Tree, apex: str) -> Tree:
    """Write a record set in Route 53's form."""
    result: Tree = {"Name": expand(inputs["name"], apex), "Type": inputs["type"]}
    if inputs.get("ttl") is not None:
        result["TTL"] = int(inputs["ttl"])
    if inputs.get("records"):
        quote = '"' if inputs["type"] in _QUOTED else ""
        result["ResourceRecords"] = [{"Value": f"{quote}{value}{quote}"} for value in inputs["records"]]
    for alias in inputs.get("aliases") or []:
        health = alias["evaluateTargetHealth"] in (True, "true")
        result["AliasTarget"] = {
            "DNSName": alias["name"],
            "HostedZoneId": alias["zoneId"],
            "EvaluateTargetHealth": health,
        }
    for name, key in (("setIdentifier", "SetIdentifier"), ("healthCheckId", "HealthCheckId")):
        if inputs.get(name):
            result[key] = inputs[name]
    return result | _policy_request(inputs)


def expand(name: str, apex: str) -> str:
    """Write a record's name in full, without the dot at the end: `www` in `example.com.` is `www.example.com`."""
    short, zone = _plain(name), _plain(apex)
    if short == zone or short.endswith(f".{zone}"):
        return short
    return f"{short}.{zone}" if short else zone


def _policy_request(inputs: Tree) -> Tree:
    result: Tree = {}
    for entry in inputs.get("weightedRoutingPolicies") or []:
        result["Weight"] = int(entry["weight"])
    for entry in inputs.get("latencyRoutingPolicies") or []:
        result["Region"] = entry["region"]
    for entry in inputs.get("failoverRoutingPolicies") or []:
        result["Failover"] = entry["type"]
    for entry in inputs.get("geolocationRoutingPolicies") or []:
        result["GeoLocation"] = {key: entry[name] for name, key in _GEO.items() if entry.get(name)}
    if cidr := inputs.get("cidrRoutingPolicy"):
        result["CidrRoutingConfig"] = {"CollectionId": cidr["collectionId"], "LocationName": cidr["locationName"]}
    if inputs.get("multivalueAnswerRoutingPolicy"):
        result["MultiValueAnswer"] = True
    return result


def _policies(found: Tree) -> Tree:
    geo = found.get("GeoLocation") or {}
    cidr = found.get("CidrRoutingConfig")
    return {
        "weightedRoutingPolicies": [{"weight": found["Weight"]}] if "Weight" in found else None,
        "latencyRoutingPolicies": [{"region": found["Region"]}] if found.get("Region") else None,
        "failoverRoutingPolicies": [{"type": found["Failover"]}] if found.get("Failover") else None,
        "geolocationRoutingPolicies": [{name: geo[key] for name, key in _GEO.items() if geo.get(key)}] if geo else None,
        "cidrRoutingPolicy": cidr and {"collectionId": cidr["CollectionId"], "locationName": cidr["LocationName"]},
        "multivalueAnswerRoutingPolicy": found.get("MultiValueAnswer"),
    }


def _aliases(found: Tree) -> list[Tree] | None:
    target: Any = found.get("AliasTarget")
    if not target:
        return None
    return [
        {
            "name": _plain(target["DNSName"]),
            "zoneId": target["HostedZoneId"],
            "evaluateTargetHealth": bool(target["EvaluateTargetHealth"]),
        }
    ]


def _identifier(inputs: Tree) -> str:
    parts = [_bare(inputs["zoneId"]), _plain(inputs["name"]), inputs["type"], inputs.get("setIdentifier")]
    return "_".join(part for part in parts if part)


def _parse(identifier: str) -> Tree:
    zone, *rest = identifier.split("_")
    for place, part in enumerate(rest):
        if place and part in TYPES_OF_RECORDS:
            chosen = "_".join(rest[place + 1 :])
            return {"zoneId": zone, "name": "_".join(rest[:place]), "type": part, "setIdentifier": chosen or None}
    raise ValueError(f"{identifier!r} is no record's id: <zone>_<name>_<type>[_<set identifier>] is needed")


def _bare(zone: str) -> str:
    return zone.removeprefix("/hostedzone/")


def _plain(name: str) -> str:
    return name.lower().removesuffix(".").replace("\\052", "*")


TYPES = (
    ResourceType(
        name="aws:route53/record:Record",
        properties={
            "zoneId": text(required=True, replaces=True),
            "name": domain(required=True, replaces=True),
            "type": text(required=True),
            "ttl": number(),
            "records": texts(),
            "aliases": blocks(_ALIAS),
            "setIdentifier": text(),
            "healthCheckId": text(),
            "allowOverwrite": flag(computed=True, unread=True),
            "weightedRoutingPolicies": blocks({"weight": number(required=True)}),
            "latencyRoutingPolicies": blocks({"region": text(required=True)}),
            "failoverRoutingPolicies": blocks({"type": text(required=True)}),
            "geolocationRoutingPolicies": blocks({name: text() for name in _GEO}),
            "cidrRoutingPolicy": block({"collectionId": text(required=True), "locationName": text(required=True)}),
            "multivalueAnswerRoutingPolicy": flag(),
        },
        outputs=("fqdn",),
        create=create,
        read=read,
        update=update,
        delete=delete,
        check=check,
        timeouts=Timeouts(create=1800.0, update=1800.0, delete=1800.0),
    ),
)
