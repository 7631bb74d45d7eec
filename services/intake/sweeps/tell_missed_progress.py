"""When a month is over and a project that owes its report has none, that is told once."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from functools import partial
from uuid import UUID

from contracts.intake import Pool, ProgressEvent, Standing
from services.intake.dossier import DOSSIER
from services.intake.dossier import stream_of as dossier_stream_of
from services.intake.policies import policy_of, report_due
from services.intake.progress.commands import Command, MonthDue, TellMissed
from services.intake.progress.decider import PROGRESS, stream_of
from services.intake.progress.states import Progress
from services.intake.project.decider import Dossier
from services.intake.views import progress_owed
from services.intake.views.progress_owed import Owed
from services.intake.views.working_days import WORKING_DAYS
from shared.deadline.terms import months_after
from shared.deciding import Ask
from shared.journal import MOST_STREAMS, Journal
from shared.sweeping import Due, Moment, Page, Sweep
from shared.working_days import InForce


async def find(moment: Moment) -> AsyncIterator[Page[Command, Progress, ProgressEvent]]:
    """Find the projects that owe a month whose day is over."""
    days = await WORKING_DAYS.in_force(moment.pool)
    until = last_over(moment.today, days)
    async for found in progress_owed.owing(moment.pool, _pools(moment.today), until, MOST_STREAMS):
        yield await _page(found, moment, days)


async def again(moment: Moment, streams: Sequence[str]) -> Page[Command, Progress, ProgressEvent]:
    """Find what projects owe whose turn failed."""
    days = await WORKING_DAYS.in_force(moment.pool)
    until, projects = last_over(moment.today, days), [_project_of(stream) for stream in streams]
    found = await progress_owed.of_projects(moment.pool, _pools(moment.today), until, projects)
    return await _page(found, moment, days)


def last_over(today: date, days: InForce) -> date:
    """Give the first day of the last month whose reports are not in time any more."""
    month = months_after(today.replace(day=1), -1)
    while report_due(f"{month:%Y-%m}", days) >= today:
        month = months_after(month, -1)
    return month


async def _page(
    found: Sequence[Owed], moment: Moment, days: InForce
) -> Page[Command, Progress, ProgressEvent]:
    """Ask those that stand where they owe; what the view says of that may be old."""
    journal, pools = Journal(moment.pool, "intake"), _pools(moment.today)
    histories = await journal.load_many([dossier_stream_of(one.project_id) for one in found])

    def owes(one: Owed) -> bool:
        payloads = histories[dossier_stream_of(one.project_id)].payloads
        project = DOSSIER.fold(payloads).project
        return (
            isinstance(project, Dossier)
            and project.pool in pools
            and project.standing is Standing.ACTIVE
        )

    return Page(
        [
            Due(stream_of(one.project_id), partial(_ask, one, moment.today, days))
            for one in found
            if owes(one)
        ]
    )


def _ask(owed: Owed, today: date, days: InForce) -> Ask[Command, Progress, ProgressEvent]:
    return Ask(
        stream_of(owed.project_id),
        str(owed.project_id),
        TellMissed(
            project_id=owed.project_id,
            on=today,
            owner_org=owed.owner_org,
            months=tuple(
                MonthDue(month=month, due=report_due(month, days)) for month in owed.months
            ),
        ),
        lambda wrote: wrote.token.encode(),
    )


def _pools(today: date) -> Sequence[Pool]:
    return [Pool(code) for code in policy_of("progress", today).values["owed_in"]]


def _project_of(stream: str) -> UUID:
    return UUID(stream.removeprefix("progress-"))


SWEEP: Sweep[Command, Progress, ProgressEvent] = Sweep(
    name="tell_missed_progress",
    decider=PROGRESS,
    find=find,
    again=again,
    policy=lambda today: policy_of("progress", today).sha256,
)
