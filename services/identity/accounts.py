"""The accounts, and who may come in with which password."""

import asyncio
import hashlib
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import asyncpg
import structlog

from contracts.identity import AccountEvent
from services.identity.account.commands import AnyAccountCommand, ChangePassword
from services.identity.account.decider import ACCOUNT, Account, stream_of
from services.identity.locking import TRIES
from services.identity.password_rules import refuse_weak
from services.identity.passwords import Passwords
from services.identity.refusals import (
    AccountLocked,
    NotASubstitute,
    OneTimePasswordOver,
    PasswordMustBeChanged,
    WrongCredentials,
)
from services.identity.register import Register, Standing
from services.identity.tries import remember, tries_so_far
from shared.clock import SHANGHAI
from shared.deciding import Ask, Cause, handle
from shared.journal import Journal
from shared.postgres import Connection
from shared.refusals import Problem, UnreadableInput

log = structlog.get_logger()

Result = Literal[
    "SIGNED_IN", "PASSWORD_CHANGED", "WRONG", "LOCKED", "NO_POST", "MUST_CHANGE", "OVER"
]


@dataclass(frozen=True)
class Attempt:
    """Somebody at the door: what was typed, from where, in real and in business time.

    ``new_password`` replaces the one that was typed, if that was right.
    """

    username: str
    password: str
    address: str
    now: datetime
    business_now: datetime
    new_password: str | None = None

    @property
    def today(self) -> date:
        """Give the business day."""
        return self.business_now.astimezone(SHANGHAI).date()


@dataclass(frozen=True)
class Holder:
    """Who holds an account, and what it may act as."""

    account: UUID
    username: str
    name: str
    role: str
    organisation: str
    organisation_name: str
    on_behalf_of: str = ""


class Accounts:
    """The accounts of one home. Example accounts count only while it is a demonstration."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        journal: Journal,
        passwords: Passwords,
        *,
        demonstration: bool,
    ) -> None:
        """Bind to identity's database."""
        self._pool = pool
        self._journal = journal
        self._register = Register(pool)
        self._passwords = passwords
        self._demonstration = demonstration
        self._turns: dict[bytes, _Turn] = {}

    async def sign_in(self, attempt: Attempt) -> Holder:
        """Give the account whose user name and password these are.

        A name without an account is answered, counted, locked and timed like one with, and so is
        an account that is disabled or holds no post today.

        Raises:
            WrongCredentials: the name or the password is wrong; tells how many tries are left.
            AccountLocked: too many wrong tries; even the right password must wait.
            PasswordMustBeChanged: a one-time password, and no new one came along.
            OneTimePasswordOver: a one-time password that was not used in time.
            UnreadableInput: the new password breaks a rule.
        """
        username = plain(attempt.username)
        now = attempt.now
        tried = hashlib.sha256(username.encode()).digest()
        # Guesses at one name go one by one, or a burst of them would all see the same count. The
        # turn keeps a burst from holding every connection, the row lock holds across processes.
        async with (
            self._turn(tried),
            self._pool.acquire() as connection,
            connection.transaction(),
        ):
            tries = await tries_so_far(connection, tried)
            if (until := tries.locked_until(now)) is not None:
                raise _locked(until, now)
            row = await connection.fetchrow(
                "select account, username, name, password_hash, one_time_until"
                " from identity.accounts where username = $1 and (not example or $2)",
                username,
                self._demonstration,
            )
            checked = await self._passwords.check(
                attempt.password, row["password_hash"] if row else None
            )
            standing = (
                await self._register.standing(row["account"], attempt.today, connection)
                if row and checked.right
                else None
            )
            if row is None or standing is None:
                tries = tries.with_one_more(now)
                await remember(connection, tried, tries, now)
                locked = tries.locked_until(now) is not None
                wrong: Result = "LOCKED" if locked else "NO_POST" if checked.right else "WRONG"
                await _note(connection, attempt, row["account"] if row else None, wrong)
            else:
                await connection.execute(
                    "delete from identity.tries where username_hash = $1", tried
                )
                # A change of password is noted where it happens, if it happens.
                if attempt.new_password is None:
                    await _note(connection, attempt, row["account"], _came_in(attempt, row))
                if checked.new_hash is not None:
                    await connection.execute(
                        "update identity.accounts set password_hash = $2 where account = $1",
                        row["account"],
                        checked.new_hash,
                    )
        # Refused only after the count is committed: raising inside would roll it back.
        if row is None or standing is None:
            if (until := tries.locked_until(now)) is not None:
                log.warning("account_locked", account=str(row["account"]) if row else None)
                raise _locked(until, now)
            log.info("sign_in_refused", account=str(row["account"]) if row else None)
            raise WrongCredentials(
                f"用户名或密码不对，还可以再试{tries.left}次。", tries_left=tries.left
            )
        holder = _holder(row, standing)
        await self._demand_lasting_password(attempt, row, holder)
        log.info("signed_in", account=str(holder.account))
        return holder

    async def find(self, account: UUID, today: date) -> Holder | None:
        """Give an account as it is on a day, or None when nothing lets it in."""
        row = await self._pool.fetchrow(
            "select account, username, name, one_time_until from identity.accounts"
            " where account = $1 and (not example or $2)",
            account,
            self._demonstration,
        )
        # A session of before the password was reset has ended with it.
        if row is None or row["one_time_until"] is not None:
            return None
        standing = await self._register.standing(account, today)
        return _holder(row, standing) if standing else None

    async def in_place_of(self, holder: Holder, absent: UUID, today: date) -> Holder:
        """Give a substitute with the post of whom he stands in for.

        Raises:
            NotASubstitute: he does not stand in today, or the absent one has no post either.
        """
        away = await self.find(absent, today)
        _, substitutes = (await self._register.substitutes([absent]))[absent]
        stands_in = any(
            one.substitute_id == holder.account and one.holds_on(today) for one in substitutes
        )
        if away is None or not stands_in:
            raise NotASubstitute("今天没有登记由你代理。请在“个人设置”改回本人，或联系系统管理员。")
        return replace(
            holder,
            name=f"{holder.name}，代{away.name}",
            role=away.role,
            organisation=away.organisation,
            organisation_name=away.organisation_name,
            on_behalf_of=str(absent),
        )

    async def absent_for(self, substitute: UUID, today: date) -> list[Holder]:
        """Give those for whom an account may act on a day."""
        rows = await self._pool.fetch("select account from identity.accounts")
        found = await self._register.substitutes(row["account"] for row in rows)
        absent = [
            account
            for account, (_, substitutes) in found.items()
            if any(s.substitute_id == substitute and s.holds_on(today) for s in substitutes)
        ]
        holders = [await self.find(account, today) for account in absent]
        return [holder for holder in holders if holder is not None]

    async def _demand_lasting_password(
        self, attempt: Attempt, row: asyncpg.Record, holder: Holder
    ) -> None:
        until = row["one_time_until"]
        if until is not None and attempt.now > until:
            raise OneTimePasswordOver("一次性密码已过期，请联系系统管理员重新设置。")
        if attempt.new_password is not None:
            await self._change_password(attempt, attempt.new_password, holder)
        elif until is not None:
            raise PasswordMustBeChanged("这是一次性密码，请设一个自己的新密码后登录。")

    async def _change_password(self, attempt: Attempt, new: str, holder: Holder) -> None:
        refuse_weak(new, holder.username, holder.name)
        if new == attempt.password:
            problem = Problem("new_password", "新密码", "same", "新密码与原密码相同。", "请另换。")
            raise UnreadableInput(problem.message, errors=[problem])
        hashed = await self._passwords.hash(new)
        account = str(holder.account)
        stream = stream_of(holder.account)

        async def keep(connection: Connection) -> None:
            await set_password(connection, holder.account, hashed, one_time_until=None)
            await _note(connection, attempt, holder.account, "PASSWORD_CHANGED")

        correlation = str(structlog.contextvars.get_contextvars().get("correlation_id", account))
        ask: Ask[AnyAccountCommand, Account, AccountEvent] = Ask(
            stream,
            stream,
            ChangePassword(holder.account, by=account),
            lambda wrote: wrote.token.encode(),
            also=keep,
        )
        await handle(
            self._journal,
            ACCOUNT,
            ask,
            Cause(
                account=account,
                role=holder.role,
                org=holder.organisation,
                now=attempt.business_now,
                correlation_id=correlation,
                causation_id=correlation,
            ),
        )

    @asynccontextmanager
    async def _turn(self, tried: bytes) -> AsyncIterator[None]:
        turn = self._turns.setdefault(tried, _Turn())
        turn.waiting += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.waiting -= 1
            if not turn.waiting:
                del self._turns[tried]


