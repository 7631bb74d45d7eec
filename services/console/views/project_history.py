"""What happened to a project, a signing, an event, step by step: who, when, what changed?"""

from datetime import datetime
from typing import NamedTuple

from contracts import intake
from shared.viewing import Owner, Told, View

NAME, VERSION = "project_history", 4


class HistoryRow(NamedTuple):
    """One fact with everything that the envelope says about it; ``payload`` is exact.

    ``project_id`` is the partition key: of what belongs to no project, its stream. A project's
    months and works have a stream of their own beside its dossier, told apart by their kinds.
    """

    project_id: str
    version: int
    event_id: str
    kind: str
    recorded: datetime
    occurred: str
    actoraccount: str
    actorrole: str
    actororg: str
    onbehalfof: str
    policy: str
    correlationid: str
    chain: str
    position: int
    payload: str


def fold(row: HistoryRow | None, told: Told) -> HistoryRow:
    """Write the fact down; hearing it again changes nothing."""
    envelope = told.envelope
    return row or HistoryRow(
        project_id=envelope.partitionkey,
        version=envelope.version,
        event_id=envelope.id,
        kind=envelope.type,
        recorded=envelope.recorded,
        occurred=envelope.occurred,
        actoraccount=envelope.actoraccount,
        actorrole=envelope.actorrole,
        actororg=envelope.actororg,
        onbehalfof=envelope.onbehalfof,
        policy=envelope.policy,
        correlationid=envelope.correlationid,
        chain=told.chain,
        position=told.position,
        payload=told.payload.decode(),
    )


def one_row_a_fact(told: Told) -> str:
    """Give a fact a row of its own."""
    return f"{told.envelope.subject}@{told.envelope.streamversion}"


VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.TOPIC,
            row=HistoryRow,
            kinds={
                **intake.DOSSIER_KINDS,
                **intake.PROGRESS_KINDS,
                **intake.SIGNING_KINDS,
                **intake.PROMOTION_KINDS,
            },
            ignored=intake.not_of_a("what is looked at", intake.UPLOAD_KINDS),
            fold=fold,
            key=one_row_a_fact,
        ),
    ),
    indexes=("(project_id, version)", "(recorded)", "(actoraccount, recorded)"),
)
