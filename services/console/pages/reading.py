"""What the pages read: the views' rows, every one of them through the reader's scope."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, get_args

import asyncpg
from pydantic import ValidationError

from contracts.approval_tracking import YearEstimated, YearEvent
from contracts.intake import (
    DOSSIER_KINDS,
    PROGRESS_KINDS,
    PROMOTION_KINDS,
    SIGNING_KINDS,
    CorrectionRequested,
    IntakeEvent,
    MoveApplied,
    Pool,
    ProjectAbsorbed,
    ProjectContactErased,
    ProjectContactNamed,
    ProjectCorrected,
    ProjectDrafted,
    ProjectFacts,
    ProjectPooled,
    ProjectRevised,
    Term,
    read_intake_event,
)
from contracts.reference import calendar_years
from services.console.pages.counting import Counting
from services.console.pages.entry import Entry
from services.console.pages.item_figures import ItemFigures
from services.console.pages.item_reading import ItemReading
from services.console.pages.monthly import Stood
from services.console.pages.own_deeds import Deed
from services.console.pages.plan_reading import Plans
from services.console.pages.progress_reading import ProgressReading
from services.console.pages.rules import Rules, RulesFile, rules_of
from services.console.pages.signing_reading import Signings
from services.console.pages.tag_reading import Tags
from services.console.pages.tally import Group, Tally
from services.console.searching import plain
from services.console.views import (
    four_pools,
    nothing_new,
    policies,
)
from services.console.views.units import UNITS
from services.console.views.working_days import WORKING_DAYS
from services.console.wiring import AWAITED
from shared.clock import SHANGHAI
from shared.postgres import Connection
from shared.seeing import Scope
from shared.units import Units
from shared.viewing import current_at, rows_at, rows_before
from shared.working_days import InForce

PAGE_ROWS = 20
OF_STOCK = "T00"
"""The transition by which opening stock stands in its pool, as long as it was moved to no other."""
_Edition = ProjectDrafted | ProjectRevised | ProjectPooled | ProjectAbsorbed | ProjectCorrected
"""The facts from which a project's columns are others."""
CARDS = 3
BESIDE = 200
LAID_OUT_AT_ONCE = 2

_PROJECT = """key as project_id, owner_org, owner_name, name, project_code, region, zone_id,
    builder_name, category, industry, total_investment, planned_start, revision, pool,
    pooled_on, pooled_at, entered_on, transition, source, standing, hold_until, parent_id, matter,
    stage, stage_since, round, report_month, submitted_by, taken_by,
    first_reviewed_by, reviewed_revision, returned_to_city, version, created_at, updated_at,
    term_from, due, yellow_from, red_from, provisional, calendar, approving, approvals_done,
    approvals_total, ready_on, started_unready"""

_WAITING = """key as project_id, owner_org, owner_name, name, total_investment, revision, round,
    matter, stage, stage_since, returned_to_city, submitted_by, first_reviewed_by, taken_by,
    term_from, due, yellow_from, red_from, provisional, calendar"""

# What is due first; before it what came before terms were told, which has waited longer.
_URGENCY = "due nulls first, stage_since, key"

NOBODY = "-"
"""Stands in a filter for the account of what nobody has taken."""

# Reported, and neither taken back nor sent back before it was admitted.
_STANDS = "(pool is not null or stage not in ('DRAFT', 'RETURNED'))"

# Which projects of a plan of approvals, by how far it is.
_PERMITS: Mapping[str, str] = {
    "going": "approvals_total > 0 and ready_on is null",
    "ready": "ready_on is not null",
    "unready": "started_unready is not null",
}

# What has left is in no pool any more; its last one is kept.
_IN_POOL = "standing in ('ACTIVE', 'HELD')"

_DEEDS = "join views.project_history done on done.project_id = four_pools.key"

Sort = Literal["stage", "investment", "name", "start", "updated", "due"]
_ORDER: Mapping[str, str] = {
    "updated": "updated_at desc, key",
    "stage": "stage_since desc, key",
    "investment": "total_investment desc nulls last, key",
    "name": "name, key",
    "start": "planned_start nulls last, key",
    "due": "due nulls last, stage_since, key",
}