class _Turn:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.waiting = 0


def plain(username: str) -> str:
    """Give the spelling under which a user name is kept; a full-width keyboard does not matter."""
    return unicodedata.normalize("NFKC", username).strip().lower()


def _locked(until: datetime, now: datetime) -> AccountLocked:
    seconds = max(1, round((until - now).total_seconds()))
    minutes = -(-seconds // 60)
    return AccountLocked(
        f"连续{TRIES}次用户名或密码不对，暂停登录，请{minutes}分钟后再试。",
        until=until.isoformat(),
        seconds_left=seconds,
    )


async def set_password(
    connection: Connection, account: UUID, hashed: str, *, one_time_until: datetime | None
) -> None:
    """Keep another password; whoever came in with the one before is signed out."""
    await connection.execute(
        "update identity.accounts set password_hash = $2, one_time_until = $3 where account = $1",
        account,
        hashed,
        one_time_until,
    )
    await connection.execute("delete from identity.sessions where account = $1", account)


async def _note(
    connection: Connection, attempt: Attempt, account: UUID | None, result: Result
) -> None:
    await connection.execute(
        "insert into identity.sign_ins values ($1, $2, $3, $4)",
        attempt.now,
        account,
        result,
        attempt.address,
    )


def _came_in(attempt: Attempt, row: asyncpg.Record) -> Result:
    until = row["one_time_until"]
    if until is not None and attempt.now > until:
        return "OVER"
    return "SIGNED_IN" if until is None else "MUST_CHANGE"


def _holder(row: asyncpg.Record, standing: Standing) -> Holder:
    return Holder(
        account=row["account"],
        username=row["username"],
        name=row["name"],
        role=standing.role,
        organisation=standing.organisation_id,
        organisation_name=standing.organisation_name,
    )
