"""What identity's administrative routes share: who may, in which unit, with which reply."""

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Annotated, Any
from uuid import UUID, uuid5

import asyncpg
import orjson
from fastapi import Depends, Response

from contracts.identity import AccountEvent
from services.identity.account.commands import AnyAccountCommand, EraseAccount, Wanted
from services.identity.account.decider import ACCOUNT, Account, stream_of
from services.identity.account.posts import side_of
from services.identity.accounts import Accounts, set_password
from services.identity.clients import Clients
from services.identity.codes import Codes
from services.identity.doors.forms import EraseForm, PostForm
from services.identity.erasing import ACCOUNT_ERASED, erase
from services.identity.families import Families
from services.identity.issuing import Issuing
from services.identity.machines import Machines
from services.identity.organisation.decider import unit_on
from services.identity.passwords import Passwords
from services.identity.register import Register
from services.identity.sessions import Sessions
from services.identity.signing import SigningKeys
from shared.clock import SHANGHAI, Clock
from shared.commanding import Asking, asking, kept_reply, key_required, replied
from shared.deciding import Ask, Asked, Wrote, handle
from shared.erasing import Erasure, Thing
from shared.postgres import Connection
from shared.refusals import NotFound, Refusal
from shared.scope import may
from shared.service import Runtime
from shared.tokens import Actor, actor_of

ONE_TIME_HOLDS = timedelta(days=3)
# Without letters and digits that look alike on paper.
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"

ERASURES = UUID("6c5f7a52-0d3e-5b7c-8c1f-2b1de0f6a9d4")
"""The name space in which a command's id names the erasure that it asks for."""

Also = Callable[[Connection], Awaitable[None]]
"""Writes in the transaction of a fact."""


class ExampleAccount(Refusal):
    """An example account is made anew at every start; nobody is behind it."""

    code = "example_account"
    title = "没有删除"


class TellingDocument(Refusal):
    """The document number would keep what is to be erased."""

    code = "telling_document"
    title = "没有删除"


def administrator(actor: Annotated[Actor, Depends(actor_of)]) -> Actor:
    """FastAPI dependency: whoever keeps accounts and units; for all others nothing is here.

    Raises:
        NotFound: the role administers nothing.
    """
    if not may(actor, "administer"):
        raise NotFound("没有这个地址。")
    return actor


def ordering(
    asked: Annotated[Asking, Depends(asking)], _: Annotated[Actor, Depends(administrator)]
) -> Asking:
    """FastAPI dependency: a command of an administrator."""
    return asked


Administrator = Annotated[Actor, Depends(administrator)]
Order = Annotated[Asking, Depends(ordering)]
Who = Annotated[Actor, Depends(actor_of)]


@dataclass(frozen=True)
class OneTime:
    """A password that is told once, its hash, and until when it holds."""

    password: str
    hashed: str
    until: datetime

    @property
    def told(self) -> dict[str, str]:
        """What whoever asked for it is told, this once."""
        return {"one_time_password": self.password, "until": self.until.isoformat()}

    async def keep(self, connection: Connection, account: UUID) -> None:
        """Make it the account's password."""
        await set_password(connection, account, self.hashed, one_time_until=self.until)


