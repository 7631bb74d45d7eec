"""截至: the moment that a page speaks of, now or the end of a day in the past."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit, urlunsplit

from shared.clock import SHANGHAI, Clock
from shared.refusals import UnreadableInput


class NoSuchDay(UnreadableInput):
    """The day asked for cannot be read, has not come, or lies before the first record."""

    code = "no_such_day"
    title = "看不了这一天"


@dataclass(frozen=True)
class Moment:
    """What a page takes for today and for now; ``past`` when that is over."""

    today: date
    now: datetime
    past: bool = False

    @property
    def asked(self) -> str:
        """The day as it stands in an address; empty for now."""
        return self.today.isoformat() if self.past else ""

    def keep(self, address: str) -> str:
        """Let an address speak of the same moment."""
        if not self.past:
            return address
        parts = urlsplit(address)
        query = f"{parts.query}&as_of={self.asked}" if parts.query else f"as_of={self.asked}"
        return urlunsplit(parts._replace(query=query))


def present(clock: Clock) -> Moment:
    """Give the moment of now."""
    return Moment(clock.today(), clock.now())


def end_of(day: date) -> Moment:
    """Give the end of a day in the past, 24时 in Asia/Shanghai."""
    return Moment(day, datetime.combine(day + timedelta(days=1), time(), SHANGHAI), past=True)


def read_day(text: str, today: date) -> date:
    """Read the day of ``as_of``.

    Raises:
        NoSuchDay: it is no date, or has not come yet.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise NoSuchDay(
            f"截至日期“{text[:40]}”不是一个日期，要写成年-月-日，如 {today.isoformat()}。"
            "请在“截至”一栏重新选择日期，或回到现在。"
        )
    if day > today:
        raise NoSuchDay(
            f"截至日期 {said(day)}还没有到，今天是 {said(today)}，只能看今天和以前的日期。"
            "请选择今天或以前的一天，或回到现在。"
        )
    return day


def too_early(day: date, first: date | None) -> NoSuchDay:
    """Give the refusal of a day before the first record."""
    if first is None:
        return NoSuchDay(f"系统还没有任何记录，看不了 {said(day)}的情况。请回到现在。")
    return NoSuchDay(
        f"截至日期 {said(day)}系统还没有记录，第一条记录在 {said(first)}。"
        f"请选择 {said(first)}或以后的一天，或回到现在。"
    )


def said(day: date) -> str:
    """Write a day as 2019年4月30日."""
    return f"{day.year}年{day.month}月{day.day}日"
