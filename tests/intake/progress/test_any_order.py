"""Whatever is reported, corrected and recorded in whatever order: the sums hold and days fit."""

from datetime import date
from itertools import accumulate
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.intake import InvestmentByUse, ProgressEvent, ProgressReported
from services.intake.progress.commands import Command
from services.intake.progress.decider import PROGRESS
from services.intake.progress.order import out_of_order
from services.intake.progress.states import Progress
from shared.refusals import Refusal
from tests.intake.progress.builders import by, project, record, rectify, report

FIRST, LAST = date(2019, 4, 22), date(2021, 3, 31)
HINTS = ("not_started", "nothing_invested", "large_month", "more_than_total", "mostly_other")

days = st.dates(FIRST, LAST)
amounts = st.integers(-60_000_000, 90_000_000)
whose = st.sampled_from(["JC-ZZ", "JC-ZZ", "JC-ZZ", "JC-GP"])
what = st.sampled_from(["STARTED", "STOPPED", "RESUMED", "NEVER_STOPPED", "FINISHED"])


@st.composite
def reports(draw: st.DrawFn) -> Command:
    on = draw(days)
    month = draw(st.dates(FIRST, on)) if draw(st.booleans()) else draw(days)
    return report(
        f"{month:%Y-%m}",
        on,
        by=by(draw(whose)),
        invested=InvestmentByUse(equipment=draw(amounts), other=draw(st.integers(0, 9))),
        reason=draw(st.sampled_from(["", "核对发票"])),
        accepted_hints=HINTS,
    )


@st.composite
def works(draw: st.DrawFn) -> Command:
    on, kind = draw(days), draw(what)
    changes: dict[str, Any] = {"by": by(draw(whose)), "on": LAST, "project": project()}
    if draw(st.booleans()):
        return record(kind, on, **changes)
    is_on = draw(st.one_of(st.none(), days))
    return rectify(kind, on, is_on, **changes)


def lived(asked: list[Command]) -> tuple[list[ProgressEvent], Progress]:
    """Ask one command after another; what is refused changes nothing."""
    told: list[ProgressEvent] = []
    state = PROGRESS.initial
    for command in asked:
        try:
            facts = PROGRESS.decide(command, state)
        except Refusal:
            continue
        for fact in facts:
            told.append(fact)
            state = PROGRESS.evolve(state, fact)
    return told, state


@given(st.lists(reports(), max_size=25))
def test_all_that_was_invested_is_the_sum_of_the_months_and_never_below_nothing(
    asked: list[Command],
) -> None:
    told, state = lived(asked)
    months = sorted(state.months)
    sums = list(accumulate(state.months[month].invested.total for month in months))
    assert all(one >= 0 for one in sums)
    assert [state.invested_until(month) for month in months] == sums
    # What a report said of the whole was true over what had been told before it.
    seen: dict[str, int] = {}
    for fact in told:
        assert isinstance(fact, ProgressReported)
        seen[fact.month] = fact.invested.total
        assert fact.invested_in_all == sum(t for month, t in seen.items() if month <= fact.month)
        year = [t for month, t in seen.items() if fact.month[:4] <= month <= fact.month]
        assert fact.invested_this_year == sum(year)


@given(st.lists(reports(), max_size=25))
def test_editions_of_a_month_are_counted_without_a_gap_and_each_later_one_says_why(
    asked: list[Command],
) -> None:
    told, _ = lived(asked)
    editions: dict[str, int] = {}
    for fact in told:
        assert isinstance(fact, ProgressReported)
        assert fact.edition == editions.get(fact.month, 0) + 1
        assert fact.edition == 1 or fact.reason
        editions[fact.month] = fact.edition


@given(st.lists(works(), max_size=30))
def test_the_works_of_a_project_never_contradict_themselves(asked: list[Command]) -> None:
    told, state = lived(asked)
    assert out_of_order(state.works) is None
    assert PROGRESS.fold([fact.model_dump_json().encode() for fact in told]) == state
    days_ = [work.on for work in state.works]
    assert days_ == sorted(days_)
    assert all(one <= LAST for one in days_)
