"""Units over time, for the administrator."""

import dataclasses
from datetime import date, timedelta
from typing import Any

from fastapi import FastAPI, Response

from contracts.identity import ORGANISATIONS, OrganisationEvent
from services.identity.account.decider import works_after
from services.identity.doors.desk import Administrator, Desk, Order, document, history_of, people_of
from services.identity.doors.forms import Code, EndForm, EstablishForm, RenameForm
from services.identity.organisation.commands import (
    EndOrganisation,
    EstablishOrganisation,
    OrganisationCommand,
    RenameOrganisation,
)
from services.identity.organisation.decider import (
    ORGANISATION,
    Ended,
    NotEstablished,
    Organisation,
    name_on,
    stream_of,
    unit_on,
)
from shared.commanding import Asking, kept_reply, replied
from shared.deciding import Ask, Wrote, handle
from shared.refusals import NotFound


def routes(app: FastAPI, desk: Desk) -> None:
    """Add the routes over units."""

    @app.get("/organisations", tags=["organisation"], summary="机构清单")
    async def listed(_: Administrator, on: date | None = None) -> Response:
        day = on or desk.today
        found = await desk.register.organisations()
        return document(
            {
                "on": day,
                "organisations": [shown(version, unit, day) for version, unit in found.values()],
            }
        )

    @app.get("/organisations/{organisation}", tags=["organisation"], summary="一个机构的沿革")
    async def one(_: Administrator, organisation: Code) -> Response:
        version, found = await desk.register.organisation(organisation)
        if isinstance(found, NotEstablished):
            raise NotFound("没有这个机构。")
        streams = [stream_of(organisation)]
        return document(
            {
                **shown(version, found, desk.today),
                "accounts": await _accounts_after(desk, organisation, desk.today),
                "people": await people_of(desk.runtime.pool),
                "history": await history_of(desk.runtime, streams),
            }
        )

    @app.post("/organisations", status_code=200, tags=["organisation"], summary="设立")
    async def establish(ask: Order, body: EstablishForm) -> Response:
        return await _carry_out(
            desk,
            ask,
            EstablishOrganisation(
                organisation_id=body.organisation_id,
                name=body.name,
                short_name=body.short_name,
                organisation_kind=body.organisation_kind,
                path=body.path,
                planning_body=body.planning_body,
                region=body.region,
                zone_id=body.zone_id,
                aliases=tuple(body.aliases),
                valid_from=body.valid_from,
                basis=body.basis,
            ),
        )

    @app.post("/organisations/{organisation}/rename", tags=["organisation"], summary="更名")
    async def rename(ask: Order, organisation: Code, body: RenameForm) -> Response:
        return await _carry_out(
            desk,
            ask,
            RenameOrganisation(
                organisation_id=organisation,
                name=body.name,
                short_name=body.short_name,
                valid_from=body.valid_from,
                basis=body.basis,
            ),
        )

    @app.post(
        "/organisations/{organisation}/end", tags=["organisation"], summary="并入、拆分、撤销"
    )
    async def end(ask: Order, organisation: Code, body: EndForm) -> Response:
        day_after = body.valid_to + timedelta(days=1)
        units = await desk.register.organisations()
        return await _carry_out(
            desk,
            ask,
            EndOrganisation(
                organisation_id=organisation,
                into=tuple(body.into),
                accounts_to=body.accounts_to,
                valid_to=body.valid_to,
                basis=body.basis,
                accounts=await _accounts_after(desk, organisation, body.valid_to),
                standing={name for name, (_, unit) in units.items() if unit_on(unit, day_after)},
            ),
        )


async def _accounts_after(desk: Desk, organisation: str, day: date) -> int:
    known = await desk.runtime.pool.fetch(
        "select account from identity.accounts where not example or $1",
        desk.runtime.clock.demonstration,
    )
    found = await desk.register.accounts(row["account"] for row in known)
    return sum(works_after(account, organisation, day) for _, account in found.values())


async def _carry_out(desk: Desk, asked: Asking, command: OrganisationCommand) -> Response:
    stream = stream_of(command.organisation_id)

    def reply(wrote: Wrote[Organisation, OrganisationEvent]) -> bytes:
        return kept_reply(200, {"organisation_id": command.organisation_id}, wrote)

    return replied(
        await handle(
            desk.runtime.journal,
            ORGANISATION,
            Ask(
                stream,
                ORGANISATIONS,
                command,
                reply,
                identity=asked.identity,
                if_match=asked.if_match,
            ),
            asked.cause,
        )
    )


def shown(version: int, organisation: Organisation, day: date) -> dict[str, Any]:
    """Write a unit as it is on a day, with the names that it has had."""
    if isinstance(organisation, NotEstablished):
        return {}
    ended = organisation if isinstance(organisation, Ended) else None
    unit = organisation.was if isinstance(organisation, Ended) else organisation
    named = name_on(unit, day)
    return {
        "organisation_id": unit.organisation_id,
        "version": version,
        "name": named.name,
        "short_name": named.short_name,
        "organisation_kind": unit.organisation_kind,
        "path": unit.path,
        "planning_body": unit.planning_body,
        "region": unit.region,
        "zone_id": unit.zone_id,
        "aliases": list(unit.aliases),
        "valid_from": unit.valid_from,
        "valid_to": ended.valid_to if ended else None,
        "into": list(ended.into) if ended else [],
        "accounts_to": ended.accounts_to if ended else None,
        "exists": unit_on(organisation, day) is not None,
        "names": [dataclasses.asdict(one) for one in unit.names],
    }
