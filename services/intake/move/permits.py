"""What the offices have told of a project's approvals, as far as moves rest on it (手续)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from contracts.approval_tracking import ItemState
from contracts.intake import APPROVED_ITEM, Evidence

DONE = frozenset(
    {ItemState.GRANTED, ItemState.COMMITTED, ItemState.WAIVED, ItemState.SERVED},
)
_PREFIX = "approval."
_BEGUN = DONE | {ItemState.ACCEPTED, ItemState.PAUSED}


@dataclass(frozen=True)
class Permit:
    """An item of the project's plan of approvals, and how it stands since a day."""

    item: str
    name: str
    state: ItemState = ItemState.NOT_BEGUN
    document_number: str | None = None
    since: date | None = None

    @property
    def done(self) -> bool:
        """Tell whether what comes after it may go on."""
        return self.state in DONE


@dataclass(frozen=True)
class Permits:
    """The items of a project's plan, and whether building may start or has been accepted."""

    items: Mapping[str, Permit] = field(default_factory=dict)
    ready_on: date | None = None
    accepted_on: date | None = None

    def grounds(self) -> Iterator[str]:
        """Name what is there: ``approval.A07`` is done, ``approval.begun`` was any, and so on."""
        for permit in self.items.values():
            if permit.done:
                yield _PREFIX + permit.item
            if permit.state in _BEGUN:
                yield f"{_PREFIX}begun"
        if self.ready_on is not None:
            yield f"{_PREFIX}ready"
        if self.accepted_on is not None:
            yield f"{_PREFIX}accepted"

    def asked_by(self, grounds: Collection[str]) -> tuple[Permit, ...]:
        """Give the items of the plan that such grounds name, in its order."""
        return tuple(one for one in self.items.values() if _PREFIX + one.item in grounds)

    def papers(self, grounds: Collection[str]) -> tuple[Evidence, ...]:
        """Give what is done of them as the papers of an application: nobody uploads them."""
        return tuple(
            Evidence(
                sort=APPROVED_ITEM,
                document_number=permit.document_number,
                dated_on=permit.since,
                note=permit.name,
            )
            for permit in self.asked_by(grounds)
            if permit.done
        )
