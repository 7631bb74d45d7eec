"""Who stands in for whom, for the administrator."""

from typing import Any
from uuid import UUID

from fastapi import FastAPI, Response

from contracts.identity import SubstituteEvent
from services.identity.account.decider import post_on
from services.identity.doors.desk import Administrator, Desk, Order, document
from services.identity.doors.forms import NothingForm, SubstituteForm
from services.identity.substitute import decider as substitute_room
from services.identity.substitute.commands import (
    AppointSubstitute,
    EndSubstitute,
    SubstituteCommand,
)
from services.identity.substitute.decider import SUBSTITUTE, Substitutes
from shared.commanding import Asking, kept_reply, replied
from shared.deciding import Ask, Wrote, handle
from shared.refusals import NotFound


def routes(app: FastAPI, desk: Desk) -> None:
    """Add the routes over substitutes."""
    runtime = desk.runtime

    @app.post("/accounts/{account}/substitutes", tags=["substitute"], summary="请假代理")
    async def appoint(ask: Order, account: UUID, body: SubstituteForm) -> Response:
        await desk.known(account)
        substitute = await runtime.pool.fetchval(
            "select account from identity.accounts where username = $1 and (not example or $2)",
            body.substitute,
            runtime.clock.demonstration,
        )
        if substitute is None:
            raise NotFound(f"没有账号“{body.substitute}”。请在账号清单中核对。")
        found = await desk.register.accounts([account, substitute])
        day = max(body.valid_from, desk.today)
        return await _substituting(
            desk,
            ask,
            AppointSubstitute(
                account_id=account,
                substitute_id=substitute,
                valid_from=body.valid_from,
                valid_to=body.valid_to,
                on=desk.today,
                post=post_on(found[account][1], day),
                own=post_on(found[substitute][1], day),
            ),
        )

    @app.post(
        "/accounts/{account}/substitutes/{substitute}/end", tags=["substitute"], summary="结束代理"
    )
    async def end(ask: Order, account: UUID, substitute: UUID, _: NothingForm) -> Response:
        await desk.known(account)
        return await _substituting(desk, ask, EndSubstitute(account, substitute, desk.today))

    @app.get("/substitutes", tags=["substitute"], summary="请假代理清单")
    async def substitutes(_: Administrator) -> Response:
        return document({"substitutes": await substitutes_of(desk)})


async def _substituting(desk: Desk, asked: Asking, command: SubstituteCommand) -> Response:
    stream = substitute_room.stream_of(command.account_id)

    def reply(wrote: Wrote[Substitutes, SubstituteEvent]) -> bytes:
        return kept_reply(200, {"account": str(command.account_id)}, wrote)

    return replied(
        await handle(
            desk.runtime.journal,
            SUBSTITUTE,
            Ask(stream, stream, command, reply, identity=asked.identity, if_match=asked.if_match),
            asked.cause,
        )
    )


async def substitutes_of(desk: Desk, account: UUID | None = None) -> list[dict[str, Any]]:
    """Give who stands in for an account, or for anybody, the latest first."""
    rows = await desk.runtime.pool.fetch("select account, username, name from identity.accounts")
    known = {row["account"]: row for row in rows}
    found = await desk.register.substitutes([account] if account else known)
    return sorted(
        (
            {
                "account": str(absent),
                "absent": known[absent]["name"],
                "substitute_id": str(one.substitute_id),
                "substitute": known[one.substitute_id]["name"],
                "valid_from": one.valid_from,
                "valid_to": one.valid_to,
                "now": one.holds_on(desk.today),
                "over": one.valid_to < desk.today,
            }
            for absent, (_, substitutes) in found.items()
            for one in substitutes
        ),
        key=lambda one: one["valid_from"],
        reverse=True,
    )