@dataclass(frozen=True)
class Project:
    """One project as the boards show it: what its newest edition says and where it stands."""

    project_id: str
    owner_org: str
    owner_name: str
    name: str
    project_code: str | None
    region: str | None
    zone_id: str | None
    builder_name: str | None
    category: str | None
    industry: str | None
    total_investment: int | None
    planned_start: str | None
    revision: int
    pool: str | None
    pooled_on: date | None
    pooled_at: datetime | None
    entered_on: date | None
    transition: str | None
    source: str | None
    standing: str | None
    hold_until: date | None
    parent_id: str | None
    matter: str | None
    stage: str
    stage_since: datetime
    round: int
    report_month: str | None
    submitted_by: str | None
    first_reviewed_by: str | None
    taken_by: str | None
    reviewed_revision: int | None
    returned_to_city: bool
    version: int
    created_at: datetime
    updated_at: datetime
    approving: str | None
    approvals_done: int | None
    approvals_total: int | None
    ready_on: date | None
    started_unready: date | None
    term: Term | None

    @property
    def stream(self) -> str:
        """Name of the stream that the row was folded from."""
        return f"project-{self.project_id}"


@dataclass(frozen=True)
class Waiting:
    """One project in a reviewer's queue: what a line of it shows, and no more."""

    project_id: str
    owner_org: str
    owner_name: str
    name: str
    total_investment: int | None
    revision: int
    round: int
    matter: str | None
    stage: str
    stage_since: datetime
    returned_to_city: bool
    submitted_by: str | None
    first_reviewed_by: str | None
    taken_by: str | None
    term: Term | None
    place: int = 0


@dataclass(frozen=True)
class Queue:
    """The most urgent part of what waits; count and money are of all of it.

    ``rows`` ascend by their place in the whole; ``beside`` are the one asked for and its
    neighbours, wherever they stand.
    """

    rows: tuple[Waiting, ...]
    count: int
    money: int
    beside: tuple[Waiting, ...] = ()

    @property
    def near(self) -> tuple[Waiting, ...]:
        """Give all that is known of it, in order."""
        by_place = {row.place: row for row in (*self.rows, *self.beside)}
        return tuple(by_place[place] for place in sorted(by_place))


@dataclass(frozen=True)
class Edition:
    """One edition of a year's working days, as it was told."""

    number: int
    told_at: datetime
    told_by: str
    event: YearEvent


@dataclass(frozen=True)
class Filter:
    """What a reader asks for; it lives in the address.

    ``orgs`` are the ids behind ``org``, ``owners`` the units that bear or bore what ``name`` says.
    """

    region: str = ""
    org: str = ""
    category: str = ""
    least: int = 0
    name: str = ""
    pool: str = ""
    stage: str = ""
    standing: str = ""
    matter: str = ""
    reported: str = ""
    orgs: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    taken: str = ""
    permits: str = ""


@dataclass(frozen=True)
class Listing:
    """One page of a list with the count and the sum over the whole filter."""

    rows: tuple[Project, ...]
    count: int
    money: int
    unknown: int


@dataclass(frozen=True)
class Choices:
    """What the drop-downs may offer: values that occur in rows the reader sees."""

    regions: frozenset[str] = frozenset()
    zones: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    orgs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class KnownYears:
    """A calendar with the documents that each of its years rests on."""

    known: InForce
    notices: Mapping[int, tuple[str, ...]]


@dataclass
class _Where:
    """Collects conditions and their numbered parameters."""

    conditions: list[str] = field(default_factory=list)
    parameters: list[object] = field(default_factory=list)

    def add(self, condition: str, value: object) -> None:
        self.parameters.append(value)
        self.conditions.append(condition.replace("?", f"${len(self.parameters)}"))

    def within(self, scope: Scope) -> None:
        predicate, parameters = scope.where(len(self.parameters) + 1)
        self.conditions.append(predicate)
        self.parameters.extend(parameters)

    @property
    def sql(self) -> str:
        return " and ".join(f"({condition})" for condition in self.conditions)


