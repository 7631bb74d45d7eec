"""Which rules of intake are in force, by room and day?"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import NamedTuple, Protocol, runtime_checkable

from contracts import intake
from contracts.envelope import Fact
from contracts.intake import PolicyPublished
from shared.viewing import Owner, Told, View

NAME, VERSION = "policies", 2


@runtime_checkable
class Published(Protocol):
    """A file of rules as its owner tells it."""

    @property
    def room(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def sha256(self) -> str: ...
    @property
    def text(self) -> str: ...


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


def _published(told: Told) -> Published:
    if not isinstance(told.fact, Published):
        raise TypeError(told.fact.kind)
    return told.fact


def rules_view(
    name: str,
    version: int,
    owner: str,
    topic: str,
    kinds: Mapping[str, type[Fact]],
    ignored: Mapping[str, str],
    fold: Callable[[PolicyRow | None, Told], PolicyRow],
) -> View:
    """Give the view of one owner's files of rules."""
    return View(
        name=name,
        version=version,
        owners=(
            Owner(
                name=owner,
                topic=topic,
                row=PolicyRow,
                kinds=kinds,
                ignored=ignored,
                fold=fold,
                key=_one_row_a_text,
            ),
        ),
        indexes=("(sha256)",),
        history=True,
    )


VIEW = rules_view(
    NAME,
    VERSION,
    intake.SERVICE,
    intake.REFERENCE_TOPIC,
    {PolicyPublished.model_fields["kind"].default: PolicyPublished},
    dict.fromkeys(intake.REPORT_MONTH_KINDS, "a body's month is no rule"),
    fold,
)
