"""按月报送: which bodies have reported for a month, which have not, when it was due and now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from services.console.adapters.intake import IntakeRefused, Problem
from services.console.pages import words
from services.console.pages.due_days import Due, due_of
from services.console.pages.exporting import give
from services.console.pages.filters import MONTH
from services.console.pages.frame import Said, Site
from services.console.pages.moment import Moment
from services.console.pages.monthly import SHOWS, Line, Month, State, Stood, month_of
from services.console.pages.rules import REPORT_MONTH
from services.console.pages.session import Visit
from services.console.pages.sheet_file import Column
from services.console.pages.strip import Box
from shared.deadline import Calendar
from shared.refusals import NotAllowed, Unavailable, UnreadableInput
from shared.scope import MONTH_SCOPES, may
from shared.seeing import Scope
from shared.units import Unit
from shared.wording import weekday

_UNCONFIRMED = Problem(
    title="请先确认",
    status=422,
    code="confirm_nothing_new",
    detail="勾选“本月没有新增谋划项目”后再报。",
)


class NoSuchMonth(UnreadableInput):
    """The month asked for cannot be read, has not begun, or lies before the first record."""

    code = "no_such_month"
    title = "看不了这个月"


@dataclass(frozen=True)
class Neighbour:
    """One month of the year as the switcher shows it; without an address it cannot be opened."""

    name: str
    due: date | None
    address: str = ""
    here: bool = False


STATES = {
    State.REPORTED: "已报送",
    State.ON_TIME: "按时",
    State.LATE: "迟报",
    State.MISSING: "未报",
    State.MISSED: "逾期未报",
}
_COLUMNS = (
    Column[Line]("报送单位", lambda line: line.name),
    Column[Line]("状态", lambda line: STATES[line.state]),
    Column[Line]("迟报天数", lambda line: line.late_by or None),
    Column[Line]("首次报送", lambda line: line.since),
    Column[Line]("截止时项目数", lambda line: line.then.projects if line.then else None),
    Column[Line](
        "截止时总投资（万元）", lambda line: words.in_wan(line.then.money if line.then else None)
    ),
    Column[Line]("现在项目数", lambda line: line.now.projects),
    Column[Line]("现在总投资（万元）", lambda line: words.in_wan(line.now.money)),
    Column[Line]("零报告日期", lambda line: line.now.nothing_new_on),
    Column[Line]("退回未重报", lambda line: line.now.sent_back),
)


def pages(site: Site) -> APIRouter:
    """Give the routes of the monthly report."""
    router = APIRouter()

    async def answer_with(
        request: Request,
        visit: Visit,
        month: str,
        when: Moment,
        *,
        only: str = "",
        fresh: bool = True,
        problem: Problem | None = None,
        key: str = "",
        export: str = "",
    ) -> Response:
        first = await first_month(site, when)
        begins = read_month(month, first, when.today)
        reading = site.reading_of(when)
        rules, calendar = await reading.rules(REPORT_MONTH), (await reading.in_force()).calendar
        due = due_of(begins, rules, calendar, when.today)
        units, seen = await site.units(visit, when), MONTH_SCOPES.seen_by(site.reader(visit))
        bodies = [
            body
            for body in units.planning_bodies(_counted_on(begins, due, when.today))
            if seen.holds({"org": body.id})
        ]
        if not bodies:
            raise NotAllowed("按月报送由谋划主体、审核单位和看全市项目的部门查看。")
        found = await _judged(site, month, bodies, due, when)
        only = only if only in SHOWS else ""
        if export:
            lines = [line for group in found.groups(only) for line in group.lines]
            said = (words.month(month), SHOWS[only][0] if only else "全部谋划主体")
            return await give(site, request, visit, when, "按月报送", _COLUMNS, lines, said)
        reports = may(visit.actor, "report")
        page = await site.render(
            request,
            "months.html",
            visit,
            title=f"按月报送 {words.month(month)}",
            current="months",
            status=problem.status if problem else 200,
            when=when,
            month=month,
            due=due,
            days=_days(begins, due, calendar, when.today) if due and due.asked else (),
            neighbours=_neighbours(
                begins, first, when, lambda month: due_of(month, rules, calendar, when.today)
            ),
            before=begins.year > first.year,
            after=begins.year < when.today.year,
            year=begins.year,
            found=found,
            shows=SHOWS,
            only=only,
            states=State,
            own=next((line for line in found.lines if line.org == visit.actor.org), None)
            if reports
            else None,
            open_to_him=reports and not when.past and month == f"{when.today:%Y-%m}",
            pressing=due is not None
            and due.asked
            and not due.over
            and when.today >= due.yellow_from
            and found.count("missing") > 0,
            listed=lambda line: _sees_all_reported(site.scope(visit), line),
            money=sum(line.now.money for line in found.lines),
            projects=sum(line.now.projects for line in found.lines),
            key=key or str(uuid4()),
            problem=problem,
            fresh=fresh,
        )
        if not fresh:
            page.headers["Siku-Stale"] = "true"
        return page

    @router.get("/months")
    async def this_month(request: Request) -> Response:
        await site.visit(request)
        return site.turn(request, f"/months/{site.clock.today():%Y-%m}")

    @router.get("/months/{month}")
    async def one(
        request: Request,
        month: str,
        show: str = "",
        as_of: str = "",
        after: str = "",
        export: str = "",
    ) -> Response:
        visit = await site.visit(request)
        when = await site.moment(as_of)
        fresh = when.past or await site.fresh(visit, after)
        return await answer_with(request, visit, month, when, only=show, fresh=fresh, export=export)

    async def carry_out(request: Request, month: str, path: str, said: Said) -> Response:
        visit = await site.visit(request)
        if not may(visit.actor, "report"):
            raise NotAllowed("本月无新增由谋划主体的报送员来报，请用报送账号登录。")
        form = await request.form()
        key = str(form.get("key") or uuid4())
        when = await site.moment("")

        async def again(problem: Problem, again_key: str = "") -> Response:
            return await answer_with(request, visit, month, when, problem=problem, key=again_key)

        if "confirmed" not in form:
            return await again(_UNCONFIRMED)
        try:
            answer = await site.command(visit, f"/report-months/{month}/{path}", {}, key=key)
        except IntakeRefused as refused:
            return await again(refused.problem)
        except Unavailable as silent:
            return await again(
                Problem(title="没有办成", status=503, code="unavailable", detail=silent.detail), key
            )
        return site.turn(request, f"/months/{month}?after={answer.wrote}", said)

    @router.post("/months/{month}/nothing-new")
    async def nothing_new(request: Request, month: str) -> Response:
        said = Said(
            "ok",
            f"已报{words.month(month)}“本月无新增”，计为已报送。",
            "当月之内可以撤回；之后有了新项目，照常报送。",
        )
        return await carry_out(request, month, "nothing-new", said)

    @router.post("/months/{month}/nothing-new/withdraw")
    async def withdraw(request: Request, month: str) -> Response:
        said = Said(
            "info", f"已撤回{words.month(month)}的“本月无新增”。", "没有报送项目的，本月又是未报。"
        )
        return await carry_out(request, month, "nothing-new/withdraw", said)

    return router


async def _judged(
    site: Site, month: str, bodies: Sequence[Unit], due: Due | None, when: Moment
) -> Month:
    orgs = [body.id for body in bodies]
    now = await site.reading_of(when).stood(month, orgs)
    then: dict[str, Stood] | None = None
    if due and due.asked and due.over:
        then = await site.reading.before(due.moment.now).stood(month, orgs)
    return month_of(bodies, now, then, due)


async def first_month(site: Site, when: Moment) -> date:
    """Give the month of the first record."""
    first = await site.reading.first_day()
    return (first or when.today).replace(day=1)


def read_month(text: str, first: date, today: date) -> date:
    """Read a month of an address, as its first day.

    Raises:
        NoSuchMonth: it cannot be read, has not begun, or lies before the first record.
    """
    if MONTH.fullmatch(text) is None or text.startswith("0000"):
        raise NoSuchMonth(
            f"“{text[:40]}”不是一个月份，要写成年-月，如 {today:%Y-%m}。请从按月报送重新进入。"
        )
    month = date.fromisoformat(f"{text}-01")
    if month > today:
        raise NoSuchMonth(
            f"{words.month(text)}还没有开始，今天是 {today.isoformat()}。请看本月或以前的月份。"
        )
    if month < first:
        raise NoSuchMonth(
            f"{words.month(text)}系统还没有记录，记录从{words.month(f'{first:%Y-%m}')}开始。"
            "请看那个月或以后的月份。"
        )
    return month


def _counted_on(month: date, due: Due | None, today: date) -> date:
    """Give the day whose bodies must report: who was not there when it was due owed nothing."""
    if due and due.asked:
        return due.day
    return min(today, _month_after(month) - timedelta(days=1))


def _neighbours(
    month: date, first: date, when: Moment, due_in: Callable[[date], Due | None]
) -> tuple[Neighbour, ...]:
    found = []
    for number in range(1, 13):
        begins = month.replace(month=number)
        due = due_in(begins)
        known = first <= begins <= when.today
        found.append(
            Neighbour(
                name=f"{number}月",
                due=due.day if due and due.asked else None,
                address=when.keep(f"/months/{begins:%Y-%m}") if known else "",
                here=begins == month,
            )
        )
    return tuple(found)


def _days(month: date, due: Due, calendar: Calendar, today: date) -> tuple[Box, ...]:
    """Lay out the days from the first of the month to the due day: which are worked?"""
    boxes = []
    for number in range((due.day - month).days + 1):
        day = month + timedelta(number)
        made_up, worked = calendar.is_make_up_day(day), calendar.is_working_day(day)
        off = calendar.holiday(day) or "周末"
        boxes.append(
            Box(
                day=day,
                weekday=weekday(day),
                sign="makeup" if made_up else "used" if worked else "off",
                words="工作日" if worked else off,
                made_up=made_up,
                due=day == due.day,
                today=day == today,
                provisional=calendar.is_provisional(day),
            )
        )
    return tuple(boxes)


def _month_after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _sees_all_reported(scope: Scope, line: Line) -> bool:
    """Tell whether the list of projects would show this reader all that the line counts."""
    reported = {"owner_org": line.org, "stage": "SUBMITTED"}
    unknown = dict.fromkeys(("pool", "region", "zone_id", "approving"))
    return scope.holds({**reported, **unknown})
