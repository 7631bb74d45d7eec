"""One cell for what the form asks in several: 建设起止年限, and 资金来源 in words."""

from datetime import date
from typing import Any

import pytest

from services.intake.workbook.reading import WorkbookRead
from services.intake.workbook.row_reading import RowRead
from tests.intake.workbook.files import PROJECT, cells, read, sheet, table

KEYS = [key for key in PROJECT if not key.startswith("funding.")]


def workbook(title: str, typed: Any, **changed: Any) -> WorkbookRead:
    """A table that has such a column after the usual ones, with one project."""
    first, second = table(cells(**changed), keys=KEYS)
    return read(sheet([[*first, title], [*second, typed]]))


def years(typed: Any, title: str = "建设起止年限") -> RowRead:
    (row,) = workbook(title, typed).rows
    return row


def funding(typed: Any, title: str = "资金来源", **changed: Any) -> RowRead:
    (row,) = workbook(title, typed, **changed).rows
    return row


def sources(row: RowRead) -> dict[str, str]:
    parts = row.body.get("funding", [])
    assert isinstance(parts, list)
    found = {}
    for part in parts:
        assert isinstance(part, dict)
        found[str(part["source"])] = str(part["amount"])
    return found


@pytest.mark.parametrize(
    "typed",
    [
        "2019.6—2021.12",
        "2019.6-2021.12",
        "2019.06--2021.12",
        "2019年6月至2021年12月",
        "2019年6月－2021年12月",
        "2019年6月～2021年12月",
        "２０１９年６月 至 ２０２１年１２月",
        "2019-06-2021-12",
        "2019-6至2021-12",
        "2019/6~2021/12",
        "201906-202112",
        "2019年6月1日—2021年12月31日",
        "2019.6.1-2021.12.31",
        "2019-06-01到2021-12-31",
        "自2019年6月起至2021年12月止",
        "2019年6月开工，2021年12月竣工",
        "2019年6月-2021年12月（31个月）",
    ],
)
def test_the_years_of_building_as_people_write_them(typed: str) -> None:
    row = years(typed)
    assert (row.body["build_from"], row.body["build_until"]) == ("2019-06", "2021-12")
    assert row.problems == ()
    assert row.typed["build_from"] == row.typed["build_until"] == typed


@pytest.mark.parametrize(
    ("typed", "begin", "end"),
    [
        ("2019-2021", "2019-01", "2021-12"),
        ("2019年—2021年", "2019-01", "2021-12"),
        ("2019至2021年", "2019-01", "2021-12"),
        ("2019-2021年（3年）", "2019-01", "2021-12"),
        ("2019年6月-2021年", "2019-06", "2021-12"),
        ("2019-2021.6", "2019-01", "2021-06"),
        ("2019年", "2019-01", "2019-12"),
        (2019, "2019-01", "2019-12"),
    ],
)
def test_years_without_months_are_read_whole_with_a_remark(
    typed: Any, begin: str, end: str
) -> None:
    row = years(typed)
    assert (row.body["build_from"], row.body["build_until"]) == (begin, end)
    (remark,) = row.problems
    assert (remark.key, remark.rule, remark.hint) == ("build_from", "build_years_by_year", True)
    assert f"按 {begin} 至 {end} 读入" in remark.message


def test_a_second_month_takes_the_year_of_the_first() -> None:
    row = years("2019年3月—11月")
    assert (row.body["build_from"], row.body["build_until"]) == ("2019-03", "2019-11")
    assert row.problems == ()


@pytest.mark.parametrize(
    "typed",
    ["三年", "36个月", "2019年6月", "2019.13-2021.12", "明年至后年", date(2019, 6, 1), "待定", 3],
)
def test_years_that_are_not_understood_are_remarked_and_bar_nothing(typed: Any) -> None:
    workbook_read = workbook("建设起止年限", typed)
    (row,) = workbook_read.rows
    assert "build_from" not in row.body
    (remark,) = row.problems
    assert (remark.rule, remark.hint) == ("build_years_text", True)
    assert remark.letter == workbook_read.columns["build_from"] == "N"
    assert "没有读入" in remark.message