class Reading:
    """Queries over the rows that the views keep, now or before an instant in the past."""

    def __init__(self, pool: Callable[[], asyncpg.Pool]) -> None:
        """Bind to the console's own database, whose pool opens with the application."""
        self._open = pool
        self._rows = four_pools.VIEW.table
        self._policies = policies.VIEW.table
        self._nothing_new = nothing_new.VIEW.table
        self._until: datetime | None = None
        self._connection: Connection | None = None
        self._laying_out = asyncio.Semaphore(LAID_OUT_AT_ONCE)
        self.counting = Counting(pool, self._laying_out)
        self.progress = ProgressReading(pool)
        self.signings = Signings(pool)
        self.items = ItemReading(pool)
        self.item_figures = ItemFigures(pool)
        self.tags = Tags(pool)
        self.plans = Plans(pool)

    @property
    def _pool(self) -> asyncpg.Pool | Connection:
        return self._connection or self._open()

    def before(self, until: datetime) -> "Reading":
        """Ask the same questions of what the system had recorded before an instant."""
        past = copy(self)
        # Our own clock's instant, never the asker's text.
        instant = f"'{until.isoformat()}'::timestamptz"
        past._rows = f"({rows_at(four_pools.VIEW, instant)}) as rows_before"
        past._policies = f"({rows_at(policies.VIEW, instant)}) as policies_before"
        past._nothing_new = f"({rows_at(nothing_new.VIEW, instant)}) as nothing_new_before"
        past._until = until
        past.progress = self.progress.before(until)
        return past

    @asynccontextmanager
    async def laid_out(self) -> AsyncIterator["Reading"]:
        """Look past rows up once for all the questions of a page; now, they lie there anyway.

        Ask nothing else of the database within: this holds one of its few connections.
        """
        if self._until is None:
            yield self
            return
        # Looking up takes long; it must not take every connection from those who look at now.
        async with (
            self._laying_out,
            rows_before(self._open(), four_pools.VIEW, self._until) as (connection, rows),
        ):
            laid = copy(self)
            laid._rows, laid._connection = rows, connection
            yield laid

    async def first_day(self) -> date | None:
        """Give the day of the first record, None before there is one."""
        first: datetime | None = await self._pool.fetchval(
            "select min(recorded) from views.project_history"
        )
        return first.astimezone(SHANGHAI).date() if first else None

    async def tally(self, scope: Scope, ask: Filter, month: date) -> Tally:
        """Count what the board shows; ``month`` is the first day of this month."""
        where = _where(scope, ask)
        where.parameters.append(month)
        # What stood there before this system began is no arrival of a month.
        this_month = f"pooled_on >= ${len(where.parameters)} and transition <> '{OF_STOCK}'"
        rows = await self._select(
            "owner_org as org, pool, standing, stage, count(*) as count,"
            " coalesce(sum(total_investment), 0)::bigint as money,"
            f" count(*) filter (where {this_month}) as month_in, count(*) filter"
            f" (where {this_month} and transition in ('T12', 'T13', 'T23', 'T34')) as stepped_in,"
            f" count(*) filter (where {_PERMITS['ready']}) as ready,"
            f" count(*) filter (where {_PERMITS['unready']}) as unready,"
            " sum(version)::bigint as versions, min(stage_since) as oldest,"
            " max(updated_at) as newest",
            where,
            "group by owner_org, pool, standing, stage",
        )
        return Tally(tuple(Group(**row) for row in rows))

    async def cards(self, scope: Scope, ask: Filter) -> dict[str, tuple[Project, ...]]:
        """Give the newest arrivals of every pool."""
        cards = {}
        for pool in Pool:
            where = _where(scope, ask)
            where.add(f"pool = ? and {_IN_POOL}", pool.value)
            rows = await self._select(
                _PROJECT, where, f"order by pooled_at desc, key limit {CARDS}"
            )
            cards[pool.value] = tuple(_project(row) for row in rows)
        return cards

    async def listing(self, scope: Scope, ask: Filter, sort: Sort, page: int) -> Listing:
        """Give one page of the filter; count and sum cover all of it."""
        where = _where(scope, ask)
        (total,) = await self._select(
            "count(*) as count, coalesce(sum(total_investment), 0)::bigint as money,"
            " count(*) filter (where total_investment is null) as unknown",
            where,
        )
        where.parameters.append((page - 1) * PAGE_ROWS)
        rows = await self._select(
            _PROJECT,
            where,
            f"order by {_ORDER[sort]} limit {PAGE_ROWS} offset ${len(where.parameters)}",
        )
        return Listing(
            tuple(_project(row) for row in rows), total["count"], total["money"], total["unknown"]
        )

    async def everything(self, scope: Scope, ask: Filter, sort: Sort) -> tuple[Project, ...]:
        """Give all of the filter in its order. Ask only for as much as one may hold."""
        rows = await self._select(_PROJECT, _where(scope, ask), f"order by {_ORDER[sort]}")
        return tuple(_project(row) for row in rows)

    async def facts_of(self, projects: Sequence[Project]) -> dict[str, ProjectFacts]:
        """Give the newest edition's facts of projects that the reader sees, by project."""
        rows = await self._pool.fetch(
            "select distinct on (project_id) project_id, payload from views.project_history"
            " where project_id = any($1) and kind = any($2)"
            " and recorded < coalesce($3, 'infinity'::timestamptz)"
            " order by project_id, version desc",
            [project.project_id for project in projects],
            [fact.model_fields["kind"].default for fact in get_args(_Edition)],
            self._until,
        )
        found = {}
        for row in rows:
            fact = read_intake_event.validate_json(row["payload"])
            if isinstance(fact, _Edition):
                found[row["project_id"]] = fact.facts
        return found

    async def count_deeds(self, scope: Scope, account: str, kinds: Sequence[str]) -> int:
        """Count an account's acts of these kinds, of all if none is named, on what it sees."""
        where = _deeds(scope, account, kinds)
        sql = f"select count(*) from {self._rows} {_DEEDS} where {where.sql}"  # noqa: S608
        found: int = await self._pool.fetchval(sql, *where.parameters)
        return found

    async def deeds(
        self, scope: Scope, account: str, kinds: Sequence[str], page: int, most: int
    ) -> tuple[Deed, ...]:
        """Give a page of an account's acts on the projects that it sees, newest first."""
        where = _deeds(scope, account, kinds)
        where.parameters.append(most)
        limit = f"limit ${len(where.parameters)}"
        where.parameters.append((page - 1) * most)
        sql = (
            "select done.project_id, name, owner_org, owner_name, done.version, kind,"  # noqa: S608
            f" recorded as at, stage, pool from {self._rows} {_DEEDS} where {where.sql}"
            f" order by recorded desc, position desc {limit} offset ${len(where.parameters)}"
        )
        rows = await self._pool.fetch(sql, *where.parameters)
        return tuple(Deed(**dict(row)) for row in rows)

    async def choices(self, scope: Scope) -> Choices:
        """Give what the drop-downs may offer."""
        rows = await self._select(
            "distinct region, zone_id, category, owner_org", _where(scope, Filter())
        )
        return Choices(*(frozenset(column) - {None} for column in zip(*rows, strict=True)))

    async def project(self, scope: Scope, project_id: str) -> Project | None:
        """Give one project, if the reader's scope holds it."""
        where = _Where()
        where.add("key = ?", project_id)
        where.within(scope)
        rows = await self._select(_PROJECT, where)
        return _project(rows[0]) if rows else None

    async def was_written_by(self, org: str, project_id: str, version: int) -> bool:
        """Tell whether an organisation's own account wrote this fact of a project."""
        found: bool = await self._pool.fetchval(
            "select exists(select from views.project_history"
            " where project_id = $1 and version = $2 and actororg = $3)",
            project_id,
            version,
            org,
        )
        return found

    async def history(self, project_id: str) -> tuple[Entry, ...]:
        """Give what happened to a project, oldest first. Ask only for a project in scope."""
        return await self._told(project_id, [*DOSSIER_KINDS, *SIGNING_KINDS, *PROMOTION_KINDS])

    async def progress_history(self, project_id: str) -> tuple[Entry, ...]:
        """Give what was told of a project's months and works. Ask only for one in scope."""
        return await self._told(project_id, PROGRESS_KINDS)

    async def _told(self, project_id: str, kinds: Iterable[str]) -> tuple[Entry, ...]:
        rows = await self._pool.fetch(
            "select version, event_id, kind, recorded, occurred, actoraccount, actorrole, actororg,"
            " policy, correlationid, chain, position, payload from views.project_history"
            " where project_id = $1 and kind = any($2)"
            " and recorded < coalesce($3, 'infinity'::timestamptz) order by version",
            project_id,
            list(kinds),
            self._until,
        )
        return tuple(_entry(row) for row in rows)

    async def queue(self, scope: Scope, ask: Filter) -> tuple[Waiting, ...]:
        """Give all that waits at the stage of the filter, most urgent first."""
        rows = await self._select(_WAITING, _where(scope, ask), f"order by {_URGENCY}")
        return tuple(_line(row) for row in rows)

    async def head(self, scope: Scope, ask: Filter, most: int, beside: str = "") -> Queue:
        """Give the most urgent of a queue, and where one project stands in it."""
        where = _where(scope, ask)
        (total,) = await self._select(
            "count(*) as count, coalesce(sum(total_investment), 0)::bigint as money", where
        )
        found = await self._select(_WAITING, where, f"order by {_URGENCY} limit {most}")
        rows = tuple(_line(row, place) for place, row in enumerate(found, start=1))
        seen = not beside or any(row.project_id == beside for row in rows[:-1])
        if seen or total["count"] <= len(rows):
            return Queue(rows, total["count"], total["money"])
        placed = await self._placed(where, beside)
        return Queue(rows, total["count"], total["money"], placed)

    async def _placed(self, where: _Where, project_id: str) -> tuple[Waiting, ...]:
        """Give a project with its neighbours, each with its place in the whole queue."""
        asked = f"${len(where.parameters) + 1}"
        sql = (
            f"with ranked as (select {_WAITING}, row_number() over (order by {_URGENCY}) as place"  # noqa: S608
            f" from {self._rows} where {where.sql}),"
            f" mine as (select place from ranked where project_id = {asked})"
            " select ranked.* from ranked, mine"
            " where ranked.place between mine.place - 1 and mine.place + 1"
        )
        found = await self._pool.fetch(sql, *where.parameters, project_id)
        return tuple(_line(row, row["place"]) for row in found)

    async def lines(self, scope: Scope, project_ids: Sequence[str]) -> tuple[Waiting, ...]:
        """Give those of the named projects that the reader sees, wherever they stand now."""
        where = _Where()
        where.add("key = any(?)", list(project_ids))
        where.within(scope)
        rows = await self._select(_WAITING, where, f"order by {_URGENCY}")
        return tuple(_line(row) for row in rows)

    async def in_place(
        self, scope: Scope, region: str | None, zone_id: str | None
    ) -> tuple[Waiting, ...]:
        """Give what goes on in a pool in a place, with nothing under way about it, by name."""
        where = _Where()
        where.add("standing = 'ACTIVE' and stage = 'APPROVED' and region = ?", region)
        where.add("zone_id is not distinct from ?", zone_id)
        where.within(scope)
        rows = await self._select(_WAITING, where, f"order by name, key limit {BESIDE}")
        return tuple(_line(row) for row in rows)

    async def waiting(self, scope: Scope, stage: str) -> int:
        """Count what waits at a stage."""
        (row,) = await self._select("count(*) as count", _waiting(scope, stage))
        count: int = row["count"]
        return count

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        """Let few look at the past at a time, for one question that is not worth laying out."""
        if self._until is None:
            yield
            return
        async with self._laying_out:
            yield

    async def stood(self, month: str, orgs: Sequence[str]) -> dict[str, Stood]:
        """Give what stands reported for a month, by organisation; only those asked for."""
        async with self._in_turn():
            return await self._stood(month, orgs)

    async def _stood(self, month: str, orgs: Sequence[str]) -> dict[str, Stood]:
        where = _Where()
        where.add("report_month = ?", month)
        where.add("owner_org = any(?)", list(orgs))
        rows = await self._select(
            f"owner_org as org, count(*) filter (where {_STANDS}) as projects,"
            f" coalesce(sum(total_investment) filter (where {_STANDS}), 0)::bigint as money,"
            f" min(submitted_at) filter (where {_STANDS}) as first_at,"
            " count(*) filter (where pool is null and stage = 'RETURNED') as sent_back",
            where,
            "group by owner_org",
        )
        said = await self._pool.fetch(
            f"select org, reported_on from {self._nothing_new}"  # noqa: S608
            " where month = $1 and org = any($2)",
            month,
            list(orgs),
        )
        nothing_new_on = {row["org"]: row["reported_on"] for row in said}
        stood = {org: Stood(nothing_new_on=day) for org, day in nothing_new_on.items()}
        for row in rows:
            first = row["first_at"]
            stood[row["org"]] = Stood(
                projects=row["projects"],
                money=row["money"],
                first_on=first and first.astimezone(SHANGHAI).date(),
                sent_back=row["sent_back"],
                nothing_new_on=nothing_new_on.get(row["org"]),
            )
        return stood

    async def in_force(self) -> InForce:
        """Give the working days as they are known at the moment that is asked about."""
        # A calendar is laid out once and kept, so it is never asked of rows that are laid out.
        if self._until is None:
            return await WORKING_DAYS.in_force(self._open())
        return await WORKING_DAYS.recorded_before(self._open(), self._until)

    async def units(self) -> Units:
        """Give the units as they are known at the moment that is asked about.

        Raises:
            Unavailable: none was heard of yet.
        """
        if self._until is None:
            return await UNITS.in_force(self._open())
        return await UNITS.recorded_before(self._open(), self._until)

    async def rules(self, room: str) -> Rules:
        """Give the rules of a room."""
        rows = await self._pool.fetch(
            "select room, valid_from, sha256, text, told_at"  # noqa: S608
            f" from {self._policies} where room = $1",
            room,
        )
        return rules_of([RulesFile(**dict(row)) for row in rows])

    async def policy(self, sha256: str) -> RulesFile | None:
        """Give one file of rules by its digest; rules are no secret to any account."""
        row = await self._pool.fetchrow(
            "select room, valid_from, sha256, text, told_at from views.policies where sha256 = $1"
            " union all select room, valid_from, sha256, text, told_at from views.approval_rules"
            " where sha256 = $1 order by told_at limit 1",
            sha256,
        )
        return RulesFile(**dict(row)) if row else None

    async def editions(self, year: int) -> tuple[Edition, ...]:
        """Give the editions of a year's working days, oldest first; every account sees them."""
        return tuple(
            Edition(one.number, one.told_at, one.told_by, one.fact)
            for one in await WORKING_DAYS.told(self._open())
            if isinstance(one.fact, YearEvent) and one.fact.year == year
        )

    async def calendar_years(self) -> tuple[int, ...]:
        """Give the years whose working days were told."""
        told = await WORKING_DAYS.told(self._open())
        return tuple(sorted({one.fact.year for one in told if isinstance(one.fact, YearEvent)}))

    async def known_at(self, edition: int) -> KnownYears:
        """Give the calendar of an edition, and the notices that its years rest on."""
        known = await WORKING_DAYS.as_of(self._open(), edition)
        notices = {row.year: row.notices for row in calendar_years()}
        for one in await WORKING_DAYS.told(self._open(), edition):
            if isinstance(one.fact, YearEvent):
                heard = one.fact
                notices[heard.year] = () if isinstance(heard, YearEstimated) else heard.notices
        return KnownYears(known, notices)

    async def current_at(self) -> datetime | None:
        """Give when, in real time, the views had last read everything that there was."""
        views = [view for heard_by in AWAITED.values() for view in heard_by]
        moments = [await current_at(self._open(), view) for view in views]
        known = [moment for moment in moments if moment is not None]
        return min(known) if len(known) == len(moments) else None

    async def _select(
        self, columns: str, where: _Where, rest: str = ""
    ) -> Sequence[asyncpg.Record]:
        # Columns, order and limits are our own words; every value travels as a parameter.
        sql = f"select {columns} from {self._rows} where {where.sql} {rest}"  # noqa: S608
        return await self._pool.fetch(sql, *where.parameters)


