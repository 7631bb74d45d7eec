"""Units as identity tells them: those that a home begins with, and what a test adds to them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import asyncpg

from contracts.envelope import Envelope, Fact, instant
from contracts.identity import (
    ORGANISATIONS,
    REFERENCE_TOPIC,
    OrganisationEstablished,
    OrganisationEvent,
    OrganisationKind,
)
from contracts.reference.organisations import known_organisations
from shared.relay import headers_of
from shared.units import Units
from shared.viewing import Record, View
from tests.shared.reading import opened

BEGAN = datetime(2018, 7, 1, 2, 0, tzinfo=UTC)
"""Before anything that a test tells of; in a home the units are told at the first start."""

SEEDS: Sequence[OrganisationEvent] = tuple(
    OrganisationEstablished(
        organisation_id=row.id,
        name=row.name,
        short_name=row.short_name,
        aliases=row.aliases,
        organisation_kind=row.kind,
        region=row.region,
        zone_id=row.zone_id,
        planning_body=row.planning_body,
        path=row.path,
        valid_from=row.valid_from,
    )
    for row in known_organisations()
)


def established(
    unit: str, short_name: str, on: date, kind: OrganisationKind = "county", **other: Any
) -> OrganisationEstablished:
    """Give a new body that must plan."""
    fields: dict[str, Any] = {
        "organisation_id": unit,
        "name": f"晋城市{short_name}",
        "short_name": short_name,
        "organisation_kind": kind,
        "planning_body": True,
        "path": "county" if kind in {"county", "zone"} else "direct",
        "valid_from": on,
    }
    return OrganisationEstablished(**{**fields, **other})


def units(*told: OrganisationEvent) -> Units:
    """Give the units that a home begins with and whatever was told after them."""
    return Units((*SEEDS, *told))


def records(
    told: Sequence[Fact], *, after: Sequence[Fact] = (), at: datetime = BEGAN
) -> list[Record]:
    """Give the facts as they come from Kafka, at the positions behind those ``after``."""
    versions: dict[str, int] = {}
    made = []
    for position, fact in enumerate((*after, *told), start=1):
        unit = str(fact.model_dump()["organisation_id"])
        versions[unit] = versions.get(unit, 0) + 1
        if position <= len(after):
            continue
        envelope = Envelope(
            id=f"01970000-0000-7000-8000-000000{position:06d}",
            type=fact.kind,
            source="/siku/identity",
            subject=f"organisation-{unit}",
            time=instant(at),
            partitionkey=ORGANISATIONS,
            streamversion=str(versions[unit]),
            occurred="2019-04-22",
            actoraccount="system",
            actorrole="system",
            actororg="system",
            correlationid="c",
            causationid="c",
        )
        headers: list[tuple[str, bytes | None]] = [
            *headers_of(envelope.model_dump(), position, b"\1")
        ]
        body = fact.model_dump_json().encode()
        made.append(Record(REFERENCE_TOPIC, 0, 0, ORGANISATIONS.encode(), headers, body))
    return made


async def hear_units(
    pool: asyncpg.Pool,
    view: View,
    *told: OrganisationEvent,
    after: Sequence[OrganisationEvent] = SEEDS,
    at: datetime = BEGAN,
) -> None:
    """Let a service hear of units, behind those that it has heard of."""
    await (await opened(pool, view)).take(*records(told, after=after, at=at))


async def hear_what_it_stands_on(pool: asyncpg.Pool, views: Sequence[View]) -> None:
    """Let a service hear the units that a home begins with; of all else that nothing was told."""
    for view in views:
        if view.topics == (REFERENCE_TOPIC,):
            await hear_units(pool, view, *SEEDS, after=())
        else:
            await opened(pool, view)
