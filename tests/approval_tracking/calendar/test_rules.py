"""What the days of a year must be like: each rule with its field, its sentence and its remedy."""

from datetime import date

import pytest

from contracts.approval_tracking import Holiday
from contracts.reference import CalendarYear, calendar_years, earlier_calendar_years
from services.approval_tracking.beginning import command_of
from services.approval_tracking.calendar.commands import CalendarCommand, Days, PublishYear
from services.approval_tracking.calendar.rules import findings
from shared.refusals import UnreadableInput
from tests.approval_tracking.years import (
    AS_PUBLISHED,
    estimate,
    off,
    publish,
    revise,
    worked,
    year,
)


def found(ask: CalendarCommand) -> list[tuple[str, str]]:
    problems = findings(ask)
    assert all(one.message and one.remedy and one.label for one in problems)
    return [(one.field, one.rule) for one in problems]


@pytest.mark.parametrize(
    "row", [*calendar_years(), *earlier_calendar_years()], ids=lambda row: str(row.year)
)
def test_every_year_of_the_reference_data_is_sound(row: CalendarYear) -> None:
    assert findings(command_of(row)) == []


def test_nothing_is_decided_while_something_is_wrong() -> None:
    refusal = year.when(publish(worked(date(2019, 5, 6)))).then_refused(UnreadableInput)
    (problem,) = refusal.errors
    assert problem.message == "第 5 行调休上班日（2019-05-06）是星期一，本来就上班。"
    assert problem.remedy == "调休上班日只填星期六、星期日；请核对日期。"


def test_days_of_another_year_belong_to_that_years_calendar() -> None:
    # 2019's own notice began its first holiday in 2018.
    first = Holiday(name="元旦", first=date(2018, 12, 30), last=date(2019, 1, 1))
    days = Days((first, *AS_PUBLISHED.holidays[1:]), (date(2018, 12, 29),))
    assert found(publish(days)) == [
        ("holidays.0.first", "other_year"),
        ("make_up_days.0", "other_year"),
    ]
    assert "请在 2018 年的日历中修订" in findings(publish(days))[0].remedy


def test_new_years_days_of_its_own_are_fine() -> None:
    row = next(row for row in calendar_years() if row.year == 2020)
    first = Holiday(name="元旦", first=date(2020, 1, 1), last=date(2020, 1, 3))
    days = Days((first,), (date(2020, 1, 4),))
    assert findings(PublishYear(2020, row.notices[:1], "", days)) == []


def test_a_holiday_ends_no_earlier_than_it_begins() -> None:
    assert found(publish(off("儿童节", date(2019, 6, 3), date(2019, 6, 1)))) == [
        ("holidays.7.last", "order")
    ]


def test_a_holiday_of_more_than_a_month_is_a_slip_of_the_month() -> None:
    assert found(publish(off("暑期", date(2019, 7, 1), date(2019, 8, 1)))) == [
        ("holidays.7.last", "too_long")
    ]
    assert found(publish(off("暑期", date(2019, 7, 1), date(2019, 7, 31)))) == []


def test_a_day_belongs_to_one_holiday() -> None:
    assert found(publish(off("青年节", date(2019, 5, 1)))) == [("holidays.7.first", "overlap")]
    assert found(publish(off("青年节", date(2019, 5, 2)))) == []


def test_only_days_of_the_weekend_make_up() -> None:
    assert found(publish(worked(date(2019, 5, 5)))) == []
    assert found(publish(worked(date(2019, 5, 6)))) == [("make_up_days.4", "weekday")]


def test_a_make_up_day_is_no_holiday() -> None:
    assert found(publish(worked(date(2019, 10, 6)))) == [("make_up_days.4", "day_off")]


def test_a_make_up_day_stands_once() -> None:
    assert found(publish(worked(date(2019, 5, 5), date(2019, 5, 5)))) == [
        ("make_up_days.5", "twice")
    ]


def test_a_year_without_any_holiday_is_not_a_year() -> None:
    assert found(publish(Days((), ()))) == [("holidays", "required")]


def test_a_holiday_has_a_name_that_fits() -> None:
    assert found(publish(off("", date(2019, 6, 1)))) == [("holidays.7.name", "required")]
    assert found(publish(off("节" * 21, date(2019, 6, 1)))) == [("holidays.7.name", "text_length")]
    assert found(publish(off("节" * 20, date(2019, 6, 1)))) == []


@pytest.mark.parametrize("number", [1989, 2101])
def test_terms_are_counted_from_1990_to_2100(number: int) -> None:
    days = Days((Holiday(name="元旦", first=date(number, 1, 1), last=date(number, 1, 1)),), ())
    ask = PublishYear(number, (f"国办发明电〔{number}〕1号",), "", days)
    assert found(ask) == [("year", "year_range")]


def test_a_published_year_names_its_notice() -> None:
    assert found(publish(notice="")) == [("notice", "required")]
    assert found(estimate()) == []


def test_before_2008_the_number_of_a_notice_may_be_unknown() -> None:
    days = Days((Holiday(name="元旦", first=date(2007, 1, 1), last=date(2007, 1, 3)),), ())
    assert found(PublishYear(2007, (), "资料", days)) == []


@pytest.mark.parametrize("notice", ["放假通知", "国办发明电2018年15号", "〔2018〕15号"])
def test_a_number_of_a_notice_is_written_as_it_is_printed(notice: str) -> None:
    assert found(publish(notice=notice)) == [("notice", "notice_format")]


@pytest.mark.parametrize(
    ("number", "wrong"), [(2017, True), (2018, False), (2019, False), (2020, True)]
)
def test_a_notice_is_of_its_year_or_of_the_year_before(number: int, wrong: bool) -> None:
    rules = found(publish(notice=f"国办发明电〔{number}〕15号"))
    assert rules == ([("notice", "notice_year")] if wrong else [])


def test_a_revision_names_its_notice_and_its_reason() -> None:
    assert found(revise(notice="", reason="")) == [("notice", "required"), ("reason", "required")]


@pytest.mark.parametrize(
    ("reason", "rule"),
    [
        ("有疑问请拨 0356-2198345", "personal_data"),
        ("经办 11010519491231002X", "personal_data"),
        ("调整\x00放假", "unprintable"),
        ("长" * 201, "text_length"),
    ],
)
def test_what_everybody_sees_holds_no_number_of_a_person(reason: str, rule: str) -> None:
    assert ("reason", rule) in found(revise(reason=reason))
