"""Read the managed objects of one member from its API server, and compare each planned one with its plan.

One listing a kind is enough where all objects are as planned; an object that a listing lacks is read by itself. Only
objects that differ need another request: a dry run of server-side apply, whose result has the server's own defaults and
spellings.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from lightkube import ApiError, Client, operators
from lightkube.generic_resource import GenericNamespacedResource
from lightkube.types import PatchType

from federation.api.model.federated import Tree
from federation.components.clusters import api_client
from federation.plan.live import drift, sent_manifests
from federation.plan.live.drift import FieldDrift
from federation.plan.live.unplanned import Type
from federation.plan.model.plan import PlannedObject
from federation.plan.objects.manifests import FIELD_MANAGER, MANAGED_LABEL

__all__ = ["LiveMember", "LiveObject", "read_objects"]

PAGE: Final = 500  # objects in one response
LIMIT: Final = 200  # dry runs in one member; the other objects are compared without
_NOT_LISTED: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveObject:
    """One planned object as its member has it (``live`` is ``None``: it has none), and the ``fields`` that differ."""

    planned: PlannedObject
    live: Tree | None
    fields: tuple[FieldDrift, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveMember:
    """One member: its planned ``objects``, and all ``managed`` ones that were listed, planned or not."""

    objects: tuple[LiveObject, ...]
    managed: tuple[Tree, ...]


def read_objects(
    client: Client, objects: Iterable[PlannedObject], secrets: Mapping[str, str], types: Iterable[Type] = ()
) -> LiveMember:
    """The live counterpart of each of ``objects``, all of one member. Raises what ``client`` raises.

    ``secrets`` are values by key of the stack's config; ``types`` are listed beside those of ``objects``.
    """
    planned = list(objects)
    wanted = dict.fromkeys([*((each.api_version, each.kind, bool(each.namespace)) for each in planned), *types])
    listed = {type_: {_name(live): live for live in _list(client, type_)} for type_ in wanted}
    made, tried = [], 0
    for each in planned:
        live = listed[each.api_version, each.kind, bool(each.namespace)].get((each.namespace, each.name))
        live = _get(client, each) if live is None else live
        fields = drift.find_drift(each, live, secrets) if live is not None else ()
        if fields and live is not None:
            tried += 1
            fields = _confirmed(client, each, live, fields, secrets) if tried <= LIMIT else drift.certain(fields)
        made.append(LiveObject(planned=each, live=live, fields=fields))
    return LiveMember(objects=tuple(made), managed=tuple(each for some in listed.values() for each in some.values()))


def _list(client: Client, type_: Type) -> Iterator[Tree]:
    """The managed objects of a type (apiVersion, kind, namespaced); none where they may not be listed."""
    api_version, kind, namespaced = type_
    resource: Any = api_client.resource(api_version, kind, namespaced=namespaced)
    where: dict[str, Any] = {"namespace": "*"} if namespaced else {}
    labels: dict[str, Any] = {MANAGED_LABEL: operators.exists()}
    try:
        for each in client.list(resource, labels=labels, chunk_size=PAGE, **where):
            yield {"apiVersion": api_version, "kind": kind, **each}
    except ApiError as error:
        if error.status.code not in _NOT_LISTED:
            raise


def _get(client: Client, planned: PlannedObject) -> Tree | None:
    resource = api_client.resource(planned.api_version, planned.kind, namespaced=bool(planned.namespace))
    try:
        if issubclass(resource, GenericNamespacedResource):
            return dict(client.get(resource, planned.name, namespace=planned.namespace))
        return dict(client.get(resource, planned.name))
    except ApiError as error:
        if error.status.code == HTTPStatus.NOT_FOUND:
            return None
        raise


def _confirmed(
    client: Client,
    planned: PlannedObject,
    live: Tree,
    fields: tuple[FieldDrift, ...],
    secrets: Mapping[str, str],
) -> tuple[FieldDrift, ...]:
    """Those of ``fields`` that an update would change. A Secret gets no dry run, so its values are not sent."""
    if planned.kind == "Secret":
        return drift.certain(fields)
    resource: Any = api_client.resource(planned.api_version, planned.kind, namespaced=bool(planned.namespace))
    where: dict[str, Any] = {"namespace": planned.namespace} if planned.namespace else {}
    body = sent_manifests.as_sent(planned, live, secrets)
    try:
        applied = client.patch(
            resource,
            planned.name,
            body,
            patch_type=PatchType.APPLY,
            field_manager=FIELD_MANAGER,
            force=True,
            dry_run=True,
            **where,
        )
    except ApiError:  # not allowed, or refused: a field that cannot change, for example
        return drift.certain(fields)
    return drift.confirmed(fields, dict(applied), live)


def _name(live: Tree) -> tuple[str, str]:
    metadata = live["metadata"]
    return (metadata.get("namespace", ""), metadata["name"])
