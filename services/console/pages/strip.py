"""为什么是这一天: each day of a term from its start, what it is to it, and the sum in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from fastapi import APIRouter, Request, Response

from contracts.intake import Holder
from services.console.pages import words
from services.console.pages.frame import Site, not_in_scope
from services.console.pages.reckoning import HOLDERS, Reckoning, Standing
from shared.deadline import Day, DayKind, Period, deadline, explain
from shared.wording import spoken_day, weekday

# A term that is long over is not shown day by day to the present one.
MOST_OVER = timedelta(days=14)
_NB = "\N{NO-BREAK SPACE}"
_STARTS = {Holder.CITY: "报送", Holder.PROVINCE: "初审通过", Holder.REPORTER: "退回"}


@dataclass(frozen=True)
class Box:
    """One day of the strip: when, its sign, what it is in words."""

    day: date
    weekday: str
    sign: str
    words: str
    made_up: bool
    due: bool
    today: bool
    provisional: bool


@dataclass(frozen=True)
class Strip:
    """A term laid out; ``sums`` say in words what the boxes show, ``differs`` what they do not."""

    boxes: tuple[Box, ...]
    sums: tuple[str, ...]
    calendars: tuple[str, ...]
    differs: date | None


def pages(site: Site) -> APIRouter:
    """Give the route of the strip; htmx gets it without the frame."""
    router = APIRouter()

    @router.get("/projects/{project_id}/term")
    async def term(request: Request, project_id: UUID, as_of: str = "") -> Response:
        visit = await site.visit(request)
        when = await site.moment(as_of)
        project = await site.reading_of(when).project(site.scope(visit), str(project_id))
        if project is None:
            raise not_in_scope()
        reckoning = await site.reckoning(request, when)
        standing = reckoning.standing(project)
        strip = None
        if standing:
            # Explained on what was known when it was counted.
            years = await site.reading.known_at(standing.term.calendar)
            start = "省级退回" if project.returned_to_city else _STARTS[HOLDERS[project.stage]]
            strip = lay_out(
                replace(reckoning, known=years.known), project.stage, start, standing, years.notices
            )
        within = request.headers.get("HX-Request")
        return await site.render(
            request,
            "_term.html" if within else "term.html",
            visit,
            title="期限的逐日说明",
            current="projects",
            when=when,
            project=project,
            at=standing,
            strip=strip,
            term_rules=reckoning.rules.on(standing.term.start if standing else when.today),
        )

    return router


def lay_out(
    reckoning: Reckoning,
    stage: str,
    start: str,
    standing: Standing,
    notices: Mapping[int, Sequence[str]],
) -> Strip | None:
    """Lay a term out day by day; None as long as no rule says how long it is."""
    term, today = standing.term, reckoning.today
    period = reckoning.period(HOLDERS[stage], term.start)
    if period is None:
        return None
    calendar = reckoning.known.calendar
    due = deadline(period, calendar, term.start).due
    days = explain(period, calendar, min(today, (due or today) + MOST_OVER))
    return Strip(
        boxes=tuple(box(day, due, today, start) for day in days),
        sums=tuple(_sums(days, period, due, today, start, standing)),
        calendars=tuple(calendars_of(days, notices)),
        differs=due if due != term.due else None,
    )


def box(day: Day, due: date | None, today: date, start: str) -> Box:
    """Give a day of a term as the strip shows it; ``start`` is what happened on its first."""
    said = {
        DayKind.BEFORE: start,
        DayKind.COUNTED: f"第{_NB}{day.number}{_NB}天",
        DayKind.MAKE_UP: f"第{_NB}{day.number}{_NB}天",
        DayKind.HOLIDAY: day.holiday or "放假",
        DayKind.WEEKEND: "周末",
        DayKind.PAUSED: "停表",
        DayKind.OVERDUE: f"超期 {day.number}{_NB}天",
    }[day.kind]
    sign = {
        DayKind.BEFORE: "before",
        DayKind.COUNTED: "used",
        DayKind.MAKE_UP: "makeup",
        DayKind.HOLIDAY: "off",
        DayKind.WEEKEND: "off",
        DayKind.PAUSED: "stop",
        DayKind.OVERDUE: "over",
    }[day.kind]
    return Box(
        day=day.day,
        weekday=weekday(day.day),
        sign=sign,
        words=said,
        made_up=day.kind is DayKind.MAKE_UP,
        due=day.day == due,
        today=day.day == today,
        provisional=day.provisional,
    )


def _sums(
    days: Sequence[Day],
    period: Period,
    due: date | None,
    today: date,
    start: str,
    standing: Standing,
) -> Iterator[str]:
    """Say what counts, what does not, and why, in the order of the days."""
    if due is None:
        return
    began = spoken_day(period.start, today)
    yield (
        f"{began}{start}，当日不计，次日起算 {period.term.length} 个工作日，"
        f"至{spoken_day(due, today)} 24:00 到期。"
    )
    yield from days_not_counted(days, due, today)
    if standing.light == "late":
        cut = f"，下面只列到 {words.day(days[-1].day, today)}" if days[-1].day < today else ""
        yield f"到今天{standing.left}{cut}。"


def days_not_counted(days: Sequence[Day], due: date | None, today: date) -> Iterator[str]:
    """Say which days up to the last are none of a term in working days, and which after all are."""
    within = [day for day in days if due is None or day.day <= due]
    off = [
        f"{name} {_span(group, today)} 放假" for name, group in _in_rows(within, DayKind.HOLIDAY)
    ]
    weekends = sum(day.kind is DayKind.WEEKEND for day in within)
    if weekends:
        off.append(f"周末 {weekends} 天")
    if off:
        yield f"不计：{'，'.join(off)}。"
    worked = [spoken_day(day.day, today) for day in within if day.kind is DayKind.MAKE_UP]
    if worked:
        yield f"计入：{'、'.join(worked)}调休上班。"


def _in_rows(days: Sequence[Day], kind: DayKind) -> Iterator[tuple[str, list[Day]]]:
    for (is_so, name), group in groupby(days, lambda day: (day.kind is kind, day.holiday)):
        if is_so:
            yield name or "", list(group)


def _span(days: Sequence[Day], today: date) -> str:
    first, last = (words.day(day.day, today) for day in (days[0], days[-1]))
    return first if first == last else f"{first} 至 {last}"


def calendars_of(days: Sequence[Day], notices: Mapping[int, Sequence[str]]) -> Iterator[str]:
    """Name the notices that the years of the strip rest on."""
    for year, group in groupby(days, lambda day: day.day.year):
        if any(day.provisional for day in group):
            yield f"{year} 年放假安排尚未公布，暂按法定假日计，公布后重算"
        else:
            yield f"{year} 年放假安排 {'、'.join(notices.get(year, ()))}".strip()