def _deeds(scope: Scope, account: str, kinds: Sequence[str]) -> _Where:
    where = _Where()
    where.add("actoraccount = ?", account)
    if kinds:
        where.add("kind = any(?)", list(kinds))
    where.within(scope)
    return where


def _waiting(scope: Scope, stage: str) -> _Where:
    where = _Where()
    where.add("stage = ?", stage)
    where.within(scope)
    return where


def _where(scope: Scope, ask: Filter) -> _Where:
    where = _Where()
    if ask.region.startswith("Z-"):
        where.add("zone_id = ?", ask.region)
    elif ask.region:
        where.add("region = ?", ask.region)
    if ask.org:
        where.add("owner_org = any(?)", list(ask.orgs))
    if ask.category:
        where.add("category = ?", ask.category)
    if ask.least:
        where.add("total_investment >= ?", ask.least)
    if ask.pool:
        where.add(f"pool = ? and {_IN_POOL}", ask.pool)
    if ask.standing:
        where.add("standing = ?", ask.standing)
    if ask.matter:
        where.add("matter = ?", ask.matter)
    if ask.stage:
        where.add("stage = ?", ask.stage)
    if ask.stages:
        where.add("stage = any(?)", list(ask.stages))
    if ask.taken == NOBODY:
        where.conditions.append("taken_by is null")
    elif ask.taken:
        where.add("taken_by = ?", ask.taken)
    if ask.permits:
        where.conditions.append(_PERMITS[ask.permits])
    if ask.reported:
        where.add(f"report_month = ? and {_STANDS}", ask.reported)
    if ask.name:
        escaped = plain(ask.name).replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        # A unit is found by its names of any day, a project by those that it was told with too.
        where.parameters.append(list(ask.owners))
        where.add(
            f"found_by like ? or owner_org = any(${len(where.parameters)}::text[])", f"%{escaped}%"
        )
    where.within(scope)
    return where


