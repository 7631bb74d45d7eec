"""A year as people read it: twelve months day by day, its editions, and what each one changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import assert_never

from contracts.approval_tracking import YearEstimated, YearEvent, YearPublished, YearRevised
from services.console.pages.reading import Edition
from shared.deadline import Change, DayKind, Year, YearDay, changes, days_of

WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class KindWords:
    """What a day is called, the sign on it, and the class that carries its colour."""

    name: str
    sign: str
    css: str


KINDS = {
    DayKind.COUNTED: KindWords("工作日", "", "d-work"),
    DayKind.HOLIDAY: KindWords("放假", "休", "d-off"),
    DayKind.MAKE_UP: KindWords("调休上班", "班", "d-make-up"),
    DayKind.WEEKEND: KindWords("周末", "", "d-weekend"),
}
ACTS = {"publish": "公布", "revise": "修订", "estimate": "暂定"}


@dataclass(frozen=True)
class DayCell:
    """One day of a month; ``changed`` where the edition before had something else."""

    day: date
    kind: KindWords
    holiday: str | None
    changed: bool = False

    @property
    def words(self) -> str:
        """Say in words what the day is."""
        name = f"{self.holiday}{self.kind.name}" if self.holiday else self.kind.name
        return f"{name}，有改动" if self.changed else name


@dataclass(frozen=True)
class Month:
    """One month, week by week from Monday; None stands before the first and after the last day."""

    number: int
    worked: int
    weeks: tuple[tuple[DayCell | None, ...], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class YearSheet:
    """A year laid out."""

    number: int
    months: tuple[Month, ...]
    worked: int
    off: int
    made_up: int


@dataclass(frozen=True)
class ToldEdition:
    """An edition of a year as its history tells it."""

    number: int
    act: str
    notice: str
    reason: str
    source: str
    told_at: datetime
    told_by: str
    changed: tuple[str, ...]
    worked: int
    worked_before: int | None


def lay_out(number: int, year: Year | None, before: Year | None = None) -> YearSheet:
    """Lay a year out; days that differ from ``before``, where given, are marked."""
    changed = {one.becomes.day for one in changes(number, before, year)} if before else set()
    days = days_of(number, year)
    return YearSheet(
        number=number,
        months=tuple(
            _month(month, tuple(of), changed)
            for month, of in groupby(days, key=lambda day: day.day.month)
        ),
        worked=worked(number, year),
        off=sum(one.kind is DayKind.HOLIDAY for one in days),
        made_up=sum(one.kind is DayKind.MAKE_UP for one in days),
    )


def worked(number: int, year: Year | None) -> int:
    """Count the working days of a year."""
    return sum(day.is_worked for day in days_of(number, year))


def tell(editions: Sequence[Edition]) -> tuple[ToldEdition, ...]:
    """Tell the editions of one year, the newest first, each with what it changed."""
    told = []
    before: YearEvent | None = None
    for edition in editions:
        event = edition.event
        told.append(
            ToldEdition(
                number=edition.number,
                act=_act(event),
                notice=event.notices[-1] if event.notices else "",
                reason=event.reason if isinstance(event, YearRevised) else "",
                source=event.source,
                told_at=edition.told_at,
                told_by=edition.told_by,
                changed=said(changes(event.year, before, event)) if before else (),
                worked=worked(event.year, event),
                worked_before=worked(event.year, before) if before else None,
            )
        )
        before = event
    return tuple(reversed(told))


def said(changed: Sequence[Change]) -> tuple[str, ...]:
    """Say what changes: days in a row that change alike in one line."""
    alike = groupby(changed, key=lambda one: (_named(one.was), _named(one.becomes)))
    return tuple(
        f"{_span(together)}：{was} → {becomes}"
        for (was, becomes), run in alike
        for together in _in_a_row([one.becomes.day for one in run])
    )


def _act(event: YearEvent) -> str:
    match event:
        case YearPublished():
            return "公布"
        case YearRevised():
            return "修订"
        case YearEstimated():
            return "暂定"
        case _:
            assert_never(event)


def _named(day: YearDay) -> str:
    name = KINDS[day.kind].name
    return f"{name}（{day.holiday}）" if day.holiday else name


def _in_a_row(days: Sequence[date]) -> list[list[date]]:
    runs: list[list[date]] = []
    for day in days:
        if runs and (day - runs[-1][-1]).days == 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _span(days: Sequence[date]) -> str:
    first, last = days[0], days[-1]
    begin = f"{first.month}月{first.day}日（周{WEEKDAYS[first.weekday()]}）"
    if first == last:
        return begin
    return f"{begin}至{last.month}月{last.day}日（周{WEEKDAYS[last.weekday()]}）"


def _month(number: int, days: Sequence[YearDay], changed: set[date]) -> Month:
    cells: list[DayCell | None] = [None] * days[0].day.weekday()
    cells += [DayCell(one.day, KINDS[one.kind], one.holiday, one.day in changed) for one in days]
    cells += [None] * (-len(cells) % 7)
    return Month(
        number=number,
        worked=sum(day.is_worked for day in days),
        weeks=tuple(tuple(cells[n : n + 7]) for n in range(0, len(cells), 7)),
        notes=_notes(days),
    )


def _notes(days: Sequence[YearDay]) -> tuple[str, ...]:
    notes = []
    for (kind, name), run in groupby(days, key=lambda day: (day.kind, day.holiday)):
        together = [day.day.day for day in run]
        span = f"{together[0]}" if len(together) == 1 else f"{together[0]}–{together[-1]}"
        if kind is DayKind.HOLIDAY:
            notes.append(f"{name} {span}")
    made_up = [str(day.day.day) for day in days if day.kind is DayKind.MAKE_UP]
    return (*notes, f"上班 {'、'.join(made_up)}") if made_up else tuple(notes)
