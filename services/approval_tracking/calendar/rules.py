"""What the working days of a year must be like: one small rule each, with message and remedy.

Sources: 全国年节及纪念日放假办法 and the yearly notices, which give days off in a row and the
weekend days that are worked instead. A year before 2008 may lack the number of its notice.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise

from services.approval_tracking.calendar.commands import (
    CalendarCommand,
    Days,
    EstimateYear,
    PublishYear,
    ReviseYear,
)
from shared.deadline.calendars import FIRST, LAST
from shared.free_text import Flaw, flaws
from shared.refusals import Problem

LABELS: Mapping[str, str] = {
    "year": "年份",
    "notice": "通知文号",
    "reason": "修订理由",
    "source": "来源",
    "holidays": "放假",
    "holidays.name": "节日名称",
    "holidays.first": "放假首日",
    "holidays.last": "放假末日",
    "make_up_days": "调休上班日",
}
NOTICES_KNOWN_SINCE = 2008
LONGEST_HOLIDAY = 31
LONGEST_NAME, LONGEST_TEXT = 20, 200
_NOTICE = re.compile(r"\S{2,30}〔(\d{4})〕\d{1,4}号", re.ASCII)
_WEEKDAYS = "一二三四五六日"

DayRule = Callable[[int, Days], Iterator[Problem]]


def year_is_counted(year: int, _: Days) -> Iterator[Problem]:
    """Terms are counted between 1990 and 2100 only."""
    if not FIRST.year <= year <= LAST.year:
        yield _problem(
            "year",
            "year_range",
            f"应在 {FIRST.year} 至 {LAST.year} 年之间。",
            "请核对年份。",
        )


def year_has_days_off(_: int, days: Days) -> Iterator[Problem]:
    """No year is without New Year's Day."""
    if not days.holidays:
        yield _problem("holidays", "required", "没有填写。", "请至少填写一个节日。")


def holidays_are_named(_: int, days: Days) -> Iterator[Problem]:
    """People look for the name of the holiday that a day belongs to."""
    for number, holiday in enumerate(days.holidays):
        field = f"holidays.{number}.name"
        if not holiday.name:
            yield _problem(field, "required", "没有填写。", "请填写节日名称，如“劳动节”。")
        elif len(holiday.name) > LONGEST_NAME:
            yield _problem(field, "text_length", f"超过 {LONGEST_NAME} 个字。", "请只填节日名称。")


def ranges_are_sound(_: int, days: Days) -> Iterator[Problem]:
    """A holiday ends on or after its first day, and within weeks."""
    for number, holiday in enumerate(days.holidays):
        length = (holiday.last - holiday.first).days + 1
        if length < 1:
            yield _problem(
                f"holidays.{number}.last",
                "order",
                f"（{holiday.last}）早于首日（{holiday.first}）。",
                "请核对首日和末日。",
            )
        elif length > LONGEST_HOLIDAY:
            yield _problem(
                f"holidays.{number}.last",
                "too_long",
                f"使{holiday.name}放假达 {length} 天。",
                f"一次放假不超过 {LONGEST_HOLIDAY} 天，请核对月份。",
            )


def days_lie_within_the_year(year: int, days: Days) -> Iterator[Problem]:
    """A day is entered in its own year, also where the notice of another year names it."""
    named = [
        (f"holidays.{number}.{end}", day)
        for number, holiday in enumerate(days.holidays)
        for end, day in (("first", holiday.first), ("last", holiday.last))
    ]
    named += [(f"make_up_days.{number}", day) for number, day in enumerate(days.make_up_days)]
    for field, day in named:
        if day.year != year:
            yield _problem(
                field,
                "other_year",
                f"（{day}）不在 {year} 年内。",
                f"跨年的日子记在它所在的年份：请在 {day.year} 年的日历中修订，"
                f"这里只填 {year} 年的日子。",
            )


def holidays_do_not_overlap(_: int, days: Days) -> Iterator[Problem]:
    """A day belongs to one holiday."""
    numbered = sorted(enumerate(days.holidays), key=lambda pair: (pair[1].first, pair[1].last))
    for (_, before), (number, holiday) in pairwise(numbered):
        if holiday.first <= before.last:
            yield _problem(
                f"holidays.{number}.first",
                "overlap",
                f"（{holiday.first}）与{before.name}（{before.first} 至 {before.last}）重叠。",
                "一天只能属于一个节日；两节连放时请合成一行，如“国庆节、中秋节”。",
            )


