"""What becomes of an item of an example project: when it is handed in, asked back, paused, granted.

Chance decides by the names of project and item alone, so a demonstration that is begun again goes
on with the same story.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from contracts.reference import calendar_years
from examples.dice import Dice
from examples.projects import ON

Item = Mapping[str, Any]
"""An item of a plan, as approval tracking's door answers it."""
_NEVER = 10_000
_OVER = {"REFUSED", "WITHDRAWN", "REVOKED"}
_DAYS_OUTSIDE = 18
"""What takes no counted days takes days all the same: tenders, the province, the utilities."""
_CHECKS_AFTER = 8
"""So many times as long as what was missing took, a commitment waits to be looked at."""
_PAUSES = (
    ("EXPERT_REVIEW", "组织专家评审，评审期间不计时。", 6),
    ("PUBLICITY", "依法公示，公示期间不计时。", 5),
    ("HEARING", "利害关系人申请听证。", 8),
)


@dataclass(frozen=True)
class Story:
    """How a project goes about its permits: when it begins, how fast, who is at it."""

    name: str
    rests: int
    hurries: bool

    def course(self, item: str) -> "Course":
        """Throw the dice for one of its items."""
        dice = Dice(self.name, item)
        fast = self.hurries
        wait = dice.between(0, 1) if fast else dice.between(1, 5)
        late = dice.part() < (0.0 if fast else 0.08)
        share = dice.between(30, 60) if fast else dice.between(50, 100)
        pause = dice.choice(_PAUSES) if dice.part() < (0.0 if fast else 0.12) else None
        return Course(
            wait=wait,
            asks=dice.part() < (0.03 if fast else 0.15),
            corrects_in=dice.between(2, 6),
            percent=dice.between(120, 180) if late else share,
            pause=pause,
            follows_up_in=dice.between(3, 7),
        )


@dataclass(frozen=True)
class Course:
    """What chance has in store for an item. ``percent`` is of the promised days."""

    wait: int
    asks: bool
    corrects_in: int
    percent: int
    pause: tuple[str, str, int] | None
    follows_up_in: int


@dataclass(frozen=True)
class Step:
    """An act that is due: on which item, with which body; by the office, or by the unit itself."""

    item: str
    act: str
    body: Mapping[str, Any]
    by_unit: bool = False


def story_of(name: str, place: int) -> Story:
    """Say how the project with this place in the list goes about its permits."""
    match place % 12:
        case 5:
            return Story(name, _NEVER, hurries=False)
        case 0 | 6:
            return Story(name, 0, hurries=True)
        case _:
            return Story(name, Dice(name).between(0, 25), hurries=False)


def due_steps(plan: Mapping[str, Any], story: Story, today: date) -> Iterator[Step]:
    """Give what is due on a day in a plan, at most one step an item."""
    items = {item["item"]: item for item in plan["items"]}
    if plan["closed"] or worked_between(ON, today) < story.rests or not is_worked(today):
        return
    for item in items.values():
        step = _step(plan, item, items, story, today)
        if step is not None:
            yield step


def _step(
    plan: Mapping[str, Any], item: Item, items: Mapping[str, Item], story: Story, today: date
) -> Step | None:
    course, code = story.course(item["item"]), item["item"]
    state = item["state"]

    def after(day: str) -> int:
        return worked_between(date.fromisoformat(day), today)

    if state == "NOT_BEGUN" or state in _OVER:
        return None if state in _OVER else _begun(plan, item, items, story, today)
    if state == "RECEIVED" and after(_last_receipt(item)) >= 1:
        if course.asks and not item["corrections_asked_on"]:
            asked = ["总平面图缺建设单位签章", "请补交土地权属证明"]
            return Step(code, "ask-corrections", {"corrections": asked})
        return Step(code, "accept", {})
    if state == "CORRECTING" and after(item["corrections_asked_on"]) >= course.corrects_in:
        return Step(code, "correct", {}, by_unit=True)
    if state == "PAUSED" and course.pause:
        if after(item["pauses"][-1]["first"]) >= course.pause[2]:
            return Step(code, "resume", {})
        return None
    if state == "ACCEPTED":
        return _decided(item, course, after(item["accepted_on"]))
    if state == "COMMITTED" and not item["checked_on"]:
        if after(item["done_on"]) < _CHECKS_AFTER * course.follows_up_in:
            return None
        return Step(code, "check-commitment", {"kept": True, "findings": "现场核查，与承诺一致"})
    if state == "GRANTED" and item["follow_up"] and after(item["done_on"]) >= course.follows_up_in:
        return Step(code, "follow-up", {"note": "材料已补齐"})
    return None


