"""Identity put together."""

from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI

from services.identity.beginning import make_first_accounts
from services.identity.doors.http import LABELS, add_routes
from services.identity.passwords import Passwords
from services.identity.signing import SigningKeys
from shared.service import Runtime, Service


async def _begin(_: FastAPI, runtime: Runtime) -> None:
    now = datetime.now(UTC)
    demonstration = runtime.clock.demonstration
    await SigningKeys(runtime.pool).published(now)
    await make_first_accounts(
        runtime.pool,
        Passwords(demonstration=demonstration),
        runtime.settings.home,
        now,
        demonstration=demonstration,
    )


SERVICE = Service(
    name="identity",
    title="身份",
    http=add_routes,
    started=_begin,
    migrations=Path(__file__).parent / "adapters" / "migrations",
    labels=LABELS,
)