def make_up_days_are_of_the_weekend(_: int, days: Days) -> Iterator[Problem]:
    """Only a Saturday or a Sunday is worked in place of another day."""
    for number, day in enumerate(days.make_up_days):
        if day.weekday() < 5:
            yield _problem(
                f"make_up_days.{number}",
                "weekday",
                f"（{day}）是星期{_WEEKDAYS[day.weekday()]}，本来就上班。",
                "调休上班日只填星期六、星期日；请核对日期。",
            )


def make_up_days_are_not_off(_: int, days: Days) -> Iterator[Problem]:
    """A day is off or worked, not both."""
    for number, day in enumerate(days.make_up_days):
        for holiday in days.holidays:
            if holiday.first <= day <= holiday.last:
                yield _problem(
                    f"make_up_days.{number}",
                    "day_off",
                    f"（{day}）在{holiday.name}放假期间。",
                    "同一天不能又放假又上班，请按通知改其中一处。",
                )


def make_up_days_stand_once(_: int, days: Days) -> Iterator[Problem]:
    """The same day twice is a slip of the pen for another day."""
    seen: set[date] = set()
    for number, day in enumerate(days.make_up_days):
        if day in seen:
            yield _problem(
                f"make_up_days.{number}",
                "twice",
                f"（{day}）填了两次。",
                "请删去一处，或改成另一天。",
            )
        seen.add(day)


DAY_RULES: Sequence[DayRule] = (
    year_is_counted,
    year_has_days_off,
    holidays_are_named,
    ranges_are_sound,
    days_lie_within_the_year,
    holidays_do_not_overlap,
    make_up_days_are_of_the_weekend,
    make_up_days_are_not_off,
    make_up_days_stand_once,
)


def findings(ask: CalendarCommand) -> list[Problem]:
    """Apply every rule to what somebody asks for."""
    found = list(_papers(ask))
    texts = {"source": ask.source}
    if isinstance(ask, ReviseYear):
        texts["reason"] = ask.reason
    texts |= {f"holidays.{n}.name": one.name for n, one in enumerate(ask.days.holidays)}
    for field, text in texts.items():
        found += _unfit(field, text)
    return [*found, *(problem for rule in DAY_RULES for problem in rule(ask.year, ask.days))]


def _papers(ask: CalendarCommand) -> Iterator[Problem]:
    match ask:
        case PublishYear():
            if not ask.notices and ask.year >= NOTICES_KNOWN_SINCE:
                yield _no_notice("没有通知的年份请填“暂定”。")
            for notice in ask.notices:
                yield from _misspelt(ask.year, notice)
        case ReviseYear():
            if not ask.notice:
                yield _no_notice("请填写改变这一年安排的那份通知。")
            else:
                yield from _misspelt(ask.year, ask.notice)
            if not ask.reason:
                yield _problem(
                    "reason", "required", "没有填写。", "请写明改了什么，如“劳动节放假调整为四天”。"
                )
        case EstimateYear():
            pass


def _no_notice(remedy: str) -> Problem:
    return _problem("notice", "required", "没有填写。", remedy)


def _misspelt(year: int, notice: str) -> Iterator[Problem]:
    read = _NOTICE.fullmatch(notice)
    if read is None:
        yield _problem(
            "notice",
            "notice_format",
            f"“{notice}”不像文号。",
            "请照通知抄写，如“国办发明电〔2018〕15号”。",
        )
    elif int(read[1]) not in {year - 1, year}:
        yield _problem(
            "notice",
            "notice_year",
            f"“{notice}”不是 {year - 1} 或 {year} 年的文件。",
            f"{year} 年的安排由上一年末或当年的通知公布，请核对年份和文号。",
        )


_FLAWS: Mapping[Flaw, tuple[str, str, str]] = {
    "unprintable": ("unprintable", "里有无法显示的字符。", "多由复制带入，请删去后重新键入。"),
    "phone": ("personal_data", "里有电话号码。", "请删去，日历人人可见。"),
    "identity": ("personal_data", "里有身份证号。", "请删去，本系统不收集身份证号。"),
    "secret": ("marked_secret", "里有密级标志。", "请删去，本系统不处理涉密信息。"),
}


def _unfit(field: str, text: str) -> Iterator[Problem]:
    if len(text) > LONGEST_TEXT:
        yield _problem(field, "text_length", f"超过 {LONGEST_TEXT} 个字。", "请压缩。")
    for flaw in flaws(text):
        yield _problem(field, *_FLAWS[flaw])


def _problem(field: str, rule: str, message: str, remedy: str) -> Problem:
    group, _, rest = field.partition(".")
    number, _, part = rest.partition(".")
    label = LABELS[f"{group}.{part}" if part else group]
    # People count from 1.
    row = f"第 {int(number) + 1} 行" if number else ""
    return Problem(field, label, rule, f"{row}{label}{message}", remedy)
