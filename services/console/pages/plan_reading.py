"""What the page of a project's approvals reads: its plan, the items, what was told of them."""

import json
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg
from pydantic import TypeAdapter, ValidationError

from contracts.approval_tracking import (
    Circumstances,
    ItemState,
    PlanEvent,
    PlannedItem,
    Stage,
    StageLimit,
    Track,
)
from services.console.pages.entry import Entry
from services.console.views import approval_items, approval_plans
from services.console.views.approval_items import ItemRow
from services.console.views.approval_plans import PlanRow
from shared.deadline import Pause
from shared.viewing import rows_at

DONE = frozenset({ItemState.GRANTED, ItemState.COMMITTED, ItemState.WAIVED, ItemState.SERVED})
"""What satisfies the items that come after."""
OVER = frozenset({ItemState.REFUSED, ItemState.WITHDRAWN, ItemState.REVOKED})
"""What came to nothing and may be begun once more."""
_read_items = TypeAdapter(tuple[PlannedItem, ...])
_read_stages = TypeAdapter(tuple[StageLimit, ...])
_read_event: TypeAdapter[PlanEvent] = TypeAdapter(PlanEvent)


@dataclass(frozen=True)
class Item:
    """One item of a plan: what is planned of it, and where its latest attempt is."""

    row: ItemRow
    planned: PlannedItem

    @property
    def id(self) -> str:
        """Its row of the catalogue."""
        return self.row.item

    @property
    def state(self) -> ItemState:
        """Where it is."""
        return ItemState(self.row.state)

    @property
    def done(self) -> bool:
        """Tell whether what comes after it need not wait for it."""
        return self.state in DONE

    @property
    def pauses(self) -> tuple[Pause, ...]:
        """What stopped its two clocks, in order."""
        return tuple(
            Pause(
                date.fromisoformat(one["first"]),
                date.fromisoformat(one["last"]) if one["last"] else None,
                one["reason"],
                one["basis"],
            )
            for one in json.loads(self.row.pauses)
        )

    @property
    def extended_by(self) -> int:
        """By how many days its statutory term was made longer."""
        return sum(one["length"] for one in json.loads(self.row.extensions))

    @property
    def corrections(self) -> tuple[str, ...]:
        """What its applicant was asked to put right."""
        return tuple(json.loads(self.row.corrections))


@dataclass(frozen=True)
class Completed:
    """A stage whose items are done: since when, in how many working days."""

    on: date
    used: int
    limit: int | None


@dataclass(frozen=True)
class Plan:
    """A project's approvals."""

    row: PlanRow
    items: tuple[Item, ...]

    @property
    def stages(self) -> tuple[StageLimit, ...]:
        """Its stages in their order, each with its limit."""
        return _read_stages.validate_json(self.row.stages)

    @property
    def completed(self) -> Mapping[Stage, Completed]:
        """The stages that were told to be done."""
        return {
            Stage(stage): Completed(date.fromisoformat(one["on"]), one["used"], one["limit"])
            for stage, one in json.loads(self.row.completed).items()
        }

    @property
    def circumstances(self) -> Circumstances:
        """What it was laid out for."""
        return Circumstances.model_validate_json(self.row.circumstances)

    @property
    def version(self) -> int:
        """The version of its stream, as far as its rows tell."""
        return max([self.row.version, *(item.row.version for item in self.items)])

    def item(self, name: str) -> Item | None:
        """Give an item by its name."""
        return next((item for item in self.items if item.id == name), None)

    def open_of(self, names: Sequence[str]) -> tuple[Item, ...]:
        """Give those of some items that are not done."""
        return tuple(item for item in self.items if item.id in names and not item.done)

    def main_of(self, stage: Stage) -> tuple[Item, ...]:
        """Give the items that count within the limit of a stage."""
        return tuple(
            item
            for item in self.items
            if item.planned.stage is stage and item.planned.track is Track.MAIN
        )

    @property
    def missing_for_start(self) -> tuple[Item, ...]:
        """What must be done before building may start, and is not."""
        return tuple(item for item in self.items if item.planned.gate and not item.done)


@dataclass(frozen=True)
class Told:
    """A fact of the plan with what is known about its recording; None where it cannot be read."""

    entry: Entry
    event: PlanEvent | None


class Plans:
    """Queries over the rows of approvals, now or before an instant. Ask for projects in scope."""

    def __init__(self, pool: Callable[[], asyncpg.Pool]) -> None:
        """Bind to the console's own database, whose pool opens with the application."""
        self._open = pool
        self._plans = approval_plans.VIEW.table
        self._items = approval_items.VIEW.table
        self._until: datetime | None = None

    def before(self, until: datetime) -> "Plans":
        """Ask the same of what the system had recorded before an instant."""
        past = copy(self)
        # Our own clock's instant, never the asker's text.
        instant = f"'{until.isoformat()}'::timestamptz"
        past._plans = f"({rows_at(approval_plans.VIEW, instant)}) as plans_before"
        past._items = f"({rows_at(approval_items.VIEW, instant)}) as items_before"
        past._until = until
        return past

    async def version(self, project_id: str) -> int:
        """Give the version of a plan's stream that its rows have come to; 0 before there is one."""
        found: int | None = await self._open().fetchval(
            "select version from views.approval_plans_streams where stream = $1",
            f"approval-{project_id}",
        )
        return found or 0

    async def plan(self, project_id: str) -> Plan | None:
        """Give a project's plan; None where none was drawn up."""
        columns = ", ".join(PlanRow._fields)
        row = await self._open().fetchrow(
            f"select {columns} from {self._plans} where key = $1",  # noqa: S608
            project_id,
        )
        if row is None:
            return None
        plan = PlanRow._make(row)
        planned = _read_items.validate_json(plan.items)
        keys = [f"{project_id}|{one.item}" for one in planned]
        columns = ", ".join(ItemRow._fields)
        rows = await self._open().fetch(
            f"select {columns} from {self._items} where key = any($1)",  # noqa: S608
            keys,
        )
        found = {one["item"]: ItemRow._make(one) for one in rows}
        order = {stage: place for place, stage in enumerate(Stage)}
        # A row that is a moment behind its plan is shown when it has arrived.
        items = [Item(found[one.item], one) for one in planned if one.item in found]
        return Plan(plan, tuple(sorted(items, key=lambda item: order[item.planned.stage])))

    async def history(self, project_id: str) -> tuple[Told, ...]:
        """Give what was told of a plan, oldest first."""
        rows = await self._open().fetch(
            "select version, event_id, kind, recorded, occurred, actoraccount, actorrole, actororg,"
            " policy, correlationid, chain, position, payload from views.approval_history"
            " where project_id = $1 and recorded < coalesce($2, 'infinity'::timestamptz)"
            " order by version",
            project_id,
            self._until,
        )
        return tuple(_told(row) for row in rows)


def _told(row: asyncpg.Record) -> Told:
    try:
        event: PlanEvent | None = _read_event.validate_json(row["payload"])
    except ValidationError:
        event = None
    entry = Entry(
        version=row["version"],
        event_id=str(row["event_id"]),
        kind=row["kind"],
        recorded=row["recorded"],
        occurred=row["occurred"],
        account=row["actoraccount"],
        role=row["actorrole"],
        org=row["actororg"],
        policy=row["policy"] or "",
        correlation=row["correlationid"],
        chain=row["chain"],
        position=row["position"],
        payload=row["payload"],
        event=None,
    )
    return Told(entry, event)
