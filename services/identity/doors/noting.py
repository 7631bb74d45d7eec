"""What identity's doors say no to is noted for good: who asked, for what, from where."""

from datetime import UTC, datetime

from fastapi import Request

from shared.refusals import Refusal
from shared.service import Runtime
from shared.tokens import Actor

NOTED = frozenset({403, 404, 409, 429})
_LONGEST = 300


async def note_refusal(runtime: Runtime, request: Request, refusal: Refusal) -> None:
    """Write down what somebody signed in was refused; the table gives no row back.

    Whoever is not signed in could fill it, so wrong passwords are noted as sign-ins only.
    """
    actor: Actor | None = getattr(request.state, "actor", None)
    if actor is None or refusal.status not in NOTED:
        return
    await runtime.pool.execute(
        "insert into identity.refused values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        datetime.now(UTC),
        actor.account,
        actor.role,
        actor.org,
        request.method,
        request.url.path[:_LONGEST],
        refusal.status,
        refusal.code,
        refusal.detail[:_LONGEST],
        address_of(request),
        str(request.scope.get("correlation_id", "")),
    )


def address_of(request: Request) -> str:
    """Give the address that a request came from; the server believes a proxy of this machine."""
    return request.client.host if request.client else ""
