"""How figures are written: nothing looks better than it is."""

from datetime import date
from fractions import Fraction

import pytest

from services.console.pages import figure_words
from services.console.targets import figures
from services.console.targets.figures import Figure, Line, Ratio
from services.console.targets.parts import Part, Sum, What
from services.console.targets.plan import Target, targets_on

TODAY = date(2019, 7, 1)
PLAN = targets_on(TODAY)
YI = 100_000_000


def target(code: str) -> Target:
    assert PLAN is not None
    return PLAN.of_code(code)[0]


def rate_of(top: int, stock: int, new: int) -> Ratio:
    return Ratio(
        (Line(1, Part(What.CONVERTED), Sum(top)),),
        (Line(1, Part(What.STOCK), Sum(stock)), Line(1, Part(What.NEW), Sum(new))),
        "count",
    )


def test_a_rate_is_rounded_down() -> None:
    assert figure_words.rate(Fraction(2996, 100)) == "29.9"
    assert figure_words.rate(Fraction(30)) == "30.0"
    assert figure_words.rate(Fraction(-2996, 100)) == "-29.9"


def test_what_lacks_is_rounded_up() -> None:
    assert figure_words.lacks(Figure(target("K02"), rate_of(2999, 10000, 0))) == "0.1"
    ratio = Ratio((Line(1, Part(What.PROMOTED_BY_CITY), Sum(9)),), (), "count")
    assert figure_words.lacks(Figure(target("K11"), ratio)) == "1"


@pytest.mark.parametrize(("top", "light"), [(3, "已达标"), (2, "到期未达标，差 10.0 个百分点")])
def test_after_its_last_day_a_target_is_reached_or_missed(top: int, light: str) -> None:
    assert figure_words.light(Figure(target("K02"), rate_of(top, 10, 0), over=True)) == light


def test_the_forecast_leads_the_pace_of_the_year_to_its_last_day() -> None:
    ratio = Ratio((Line(1, Part(What.PLANNED), Sum(1, 182 * YI)),), (), "money")
    found = figures.forecast(ratio, TODAY, date(2019, 12, 31))
    assert found is not None
    assert (found.days, found.whole) == (182, 365)
    assert found.value == 365 * YI


def test_in_the_forecast_of_a_rate_only_this_years_part_grows() -> None:
    found = figures.forecast(rate_of(10, 50, 50), TODAY, date(2019, 12, 31))
    assert found is not None
    by = Fraction(365, 182)
    assert found.value == 100 * 10 * by / (50 + 50 * by)


def test_on_its_last_day_a_target_has_no_forecast() -> None:
    assert figures.forecast(rate_of(1, 2, 3), date(2019, 12, 31), date(2019, 12, 31)) is None


def test_a_forecast_that_reaches_the_goal_is_said_to() -> None:
    ratio = rate_of(10, 0, 40)
    figure = Figure(target("K02"), ratio, (), figures.forecast(ratio, TODAY, date(2019, 12, 31)))
    assert figure_words.light(figure) == "预计差 5.0 个百分点"
    enough = Ratio((Line(1, Part(What.PROMOTED_BY_CITY), Sum(5)),), (), "count")
    forecast = figures.forecast(enough, TODAY, date(2019, 12, 31))
    assert figure_words.light(Figure(target("K11"), enough, (), forecast)) == "预计达标"
