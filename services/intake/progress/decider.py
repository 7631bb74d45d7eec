"""What may happen to a project's months and works, and what they are afterwards.

They have a stream of their own beside the project's: a report is about a month, not about an
edition of the dossier, and four thousand of them a year would make every review slower to read.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, assert_never
from uuid import UUID

from pydantic import Field, TypeAdapter

from contracts.intake import (
    ConstructionFinished,
    ConstructionNeverStopped,
    ConstructionRectified,
    ConstructionResumed,
    ConstructionStarted,
    ConstructionStopped,
    ProgressEvent,
    ProgressMissed,
    ProgressOpened,
    ProgressReported,
)
from services.intake.progress.commands import (
    Command,
    OpenProgress,
    RecordWork,
    RectifyWork,
    ReportProgress,
    TellMissed,
)
from services.intake.progress.order import placed, rectified
from services.intake.progress.reporting import open_progress, report, tell_missed
from services.intake.progress.states import Progress, Work
from services.intake.progress.works import record, rectify
from shared.deciding import Decider


def decide(command: Command, progress: Progress) -> Sequence[ProgressEvent]:
    """Answer a command."""
    match command:
        case ReportProgress():
            return report(command, progress)
        case OpenProgress():
            return open_progress(command, progress)
        case TellMissed():
            return tell_missed(command, progress)
        case RecordWork():
            return record(command, progress)
        case RectifyWork():
            return rectify(command, progress)
        case _:
            assert_never(command)


def evolve(progress: Progress, event: ProgressEvent) -> Progress:
    """Take in a fact."""
    match event:
        case ProgressReported():
            return replace(progress, months={**progress.months, event.month: event})
        case ProgressOpened():
            return replace(progress, opening=event)
        case ProgressMissed():
            return replace(progress, missed=progress.missed | {event.month})
        case ConstructionStarted():
            return _worked(progress, Work("STARTED", event.started_on))
        case ConstructionStopped():
            return _worked(progress, Work("STOPPED", event.stopped_on))
        case ConstructionResumed():
            return _worked(progress, Work("RESUMED", event.resumed_on))
        case ConstructionNeverStopped():
            return _worked(progress, Work("NEVER_STOPPED", event.said_on))
        case ConstructionFinished():
            return _worked(progress, Work("FINISHED", event.finished_on))
        case ConstructionRectified():
            works = rectified(progress.works, event.what, event.was_on, event.is_on)
            return replace(progress, works=works)
        case _:
            assert_never(event)


def _worked(progress: Progress, work: Work) -> Progress:
    return replace(progress, works=placed(progress.works, work))


def by_clock(event: ProgressEvent) -> bool:
    """Tell the facts that nobody did: they refuse nobody who has the month open."""
    return isinstance(event, ProgressMissed)


def stream_of(project_id: UUID) -> str:
    """Give the stream of a project's months and works."""
    return f"progress-{project_id}"


PROGRESS: Decider[Command, Progress, ProgressEvent] = Decider(
    initial=Progress(),
    decide=decide,
    evolve=evolve,
    read=TypeAdapter(Annotated[ProgressEvent, Field(discriminator="kind")]),
    by_clock=by_clock,
)
