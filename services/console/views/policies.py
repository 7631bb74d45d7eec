"""Which rules are in force, by room and day?"""

from datetime import date, datetime
from typing import NamedTuple

from contracts import intake
from contracts.intake import PolicyPublished
from shared.viewing import Owner, Told, View

NAME, VERSION = "policies", 2


class PolicyRow(NamedTuple):
    """One file of rules as it was told; ``sha256`` is the name that decisions give it."""

    room: str
    valid_from: date
    sha256: str
    text: str
    told_at: datetime


def fold(_: PolicyRow | None, told: Told) -> PolicyRow:
    """Write the file down; told again, the later telling counts."""
    event = _published(told)
    return PolicyRow(
        room=event.room,
        valid_from=event.valid_from,
        sha256=event.sha256,
        text=event.text,
        told_at=told.envelope.recorded,
    )


def _one_row_a_text(told: Told) -> str:
    # A file that is corrected keeps its day; decisions made under the text before still name it.
    event = _published(told)
    return f"{event.room}@{event.valid_from}@{event.sha256}"


def _published(told: Told) -> PolicyPublished:
    if not isinstance(told.fact, PolicyPublished):
        raise TypeError(told.fact.kind)
    return told.fact


VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.REFERENCE_TOPIC,
            row=PolicyRow,
            kinds={PolicyPublished.model_fields["kind"].default: PolicyPublished},
            ignored=dict.fromkeys(intake.REPORT_MONTH_KINDS, "a body's month is no rule"),
            fold=fold,
            key=_one_row_a_text,
        ),
    ),
    indexes=("(sha256)",),
    history=True,
)
