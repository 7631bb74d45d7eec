"""期限重算: how far the open terms are counted anew on an edition of the calendar."""

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.console.adapters.intake import IntakeRefused
from services.console.pages.frame import Site
from services.console.pages.session import Visit
from shared.refusals import Unavailable
from shared.scope import Act, may

_SEE: tuple[Act, ...] = ("first_review", "final_review", "keep_calendar", "operate")


class Recount(BaseModel):
    """A recount as intake tells it: how many of how many, since when, whether it is done."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    edition: int
    open: int
    done: int
    moved: int
    begun: AwareDatetime
    finished: AwareDatetime | None


class _Listed(BaseModel):
    recounts: tuple[Recount, ...] = ()


async def recounts(site: Site, visit: Visit) -> dict[int, Recount]:
    """Give the recounts by edition; none for whom they are not for, or while intake is silent."""
    if not any(may(visit.actor, act) for act in _SEE):
        return {}
    try:
        token = await site.sessions.token(visit.session, "intake")
        answer = await site.intake.fetch(token, "/recounts")
    except (IntakeRefused, Unavailable):
        return {}
    return {one.edition: one for one in _Listed.model_validate_json(answer.content).recounts}
