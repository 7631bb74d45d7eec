"""Days in words, as a notice says them."""

from datetime import date

import pytest

from shared.wording import spoken_day


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2019, 4, 25), "4月25日（周四）"),
        (date(2019, 4, 28), "4月28日（周日）"),
        (date(2020, 1, 2), "2020年1月2日（周四）"),
        (date(2018, 12, 31), "2018年12月31日（周一）"),
    ],
)
def test_a_day_is_said_with_its_weekday_and_its_year_where_that_is_another(
    day: date, said: str
) -> None:
    assert spoken_day(day, date(2019, 4, 22)) == said
