"""New reserve, conversion, starts: what each counts, what leaves it again, at which boundary."""

from datetime import date
from fractions import Fraction

import pytest

from contracts.intake import Pool, Source
from tests.console.targets.conftest import Figures
from tests.console.targets.lives import YI, Life

LAST_YEAR = date(2018, 6, 1)
JAN, FEB, MARCH, APRIL, MAY, JULY = (date(2019, month, 10) for month in (1, 2, 3, 4, 5, 7))
END = date(2019, 12, 31)


def stock(name: str, pool: Pool = Pool.PLAN, amount: int = 2 * YI) -> Life:
    """Give a project that was there when the year began."""
    one = Life(name, amount=amount)
    return one.entered(LAST_YEAR, pool, Source.OPENING, approved_on=date(2018, 7, 1))


def new(name: str, *, org: str = "JC-ZZ", amount: int = 2 * YI, zone: str | None = None) -> Life:
    """Give a project that was planned this year."""
    return Life(name, org, amount, zone).entered(FEB)


async def under(city: Figures) -> int:
    """Count what conversion is divided by."""
    ratio = (await city.figure("K02", END)).ratio
    assert ratio is not None
    return ratio.under


async def value(city: Figures, code: str, on: date = END, unit: str = "") -> Fraction | None:
    return (await city.figure(code, on, unit)).value


async def test_new_reserve_is_what_was_planned_this_year_and_nothing_else(city: Figures) -> None:
    await city.hear(
        new("新", amount=3 * YI),
        stock("存量"),
        Life("直接入前期库").entered(FEB, Pool.PREP, Source.DIRECT),
        Life("期初装入的").entered(FEB, Pool.PLAN, Source.OPENING),
    )
    assert await value(city, "K01") == 3 * YI


async def test_new_reserve_counts_the_amount_of_the_day(city: Figures) -> None:
    await city.hear(new("更正", amount=12 * YI).corrected(8 * YI, JULY))
    assert await value(city, "K01") == 8 * YI
    assert (await city.figure("K01", MAY, past=True)).value == 12 * YI


async def test_what_is_taken_out_leaves_new_reserve_in_the_month_of_its_leaving(
    city: Figures,
) -> None:
    await city.hear(new("误报", amount=5 * YI).taken_out(JULY), new("留下", amount=2 * YI))
    assert (await city.figure("K01", MAY, past=True)).value == 7 * YI
    assert await value(city, "K01") == 2 * YI


async def test_what_ends_or_waits_stays_in_new_reserve_and_in_the_denominator(
    city: Figures,
) -> None:
    await city.hear(
        new("终止").ended(MAY), new("暂缓").held(MAY), new("恢复").held(APRIL).resumed(MAY)
    )
    assert await value(city, "K01") == 6 * YI
    assert await under(city) == 3


async def test_a_duplicate_that_is_merged_lowers_new_reserve_by_its_amount(city: Figures) -> None:
    kept, gone = new("重复件").merged_into(new("留下", amount=3 * YI), MAY, duplicate=True)
    await city.hear(kept, gone)
    assert await value(city, "K01") == 3 * YI


async def test_a_merger_of_two_projects_leaves_new_reserve_as_it_was(city: Figures) -> None:
    kept, gone = new("并入的").merged_into(new("留下", amount=3 * YI), MAY, duplicate=False)
    await city.hear(kept, gone)
    assert await value(city, "K01") == 5 * YI
    assert await under(city) == 1


async def test_a_split_leaves_new_reserve_as_it_was_and_counts_each_part(city: Figures) -> None:
    whole = new("一分为二", amount=4 * YI)
    await city.hear(*whole.split(MAY, FEB, 3 * YI, 1 * YI))
    assert await value(city, "K01") == 4 * YI
    assert await value(city, "G01", unit="JC-ZZ") == 2


@pytest.mark.parametrize(("amount", "counts"), [(YI - 1, 0), (YI, 1)])
async def test_exactly_one_hundred_million_counts_and_a_yuan_less_does_not(
    city: Figures, amount: int, counts: int
) -> None:
    await city.hear(new("一个亿", amount=amount))
    assert await value(city, "G01", unit="JC-ZZ") == counts


@pytest.mark.parametrize(("amount", "counts"), [(10 * YI - 1, 0), (10 * YI, 1)])
async def test_exactly_one_billion_counts_and_a_yuan_less_does_not(
    city: Figures, amount: int, counts: int
) -> None:
    await city.hear(new("十个亿", amount=amount))
    assert await value(city, "G02", unit="JC-ZZ") == counts


async def test_an_amount_corrected_below_the_bound_counts_no_more(city: Figures) -> None:
    await city.hear(new("缩水", amount=YI).corrected(YI - 1, JULY))
    assert await value(city, "G01", unit="JC-ZZ") == 0
    assert (await city.figure("G01", MAY, "JC-ZZ", past=True)).value == 1


