"""Which items are asked for, over which period, and what comes of them in words and in files."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from urllib.parse import urlencode

from pydantic import BaseModel

from contracts.approval_tracking import ItemState
from services.console.pages import figure_words, names, words
from services.console.pages.frame import Site
from services.console.pages.item_clocks import Stands
from services.console.pages.item_figures import Over
from services.console.pages.item_reading import LISTS, NOBODY, Ask, Item
from services.console.pages.session import Visit
from services.console.pages.sheet_file import Column
from shared.deadline import Calendar
from shared.deadline.terms import months_after
from shared.refusals import NotAllowed, UnreadableInput
from shared.scope import ITEM_SCOPES, may
from shared.seeing import Scope
from shared.units import Units

PATH = "/approvals"
EVERYBODY = "all"
SOON_DAYS = 3
TAKEN = {"mine": "我领取的", "free": "没有人领取的", "own": "本单位的项目"}


class NoSuchPeriod(UnreadableInput):
    """The period asked for is neither a month nor a year that has begun."""

    code = "no_such_period"
    title = "看不了这个时段"


class Asked(BaseModel):
    """Which items are asked for; whatever cannot be read counts as not asked."""

    show: str = ""
    office: str = ""
    region: str = ""
    taken: str = ""
    period: str = ""
    page: str = ""
    after: str = ""
    export: str = ""

    @property
    def list(self) -> str:
        """The list asked for, or what is open."""
        return self.show if self.show in LISTS else ""

    @property
    def number(self) -> int:
        """The page asked for, from 1."""
        return max(1, int(self.page)) if self.page.isdecimal() and len(self.page) < 7 else 1

    def address(self, path: str = PATH, **changes: str | int) -> str:
        """Give an address with the same question but for the changes."""
        names_of = ("show", "office", "region", "taken", "period")
        kept = {name: getattr(self, name) for name in names_of} | changes
        asked = {name: value for name, value in kept.items() if value != ""}
        return f"{path}?{urlencode(asked)}" if asked else path


@dataclass(frozen=True)
class Line:
    """An item and how it stands on the day of the page."""

    item: Item
    at: Stands
    is_mine: bool


def period_of(text: str, today: date) -> tuple[date, date]:
    """Read a year or a month as its first and its last day; nothing is the month that runs.

    Raises:
        NoSuchPeriod: it cannot be read, or has not begun.
    """
    text = text or f"{today:%Y-%m}"
    try:
        first = date.fromisoformat(f"{text}-01-01" if len(text) == 4 else f"{text}-01")
    except ValueError:
        first = None
    if first is None or first > today:
        raise NoSuchPeriod(
            f"“{text[:20]}”不是一个已经开始的年或月，要写成 {today:%Y} 或 {today:%Y-%m}。"
        )
    following = months_after(first, 12 if len(text) == 4 else 1)
    return first, following - timedelta(days=1)


def asked_of(site: Site, visit: Visit, asked: Asked, calendar: Calendar) -> Ask:
    """Put the question to the rows: an officer who names no office means his own."""
    today = site.clock.today()
    since, until = period_of(asked.period, today)
    own = visit.actor.org if works_on_items(visit) else ""
    office = asked.office or own
    return Ask(
        today=today,
        soon=_working_days_on(calendar, today, SOON_DAYS),
        since=since,
        until=until,
        office="" if office == EVERYBODY else office,
        region=asked.region,
        officer={"mine": visit.actor.account, "free": NOBODY}.get(asked.taken, ""),
        owners=site.reader(visit).own("org") if asked.taken == "own" else (),
    )


def everybodys(asked: Asked) -> Asked:
    """Ask for all offices where none is named, whoever asks."""
    return asked.model_copy(update={"office": asked.office or EVERYBODY})


def works_on_items(visit: Visit) -> bool:
    """Tell whether this account has a desk of its own."""
    return may(visit.actor, "handle_items") or visit.actor.role == "agent"


def scope_of(site: Site, visit: Visit) -> Scope:
    """Give the items that this account sees.

    Raises:
        NotAllowed: its role sees none.
    """
    scope = ITEM_SCOPES.seen_by(site.reader(visit))
    if scope.nothing:
        raise NotAllowed("审批台由审批人员、代办员、填报单位和看全市项目的部门查看。")
    return scope


def total(found: Mapping[str, Over]) -> Over:
    """Add up what came of several offices, or places."""
    rows = found.values()
    return Over(
        begun=sum(row.begun for row in rows),
        done=sum(row.done for row in rows),
        late=sum(row.late for row in rows),
        used=sum(row.used for row in rows),
        promised=sum(row.promised for row in rows),
        longest_used=max((row.longest_used for row in rows), default=0),
        longest_over=max((row.longest_over for row in rows), default=0),
    )


def rate(over: Over) -> str:
    """Write which part was granted in time, in per cent; nothing where nothing was granted."""
    if not over.done:
        return words.MISSING
    return f"{figure_words.rate(Fraction(100 * (over.done - over.late), over.done))}%"


def average(days: int, over: Over) -> str:
    """Write an average number of working days; nothing where nothing was granted."""
    return f"{days / over.done:.1f}" if over.done else words.MISSING


def _working_days_on(calendar: Calendar, today: date, number: int) -> date:
    day = today
    while number:
        day += timedelta(days=1)
        number -= calendar.is_working_day(day)
    return day


def place(row: Item, on: date) -> str:
    """Name where a project lies: its zone, or its county."""
    return names.zone(row.zone_id, on) if row.zone_id else names.region(row.region, on)


def said(asked: Asked, ask: Ask, units: Units, on: date) -> tuple[str, ...]:
    spoken = (
        LISTS[asked.list].name,
        names.organisation(ask.office, units, on) if ask.office else "",
        names.zone(ask.region, on) if ask.region.startswith("Z-") else names.region(ask.region, on),
        TAKEN.get(asked.taken, ""),
        f"{ask.since} 至 {ask.until}" if LISTS[asked.list].of_period else "",
    )
    return tuple(filter(None, spoken))


def columns(units: Units, on: date) -> tuple[Column[Line], ...]:
    def unit(org: str) -> str:
        return names.organisation(org, units, on)

    return (
        Column("事项", lambda line: line.item.name),
        Column("事项编号", lambda line: line.item.item),
        Column("项目名称", lambda line: line.item.project),
        Column("报送单位", lambda line: unit(line.item.owner_org)),
        Column("所在地", lambda line: place(line.item, on)),
        Column("实施单位", lambda line: unit(line.item.handling)),
        Column("主管单位", lambda line: unit(line.item.competent)),
        Column("状态", lambda line: words.ITEM_STATES[ItemState(line.item.state)]),
        Column("收件", lambda line: line.item.received_on),
        Column("受理", lambda line: line.item.accepted_on),
        Column("承诺到期", lambda line: line.item.promised_due),
        Column("法定到期", lambda line: line.item.statutory_due),
        Column("期限", lambda line: line.at.left),
        Column("已用", lambda line: line.at.used or None),
        Column("时限", lambda line: line.at.total or None),
        Column("办结", lambda line: line.item.done_on),
        Column("文号", lambda line: line.item.document_number),
        Column("项目编号", lambda line: line.item.project_id),
    )
