"""Accounts, for the administrator."""

from typing import Annotated
from uuid import UUID, uuid5

from fastapi import FastAPI, Query, Response

from services.identity.account import decider as account_room
from services.identity.account.commands import (
    AssignPost,
    CloseAccount,
    DisableAccount,
    EnableAccount,
    OpenAccount,
    ResetPassword,
    SignOutEverywhere,
)
from services.identity.doors.desk import (
    Administrator,
    Desk,
    Order,
    document,
    history_of,
    people_of,
    signing_out,
    told_once,
)
from services.identity.doors.forms import (
    EraseForm,
    NothingForm,
    OpenForm,
    PostForm,
    ReasonForm,
)
from services.identity.doors.listing import PAGE, Listed, matches, rows_of
from services.identity.doors.substitutes import substitutes_of
from services.identity.sign_ins import sign_ins_of
from services.identity.substitute import decider as substitute_room
from shared.commanding import key_required, replied
from shared.postgres import Connection
from shared.refusals import AlreadyClaimed, NotFound
from shared.scope import may

ACCOUNTS = UUID("2f1c9a64-3a53-5b60-9b8e-6a9b0a4be2c1")
"""The name space in which a command's id names the account that it opens."""


def routes(app: FastAPI, desk: Desk) -> None:
    """Add the routes over accounts."""
    runtime = desk.runtime

    @app.get("/accounts", tags=["account"], summary="账号清单")
    async def listed(_: Administrator, asked: Annotated[Listed, Query()]) -> Response:
        rows = [row for row in await rows_of(desk) if matches(row, asked)]
        first = (asked.page - 1) * PAGE
        pages = max(1, -(-len(rows) // PAGE))
        return document(
            {"accounts": rows[first : first + PAGE], "count": len(rows), "pages": pages}
        )

    @app.post("/accounts", status_code=201, tags=["account"], summary="开通账号")
    async def open_account(ask: Order, body: OpenForm) -> Response:
        account = uuid5(ACCOUNTS, key_required(ask))
        one_time = await desk.one_time()
        taken = await runtime.pool.fetchval(
            "select account from identity.accounts where username = $1", body.username
        )
        if taken not in {None, account}:
            # Not which: what is refused is noted for good, and a name may have to go.
            raise AlreadyClaimed("这个账号已有人使用，请换一个。", scope="username")

        async def make(connection: Connection) -> None:
            await connection.execute(
                "insert into identity.accounts"
                " (account, username, name, password_hash, example, made_at, one_time_until)"
                " values ($1, $2, $3, $4, false, now(), $5)",
                account,
                body.username,
                body.name,
                one_time.hashed,
                one_time.until,
            )

        command = OpenAccount(account, ask.actor.account, await desk.wanted(body))
        answer = told_once(await desk.carry_out(ask, command, also=make), one_time.told)
        answer.status_code = 201
        return answer

    @app.get("/accounts/{account}", tags=["account"], summary="一个账号")
    async def one(_: Administrator, account: UUID) -> Response:
        await desk.known(account)
        (row,) = await rows_of(desk, account)
        streams = [account_room.stream_of(account), substitute_room.stream_of(account)]
        return document(
            {
                **row,
                "substitutes": await substitutes_of(desk, account),
                "people": await people_of(runtime.pool),
                "history": await history_of(runtime, streams),
                "sign_ins": await sign_ins_of(runtime.pool, account),
                "sessions": await runtime.pool.fetchval(
                    "select count(*) from identity.sessions where account = $1", account
                ),
            }
        )

    @app.post("/accounts/{account}/assign", tags=["account"], summary="任职变动")
    async def assign(ask: Order, account: UUID, body: PostForm) -> Response:
        await desk.known(account)
        command = AssignPost(account, ask.actor.account, await desk.wanted(body))
        return replied(await desk.carry_out(ask, command))

    @app.post("/accounts/{account}/disable", tags=["account"], summary="停用")
    async def disable(ask: Order, account: UUID, body: ReasonForm) -> Response:
        await desk.known(account)
        command = DisableAccount(account, ask.actor.account, body.reason)
        return replied(await desk.carry_out(ask, command, also=signing_out(account)))

    @app.post("/accounts/{account}/enable", tags=["account"], summary="启用")
    async def enable(ask: Order, account: UUID, _: NothingForm) -> Response:
        await desk.known(account)
        return replied(await desk.carry_out(ask, EnableAccount(account, ask.actor.account)))

    @app.post("/accounts/{account}/close", tags=["account"], summary="注销")
    async def close(ask: Order, account: UUID, body: ReasonForm) -> Response:
        await desk.known(account)
        command = CloseAccount(account, ask.actor.account, body.reason)
        return replied(await desk.carry_out(ask, command, also=signing_out(account)))

    @app.post("/accounts/{account}/erase", tags=["account"], summary="删除账号信息")
    async def erase_account(ask: Order, account: UUID, body: EraseForm) -> Response:
        await desk.known(account)
        if not may(ask.actor, "erase_personal_data"):
            raise NotFound("没有这个地址。")
        return document(await desk.erase(ask, account, body))

    @app.post("/accounts/{account}/reset-password", tags=["account"], summary="重置密码")
    async def reset(ask: Order, account: UUID, _: NothingForm) -> Response:
        await desk.known(account)
        one_time = await desk.one_time()

        async def keep(connection: Connection) -> None:
            await one_time.keep(connection, account)

        command = ResetPassword(account, ask.actor.account)
        return told_once(await desk.carry_out(ask, command, also=keep), one_time.told)

    @app.post("/accounts/{account}/sign-out", tags=["account"], summary="全部退出")
    async def sign_out(ask: Order, account: UUID, _: NothingForm) -> Response:
        await desk.known(account)
        command = SignOutEverywhere(account, ask.actor.account)
        return replied(await desk.carry_out(ask, command, also=signing_out(account)))
