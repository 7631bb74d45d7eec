"""How long do plans of approvals take: drawn up, told due, recounted; and the pages of offices?

``SIKU_BENCH_PLANS`` plans (10,000, with 370,000 items) are as far as a city's are after some
weeks: a few dozen courses of the real decider on the real catalogue, each project a copy of one.
``draw up``: 1,000 projects have entered 前期库 (aimed at: 20 s). ``tell due``: a day comes.
``recount``: the calendar is revised. Then the whole console answers on a real PostgreSQL: the desk
of an office and the list of what is overdue (aimed at: 100 ms at the 95th percentile).
"""

import asyncio
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import structlog

from bench.board import states, times
from bench.rounds import note
from contracts.approval_tracking import Circumstances, ItemState, PlanEvent
from contracts.envelope import Envelope, instant
from contracts.reference import calendar_years
from deploy.embedded.launcher import Stack
from services.approval_tracking.approval_plan.commands import (
    Accept,
    By,
    DrawUpPlan,
    Grant,
    Receive,
    TellDue,
)
from services.approval_tracking.approval_plan.decider import PLAN, stream_of
from services.approval_tracking.approval_plan.states import Item, Plan, PlanState
from services.approval_tracking.policies import catalogue_of
from services.approval_tracking.surroundings import drawing
from services.approval_tracking.sweeps import draw_up_plans, recount_clocks, tell_due
from services.approval_tracking.views import open_items, planned_projects
from services.approval_tracking.views.planned_projects import ProjectRow
from services.console.views import approval_items, approval_plans, four_pools
from services.console.views.units import UNITS
from services.console.wiring import VIEWS
from shared.clock import SHANGHAI, Clock, advance, open_home
from shared.deadline import Calendar
from shared.journal import canonical, open_pool
from shared.migrating import migrate, trees_of
from shared.refusals import Refusal
from shared.sweeping import Sweeping
from shared.units import NO_UNITS
from shared.viewing import Owner, Told, ViewStore, tables
from shared.working_days import FILE, InForce
from tests.approval_tracking.sweeps.home import home_on
from tests.console.builders import Dossier, keep, read_to_the_end
from tests.console.city import City, sit_down, stand
from tests.shared.told_units import SEEDS, hear_units

