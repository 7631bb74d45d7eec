"""What a row of results must say, and when two rows say the same."""

from datetime import date
from typing import Any

import pytest

from contracts.approval_tracking import ResultStep
from services.approval_tracking.result.decider import result_id_of
from services.approval_tracking.result.rules import LABELS, row_problems
from tests.approval_tracking.result.rows import APRIL_22, row


def wrong(**changes: Any) -> list[tuple[str, str]]:
    return [(one.field, one.rule) for one in row_problems(row(**changes), APRIL_22)]


def test_a_row_that_says_what_it_needs_is_right() -> None:
    assert wrong() == []


def test_a_code_that_is_none_is_wrong_at_its_cell() -> None:
    assert wrong(project_code="2019-1405") == [("project_code", "project_code_format")]


def test_a_day_to_come_is_wrong_and_today_is_not() -> None:
    assert wrong(happened_on=date(2019, 4, 23)) == [("happened_on", "day_to_come")]
    assert wrong(happened_on=APRIL_22) == []


def test_a_document_does_not_end_before_it_is_given() -> None:
    assert wrong(valid_until=date(2019, 4, 18)) == [("valid_until", "order")]
    assert wrong(valid_until=date(2019, 4, 19)) == []


@pytest.mark.parametrize(
    ("step", "needed"),
    [
        (ResultStep.CORRECTIONS_ASKED, ["reason"]),
        (ResultStep.PAUSED, ["reason", "procedure", "expected_days"]),
        (ResultStep.REFUSED, ["reason", "basis"]),
        (ResultStep.WITHDRAWN, ["reason"]),
        (ResultStep.REVOKED, ["reason", "basis"]),
        (ResultStep.RECEIVED, []),
        (ResultStep.ACCEPTED, []),
    ],
)
def test_what_keeps_an_applicant_waiting_or_turns_him_away_says_why(
    step: ResultStep, needed: list[str]
) -> None:
    assert wrong(step=step) == [(field, "required") for field in needed]


@pytest.mark.parametrize("field", ["item", "reason", "basis", "document_number", "project_name"])
def test_no_text_of_a_row_holds_a_telephone(field: str) -> None:
    assert (field, "personal_data") in wrong(**{field: "请联系 13800001234"})


def test_two_rows_tell_the_same_by_platform_code_item_step_and_day() -> None:
    told = result_id_of(row())
    assert result_id_of(row(document_number="另一个", reason="另一个")) == told
    others = {
        result_id_of(row(platform="市平台")),
        result_id_of(row(project_code="2019-140525-34-03-002188")),
        result_id_of(row(item="A12")),
        result_id_of(row(step=ResultStep.ACCEPTED)),
        result_id_of(row(happened_on=date(2019, 4, 18))),
    }
    assert len(others | {told}) == 6


def test_every_column_of_a_row_has_its_name() -> None:
    assert set(LABELS) == set(type(row()).model_fields)
