"""招商活动 over HTTP: recorded by who held it, taken back if in error."""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import Depends, FastAPI, Response

from contracts.intake import PromotionEvent
from contracts.reference import regions
from services.intake.adapters.evidence import keeping, of_promotion
from services.intake.doors.acting import by, ended, own_unit
from services.intake.doors.evidence import evidence_of
from services.intake.doors.http import Door, demand_act
from services.intake.doors.signing_forms import PromotionForm, ReasonForm
from services.intake.policies import bounds_of, policy_of
from services.intake.promotion.commands import RecordPromotion, WithdrawPromotion
from services.intake.promotion.decider import (
    PROMOTION,
    Promotion,
    PromotionCommand,
    absent,
    row_of,
    stream_of,
)
from shared.commanding import Asking, asking, kept_reply, key_required, replied
from shared.deciding import Ask, Wrote, handle
from shared.scope import PROMOTION_SCOPES, may
from shared.service import Runtime

PROMOTIONS = UUID("5a2c54b1-6f0e-59a4-8f2f-3f0f2e8a7d10")
"""The name space in which a command's id names the event that it records."""
# "城区" is a word of every city: only names that are this city's alone tell where a place is.
_TELLING = 3

Asks = Annotated[Asking, Depends(asking)]


def promotion_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the routes of events."""
    door = _Door(runtime)

    @app.post("/promotions", status_code=201, tags=["promotion"], summary="登记招商活动")
    async def record(ask: Asks, body: PromotionForm) -> Response:
        return await door.record(ask, body)

    @app.post("/promotions/{promotion_id}/withdraw", tags=["promotion"], summary="撤销登记")
    async def withdraw(ask: Asks, promotion_id: UUID, body: ReasonForm) -> Response:
        return await door.withdraw(ask, promotion_id, body.reason)


class _Door:
    """What the routes share."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._projects = Door(runtime)

    async def record(self, ask: Asking, body: PromotionForm) -> Response:
        demand_act(ask.actor, "sign")
        promotion_id = uuid5(PROMOTIONS, key_required(ask))
        today, units = self._runtime.clock.today(), await self._projects.units()
        unit, owner = own_unit(ask.actor, units, today), of_promotion(promotion_id)
        evidence = await evidence_of(self._runtime, ask, body.evidence, owner)
        command = RecordPromotion(
            promotion_id=promotion_id,
            by=by(ask.actor, units, today),
            bounds=bounds_of(today),
            org_name=unit.short_name,
            ended=ended(unit, units, today),
            level="COUNTY" if unit.kind in {"county", "zone"} else "CITY",
            title=body.title,
            place=body.place,
            own_places=[
                region.name
                for region in regions(today)
                if region.level != "province" and len(region.name) >= _TELLING
            ],
            outside_city=body.outside_city,
            held_on=body.held_on,
            evidence=evidence,
        )
        counted = "，计入市外招商活动" if body.outside_city else "，市内的不计入市外招商活动次数"
        asked = self._ask(ask, command, f"已登记{counted}。", 201)
        also = keeping(evidence, ask.actor.org, owner, ask.cause.now)
        return await self._handle(ask, replace(asked, also=also))

    async def withdraw(self, ask: Asking, promotion_id: UUID, reason: str) -> Response:
        demand_act(ask.actor, "sign")
        command = WithdrawPromotion(
            promotion_id=promotion_id,
            by=await self._projects.by(ask),
            bounds=bounds_of(self._runtime.clock.today()),
            oversees=may(ask.actor, "oversee_signings"),
            reason=reason,
        )
        scope = PROMOTION_SCOPES.seen_by(await self._projects.reader(ask.actor))

        def look(promotion: Promotion) -> None:
            row = row_of(promotion)
            if row is None or not scope.holds(row):
                raise absent()

        asked = self._ask(ask, command, "已撤销登记，不再计数。", 200)
        return await self._handle(ask, replace(asked, admit=look))

    def _ask(
        self, ask: Asking, command: PromotionCommand, message: str, status: int
    ) -> Ask[PromotionCommand, Promotion, PromotionEvent]:
        promotion_id = str(command.promotion_id)

        def reply(wrote: Wrote[Promotion, PromotionEvent]) -> bytes:
            body: dict[str, Any] = {
                "promotion_id": promotion_id,
                "version": wrote.version,
                "message": message,
            }
            return kept_reply(status, body, wrote)

        stream = stream_of(command.promotion_id)
        return Ask(stream, stream, command, reply, identity=ask.identity, if_match=ask.if_match)

    async def _handle(
        self, ask: Asking, asked: Ask[PromotionCommand, Promotion, PromotionEvent]
    ) -> Response:
        policy = policy_of("signing", self._runtime.clock.today()).sha256
        return replied(await handle(self._runtime.journal, PROMOTION, asked, ask.under(policy)))