async def test_departments_and_groups_have_figures_of_their_own(city: Figures) -> None:
    await city.hear(new("部门的", org="D-EDU"), new("集团的", org="E-LH"))
    assert await value(city, "G04", unit="D-EDU") == 1
    assert await value(city, "G05", unit="E-LH") == 1
    assert await value(city, "G04", unit="D-TRA") == 0


async def test_conversion_is_what_went_into_building_over_stock_and_new(city: Figures) -> None:
    await city.hear(
        new("新的").moved(Pool.PREP, APRIL),
        new("越级的").moved(Pool.BUILD, MAY),
        stock("存量的", Pool.PREP).moved(Pool.BUILD, MARCH),
        stock("没动的"),
        stock("早在建的", Pool.BUILD),
    )
    figure = await city.figure("K02", END)
    assert figure.ratio is not None
    assert (figure.ratio.top, figure.ratio.under) == (2, 4)
    assert figure.value == 50
    assert (await city.figure("K02", APRIL, past=True)).value == 25


async def test_what_entered_directly_is_never_converted(city: Figures) -> None:
    direct = Life("直接的").entered(FEB, Pool.PREP, Source.DIRECT)
    await city.hear(direct.moved(Pool.BUILD, MAY), new("另一个"))
    figure = await city.figure("K02", END)
    assert figure.ratio is not None
    assert (figure.ratio.top, figure.ratio.under) == (0, 1)


async def test_what_is_sent_back_is_taken_off_in_its_month(city: Figures) -> None:
    await city.hear(new("误转").moved(Pool.BUILD, MARCH).moved(Pool.PREP, JULY))
    assert (await city.figure("K02", MAY, past=True)).value == 100
    assert await value(city, "K02") == 0


async def test_sent_back_and_converted_again_counts_once(city: Figures) -> None:
    again = new("再转").moved(Pool.BUILD, MARCH).moved(Pool.PREP, APRIL).moved(Pool.BUILD, JULY)
    await city.hear(again, new("另一个"))
    assert await value(city, "K02") == 50


async def test_built_when_the_year_began_it_is_taken_off_when_sent_back_and_not_counted_again(
    city: Figures,
) -> None:
    back = stock("去年转的", Pool.BUILD).moved(Pool.PREP, MARCH)
    await city.hear(back, new("新的"))
    assert await value(city, "K02", MAY) == -100
    await city.hear(back.moved(Pool.BUILD, JULY))
    assert await value(city, "K02") == 0


async def test_taken_out_after_conversion_it_leaves_both_parts_of_the_rate(city: Figures) -> None:
    await city.hear(new("调出").moved(Pool.BUILD, MARCH).taken_out(MAY), new("另一个"))
    figure = await city.figure("K02", END)
    assert figure.ratio is not None
    assert (figure.ratio.top, figure.ratio.under) == (0, 1)


async def test_what_ended_last_year_is_no_stock_of_this_year(city: Figures) -> None:
    await city.hear(stock("去年终止的").ended(date(2018, 11, 1)), new("新的"))
    assert await under(city) == 1


async def test_exactly_thirty_percent_reaches_the_goal_and_a_little_less_does_not(
    city: Figures,
) -> None:
    lives = [new(f"第{n}个") for n in range(10)]
    await city.hear(*[life.moved(Pool.BUILD, MAY) for life in lives[:3]], *lives[3:])
    assert (await city.figure("K02", END)).reached
    await city.hear(new("第十一个"))
    assert not (await city.figure("K02", END)).reached


async def test_without_anything_to_divide_by_there_is_no_rate(city: Figures) -> None:
    figure = await city.figure("K02", END)
    assert figure.value is None
    assert figure.light == "none"


async def test_conversion_by_amount_takes_it_at_conversion_and_at_entry(city: Figures) -> None:
    grown = new("长大的", amount=2 * YI).corrected(3 * YI, MARCH).moved(Pool.BUILD, APRIL)
    # What is corrected after it was converted was converted as it was then.
    grown = grown.corrected(5 * YI, JULY)
    old = stock("年初的", amount=4 * YI).corrected(9 * YI, MARCH)
    await city.hear(grown, old)
    by_money, only_new = (await city.figure("K02", END)).others
    assert (by_money.ratio.top, by_money.ratio.under) == (3 * YI, 6 * YI)
    assert (only_new.ratio.top, only_new.ratio.under) == (1, 1)


async def test_a_merger_carries_its_amount_into_the_rate_only_where_the_other_counts(
    city: Figures,
) -> None:
    kept, gone = new("并入的", amount=YI).merged_into(new("留下"), MAY, duplicate=False)
    direct = Life("直接的").entered(FEB, Pool.PREP, Source.DIRECT)
    beside, left = new("并入直接的").merged_into(direct, MAY, duplicate=False)
    await city.hear(kept, gone, beside, left)
    by_money, _ = (await city.figure("K02", END)).others
    assert by_money.ratio.under == 3 * YI


