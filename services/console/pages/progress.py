"""月报: which projects have reported a month, which owe it still, and what it came to."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from services.console.pages import words
from services.console.pages.due_days import Due, due_of
from services.console.pages.exporting import give
from services.console.pages.filters import MONTH
from services.console.pages.frame import Site
from services.console.pages.moment import Moment
from services.console.pages.months import NoSuchMonth
from services.console.pages.progress_reading import PAGE_ROWS, SHOWS, Line
from services.console.pages.rules import PROGRESS, Rules
from services.console.pages.session import Visit
from services.console.pages.sheet_file import Column
from shared.deadline import Calendar
from shared.deadline.terms import months_after
from shared.refusals import NotAllowed
from shared.scope import MONTH_SCOPES, may


class Asked(BaseModel):
    """The query part of the address. Whatever cannot be read counts as not asked."""

    model_config = ConfigDict(extra="ignore")

    show: str = ""
    org: str = ""
    page: str = ""
    as_of: str = ""
    after: str = ""
    export: str = ""

    @property
    def number(self) -> int:
        """The page asked for, from 1."""
        return max(1, int(self.page)) if self.page.isdecimal() and len(self.page) < 6 else 1


@dataclass(frozen=True)
class MonthLink:
    """One month of the year in the switcher; without an address it cannot be opened."""

    name: str
    due: date | None
    address: str
    here: bool


def pages(site: Site) -> APIRouter:
    """Give the routes of the months of all projects."""
    router = APIRouter()

    @router.get("/progress")
    async def due_now(request: Request) -> Response:
        await site.visit(request)
        return site.turn(request, f"/progress/{await month_to_report(site)}")

    @router.get("/progress/{month}")
    async def one(request: Request, month: str, asked: Annotated[Asked, Query()]) -> Response:
        visit = await site.visit(request)
        when = await site.moment(asked.as_of)
        fresh = when.past or await site.fresh(visit, asked.after)
        scope = site.scope(visit)
        if scope.nothing:
            raise NotAllowed("月报由报送单位、审核单位和看全市项目的部门查看。")
        begins = await read_month(site, month, when)
        reading = site.reading_of(when)
        rules, calendar = await reading.rules(PROGRESS), (await reading.in_force()).calendar
        end = months_after(begins, 1) - timedelta(days=1)
        owed_in = owing_pools(rules, end)
        show = asked.show if asked.show in SHOWS else ""
        org = asked.org if asked.org.isascii() else ""
        counted = await reading.progress.counted(scope, owed_in, month, end, org)
        number = counted.shows[show] if show else counted.lines
        last = max(1, -(-number // PAGE_ROWS))
        if asked.number > last:
            return site.turn(request, _address(month, asked, when, page=str(last)))
        rows = await reading.progress.listed(
            scope, owed_in, month, end, org, show, None if asked.export else asked.number
        )
        if asked.export:
            filtered = [
                words.month(month),
                *([SHOWS[show][0]] if show else []),
                *filter(None, [org]),
            ]
            return await give(site, request, visit, when, "月报", COLUMNS, rows, filtered)
        units = await site.units(visit, when)
        seen = MONTH_SCOPES.seen_by(site.reader(visit))
        page = await site.render(
            request,
            "progress.html",
            visit,
            title=f"月报 {words.month(month)}",
            current="progress",
            when=when,
            month=month,
            asked=asked,
            show=show,
            shows=SHOWS,
            org=org,
            orgs=[
                (body.id, body.short_name)
                for body in units.planning_bodies(when.today)
                if seen.holds({"org": body.id})
            ],
            due=month_due(begins, rules, calendar, when.today),
            links=_links(begins, await _first(site, when), when, rules, calendar),
            year=begins.year,
            counted=counted,
            number=number,
            rows=rows,
            last=last,
            state_of=said,
            light_of=light,
            address=lambda **changes: _address(month, asked, when, **changes),
            reports=may(visit.actor, "report") and not when.past,
            mine=site.reader(visit).own("org"),
            fresh=fresh,
        )
        if not fresh:
            page.headers["Siku-Stale"] = "true"
        return page

    return router


def said(line: Line) -> str:
    """Say how a project stands with its month."""
    if line.edition:
        state = "迟报" if line.late else "按时"
        return f"{state}，更正 {line.edition - 1} 次" if line.edition > 1 else state
    if line.missed_on:
        return "漏报"
    return "未报"


def light(line: Line) -> str:
    """Give the shape of how it stands."""
    if line.edition:
        return "near" if line.late else "ok"
    return "late" if line.missed_on else "none"


COLUMNS: tuple[Column[Line], ...] = (
    Column("项目名称", lambda line: line.name),
    Column("项目编号", lambda line: line.project_id),
    Column("报送单位", lambda line: line.owner_name),
    Column("库", lambda line: words.POOL_BY_CODE[line.pool].name),
    Column("状态", said),
    Column("版次", lambda line: line.edition or None),
    Column("报送日期", lambda line: line.reported_on),
    Column("截止日期", lambda line: line.due),
    Column("本月完成投资（万元）", lambda line: words.in_wan(line.invested)),
    Column("本年完成投资（万元）", lambda line: words.in_wan(line.this_year)),
    Column("自开工累计（万元）", lambda line: words.in_wan(line.in_all)),
    Column("总投资（万元）", lambda line: words.in_wan(line.total_investment)),
    Column("问题数", lambda line: line.problems),
)


@dataclass(frozen=True)
class OwnMonth:
    """What a unit's projects owe of the month that is due next, or was last."""

    month: str
    owed: int
    missing: int
    due: Due | None