def test_two_columns_for_the_years_outweigh_the_one() -> None:
    first, second = table(cells(), keys=list(PROJECT))
    header = [*first, "建设起止年限", "建设起始年月", "建设终止年月"]
    workbook_read = read(sheet([header, [*second, "2001-2002", "2019-06", "2021-12"]]))
    (row,) = workbook_read.rows
    assert (row.body["build_from"], row.body["build_until"]) == ("2019-06", "2021-12")
    assert "“建设起止年限”与另一列意思相同" in "".join(workbook_read.remarks)


@pytest.mark.parametrize(
    "typed",
    [
        "自筹 60000万元，银行贷款 33500万元",
        "企业自筹60000万元、贷款33500万元。",
        "自筹6亿元；银行贷款3.35亿元",
        "自筹：60,000万元；贷款：33,500万元",
        "自筹60000，贷款33500",
        "６００００万元自筹，３３５００万元银行贷款",
        "企业自筹（60000万元）、申请银行贷款（33500万元）",
        "自筹 60000 贷款 33500",
        "其中：自有资金10000万元，企业自筹50000万元\n银行贷款33500万元",
    ],
)
def test_sources_in_words_as_people_write_them(typed: str) -> None:
    row = funding(typed)
    assert sources(row) == {"SELF_RAISED": "60000", "LOAN": "33500"}
    assert row.problems == ()


def test_every_source_has_its_words() -> None:
    text = "财政资金1万元，专项债2万元，贷款3万元，利用外资4万元，自筹5万元，其他6万元"
    assert list(sources(funding(text))) == [
        "BUDGET",
        "SPECIAL_BOND",
        "LOAN",
        "FOREIGN",
        "SELF_RAISED",
        "OTHER",
    ]


def test_an_amount_without_a_unit_has_that_of_the_header() -> None:
    row = funding("自筹6，贷款3.35", "资金来源（亿元）")
    assert sources(row) == {"SELF_RAISED": "60000", "LOAN": "33500"}


def test_a_single_source_is_the_whole_of_the_investment_with_a_remark() -> None:
    row = funding("企业自筹")
    assert sources(row) == {"SELF_RAISED": "93500"}
    (remark,) = row.problems
    assert (remark.key, remark.rule, remark.hint) == ("funding", "funding_of_total", True)
    assert "按总投资 93500 万元折算" in remark.message


def test_per_cents_are_parts_of_the_investment_with_a_remark() -> None:
    row = funding("自筹60%，银行贷款40％")
    assert sources(row) == {"SELF_RAISED": "56100", "LOAN": "37400"}
    assert [remark.rule for remark in row.problems] == ["funding_of_total"]


@pytest.mark.parametrize(
    "typed",
    [
        "自筹、银行贷款",
        "自筹约5000万元",
        "自筹5000万元，贷款",
        "社会资本 5000万元",
        "5000",
        "多渠道筹措",
        "自筹5000.123万元",
    ],
)
def test_sources_that_are_not_understood_are_marked_in_their_cell(typed: str) -> None:
    workbook_read = workbook("资金来源", typed)
    (row,) = workbook_read.rows
    assert "funding" not in row.body
    (problem,) = row.problems
    assert (problem.key, problem.hint) == ("funding", False)
    assert problem.letter == workbook_read.columns["funding"] == "N"


def test_a_single_source_without_any_total_is_not_guessed() -> None:
    row = funding("自筹", total_investment=None)
    assert [problem.rule for problem in row.problems] == ["funding_text"]


@pytest.mark.parametrize("typed", [None, "", "无", "—"])
def test_a_blank_says_nothing(typed: Any) -> None:
    assert funding(typed).problems == years(typed).problems == ()


def test_columns_for_each_source_outweigh_the_words() -> None:
    first, second = table(PROJECT)
    workbook_read = read(sheet([[*first, "资金来源"], [*second, "看左边"]]))
    assert sources(workbook_read.rows[0]) == {"LOAN": "33500", "SELF_RAISED": "60000"}
    assert workbook_read.rows[0].problems == ()
    assert "“资金来源”与另一列意思相同" in "".join(workbook_read.remarks)