async def test_a_part_of_what_was_converted_this_year_is_converted(city: Figures) -> None:
    whole = stock("年初的", amount=4 * YI).moved(Pool.BUILD, MARCH)
    parts = whole.split(MAY, LAST_YEAR, 3 * YI, 1 * YI, source=Source.OPENING, pool_since=MARCH)
    planned = Life("去年谋划的", amount=4 * YI).entered(LAST_YEAR).moved(Pool.BUILD, MARCH)
    await city.hear(*planned.split(MAY, LAST_YEAR, 3 * YI, 1 * YI, pool_since=MARCH))
    figure = await city.figure("K02", END)
    assert figure.ratio is not None
    assert (figure.ratio.top, figure.ratio.under) == (2, 2)
    await city.hear(*parts)


async def test_a_part_of_what_was_put_into_production_this_year_is_not_converted_again(
    city: Figures,
) -> None:
    whole = Life("去年在建的", amount=4 * YI).entered(LAST_YEAR).moved(Pool.BUILD, date(2018, 9, 1))
    whole = whole.moved(Pool.PROD, MARCH)
    await city.hear(*whole.split(MAY, LAST_YEAR, 3 * YI, 1 * YI, pool_since=MARCH))
    assert (await city.figure("K02", END)).value is None


async def test_opening_stock_is_stock_of_its_days_and_never_new_or_converted(
    city: Figures,
) -> None:
    loaded = date(2019, 4, 22)
    await city.hear(
        Life("年初前期").entered(LAST_YEAR, Pool.PREP, Source.OPENING, approved_on=loaded),
        Life("春天转的").entered(
            LAST_YEAR, Pool.BUILD, Source.OPENING, approved_on=loaded, pool_since=FEB
        ),
        Life("春天进的").entered(FEB, Pool.PLAN, Source.OPENING, approved_on=loaded),
    )
    figure = await city.figure("K02", END)
    assert figure.ratio is not None
    assert (figure.ratio.top, figure.ratio.under) == (0, 1)
    assert await value(city, "K01") == 0


async def test_next_year_begins_with_what_this_year_left(city: Figures) -> None:
    await city.hear(new("今年转的").moved(Pool.BUILD, MAY), new("今年没转的"))
    cells_of_2020 = await city.of_year("K02", date(2020, 3, 1))
    assert cells_of_2020 == {"stock": 1, "new": 0, "converted": 0, "taken_back": 0}


@pytest.mark.parametrize(("amount", "counts"), [(10 * YI, 0), (10 * YI + 1, 1)])
async def test_in_the_city_zone_more_than_a_billion_counts_and_exactly_that_does_not(
    city: Figures, amount: int, counts: int
) -> None:
    await city.hear(new("经开区", org="Z-JC", zone="Z-JC", amount=amount).started(MAY))
    assert await value(city, "K07", unit="Z-JC") == counts


@pytest.mark.parametrize(("amount", "counts"), [(5 * YI, 0), (5 * YI + 1, 1)])
async def test_in_other_zones_more_than_five_hundred_million_counts(
    city: Figures, amount: int, counts: int
) -> None:
    await city.hear(new("高平园区", org="JC-GP", zone="Z-GP", amount=amount).started(MAY))
    assert await value(city, "K08", unit="Z-GP") == counts
    assert await value(city, "K09", unit="140581") == 0, "a zone's ground is not the county's"


@pytest.mark.parametrize(("amount", "counts"), [(10 * YI - 1, 0), (10 * YI, 1)])
async def test_outside_zones_exactly_a_billion_counts(
    city: Figures, amount: int, counts: int
) -> None:
    await city.hear(new("县里", org="JC-GP", amount=amount).started(MAY))
    assert await value(city, "K09", unit="140581") == counts


async def test_a_start_counts_in_the_year_of_its_day_as_far_as_it_was_recorded(
    city: Figures,
) -> None:
    def big(name: str) -> Life:
        return new(name, org="JC-GP", amount=20 * YI)

    await city.hear(
        big("今年").started(MAY),
        big("去年").started(date(2018, 12, 30), told_on=MARCH),
        big("误记").started(APRIL).start_rectified(APRIL, None, JULY),
        big("补记").started(APRIL, told_on=JULY),
    )
    assert await value(city, "K09", unit="140581") == 2
    assert (await city.figure("K09", MAY, "140581", past=True)).value == 2


async def test_marked_projects_are_counted_while_they_carry_the_mark(city: Figures) -> None:
    await city.hear(
        new("一").tagged("IND41", MARCH),
        new("二").tagged("IND41", MARCH).untagged("IND41", MAY),
        new("三").tagged("RAIL5", MARCH).started(MAY),
        new("四").tagged("RAIL5", MARCH),
    )
    assert await value(city, "K15") == 1
    assert await value(city, "K16") == 1


@pytest.mark.parametrize("code", ["K05", "K06", "K10", "K13", "K14"])
async def test_what_another_office_tells_is_not_made_up(city: Figures, code: str) -> None:
    await city.hear(new("有的是"))
    figure = await city.figure(code, END)
    assert figure.value is None
    assert figure.light == "none"