async def own_month(site: Site, visit: Visit) -> OwnMonth | None:
    """Give what the projects of a reporter's unit owe; None where they owe nothing."""
    if not may(visit.actor, "report"):
        return None
    month, today = await month_to_report(site), site.clock.today()
    begins, reading = date.fromisoformat(f"{month}-01"), site.reading
    end = months_after(begins, 1) - timedelta(days=1)
    rules, calendar = await reading.rules(PROGRESS), (await reading.in_force()).calendar
    counted = await reading.progress.counted(
        site.scope(visit), owing_pools(rules, end), month, end, visit.actor.org
    )
    if not counted.shows["missing"]:
        return None
    due = month_due(begins, rules, calendar, today)
    return OwnMonth(month, counted.owed, counted.shows["missing"], due)


async def month_to_report(site: Site) -> str:
    """Give the month that is due next, or was last: the one before this one, once there is one."""
    today = site.clock.today().replace(day=1)
    first = await _first(site, await site.moment(""))
    return f"{max(first, months_after(today, -1)):%Y-%m}"


async def read_month(site: Site, text: str, when: Moment) -> date:
    """Read a month of an address.

    Raises:
        NoSuchMonth: it is none, or has not begun, or lies before the year of the first record.
    """
    if MONTH.fullmatch(text) is None or text.startswith("0000"):
        raise NoSuchMonth(
            f"“{text[:40]}”不是一个月份，要写成年-月，如 {when.today:%Y-%m}。请从月报重新进入。"
        )
    month = date.fromisoformat(f"{text}-01")
    if month > when.today:
        raise NoSuchMonth(f"{words.month(text)}还没有开始。请看本月或以前的月份。")
    if month.year < (await _first(site, when)).year:
        raise NoSuchMonth(f"{words.month(text)}系统还没有记录。请看以后的月份。")
    return month


def month_due(month: date, rules: Rules, calendar: Calendar, today: date) -> Due | None:
    """Give until when a month is to be reported: a day of the month after it."""
    due = due_of(months_after(month, 1), rules, calendar, today)
    # The days until then are counted from today, not from the first day of that month.
    return due and replace(due, left=max(0, (due.day - today).days))


def owing_pools(rules: Rules, on: date) -> tuple[str, ...]:
    """Give the pools whose projects owe a report, by the rules of a day."""
    file = rules.file_on(on)
    named = file.values.get("owed_in") if file else None
    return tuple(str(pool) for pool in named) if isinstance(named, list) else ()


async def _first(site: Site, when: Moment) -> date:
    first = await site.reading.first_day()
    return (first or when.today).replace(day=1)


def _address(month: str, asked: Asked, when: Moment, **changes: str) -> str:
    kept = {"show": asked.show, "org": asked.org, "page": ""}
    query = {name: value for name, value in {**kept, **changes}.items() if value}
    address = f"/progress/{month}"
    return when.keep(f"{address}?{urlencode(query)}" if query else address)


def _links(
    month: date, first: date, when: Moment, rules: Rules, calendar: Calendar
) -> tuple[MonthLink, ...]:
    found = []
    for number in range(1, 13):
        begins = month.replace(month=number)
        due = month_due(begins, rules, calendar, when.today)
        known = begins <= when.today and begins.year >= first.year
        found.append(
            MonthLink(
                f"{number}月",
                due.day if due and due.asked else None,
                when.keep(f"/progress/{begins:%Y-%m}") if known else "",
                begins == month,
            )
        )
    return tuple(found)
