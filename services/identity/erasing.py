"""Erases whose a closed account was: its user name and its name; the id and its deeds stay."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from contracts.erasing import ErasureReason
from contracts.identity import AccountEvent
from services.identity.account.commands import AnyAccountCommand, EraseAccount
from services.identity.account.decider import ACCOUNT, Account, stream_of
from shared.deciding import Ask, Cause, handle
from shared.erasing import Erasure
from shared.postgres import Connection
from shared.service import Runtime

ACCOUNT_ERASED = "account"
NAMELESS = "已删除"


async def erase_listed(runtime: Runtime) -> None:
    """Erase every account that stands on the list; what is gone already is left in peace.

    Raises:
        ErasuresDamaged: the list cannot be read.
    """
    for erasure in await runtime.erasures.all():
        await erase(runtime, erasure)


async def erase(runtime: Runtime, erasure: Erasure) -> None:
    """Erase the accounts of one request, names and fact in one transaction each."""
    for account in map(UUID, erasure.ids(ACCOUNT_ERASED)):
        named = await runtime.pool.fetchval(
            "select exists (select from identity.accounts"
            " where account = $1 and username <> '#' || account)",
            account,
        )
        ask: Ask[AnyAccountCommand, Account, AccountEvent] = Ask(
            stream_of(account),
            stream_of(account),
            EraseAccount(account, erasure.account, ErasureReason(erasure.reason), again=True),
            lambda wrote: wrote.token.encode(),
            also=_forgetting(account) if named else None,
        )
        await handle(runtime.journal, ACCOUNT, ask, _cause(runtime, erasure))


def _forgetting(account: UUID) -> Callable[[Connection], Awaitable[None]]:
    async def forget(connection: Connection) -> None:
        # Nobody can type this name into the form of a new account, and no password opens nothing.
        await connection.execute(
            "update identity.accounts set username = '#' || account, name = $2,"
            " password_hash = '', one_time_until = null where account = $1",
            account,
            NAMELESS,
        )
        await connection.execute("delete from identity.sessions where account = $1", account)

    return forget


def _cause(runtime: Runtime, erasure: Erasure) -> Cause:
    correlation = str(erasure.erasure_id)
    return Cause(
        account=erasure.account,
        role=erasure.role,
        org=erasure.org,
        now=runtime.clock.now(),
        correlation_id=correlation,
        causation_id=correlation,
    )
