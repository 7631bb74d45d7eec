"""The empty sheet that units download."""

from io import BytesIO

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from services.intake.policies import form_of
from services.intake.workbook.columns import COLUMNS, HIDDEN_SHEET, REQUIRED, TEMPLATE_VERSION
from services.intake.workbook.template import write_template
from tests.intake.workbook.files import APRIL_25


@pytest.fixture(scope="module")
def workbook() -> openpyxl.Workbook:
    return openpyxl.load_workbook(
        BytesIO(write_template(form_of(APRIL_25, None), "泽州县人民政府"))
    )


@pytest.fixture(scope="module")
def page(workbook: openpyxl.Workbook) -> Worksheet:
    return workbook["附件1"]


def test_it_names_the_unit_and_the_unit_of_money(page: Worksheet) -> None:
    assert page["A1"].value == "附件1  谋划项目基本情况表"
    assert page["A2"].value == "报送单位：泽州县人民政府　　金额单位：万元"


def test_every_column_stands_in_the_header_with_its_hint(page: Worksheet) -> None:
    header = page[3]
    assert [cell.value for cell in header] == [column.title for column in COLUMNS]
    for cell, column in zip(header, COLUMNS, strict=True):
        assert cell.comment is not None
        assert column.hint in cell.comment.text
        assert cell.comment.text.startswith("必填" if column.required else "可不填")


def test_the_header_stays_in_sight(page: Worksheet) -> None:
    assert page.freeze_panes == "C4"


def test_money_columns_name_their_unit() -> None:
    money = [column.title for column in COLUMNS if column.kind == "money"]
    assert money
    assert all(title.endswith("（万元）") for title in money)


def test_choices_are_drop_downs(workbook: openpyxl.Workbook, page: Worksheet) -> None:
    offered = {}
    for rule in page.data_validations.dataValidation:
        if rule.type == "list":
            letters = rule.formula1.removeprefix(f"{HIDDEN_SHEET}!").replace("$", "")
            cells = [row[0].value for row in workbook[HIDDEN_SHEET][letters]]
            title = page.cell(3, next(iter(rule.sqref.ranges)).min_col).value
            offered[title] = (cells, rule.showErrorMessage)
    assert offered["主导方"] == (["政府主导", "市场主导"], True)
    assert "泽州县" in offered["建设地点（县区）"][0]
    assert "晋城经开区" in offered["开发区"][0]
    # Finer codes than the list's may be typed.
    assert ("34 通用设备制造业" in offered["行业代码"][0], offered["行业代码"][1]) == (True, False)
    assert len(offered) == sum(bool(column.choices) for column in COLUMNS)


def test_it_says_inside_which_version_it_is(workbook: openpyxl.Workbook) -> None:
    hidden = workbook[HIDDEN_SHEET]
    assert hidden.sheet_state == "hidden"
    assert [cell.value for cell in hidden[1]][:2] == ["template", TEMPLATE_VERSION]


def test_the_required_columns_are_those_that_a_report_needs() -> None:
    assert {column.key for column in REQUIRED} == {
        "name",
        "content",
        "location.region",
        "location.address",
        "builder.name",
        "total_investment",
        "planned_start",
        "contact.name",
        "contact.phone",
        "category",
        "track",
        "lead_side",
        "industry",
    }


def test_a_name_that_looks_like_a_formula_stays_text() -> None:
    data = write_template(form_of(APRIL_25, None), "=1+1")
    assert "=1+1" in str(openpyxl.load_workbook(BytesIO(data))["附件1"]["A2"].value)
