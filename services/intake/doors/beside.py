"""Other projects that an application concerns: looked up for it, and changed together with it.

A fact about two projects is told once in each one's stream, in one append: each command holds only
on the state of the other that it was looked up at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.intake import MoveApplied, MoveEffect
from services.intake.dossier import DOSSIER, Dossier, DossierCommand, DossierEvent, stream_of
from services.intake.move.commands import EnterAsPart, MergeInto
from services.intake.move.others import Other
from services.intake.move.rules import Works
from services.intake.progress.decider import PROGRESS
from services.intake.progress.decider import stream_of as progress_stream
from services.intake.project import decider as project_room
from services.intake.review.commands import ReviewFinally, Verdict
from shared.commanding import Asking
from shared.deciding import Ask, Command
from shared.journal import Journal
from shared.refusals import NotFound

DossierAsk = Ask[Sequence[DossierCommand], Dossier, DossierEvent]


@dataclass(frozen=True)
class Beside:
    """A project beside another, and the version of its stream that this was read at."""

    other: Other
    version: int


async def look_beside(journal: Journal, project_id: UUID) -> Beside:
    """Give another project as it stands.

    Raises:
        NotFound: there is none.
    """
    history = await journal.load(stream_of(project_id))
    dossier = DOSSIER.fold(history.payloads)
    project = dossier.project
    if not isinstance(project, project_room.Dossier):
        raise NotFound("没有这个项目，或它不在你单位的范围内。")
    return Beside(
        Other(project_id=project_id, facts=project.facts, pool=project.pool, free=dossier.is_free),
        history.version,
    )


async def works_of(journal: Journal, project_id: UUID) -> Works:
    """Give what was reported of the works of a project."""
    history = await journal.load(progress_stream(project_id))
    progress = PROGRESS.fold(history.payloads)
    return Works(started=progress.started_on is not None, finished=progress.finished_on is not None)


async def judged_beside(
    journal: Journal, ask: Asking, command: ReviewFinally, dossier: Dossier
) -> tuple[ReviewFinally, Sequence[DossierAsk]]:
    """Give a final review with what it has to know of others, and what is asked of them with it."""
    project, asked = dossier.project, dossier.asked
    if (
        command.verdict is not Verdict.PASS
        or not isinstance(asked, MoveApplied)
        or not isinstance(project, project_room.Dossier)
    ):
        return command, ()
    if asked.effect is MoveEffect.MERGE and asked.absorbs is not None:
        beside = await look_beside(journal, asked.absorbs)
        merge = MergeInto(
            project_id=asked.absorbs,
            by=command.by,
            into=command.project_id,
            into_name=project.facts.name,
            duplicate=asked.duplicate,
            on=command.on,
        )
        with_other = command.model_copy(update={"beside": (beside.other,)})
        return with_other, [_ask(ask, merge, beside.version)]
    if asked.effect is MoveEffect.SPLIT:
        parts = [
            EnterAsPart(
                project_id=part.project_id,
                by=command.by,
                owner_org=project.owner_org,
                owner_name=project.owner_name,
                facts=part.facts,
                pool=asked.from_pool,
                parent_id=command.project_id,
                entered_on=project.entered_on or command.on,
                pool_since=project.pool_since or command.on,
                on=command.on,
                report_month=asked.report_month,
                source=project.source,
            )
            for part in asked.parts
        ]
        return command.model_copy(update={"beside": ()}), [_ask(ask, part, 0) for part in parts]
    return command, ()


def _ask(ask: Asking, command: MergeInto | EnterAsPart, version: int) -> DossierAsk:
    stream = stream_of(command.project_id)
    identity = ask.identity and Command(
        f"{ask.identity.command_id}:{stream}", ask.identity.body_hash
    )
    return Ask(
        stream,
        str(command.project_id),
        (command,),
        lambda wrote: wrote.token.encode(),
        identity=identity,
        if_match=version,
    )