def _last_receipt(item: Item) -> str:
    clocks = [clock["start"] for clock in item["clocks"] if clock["sort"] == "RECEIPT"]
    return str(clocks[-1] if clocks else item["received_on"])


def _begun(
    plan: Mapping[str, Any], item: Item, items: Mapping[str, Item], story: Story, today: date
) -> Step | None:
    """Begin an item some days after the last of what it waits for."""
    if item["waits_for"]:
        return None
    ended = [items[one]["done_on"] for one in item["after"] if one in items]
    since = max([ON, *(date.fromisoformat(day) for day in ended if day)])
    waited = worked_between(since, today) - (story.rests if not any(ended) else 0)
    course = story.course(item["item"])
    code, number = item["item"], _document(plan, item)
    if item["need"] == "COMMITTED":
        signed = waited >= course.wait
        return Step(code, "commit", {"document_number": number}, by_unit=True) if signed else None
    if _at_once(item):
        counted = item["statutory"] or item["promised"]
        needed = course.wait if counted else _DAYS_OUTSIDE // (3 if story.hurries else 1)
        if waited < needed or item["lacking"]:
            return None
        return Step(code, "grant", {"document_number": number})
    return Step(code, "receive", {}, by_unit=True) if waited >= course.wait else None


def _decided(item: Item, course: Course, used: int) -> Step | None:
    code = item["item"]
    paused = sum(
        worked_between(date.fromisoformat(one["first"]), date.fromisoformat(one["last"])) + 1
        for one in item["pauses"]
        if one["last"]
    )
    if course.pause and not item["pauses"] and used >= 2:
        procedure, reason, days = course.pause
        body = {"procedure": procedure, "reason": reason, "expected_days": days}
        return Step(code, "pause", {**body, "notice": f"示例告知〔2019〕{used}号"})
    term = item["promised"] or item["statutory"]
    takes = max(1, term["length"] * course.percent // 100) if term else _DAYS_OUTSIDE
    if used - paused < takes:
        return None
    body = {"document_number": _document({}, item)}
    if item["lacking"]:
        if used - paused < takes + 2:
            return None
        return Step(code, "grant", {**body, "follow_up": "缺" + "、".join(item["lacking"])})
    return Step(code, "grant", body)


def _at_once(item: Item) -> bool:
    """Tell what is granted in one act: 即办, and what no clock counts."""
    if item["statutory"] is None:
        return item["promised"] is None or item["promised"]["length"] == 0
    return bool(item["statutory"]["length"] == 0)


def _document(plan: Mapping[str, Any], item: Item) -> str:
    if item["item"] == "A01" and plan.get("project_code"):
        return str(plan["project_code"])
    number = Dice("document", item["name"], item.get("received_on")).between(1, 900)
    return f"示例〔2019〕{item['item']}-{number}号"


def answers_of(name: str, asked: Sequence[str]) -> dict[str, Any]:
    """Answer those of the catalogue's questions that are still open."""
    dice = Dice(name, "circumstances")
    answers: dict[str, Any] = {
        "land": dice.choice(("EXAMINED", "STOCK", "NEW")),
        "energy_tce": dice.choice((300, 800, 1_500)),
        "electricity_kwh": dice.choice((900_000, 3_000_000, 6_000_000)),
        "works_yuan": 12_000_000,
        "goods_yuan": 3_000_000,
        "services_yuan": 600_000,
        "eia": dice.choice(("TABLE", "REGISTER", "BOOK")),
        "land_sqm": dice.choice((3_000, 20_000, 66_000)),
        "earthworks_m3": dice.choice((800, 12_000, 60_000)),
        "works_size": dice.choice(("LARGE", "MEDIUM")),
        "sector": dice.choice(("TRANSPORT", "WATER", "ENERGY")),
        "heritage_area": dice.part() < 0.1,
        "occupies_greens": dice.part() < 0.2,
    }
    return {name: answers.get(name, False) for name in asked}


@cache
def _exceptions() -> tuple[frozenset[date], frozenset[date]]:
    off: set[date] = set()
    on: set[date] = set()
    for year in calendar_years():
        on.update(year.make_up_days)
        for holiday in year.holidays:
            days = (holiday.last - holiday.first).days
            off.update(holiday.first + timedelta(days=n) for n in range(days + 1))
    return frozenset(off), frozenset(on)


def is_worked(day: date) -> bool:
    """Tell whether a day is worked, by the years that a home begins with."""
    off, on = _exceptions()
    return day in on or (day.weekday() < 5 and day not in off)


@cache
def worked_between(first: date, last: date) -> int:
    """Count the working days after ``first``, up to and with ``last``."""
    return sum(is_worked(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
