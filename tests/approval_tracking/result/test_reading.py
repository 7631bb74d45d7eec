"""A row is read as people write it; what cannot be read is said at its column."""

from datetime import date

import pytest

from contracts.approval_tracking import ResultStep
from services.approval_tracking.result.reading import read_row
from services.approval_tracking.result.sheet import said_in, write_template
from shared.refusals import UnreadableInput
from shared.workbook.table import read_table

MAY_20 = date(2019, 5, 20)
SAID = {
    "platform": "省在线平台",
    "project_code": "2019-140525-34-03-002187",
    "item": "a10",
    "step": "受理",
    "happened_on": "2019-05-09",
}


def wrong(**changes: str) -> list[tuple[str, str]]:
    with pytest.raises(UnreadableInput) as refused:
        read_row({**SAID, **changes}, MAY_20)
    return [(one.field, one.rule) for one in refused.value.errors]


@pytest.mark.parametrize(
    "typed",
    ["2019-05-09", "2019/5/9", "2019.5.9", "2019年5月9日", "２０１９-05-09", "2019-05-09 10:30:00"],
)
def test_a_day_is_read_as_people_write_it(typed: str) -> None:
    assert read_row({**SAID, "happened_on": typed}, MAY_20).happened_on == date(2019, 5, 9)


def test_a_step_is_named_in_words_or_by_its_code() -> None:
    assert read_row(SAID, MAY_20).step is ResultStep.ACCEPTED
    assert read_row({**SAID, "step": "accepted"}, MAY_20).step is ResultStep.ACCEPTED
    assert wrong(step="开工") == [("step", "choice")]


def test_what_was_not_filled_in_and_must_be_is_named_column_by_column() -> None:
    assert wrong(platform=" ", item="", happened_on="") == [
        ("platform", "required"),
        ("item", "required"),
        ("happened_on", "required"),
    ]


def test_what_is_no_day_is_wrong() -> None:
    assert wrong(happened_on="五月初") == [("happened_on", "day")]
    assert wrong(happened_on="2019-02-30") == [("happened_on", "day")]
    assert wrong(valid_until="长期") == [("valid_until", "day")]


@pytest.mark.parametrize("typed", ["0", "367", "两周", "-1", "1.5"])
def test_days_of_a_pause_are_counted(typed: str) -> None:
    assert wrong(expected_days=typed) == [("expected_days", "range")]


def test_the_template_is_read_back_by_its_titles() -> None:
    read = read_table(write_template({"A10": "项目备案"}, MAY_20), "项目代码")
    assert (read.sheet, read.header_row, read.rows) == ("办理结果", 1, ())
    titles = dict.fromkeys(read.columns, "x")
    assert len(said_in(titles)) == len(read.columns)


def test_the_template_of_a_day_is_always_the_same_file() -> None:
    items = {"A10": "项目备案"}
    assert write_template(items, MAY_20) == write_template(items, MAY_20)
