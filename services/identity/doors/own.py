"""What everybody may see and do of his own account."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, Request, Response

from services.identity.account.commands import SignOutEverywhere
from services.identity.accounts import Attempt
from services.identity.doors.desk import Desk, Who, document, signing_out
from services.identity.doors.forms import NothingForm, OwnPasswordForm
from services.identity.doors.listing import rows_of
from services.identity.doors.noting import address_of
from services.identity.password_rules import SHORTEST
from services.identity.sign_ins import sign_ins_of
from shared.commanding import Asking, asking, replied
from shared.refusals import NotAllowed, NotFound
from shared.scope import may
from shared.tokens import Actor

Own = Annotated[Asking, Depends(asking)]


def routes(app: FastAPI, desk: Desk) -> None:
    """Add the routes of one's own account."""
    runtime = desk.runtime

    @app.get("/own", tags=["own"], summary="我的账号")
    async def own(actor: Who) -> Response:
        account = _own(actor)
        holder = await desk.accounts.find(account, desk.today)
        if holder is None:
            raise NotFound("没有这个账号。")
        return document(
            {
                "username": holder.username,
                "name": holder.name,
                "role": holder.role,
                "organisation_name": holder.organisation_name,
                "shortest_password": SHORTEST,
                "absent": [
                    {"account": str(one.account), "name": one.name}
                    for one in await desk.accounts.absent_for(account, desk.today)
                ],
                "sign_ins": await sign_ins_of(runtime.pool, account),
                "sessions": await runtime.pool.fetchval(
                    "select count(*) from identity.sessions where account = $1", account
                ),
            }
        )

    @app.get("/own/colleagues", tags=["own"], summary="同一岗位的同事")
    async def colleagues(actor: Who) -> Response:
        _own(actor)
        post = (actor.role, actor.org)
        return document(
            {
                "colleagues": [
                    {"account": row["account"], "name": row["name"]}
                    for row in await rows_of(desk)
                    if row["state"] == "IN_USE" and (row["role"], row["organisation"]) == post
                ]
            }
        )

    @app.get("/own/agents", tags=["own"], summary="可以确定为代办员的人")
    async def agents(actor: Who) -> Response:
        _own(actor)
        if not may(actor, "steer_approvals"):
            raise NotAllowed("代办员名单只给确定代办员的岗位看。")
        return document(
            {
                "agents": [
                    {
                        "account": row["account"],
                        "name": row["name"],
                        "organisation": row["organisation"],
                    }
                    for row in await rows_of(desk)
                    if row["state"] == "IN_USE" and row["role"] == "agent"
                ]
            }
        )

    @app.post("/own/password", status_code=204, tags=["own"], summary="修改密码")
    async def change_password(actor: Who, request: Request, body: OwnPasswordForm) -> None:
        holder = await desk.accounts.find(_own(actor), desk.today)
        if holder is None:
            raise NotFound("没有这个账号。")
        await desk.accounts.sign_in(
            Attempt(
                holder.username,
                body.password.get_secret_value(),
                address=address_of(request),
                now=datetime.now(UTC),
                business_now=runtime.clock.now(),
                new_password=body.new_password.get_secret_value(),
            )
        )

    @app.post("/own/sign-out", tags=["own"], summary="全部退出")
    async def sign_out(ask: Own, _: NothingForm) -> Response:
        account = _own(ask.actor)
        command = SignOutEverywhere(account, ask.actor.account)
        return replied(await desk.carry_out(ask, command, also=signing_out(account)))


def _own(actor: Actor) -> UUID:
    """Give the account of a token; another issuer may have named somebody whom we do not know."""
    try:
        return UUID(actor.account)
    except ValueError as error:
        raise NotFound("没有这个账号。") from error