def _line(row: asyncpg.Record, place: int = 0) -> Waiting:
    return Waiting(**{**_values(row), "place": place})


def _project(row: asyncpg.Record) -> Project:
    return Project(**_values(row))


def _values(row: asyncpg.Record) -> dict[str, Any]:
    """Give a row's columns, those of its term as one."""
    values = dict(row)
    start, due, yellow_from, red_from, provisional, calendar = (
        values.pop(name)
        for name in ("term_from", "due", "yellow_from", "red_from", "provisional", "calendar")
    )
    values["project_id"] = str(values["project_id"])
    values["term"] = due and Term(
        start=start,
        due=due,
        yellow_from=yellow_from,
        red_from=red_from,
        provisional=provisional,
        calendar=calendar,
    )
    return values


def _entry(row: asyncpg.Record) -> Entry:
    try:
        event: IntakeEvent | None = read_intake_event.validate_json(row["payload"])
    except ValidationError:
        event = None
    return Entry(
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
        event=event,
    )


def editions(history: Sequence[Entry]) -> dict[int, ProjectFacts]:
    """Give the facts of every edition, by its number, with whom to call as it is by now.

    A contact that was erased is in no edition any more; one that was named stands in the newest.
    """
    found: dict[int, ProjectFacts] = {}
    for entry in history:
        match entry.event:
            case (
                ProjectDrafted()
                | ProjectRevised()
                | ProjectPooled()
                | ProjectAbsorbed()
                | ProjectCorrected()
            ) as event:
                found[event.revision] = event.facts
            # What is applied for is an edition of its own, on the facts as they were.
            case MoveApplied() | CorrectionRequested() as event if found:
                found[event.revision] = found[max(found)]
            case ProjectContactNamed(contact_id=named) if found:
                newest = max(found)
                found[newest] = found[newest].model_copy(update={"contact_id": named})
            case ProjectContactErased(contact_id=gone):
                found = {
                    revision: facts.model_copy(update={"contact_id": None})
                    if facts.contact_id == gone
                    else facts
                    for revision, facts in found.items()
                }
    return found
