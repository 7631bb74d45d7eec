"""When a contract has no project and its days are over, that is overdue: said once."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from functools import partial
from uuid import UUID

from contracts.intake import SigningEvent
from services.intake.policies import policy_of
from services.intake.signing.commands import TellLinkOverdue
from services.intake.signing.decider import SIGNING, SigningCommand, stream_of
from services.intake.signing.states import Signing
from services.intake.views import open_contracts
from services.intake.views.open_contracts import signing_of
from shared.deciding import Ask
from shared.journal import MOST_STREAMS
from shared.sweeping import Due, Moment, Page, Sweep


async def find(moment: Moment) -> AsyncIterator[Page[SigningCommand, Signing, SigningEvent]]:
    """Find the contracts whose days are over."""
    async for found in open_contracts.past_due(moment.pool, moment.today, MOST_STREAMS):
        yield _page(found, moment.today)


async def again(
    moment: Moment, streams: Sequence[str]
) -> Page[SigningCommand, Signing, SigningEvent]:
    """Ask those anew whose turn failed."""
    return _page([signing_of(stream) for stream in streams], moment.today)


def _page(found: Sequence[UUID], today: date) -> Page[SigningCommand, Signing, SigningEvent]:
    return Page([Due(stream_of(one), partial(_ask, one, today)) for one in found])


def _ask(signing_id: UUID, today: date) -> Ask[SigningCommand, Signing, SigningEvent]:
    stream = stream_of(signing_id)
    return Ask(
        stream,
        stream,
        TellLinkOverdue(signing_id=signing_id, on=today),
        lambda wrote: wrote.token.encode(),
    )


SWEEP: Sweep[SigningCommand, Signing, SigningEvent] = Sweep(
    name="tell_overdue_links",
    decider=SIGNING,
    find=find,
    again=again,
    policy=lambda today: policy_of("signing", today).sha256,
)