class Desk:
    """What stands behind the routes; the database is first touched when somebody comes."""

    def __init__(self, runtime: Runtime) -> None:
        """Bind to the running process."""
        self.runtime = runtime

    @cached_property
    def passwords(self) -> Passwords:
        """Makes and checks passwords."""
        return Passwords(demonstration=self.runtime.clock.demonstration)

    @cached_property
    def accounts(self) -> Accounts:
        """The accounts of this home."""
        return Accounts(
            self.runtime.pool,
            self.runtime.journal,
            self.passwords,
            demonstration=self.runtime.clock.demonstration,
        )

    @cached_property
    def register(self) -> Register:
        """Posts, units and substitutes."""
        return Register(self.runtime.pool)

    @cached_property
    def sessions(self) -> Sessions:
        """The open sessions."""
        return Sessions(self.runtime.pool)

    @cached_property
    def keys(self) -> SigningKeys:
        """The keys that sign."""
        return SigningKeys(self.runtime.pool)

    @cached_property
    def clients(self) -> Clients:
        """The relying parties."""
        return Clients(self.runtime.settings.clients)

    @cached_property
    def codes(self) -> Codes:
        """Authorization codes."""
        return Codes(self.runtime.pool)

    @cached_property
    def families(self) -> Families:
        """Refresh tokens."""
        return Families(self.runtime.pool)

    @cached_property
    def machines(self) -> Machines:
        """The machine accounts of this home."""
        return Machines(self.runtime.pool)

    @cached_property
    def issuing(self) -> Issuing:
        """What is signed for somebody."""
        return Issuing(self.runtime.settings.issuer_url, self.keys)

    def count(self, who: str, grant_type: str) -> None:
        """Count that an address asked for a token.

        Raises:
            TooManyRequests: it was one too many.
        """
        self.runtime.limits.count(who, f"POST /token {grant_type}", time.monotonic())

    @property
    def clock(self) -> Clock:
        """Business time."""
        return self.runtime.clock

    @property
    def today(self) -> date:
        """The business day."""
        return self.runtime.clock.today()

    async def one_time(self) -> OneTime:
        """Make a one-time password."""
        groups = ["".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4)]
        password = "-".join(groups)
        hashed = await self.passwords.hash(password)
        return OneTime(password, hashed, datetime.now(UTC) + ONE_TIME_HOLDS)

    async def wanted(self, form: PostForm) -> Wanted:
        """Look up what a decision about a post rests on."""
        first = form.valid_from or self.today
        _, unit = await self.register.organisation(form.organisation)
        return Wanted(
            role=form.role,
            organisation_id=form.organisation,
            uscc=form.uscc.upper() if form.uscc else None,
            valid_from=first,
            valid_to=form.valid_to,
            side=side_of(form.role),
            stands=unit_on(unit, first) is not None,
        )

    async def known(self, account: UUID) -> None:
        """Refuse an account that this home does not have.

        Raises:
            NotFound: there is none.
        """
        if not await self.runtime.pool.fetchval(
            "select exists (select from identity.accounts where account = $1"
            " and (not example or $2))",
            account,
            self.runtime.clock.demonstration,
        ):
            raise NotFound("没有这个账号。")

    async def erase(self, asked: Asking, account: UUID, form: EraseForm) -> dict[str, str]:
        """Put a closed account on the list of erasures and erase it by the list, once.

        Raises:
            Refusal: it is not closed, an example, or the document names whom to forget.
        """
        erasure_id = uuid5(ERASURES, key_required(asked))
        erasure = await self.runtime.erasures.find(erasure_id)
        if erasure is None:
            row = await self.runtime.pool.fetchrow(
                "select username, name, example from identity.accounts where account = $1", account
            )
            if row is None or row["example"]:
                raise ExampleAccount("示例账号不属于任何个人，不必删除。")
            if row["name"] in form.document_number or row["username"] in form.document_number:
                raise TellingDocument("文号里有这个账号的账号名或名称，请只写文号。")
            _, state = await self.register.account(account)
            command = EraseAccount(account, asked.actor.account, form.reason)
            ACCOUNT.decide(command, state)
            erasure = Erasure(
                erasure_id=erasure_id,
                at=datetime.now(UTC),
                account=asked.actor.account,
                role=asked.actor.role,
                org=asked.actor.org,
                reason=form.reason.value,
                document_number=form.document_number,
                things=(Thing(what=ACCOUNT_ERASED, id=str(account)),),
            )
            await self.runtime.erasures.add(erasure)
        await erase(self.runtime, erasure)
        return {"account": str(account), "erasure_id": str(erasure_id)}

    async def carry_out(
        self,
        asked: Asking,
        command: AnyAccountCommand,
        *,
        also: Also | None = None,
    ) -> Asked[Account, AccountEvent]:
        """Have an account's room decide; ``also`` writes in the transaction."""
        stream = stream_of(command.account_id)

        def reply(wrote: Wrote[Account, AccountEvent]) -> bytes:
            return kept_reply(200, {"account": str(command.account_id)}, wrote)

        return await handle(
            self.runtime.journal,
            ACCOUNT,
            Ask(
                stream,
                stream,
                command,
                reply,
                identity=asked.identity,
                if_match=asked.if_match,
                also=also,
            ),
            asked.cause,
        )


def told_once(asked: Asked[Any, Any], secret: Mapping[str, str]) -> Response:
    """Answer with what is told once and what the kept reply never holds."""
    answer = replied(asked)
    if asked.wrote is None:
        return answer
    body = {**orjson.loads(bytes(answer.body)), **secret}
    return Response(
        orjson.dumps(body),
        status_code=answer.status_code,
        media_type="application/json",
        headers={
            "Siku-Wrote": answer.headers["siku-wrote"],
            "ETag": answer.headers["etag"],
            "Cache-Control": "no-store",
        },
    )


def signing_out(account: UUID) -> Also:
    """Give what ends every session of an account, in the transaction of the fact."""

    async def sign_out(connection: Connection) -> None:
        await connection.execute("delete from identity.sessions where account = $1", account)

    return sign_out


async def history_of(runtime: Runtime, streams: Sequence[str]) -> list[dict[str, Any]]:
    """Give what happened in streams, with who did it, the latest first."""
    rows = await runtime.pool.fetch(
        "select stream, version, recorded, envelope, payload from journal.events"
        " where stream = any($1) order by recorded desc, stream, version desc limit 500",
        streams,
    )
    return [told(row) for row in rows]


async def people_of(pool: asyncpg.Pool) -> dict[str, dict[str, str]]:
    """Give who is behind each account id, for whoever may know; a machine has no user name."""
    rows = await pool.fetch(
        "select account, username, name from identity.accounts"
        " union all select machine, '', name from identity.machines"
    )
    return {str(row["account"]): {"username": row["username"], "name": row["name"]} for row in rows}


def told(row: Any) -> dict[str, Any]:
    """Write a stored fact for a page, with when and by whom it was told."""
    envelope, fact = orjson.loads(row["envelope"]), orjson.loads(row["payload"])
    return {
        "at": row["recorded"].astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "by": envelope["actoraccount"],
        "kind": fact.pop("kind"),
        "stream": row["stream"],
        "version": row["version"],
        "fact": fact,
    }


def document(body: Any) -> Response:
    """Answer with a document that nobody keeps."""
    return Response(
        orjson.dumps(body), media_type="application/json", headers={"Cache-Control": "no-store"}
    )
