"""How far the open terms are counted anew, for whoever answers for them or for the calendar."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI

from services.intake.adapters import recounts
from shared.refusals import NotFound
from shared.scope import Act, may
from shared.service import Runtime
from shared.tokens import Actor, actor_of

_SEE: tuple[Act, ...] = ("first_review", "final_review", "keep_calendar", "operate")


def recount_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the route."""

    @app.get("/recounts", tags=["review"], summary="日历修订后期限重算到哪里")
    async def listed(actor: Annotated[Actor, Depends(actor_of)]) -> dict[str, Any]:
        if not any(may(actor, act) for act in _SEE):
            raise NotFound("没有这个地址。")
        return {
            "recounts": [
                {
                    "edition": one.edition,
                    "open": one.open,
                    "done": one.done,
                    "moved": one.moved,
                    "begun": one.begun,
                    "finished": one.finished,
                }
                for one in await recounts.recounts(runtime.pool)
            ]
        }