PLANS = int(os.environ.get("SIKU_BENCH_PLANS", "10000"))
DRAWN = max(PLANS // 10, 1)
COURSES, ASKED, CHUNK = 28, 100, 1_000
BEGAN, TODAY = date(2019, 4, 22), date(2019, 7, 1)
TAKEN_OFF = date(2019, 7, 4)
ANYBODY = UUID(int=0x0190D3A4_0000_7000_8000_0000000000FF)
"""Whose courses are told; each project takes his place in a copy."""
DAYS = InForce(Calendar(calendar_years()), FILE)


class Step(NamedTuple):
    """A fact of a course, and when it was recorded."""

    fact: PlanEvent
    at: datetime


def course(number: int) -> list[Step]:
    """Take a project through its permits until today, by chance but always the same."""
    dice = random.Random(number)  # noqa: S311
    flows = [flow for code, flow in catalogue_of(BEGAN).flows.items() if code != "ZD"]
    flow = flows[number % len(flows)]
    begins = BEGAN + timedelta(days=dice.randrange(50))
    project = ProjectRow(owner_org="JC-ZZ", region="140525")
    drawn = DrawUpPlan(
        project_id=ANYBODY,
        on=begins,
        owner_org="JC-ZZ",
        project_revision=1,
        circumstances=Circumstances(
            management=flow.management, flow=flow.code, land_mode=flow.land_mode
        ),
        draw=drawing(project, NO_UNITS, begins),
        days=DAYS,
    )
    told: list[Step] = []
    plan: PlanState = PLAN.initial
    day, due = begins, [drawn]
    while day < TODAY:
        for command in due:
            try:
                facts = PLAN.decide(command, plan)
            except Refusal:
                continue
            for fact in facts:
                plan = PLAN.evolve(plan, fact)
                told.append(Step(fact, _at(day, len(told))))
        day += timedelta(days=1)
        due = list(_due(plan, day, dice)) if DAYS.calendar.is_working_day(day) else []
    return told


def _at(day: date, number: int) -> datetime:
    return datetime.combine(day, clock_time(9), SHANGHAI) + timedelta(seconds=number)


def _due(plan: PlanState, day: date, dice: random.Random) -> Iterator[Any]:
    assert isinstance(plan, Plan)
    rules = {"on": day, "days": DAYS, "catalogue_of": catalogue_of, "project_id": ANYBODY}
    yield TellDue(**rules, revised_on=BEGAN)
    for code, item in plan.items.items():
        act = _act(item, plan, dice)
        if act is not None:
            office = By(account=f"officer-{item.planned.handling}", role="", org="")
            yield act(**rules, by=office, item=code)


def _act(item: Item, plan: Plan, dice: random.Random) -> Any:
    match item.state:
        case ItemState.NOT_BEGUN if not plan.open_of(item.planned.after):
            length = item.planned.statutory and item.planned.statutory.length
            return (Receive if length else Grant) if dice.random() < 0.25 else None
        case ItemState.RECEIVED:
            return Accept
        case ItemState.ACCEPTED if dice.random() < 0.12:
            return Grant
        case _:
            return None


def tolds(steps: Sequence[Step]) -> list[Told]:
    """Surround the facts of a course as they are heard."""
    found = []
    for version, (fact, at) in enumerate(steps, start=1):
        envelope = Envelope(
            id=str(uuid4()),
            type=fact.kind,
            source="/siku/approval_tracking",
            subject=stream_of(ANYBODY),
            time=instant(at),
            partitionkey=str(ANYBODY),
            streamversion=str(version),
            occurred=at.date().isoformat(),
            actoraccount="officer",
            actorrole="approver",
            actororg="D-ASP",
            correlationid="1",
            causationid="1",
        )
        found.append(Told(envelope, fact, version, "00", b""))
    return found


def rows_of(owner: Owner[Any], heard: Sequence[Told]) -> list[tuple[str, tuple[Any, ...]]]:
    """Fold a course into the rows of one owner, by key."""
    rows: dict[str, Any] = {}
    for told in heard:
        if told.fact.kind in owner.kinds:
            for key, one in owner.rows_of(told):
                rows[key] = owner.fold(rows.get(key), one)
    return [(key, tuple(row)) for key, row in rows.items() if row is not None]


def copy_of(values: Iterable[Any], project_id: UUID) -> tuple[Any, ...]:
    """Give values of anybody's with a project in his place."""
    old, new = str(ANYBODY), str(project_id)
    return tuple(one.replace(old, new) if isinstance(one, str) else one for one in values)


def projects() -> Iterator[tuple[int, UUID]]:
    """Give every project with the course that it takes."""
    dice = random.Random(2019)  # noqa: S311
    for number in range(PLANS):
        yield number, UUID(int=dice.getrandbits(128))


async def fill_journal(owner: asyncpg.Connection, heard: Sequence[Sequence[Told]]) -> int:
    """Write the facts of every plan, and the rows that the sweeps look into; count the items."""
    now, source, position, items = datetime.now(UTC), projects(), 0, 0
    (own,) = open_items.VIEW.owners
    told_by = planned_projects.VIEW.owners[1]
    spelt = [
        [
            (canonical(one.envelope.model_dump()), canonical(one.fact.model_dump(mode="json")))
            for one in course_of
        ]
        for course_of in heard
    ]
    open_rows = [rows_of(own, course_of) for course_of in heard]
    plan_rows = [rows_of(told_by, course_of)[0][1] for course_of in heard]
    columns = ["key", *planned_projects.VIEW.owners[0].columns, *told_by.columns]
    while chunk := list(islice(source, CHUNK)):
        events, streams, opened, planned = [], [], [], []
        for number, project_id in chunk:
            place, stream = number % len(heard), stream_of(project_id)
            new = str(project_id).encode()
            for version, (envelope, payload) in enumerate(spelt[place], start=1):
                kind = heard[place][version - 1].fact.kind
                events.append(
                    (
                        *(stream, version, uuid4(), kind, now),
                        envelope.replace(str(ANYBODY).encode(), new),
                        payload.replace(str(ANYBODY).encode(), new),
                        b"chain",
                    )
                )
            streams.append((stream, str(project_id), len(spelt[place]), b"chain", now))
            for key, row in open_rows[place]:
                position += 1
                values = own.row._make(row)._replace(position=position)  # type: ignore[attr-defined]
                opened.append(copy_of((key, *values), project_id))
            planned.append((str(project_id), *_project(number, "BUILD"), *plan_rows[place]))
            items += len(_last_plan(heard[place]))
        for schema, table, names, records in (
            ("journal", "events", None, events),
            ("journal", "streams", None, streams),
            ("views", "open_items", ["key", *own.columns], opened),
            ("views", "planned_projects", columns, planned),
        ):
            await owner.copy_records_to_table(
                table, schema_name=schema, columns=names, records=records
            )
    new = [(str(uuid4()), *_project(number, "PREP")) for number in range(PLANS, PLANS + DRAWN)]
    await owner.copy_records_to_table(
        "planned_projects", schema_name="views", columns=columns[: len(new[0])], records=new
    )
    await owner.execute("update journal.relay set acknowledged = $1", position)
    await owner.execute("vacuum analyze")
    return items


def _last_plan(heard: Sequence[Told]) -> Sequence[Any]:
    return next(one.fact.items for one in heard if hasattr(one.fact, "items"))  # type: ignore[attr-defined]


def _project(number: int, pool: str) -> ProjectRow:
    return ProjectRow(
        name=f"示例项目 {number} 号",
        owner_org="JC-ZZ",
        region="140525",
        pool=pool,
        standing="ACTIVE",
        category="EMERGING",
        lead_side="MARKET",
        industry="34",
        total_investment=300_000_000,
        revision=1,
    )


async def sweeps(heard: Sequence[Sequence[Told]]) -> None:
    """Measure what happens by itself, on a durable PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        open_home(home, real=False)
        clock = Clock(home)
        advance(home, timedelta(days=(TODAY - clock.today()).days))
        async with Stack(services=(), durable=True, migrate=False) as stack:
            url = stack.admin_database_url("approval_tracking")
            owner = await asyncpg.connect(url)
            await migrate(owner, trees_of("approval_tracking"), urlsplit(url).username or "")
            pool = await open_pool(url)
            own = await home_on(pool)
            items = await fill_journal(owner, heard)
            print(f"{PLANS} plans, {items} items, {DRAWN} projects without a plan")
            sweeping = Sweeping("approval_tracking", (), pool, clock)
            for name, sweep in (("draw up", draw_up_plans.SWEEP), ("tell due", tell_due.SWEEP)):
                began = time.monotonic()
                swept = await sweeping.sweep(sweep)
                note(f"approvals {name}", time.monotonic() - began, "s", None, None)
                print(f"  {swept.found} plans were asked, {swept.told} facts told, {swept.errors}")
            await own.revise(TAKEN_OFF, on=TODAY)
            began = time.monotonic()
            swept = await sweeping.sweep(recount_clocks.SWEEP)
            note("approvals recount", time.monotonic() - began, "s", None, None)
            print(f"  {swept.found} plans were asked, {swept.told} facts told, {swept.errors}")
            await pool.close()
            await owner.close()


async def fill_console(connection: asyncpg.Connection, heard: Sequence[Sequence[Told]]) -> None:
    """Fill the console's views of projects, plans and items as a rebuild would."""
    views = (four_pools.VIEW, approval_plans.VIEW, approval_items.VIEW)
    for view in views:
        await tables.drop(connection, view)
        await tables.create_bare(connection, view)
    in_pool = states()[-1]
    about, of_items, of_plans = (
        [rows_of(owner, one) for one in heard]
        for owner in (
            four_pools.VIEW.owners[1],
            approval_items.VIEW.owners[0],
            approval_plans.VIEW.owners[0],
        )
    )
    source = projects()
    while chunk := list(islice(source, CHUNK)):
        found: dict[str, list[tuple[Any, ...]]] = {view.table: [] for view in views}
        for number, project_id in chunk:
            place = number % len(heard)
            row = in_pool._replace(name=f"示例项目 {number} 号", pool="PREP", owner_org="JC-ZZ")
            found[four_pools.VIEW.table].append(
                (str(project_id), *row, *copy_of(about[place][0][1], project_id))
            )
            for table, rows in (
                (approval_items.VIEW.table, of_items[place]),
                (approval_plans.VIEW.table, of_plans[place]),
            ):
                found[table] += [copy_of((key, *values), project_id) for key, values in rows]
        for view in views:
            await connection.copy_records_to_table(
                view.table.partition(".")[2],
                schema_name="views",
                columns=["key", *(name for owner in view.owners for name in owner.columns)],
                records=found[view.table],
            )
    for view in views:
        await tables.index(connection, view)
        await connection.execute(f"vacuum analyze {', '.join(view.tables)}")


async def pages(heard: Sequence[Sequence[Told]]) -> None:
    """Measure what an office and the city look at."""
    async with Stack(services=("console",), processes=(), durable=True) as stack:
        pool = await open_pool(stack.database_url("console"))
        for view in VIEWS:
            await ViewStore(pool, view).open()
        connection = await asyncpg.connect(stack.database_url("console"))
        await fill_console(connection, heard)
        await connection.close()
        await keep(pool, [Dossier().drafted()])
        await hear_units(pool, UNITS.view, *SEEDS, after=())
        await read_to_the_end(pool)
        await sit_down(pool)
        with tempfile.TemporaryDirectory() as home:
            now = datetime.combine(TODAY, clock_time(2), UTC)
            await ask(stand(pool, Path(home), now))
        await pool.close()


async def ask(city: City) -> None:
    """Ask for the pages of approvals as an office and as the city."""
    for user, name, path in (
        ("nrp", "desk of an office", "/approvals"),
        ("nrp", "overdue of an office", "/approvals?show=overdue"),
        ("agent", "desk of the window", "/approvals"),
        ("city", "overdue by office", "/approvals/overdue"),
        ("city", "month of approvals", "/approvals/months/2019-06"),
    ):
        async with city.browser(user) as browser:
            taken = await times(browser, path, ASKED)
        note(f"{name} p50", statistics.median(taken), "ms", None, None)
        note(f"{name} p95", taken[int(0.95 * len(taken))], "ms", None, None)


async def main() -> None:
    """Measure."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    heard = [tolds(course(number)) for number in range(COURSES)]
    await sweeps(heard)
    await pages(heard)


if __name__ == "__main__":
    asyncio.run(main())
