"""In which order works begin, rest, go on and end; days of one project never contradict it."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, assert_never

from services.intake.progress.states import What, Work

NAMES: dict[What, str] = {
    "STARTED": "开工",
    "STOPPED": "停工",
    "RESUMED": "复工",
    "NEVER_STOPPED": "未停工",
    "FINISHED": "竣工",
}

_Turn = Literal["NOT_YET", "GOES_ON", "RESTS", "DONE"]


def placed(works: Sequence[Work], work: Work) -> tuple[Work, ...]:
    """Put a work where its day belongs, behind what else was recorded of that day."""
    return tuple(sorted((*works, work), key=lambda one: one.on))


def rectified(
    works: Sequence[Work], what: What, was_on: date, is_on: date | None
) -> tuple[Work, ...]:
    """Put another day in the place of one, or take the work out."""
    others = tuple(work for work in works if work != Work(what, was_on))
    return others if is_on is None else placed(others, Work(what, is_on))


def out_of_order(works: Sequence[Work]) -> str | None:
    """Say in a sentence what does not fit together; None where all does."""
    turn: _Turn = "NOT_YET"
    for n, work in enumerate(works):
        if trouble := _trouble(turn, work, works[:n]):
            return trouble
        match work.what:
            case "STARTED" | "RESUMED" | "NEVER_STOPPED":
                turn = "GOES_ON"
            case "STOPPED":
                turn = "RESTS"
            case "FINISHED":
                turn = "DONE"
            case _:
                assert_never(work.what)
    return None


def _trouble(turn: _Turn, work: Work, before: Sequence[Work]) -> str | None:
    name = f"{work.on} {NAMES[work.what]}"
    match turn:
        case "NOT_YET":
            if work.what == "STARTED":
                return None
            return f"{name}以前没有登记开工。请先登记开工；日期记错的，请走更正。"
        case "DONE":
            return f"{name}在已登记的竣工（{before[-1].on}）以后。请核对；日期记错的，请走更正。"
        case "RESTS":
            if work.what == "RESUMED":
                return None
            return f"{name}以前登记了停工（{before[-1].on}），还没有复工。请先登记复工。"
        case "GOES_ON":
            return _trouble_of_one_that_goes_on(work, before)
        case _:
            assert_never(turn)


def _trouble_of_one_that_goes_on(work: Work, before: Sequence[Work]) -> str | None:
    name, started = f"{work.on} {NAMES[work.what]}", before[0].on
    match work.what:
        case "STARTED":
            return f"已经登记 {started} 开工，只登记一次。日期记错的，请走更正。"
        case "RESUMED" | "NEVER_STOPPED":
            # 续建 carried over from last year tells once a year that it goes on, whether or not
            # its rest over the winter was recorded.
            if work.on.year <= started.year:
                return f"{name}没有停工可言：{started} 才开工，没有登记停工。"
            told = [one for one in before if one.what in {"RESUMED", "NEVER_STOPPED"}]
            if told and told[-1].on.year == work.on.year:
                return f"{name}：{work.on.year} 年已经登记过{NAMES[told[-1].what]}，不用再登记。"
            return None
        case "STOPPED" | "FINISHED":
            return None
        case _:
            assert_never(work.what)
