"""Enforce Route53's rules in front of moto's zones.

moto stores the zones; `records` decides what may be in them. A batch is judged and applied under one lock, as a whole.
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.route53 import urls
from moto.route53.exceptions import NoSuchHealthCheck
from moto.route53.models import RecordSet as MotoRecordSet
from moto.route53.responses import Route53

from sandbox.aws import balancers, records, services
from sandbox.aws.recordset import Change, InvalidInputError, InvalidValueError, RecordSet, read_change, read_fields
from sandbox.aws.refusals import RefusalError

CHANGE_ID = "/change/C2682N5HXP0BZ4"
"""Changes are in sync at once, so all of them share an id."""


class Route53Api(Route53):  # type: ignore[misc] # moto is not followed by mypy
    """Route53: moto's, with Route53's refusals and its order of listing."""

    def call_action(self) -> Any:
        """Run the request's operation, one at a time."""
        with services.of(self).lock:
            return super().call_action()

    def create_hosted_zone(self) -> ActionResult:
        """CreateHostedZone: a caller reference is good for one zone."""
        reference = self._get_param("CallerReference")
        if any(zone.caller_reference == reference for zone in self.backend.zones.values()):
            raise RefusalError(
                "HostedZoneAlreadyExists", f"A hosted zone has already been created with caller reference {reference}"
            )
        created: ActionResult = super().create_hosted_zone()
        return created

    def change_resource_record_sets(self) -> ActionResult:
        """ChangeResourceRecordSets: apply the whole batch, or nothing and raise InvalidChangeBatch."""
        zone = self.backend.get_hosted_zone(self._get_param("HostedZoneId"))
        changes = _read(self._get_param("ChangeBatch.Changes") or [])
        for change in changes:
            ident = change.record.health_check_id
            if change.action != "DELETE" and ident and ident not in self.backend.health_checks:
                raise NoSuchHealthCheck(ident)
        before = records.Zone(zone.resource_id, zone.name, tuple(_from_moto(rrset) for rrset in zone.rrsets))
        try:
            after = records.apply(before, changes, balancers.lookup)
        except records.RefusedBatchError as error:
            raise RefusalError("InvalidChangeBatch", str(error)) from error
        zone.rrsets = [MotoRecordSet(record.fields()) for record in after]
        return ActionResult({"ChangeInfo": {"Id": CHANGE_ID, "Status": "INSYNC", "SubmittedAt": utcnow()}})

    def list_resource_record_sets(self) -> ActionResult:
        """ListResourceRecordSets: in Route53's order, from a name, type and set identifier on."""
        zone = self.backend.get_hosted_zone(self._get_param("HostedZoneId"))
        name, kind = self._get_param("StartRecordName"), self._get_param("StartRecordType")
        if kind and not name:
            raise RefusalError("InvalidInput", "The input is not valid: StartRecordType without StartRecordName")
        pairs = sorted(((_from_moto(rrset), rrset) for rrset in zone.rrsets), key=lambda pair: pair[0].order)
        if name:
            start = read_fields(
                {"Name": name, "Type": kind or "", "SetIdentifier": self._get_param("StartRecordIdentifier")}
            ).order
            pairs = [pair for pair in pairs if pair[0].order >= start]
        size = min(self._get_int_param("MaxItems", 300), 300)
        result: dict[str, Any] = {
            "ResourceRecordSets": [rrset for _, rrset in pairs[:size]],
            "IsTruncated": len(pairs) > size,
            "MaxItems": size,
        }
        if len(pairs) > size:
            following = pairs[size][0]
            result["NextRecordName"], result["NextRecordType"] = following.name, following.type
            result["NextRecordIdentifier"] = following.set_identifier or None
        return ActionResult(result)

    def create_health_check(self) -> ActionResult:
        """CreateHealthCheck: a caller reference is good for one health check."""
        reference = self._get_param("CallerReference")
        if any(check.caller_reference == reference for check in self.backend.health_checks.values()):
            raise RefusalError(
                "HealthCheckAlreadyExists", f"A health check already exists with caller reference {reference}"
            )
        created: ActionResult = super().create_health_check()
        return created

    def delete_health_check(self) -> ActionResult:
        """DeleteHealthCheck: one in use goes as well, as on Route53; a missing one does not."""
        self.backend.get_health_check(self._get_param("HealthCheckId"))
        deleted: ActionResult = super().delete_health_check()
        return deleted


def mount() -> None:
    """Route requests for Route53 here; call it before the first request."""
    for path in urls.url_paths:
        urls.url_paths[path] = Route53Api.dispatch


def _read(changes: list[dict[str, Any]]) -> list[Change]:
    if not changes:
        raise RefusalError("InvalidInput", "Invalid request: the change batch has no changes")
    try:
        return [read_change(change) for change in changes]
    except InvalidInputError as error:
        raise RefusalError("InvalidInput", str(error)) from error
    except InvalidValueError as error:
        raise RefusalError("InvalidChangeBatch", f"[{error}]") from error


def _from_moto(rrset: Any) -> RecordSet:
    return read_fields(
        {
            "Name": rrset.name,
            "Type": rrset.type,
            "TTL": rrset.ttl,
            "ResourceRecords": rrset.records,
            "SetIdentifier": rrset.set_identifier,
            "Weight": rrset.weight,
            "Region": rrset.region,
            "Failover": rrset.failover,
            "GeoLocation": rrset.geo_location,
            "MultiValueAnswer": rrset.multi_value_answer,
            "AliasTarget": rrset.alias_target,
            "HealthCheckId": rrset.health_check_id,
        }
    )
