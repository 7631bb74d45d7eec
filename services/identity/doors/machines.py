"""Machine accounts, for the administrator."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid5

from fastapi import FastAPI, Query, Response

from contracts.identity import MachineEvent
from services.identity.account.commands import Side
from services.identity.account.posts import side_of
from services.identity.doors.desk import (
    Administrator,
    Also,
    Desk,
    Order,
    document,
    history_of,
    people_of,
    told_once,
)
from services.identity.doors.forms import (
    MachineForm,
    NothingForm,
    ReasonForm,
    RotateForm,
    ScopesForm,
)
from services.identity.doors.machine_listing import Listed, matches, rows_of
from services.identity.machine.commands import (
    AnyMachineCommand,
    ChangeScopes,
    CloseMachine,
    DisableMachine,
    EnableMachine,
    OpenMachine,
    RevokeSecret,
    RotateSecret,
)
from services.identity.machine.decider import MACHINE, Disabled, InUse, Machine, stream_of
from services.identity.machines import Secret, forget_secrets
from services.identity.sign_ins import sign_ins_of
from shared.commanding import Asking, kept_reply, key_required, replied
from shared.deciding import Ask, Asked, Wrote, handle
from shared.postgres import Connection
from shared.refusals import NotFound

MACHINES = UUID("0d7d6f5e-7f0b-5a56-8f0e-4d0c3d2b6a91")
"""The name space in which a command's id names the machine account that it opens."""


def routes(app: FastAPI, desk: Desk) -> None:
    """Add the routes over machine accounts."""
    runtime = desk.runtime

    async def known(machine: UUID) -> None:
        if not await runtime.pool.fetchval(
            "select exists (select from identity.machines where machine = $1)", machine
        ):
            raise NotFound("没有这个机器账号。")

    async def carry_out(
        ask: Asking, command: AnyMachineCommand, also: Also | None = None
    ) -> Asked[Machine, MachineEvent]:
        stream = stream_of(command.machine_id)

        def reply(wrote: Wrote[Machine, MachineEvent]) -> bytes:
            return kept_reply(200, {"machine": str(command.machine_id)}, wrote)

        asked = Ask(
            stream,
            stream,
            command,
            reply,
            identity=ask.identity,
            if_match=ask.if_match,
            also=also,
        )
        return await handle(runtime.journal, MACHINE, asked, ask.cause)

    @app.get("/machines", tags=["machine"], summary="机器账号清单")
    async def listed(_: Administrator, asked: Annotated[Listed, Query()]) -> Response:
        return document({"machines": [row for row in await rows_of(desk) if matches(row, asked)]})

    @app.post("/machines", status_code=201, tags=["machine"], summary="开通机器账号")
    async def open_machine(ask: Order, body: MachineForm) -> Response:
        machine = uuid5(MACHINES, key_required(ask))
        secret = Secret.new(datetime.now(UTC))

        async def make(connection: Connection) -> None:
            await connection.execute(
                "insert into identity.machines values ($1, $2, $3)",
                machine,
                body.name,
                secret.made_at,
            )
            await secret.keep(connection, machine)

        command = OpenMachine(
            machine_id=machine,
            post=await desk.wanted(body),
            scopes=body.scopes,
            purpose=body.purpose,
            basis=body.basis,
            sides=await _sides_of(desk, body.organisation, machine),
        )
        answer = told_once(
            await carry_out(ask, command, make),
            {"client_id": str(machine), "client_secret": secret.secret},
        )
        answer.status_code = 201
        return answer

    @app.get("/machines/{machine}", tags=["machine"], summary="一个机器账号")
    async def one(_: Administrator, machine: UUID) -> Response:
        await known(machine)
        (row,) = await rows_of(desk, machine)
        return document(
            {
                **row,
                "people": await people_of(runtime.pool),
                "history": await history_of(runtime, [stream_of(machine)]),
                "sign_ins": await sign_ins_of(runtime.pool, machine),
            }
        )

    @app.post("/machines/{machine}/scopes", tags=["machine"], summary="调整权限")
    async def change_scopes(ask: Order, machine: UUID, body: ScopesForm) -> Response:
        await known(machine)
        return replied(await carry_out(ask, ChangeScopes(machine, body.scopes)))

    @app.post("/machines/{machine}/rotate", tags=["machine"], summary="密钥轮换")
    async def rotate(ask: Order, machine: UUID, body: RotateForm) -> Response:
        await known(machine)
        secret = Secret.new(datetime.now(UTC))
        overlap = timedelta(hours=body.overlap_hours)
        command = RotateSecret(machine, body.overlap_hours)
        also = secret.in_place_of_the_last(machine, overlap)
        return told_once(
            await carry_out(ask, command, also),
            {
                "client_id": str(machine),
                "client_secret": secret.secret,
                "old_secret_until": (secret.made_at + overlap).isoformat(),
            },
        )

    @app.post("/machines/{machine}/revoke", tags=["machine"], summary="作废旧密钥")
    async def revoke(ask: Order, machine: UUID, _: NothingForm) -> Response:
        await known(machine)
        also = _forgetting(machine, only_old=True)
        return replied(await carry_out(ask, RevokeSecret(machine), also))

    @app.post("/machines/{machine}/disable", tags=["machine"], summary="停用")
    async def disable(ask: Order, machine: UUID, body: ReasonForm) -> Response:
        await known(machine)
        return replied(await carry_out(ask, DisableMachine(machine, body.reason)))

    @app.post("/machines/{machine}/enable", tags=["machine"], summary="启用")
    async def enable(ask: Order, machine: UUID, _: NothingForm) -> Response:
        await known(machine)
        return replied(await carry_out(ask, EnableMachine(machine)))

    @app.post("/machines/{machine}/close", tags=["machine"], summary="注销")
    async def close(ask: Order, machine: UUID, body: ReasonForm) -> Response:
        await known(machine)
        also = _forgetting(machine, only_old=False)
        return replied(await carry_out(ask, CloseMachine(machine, body.reason), also))


def _forgetting(machine: UUID, *, only_old: bool) -> Callable[[Connection], Awaitable[None]]:
    async def forget(connection: Connection) -> None:
        await forget_secrets(connection, machine, only_old=only_old)

    return forget


async def _sides_of(desk: Desk, organisation: str, but: UUID) -> frozenset[Side | None]:
    """Give the sides of a unit's other machine accounts that are not closed."""
    rows = await desk.runtime.pool.fetch("select machine from identity.machines")
    found = await desk.register.machines(row["machine"] for row in rows if row["machine"] != but)
    return frozenset(
        side_of(machine.given.post.role)
        for _, machine in found.values()
        if isinstance(machine, InUse | Disabled)
        and machine.given.post.organisation_id == organisation
    )
