"""Whatever happens to projects, figures agree with their facts, with the pools and their lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.intake import Pool, Source
from services.console.pages.counting import EVERYWHERE
from services.console.targets.parts import Part, What, total
from services.console.targets.plan import targets_on
from shared.seeing import Reader
from tests.console.targets.conftest import LEAD, Figures
from tests.console.targets.lives import YI, Life

DAY = date(2019, 12, 31)
NEW_YEAR = date(2019, 1, 1)
BUILT = {Pool.BUILD, Pool.PROD}
ORGS = ("JC-ZZ", "JC-GP", "D-EDU")
BEFORE = {
    Pool.PLAN: Pool.PREP,
    Pool.PREP: Pool.PLAN,
    Pool.BUILD: Pool.PREP,
    Pool.PROD: Pool.BUILD,
}
NEXT: Mapping[Pool, tuple[Pool, ...]] = {
    Pool.PLAN: (Pool.PREP, Pool.BUILD),
    Pool.PREP: (Pool.BUILD, Pool.PLAN),
    Pool.BUILD: (Pool.PROD, Pool.PREP),
    Pool.PROD: (),
}


@dataclass(frozen=True)
class Known:
    """A project as a clerk with pencil and paper would follow it."""

    life: Life
    source: Source
    entered_on: date
    start: Pool | None
    pool: Pool
    stays: bool = True
    duplicate: bool = False
    ended_on: date | None = None

    @property
    def new(self) -> bool:
        """Planned here this year."""
        return self.source is Source.PLANNED and self.entered_on >= NEW_YEAR

    @property
    def stock(self) -> bool:
        """In the first two pools when the year began, and never entered directly."""
        over = self.ended_on is not None and self.ended_on < NEW_YEAR
        return (
            self.source is not Source.DIRECT and self.start in {Pool.PLAN, Pool.PREP} and not over
        )


@st.composite
def lives(draw: st.DrawFn) -> list[Known]:
    """Draw some projects, each with a valid life in 2018 and 2019, some merged or split."""
    found = [draw(life(f"项目{number}")) for number in range(draw(st.integers(1, 6)))]
    open_ones = [n for n, one in enumerate(found) if one.stays and one.ended_on is None]
    if len(open_ones) > 1 and draw(st.booleans()):
        kept, gone = open_ones[:2]
        duplicate = draw(st.booleans())
        on = DAY - timedelta(days=3)
        into, merged = found[gone].life.merged_into(found[kept].life, on, duplicate=duplicate)
        found[kept] = replace(found[kept], life=into)
        found[gone] = replace(found[gone], life=merged, stays=False, duplicate=duplicate)
        open_ones = open_ones[2:]
    if draw(st.booleans()) and open_ones:
        whole = found[open_ones[0]]
        half = whole.life.amount // 2
        # Where it stood when the year began is told by the day on which it entered its pool.
        since = NEW_YEAR if whole.start is not None and whole.start != whole.pool else None
        gone_one, *parts = whole.life.split(
            DAY - timedelta(days=2),
            whole.entered_on,
            half,
            whole.life.amount - half,
            source=whole.source,
            pool_since=since,
        )
        if since is None or whole.start is BEFORE[whole.pool]:
            found[open_ones[0]] = replace(whole, life=gone_one, stays=False, duplicate=True)
            found += [replace(whole, life=part) for part in parts]
    return found


@st.composite
def life(draw: st.DrawFn, name: str) -> Known:
    """Draw one project's life."""
    source = draw(st.sampled_from((Source.PLANNED, Source.PLANNED, Source.DIRECT, Source.OPENING)))
    pool = {
        Source.PLANNED: st.just(Pool.PLAN),
        Source.DIRECT: st.sampled_from((Pool.PREP, Pool.BUILD)),
        Source.OPENING: st.sampled_from(list(Pool)),
    }[source]
    day = date(2018, 1, 1) + timedelta(days=draw(st.integers(0, 600)))
    one = Life(name, draw(st.sampled_from(ORGS)), draw(st.integers(1, 20)) * YI // 2)
    one = one.entered(day, draw(pool), source)
    entered_on, start = day, None
    stays, ended_on, held = True, None, False
    for _ in range(draw(st.integers(0, 6))):
        later = day + timedelta(days=draw(st.integers(0, 90)))
        if later > DAY - timedelta(days=5):
            break
        if day < NEW_YEAR <= later:
            start = one.pool
        day = later
        acts = (
            ["correct", "resume"]
            if held
            else ["move", "move", "move", "correct", "hold", "end", "out"]
        )
        match draw(st.sampled_from(acts)):
            case "move" if NEXT[one.pool]:
                one = one.moved(draw(st.sampled_from(NEXT[one.pool])), day)
            case "correct":
                one = one.corrected(draw(st.integers(1, 20)) * YI // 2, day)
            case "hold":
                one, held = one.held(day), True
            case "resume":
                one, held = one.resumed(day), False
            case "end":
                one, ended_on = one.ended(day), day
            case "out":
                one, stays = one.taken_out(day), False
            case _:
                continue
        if ended_on or not stays:
            break
    if day < NEW_YEAR:
        start = one.pool
    return Known(one, source, entered_on, start, one.pool, stays, ended_on=ended_on)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=lives())
async def test_figures_agree_with_what_happened(city: Figures, found: Sequence[Known]) -> None:
    await city.forget()
    await city.hear(*(one.life for one in found))
    plan = targets_on(DAY)
    assert plan is not None
    cells = await city.counting.cells(LEAD, plan.parts, DAY.year)

    def count(what: What) -> int:
        return total(cells, Part(what)).count

    kept = [one for one in found if one.stays]
    assert count(What.NEW) == sum(one.new for one in kept)
    assert count(What.STOCK) == sum(one.stock for one in kept)
    assert count(What.CONVERTED) == sum(
        (one.new or one.stock) and one.pool in BUILT for one in kept
    )
    assert count(What.TAKEN_BACK) == sum(
        one.source is not Source.DIRECT
        and one.start in BUILT
        and one.pool not in BUILT
        and not (one.ended_on and one.ended_on < NEW_YEAR)
        for one in kept
    )
    # 新增储备 is the amounts of what was planned, each once: as it stands, without what it took in.
    reserve = sum(
        amount
        for one in found
        if one.new
        and (one.stays or not one.duplicate)
        and (one.life.told[-1].fact.kind != "intake.move.taken_out.v1")
        for amount in (one.life.amount - _added(one.life),)
    )
    assert total(cells, Part(What.PLANNED)).money == reserve

    # Every project that is there is in one pool, and in one alone.
    in_pools = await city.pool.fetch(
        "select pool, count(*) as count from views.counted"
        " where standing not in ('OUT', 'MERGED', 'SPLIT') group by pool"
    )
    assert sum(row["count"] for row in in_pools) == len(kept)

    # Each sum is that of its list, for whoever looks; the numerator is part of the denominator.
    for reader in (LEAD, Reader("county_reporter", "JC-ZZ", region="140525")):
        cells = await city.counting.cells(reader, plan.parts, DAY.year)
        lists = {}
        for part in plan.parts:
            if part.what in LISTED:
                listed = await city.counting.members(reader, part, EVERYWHERE, DAY.year, 1)
                lists[part] = {row.address for row in listed.rows}
                assert listed.sum == total(cells, part), part
                assert len(listed.rows) == listed.sum.count
        assert lists[Part(What.CONVERTED)] <= lists[Part(What.NEW)] | lists[Part(What.STOCK)]
        assert not lists[Part(What.NEW)] & lists[Part(What.STOCK)]


LISTED = {
    *(What.PLANNED, What.NEW, What.STOCK, What.CARRIED, What.CONVERTED, What.CARRIED_CONVERTED),
    *(What.NEW_CONVERTED, What.TAKEN_BACK, What.STARTED, What.TAGGED),
}


def _added(one: Life) -> int:
    return sum(getattr(told.fact, "added_investment", 0) for told in one.told)
