"""A row that no plan took waits for a person, who settles it once."""

from typing import Any
from uuid import UUID

from services.approval_tracking.result.commands import DismissResult, MatchResult, SetAside
from services.approval_tracking.result.decider import RESULT, ResultAlreadySettled
from shared.refusals import NotFound, UnreadableInput
from shared.testing import Story
from tests.approval_tracking.result.rows import APRIL_22, P, R, dismissed, matched, row, set_aside

OTHER = UUID("00000000-0000-7000-8000-0000000000a2")

result = Story(RESULT)


def put_aside(**changes: Any) -> SetAside:
    fields: dict[str, Any] = {
        "result_id": R,
        "on": APRIL_22,
        "row": row(),
        "code": "unknown_code",
        "why": "没有项目用这个代码。",
    }
    return SetAside(**{**fields, **changes})


def match_it(**changes: Any) -> MatchResult:
    fields: dict[str, Any] = {"result_id": R, "on": APRIL_22, "project_id": P, "item": "A13"}
    return MatchResult(**{**fields, **changes})


def dismiss(reason: str = "不是本市项目。") -> DismissResult:
    return DismissResult(result_id=R, on=APRIL_22, reason=reason)


def test_a_row_that_no_plan_takes_is_kept_with_the_reason() -> None:
    result.given().when(put_aside()).then(set_aside())


def test_a_row_that_waits_and_is_sent_again_waits_as_before() -> None:
    result.given(set_aside()).when(put_aside(code="no_such_item", why="别的原因。")).then_nothing()


def test_a_row_that_was_settled_and_is_sent_again_does_not_wait_again() -> None:
    result.given(set_aside(), matched()).when(put_aside()).then_nothing()
    result.given(set_aside(), dismissed()).when(put_aside()).then_nothing()


def test_a_row_is_matched_to_a_project_and_an_item() -> None:
    result.given(set_aside()).when(match_it()).then(matched())


def test_a_row_is_matched_once() -> None:
    result.given(set_aside(), matched()).when(match_it()).then_nothing()
    result.given(set_aside(), matched()).when(match_it(project_id=OTHER)).then_refused(
        ResultAlreadySettled
    )
    result.given(set_aside(), matched()).when(match_it(item="A12")).then_refused(
        ResultAlreadySettled
    )


def test_a_row_is_dismissed_with_a_reason() -> None:
    result.given(set_aside()).when(dismiss(" 不是本市项目。 ")).then(dismissed())
    result.given(set_aside()).when(dismiss(" ")).then_refused(UnreadableInput)
    result.given(set_aside()).when(dismiss("电话 13800001234")).then_refused(UnreadableInput)


def test_what_is_dismissed_is_neither_dismissed_again_nor_matched() -> None:
    result.given(set_aside(), dismissed()).when(dismiss("别的理由")).then_nothing()
    result.given(set_aside(), dismissed()).when(match_it()).then_refused(ResultAlreadySettled)


def test_what_a_plan_has_taken_is_not_dismissed() -> None:
    result.given(set_aside(), matched()).when(dismiss()).then_refused(ResultAlreadySettled)


def test_a_row_that_never_waited_is_not_settled() -> None:
    result.given().when(match_it()).then_refused(NotFound)
    result.given().when(dismiss()).then_refused(NotFound)
