"""How figures, dates and differences are written."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.console.pages import words
from services.console.pages.difference import compare, pieces
from tests.console.builders import WAN, facts

TODAY = date(2019, 6, 12)


@pytest.mark.parametrize(
    ("yuan", "wan", "yi"),
    [
        (None, "—", "—"),
        (0, "0", "0.00"),
        (5_000, "0.5", "0.00"),
        (935_000_000, "93,500", "9.35"),
        (1_000_000, "100", "0.01"),
        (123_456_789, "12,345.68", "1.23"),
    ],
)
def test_money_is_written_in_its_unit(yuan: int | None, wan: str, yi: str) -> None:
    assert words.wan(yuan) == wan
    assert words.yi(yuan) == yi


def test_large_sums_have_one_decimal() -> None:
    assert words.yi_sum(110_640_000_000) == "1,106.4"
    assert words.yi_sum(935_000_000) == "9.35"


def test_days_carry_their_year_only_across_years() -> None:
    assert words.day(date(2019, 6, 1), TODAY) == "06-01"
    assert words.day(date(2018, 6, 1), TODAY) == "2018-06-01"
    late_evening = datetime(2019, 6, 11, 17, 30, tzinfo=UTC)
    assert words.moment(late_evening, TODAY) == "06-12 01:30"
    assert words.recent(late_evening, TODAY) == "今天 01:30"
    assert words.month("2019-09") == "2019年9月"


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=5), "不到 1 分钟"),
        (timedelta(minutes=59), "59 分钟"),
        (timedelta(hours=23), "23 小时"),
        (timedelta(days=2, hours=3), "2 天"),
    ],
)
def test_a_stay_is_written_in_its_largest_unit(span: timedelta, said: str) -> None:
    assert words.span(span) == said


def test_numbers_and_months_change_as_a_whole() -> None:
    old, new = pieces("管线 18 公里，2019年10月开工", "管线 21 公里，2020年3月开工")
    assert [piece.text for piece in old if piece.changed] == ["18", "2019年10月"]
    assert [piece.text for piece in new if piece.changed] == ["21", "2020年3月"]


def test_a_difference_put_together_again_is_the_text() -> None:
    old_text = "建设集气站 2 座、输气管线 18 公里，配套发电机组 4 台。"
    new_text = "建设集气站 3 座、输气管线 21 公里，配套发电机组 6 台，总装机 12 兆瓦。"
    old, new = pieces(old_text, new_text)
    assert "".join(piece.text for piece in old) == old_text
    assert "".join(piece.text for piece in new) == new_text


def test_a_changed_contact_is_said_and_not_shown() -> None:
    (change,) = compare(facts(), facts(contact_id=None), TODAY)
    assert change.personal
    assert change.old == ()


def test_an_unbalanced_funding_is_said_with_its_gap() -> None:
    grown = facts(total_investment=93_500 * WAN)
    (change,) = compare(facts(), grown, TODAY)
    assert change.new_note == "+7,500 万元（+8.7%）"
    first = {change.field.key: change for change in compare(None, grown, TODAY)}
    assert first["funding"].new_note == "合计 86,000，与总投资差 7,500"
    assert not first["funding"].new_balanced
