"""How the clocks of an item stand on the day of a page: a light, its words, and a bar of days."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from contracts.approval_tracking import Clock, ClockSort, ItemState, Unit
from services.console.pages import words
from shared.deadline import Calendar

UNITS = {Unit.WORKING_DAYS: "个工作日", Unit.CALENDAR_DAYS: "天"}
CLOCKS = {
    ClockSort.PROMISED: "承诺时限",
    ClockSort.STATUTORY: "法定时限",
    ClockSort.RECEIPT: "收件时限",
    ClockSort.COMMITMENT: "承诺核查",
    ClockSort.FOLLOW_UP: "容缺补齐",
}
_TERMS = (ClockSort.PROMISED, ClockSort.STATUTORY)
Light = Literal["ok", "near", "late", "hold", "done", "none"]


class Timed(Protocol):
    """An item as far as its clocks go; ``clocks`` are canonical text."""

    @property
    def state(self) -> str: ...
    @property
    def running(self) -> str | None: ...
    @property
    def clocks(self) -> str: ...
    @property
    def late(self) -> str: ...
    @property
    def done_on(self) -> date | None: ...


@dataclass(frozen=True)
class Stands:
    """How an item stands: counts are days of the clock's own unit; ``total`` 0 where none runs."""

    light: Light
    left: str
    total: int = 0
    used: int = 0
    over: int = 0
    clock: str = ""


def clocks_of(text: str) -> dict[ClockSort, Clock]:
    """Read the clocks of an item."""
    return {one.sort: one for one in map(Clock.model_validate, json.loads(text))}


def stands(item: Timed, calendar: Calendar, today: date) -> Stands:
    """Say how an item stands on a day, by the clock that runs out first."""
    clocks, state = clocks_of(item.clocks), ItemState(item.state)
    paused = state is ItemState.PAUSED
    if item.running is not None:
        return counted(clocks[ClockSort(item.running)], calendar, today, paused=paused)
    term = next((clocks[sort] for sort in _TERMS if sort in clocks), None)
    if paused:
        return counted(term, calendar, today, paused=True) if term else Stands("hold", "停表")
    if item.done_on is not None:
        return _done(term, item, calendar, item.done_on)
    return Stands("near" if state is ItemState.CORRECTING else "none", words.ITEM_STATES[state])


def counted(clock: Clock, calendar: Calendar, today: date, *, paused: bool) -> Stands:
    """Say how one clock stands on a day; one that stands still has what was left to it."""
    unit, name = UNITS[clock.unit], CLOCKS[clock.sort]
    if clock.due is None or clock.yellow_from is None or clock.red_from is None:
        left = f"停表，剩 {clock.total - clock.elapsed} {unit}"
        return Stands("hold", left, clock.total, clock.elapsed, clock=name)
    stopped = "停表，" if paused else ""
    if today >= clock.red_from:
        over = _days(clock.unit, calendar, clock.due, today)
        left = f"{stopped}超期 {over} {unit}" if over else f"{stopped}超期未满 1 个工作日"
        return Stands("late", left, clock.total, clock.total, over, name)
    remaining = _days(clock.unit, calendar, today, clock.due)
    left = "今日到期" if today == clock.due else f"剩 {remaining} {unit}"
    light: Light = "near" if today >= clock.yellow_from else "ok"
    return Stands(light, left, clock.total, max(0, clock.total - remaining), clock=name)


def _done(clock: Clock | None, item: Timed, calendar: Calendar, on: date) -> Stands:
    word = words.ITEM_STATES[ItemState(item.state)]
    if clock is None or item.state != ItemState.GRANTED:
        return Stands("done", word)
    if f",{clock.sort.value}," not in item.late or clock.due is None:
        return Stands("done", word, clock.total, clock.elapsed, clock=CLOCKS[clock.sort])
    over = _days(clock.unit, calendar, clock.due, on)
    left = f"超期 {over} {UNITS[clock.unit]}办结"
    return Stands("done", left, clock.total, clock.total, over, CLOCKS[clock.sort])


def _days(unit: Unit, calendar: Calendar, since: date, until: date) -> int:
    if unit is Unit.CALENDAR_DAYS:
        return max(0, (until - since).days)
    return max(0, calendar.working_days_between(since, until))
