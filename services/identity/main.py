"""Identity put together."""

from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI

from contracts import identity
from services.identity.beginning import Beginning
from services.identity.doors.http import LABELS, add_routes
from services.identity.doors.noting import note_refusal
from services.identity.erasing import erase_listed
from services.identity.passwords import Passwords
from services.identity.signing import SigningKeys
from services.identity.wiring import TELLS
from shared.service import Runtime, Service


async def _begin(_: FastAPI, runtime: Runtime) -> None:
    now = datetime.now(UTC)
    demonstration = runtime.clock.demonstration
    await SigningKeys(runtime.pool).published(now)
    await Beginning(
        pool=runtime.pool,
        journal=runtime.journal,
        passwords=Passwords(demonstration=demonstration),
        home=runtime.settings.home,
        now=now,
        business_now=runtime.clock.now(),
        demonstration=demonstration,
    ).begin()


SERVICE = Service(
    name=identity.SERVICE,
    title="身份",
    http=add_routes,
    tells=TELLS,
    started=_begin,
    migrations=Path(__file__).parent / "adapters" / "migrations",
    labels=LABELS,
    limits={"POST /sign-in": 60, "POST /token client_credentials": 60},
    refused=note_refusal,
    erase=erase_listed,
)
