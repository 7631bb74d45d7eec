"""The clerk's own file comes back with every wrong cell marked."""

from io import BytesIO

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from shared.workbook.marking import CellProblem, mark_workbook
from shared.workbook.refusals import NotAWorkbook
from tests.intake.workbook.files import PROJECT, cells, filled_template, read, saved, sheet, table

WRONG = CellProblem("total_investment", "F", "amount", "总投资不是数。", "请只填数字。")
HINT = CellProblem("planned_start", "I", "late", "超过 3 年。", "请确认。", hint=True)
NOWHERE = CellProblem("contact.phone", "", "required", "联系电话没有填写。", "请填写。")
RED, AMBER = "FFFFC7CE", "FFFFEB9C"


def marked(data: bytes, *problems: CellProblem, row: int = 2) -> Worksheet:
    """Mark a file and open what comes back."""
    back = mark_workbook(data, read(data).place, {row: problems})
    return openpyxl.load_workbook(BytesIO(back))["附件1"]


def errors(page: Worksheet, header: int = 1) -> dict[int, object]:
    """The column 错误信息 by row."""
    place = next(cell.column for cell in page[header] if cell.value == "错误信息")
    return {row: page.cell(row, place).value for row in range(header + 1, page.max_row + 1)}


def test_a_wrong_cell_is_red_with_a_comment() -> None:
    page = marked(sheet(table(PROJECT)), WRONG)
    assert page["F2"].fill.start_color.rgb == RED
    assert page["F2"].comment is not None
    assert page["F2"].comment.text == "总投资不是数。请只填数字。"
    assert page["F2"].value == 93500


def test_a_hint_is_amber_and_says_that_it_is_one() -> None:
    page = marked(sheet(table(PROJECT)), HINT)
    assert page["I2"].fill.start_color.rgb == AMBER
    assert errors(page) == {2: "I2 提示：超过 3 年。请确认。"}


def test_only_the_cells_named_are_marked() -> None:
    data = sheet(table(PROJECT, cells(name="丹河新城水系治理")))
    page = marked(data, WRONG, row=3)
    coloured = {cell.coordinate for row in page for cell in row if cell.fill.patternType}
    assert coloured == {"F3"}
    assert {c.coordinate for row in page for c in row if c.comment} == {"F3"}


def test_the_last_column_says_everything_about_a_row() -> None:
    page = marked(sheet(table(PROJECT)), WRONG, HINT, NOWHERE)
    assert errors(page) == {
        2: "F2 总投资不是数。请只填数字。\nI2 提示：超过 3 年。请确认。\n联系电话没有填写。请填写。"
    }


def test_the_look_of_the_file_survives() -> None:
    workbook = openpyxl.Workbook()
    page = workbook.worksheets[0]
    page.title = "附件1"
    page["A1"] = "谋划项目表"
    page["A1"].font = Font(name="黑体", size=20, bold=True)
    page.merge_cells("A1:D1")
    for line in table(PROJECT):
        page.append(list(line))
    page["F3"].border = Border(left=Side("thin"))
    page["F3"].number_format = "#,##0.00"
    page["A3"].fill = PatternFill("solid", start_color="FF00FF00")
    page["A3"].comment = Comment("自己的批注", "张示例")
    page.column_dimensions["B"].width = 55
    page.row_dimensions[3].height = 44
    page.freeze_panes = "B3"
    workbook.create_sheet("说明")["A1"] = "另一张表"
    back = marked(saved(workbook), WRONG, row=3)
    assert (back["A1"].font.name, back["A1"].font.size) == ("黑体", 20)
    assert "A1:D1" in {str(merged) for merged in back.merged_cells.ranges}
    assert (back["F3"].number_format, back["F3"].border.left.style) == ("#,##0.00", "thin")
    assert back["A3"].fill.start_color.rgb == "FF00FF00"
    assert back["A3"].comment is not None
    assert (back.column_dimensions["B"].width, back.row_dimensions[3].height) == (55, 44)
    assert back.freeze_panes == "B3"
    assert back.parent is not None
    assert back.parent.sheetnames == ["附件1", "说明"]


def test_the_clerks_own_comment_on_a_wrong_cell_is_kept_below() -> None:
    workbook = openpyxl.load_workbook(BytesIO(sheet(table(PROJECT))))
    workbook.worksheets[0]["F2"].comment = Comment("领导已定", "张示例")
    page = marked(saved(workbook), WRONG)
    assert page["F2"].comment is not None
    assert page["F2"].comment.text.endswith("\n\n领导已定")


def test_the_drop_downs_of_the_template_survive() -> None:
    data = filled_template(PROJECT)
    page = marked(data, WRONG, row=4)
    assert sum(rule.type == "list" for rule in page.data_validations.dataValidation) == 6


def test_a_marked_file_that_was_corrected_is_read_and_marked_anew() -> None:
    data = sheet(table(PROJECT, cells(name="丹河新城水系治理")))
    once = mark_workbook(data, read(data).place, {2: [WRONG], 3: [HINT]})
    again = read(once)
    assert [row.body for row in again.rows] == [row.body for row in read(data).rows]
    assert (again.remarks, [row.problems for row in again.rows]) == ((), [(), ()])
    page = marked(once, HINT, row=3)
    assert (page["F2"].fill.patternType, page["F2"].comment) == (None, None)
    assert page["I3"].comment is not None
    assert page["I3"].comment.text == "提示：超过 3 年。请确认。"
    assert errors(page) == {2: None, 3: "I3 提示：超过 3 年。请确认。"}
    assert sum(cell.value == "错误信息" for cell in page[1]) == 1


@pytest.mark.parametrize(
    "text", ["=HYPERLINK(1)", "+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "＝1", "\0=1"]
)
def test_nothing_that_we_write_is_a_formula(text: str) -> None:
    problem = CellProblem("name", "", "rule", text, "")
    page = marked(sheet(table(PROJECT)), problem)
    place = next(cell.column for cell in page[1] if cell.value == "错误信息")
    assert page.cell(2, place).data_type == "s"


def test_text_of_the_clerk_that_looks_like_a_formula_stays_text() -> None:
    data = sheet(table(cells(content="=1+1 平方米的厂房新建项目")))
    page = marked(data, WRONG)
    assert (page["B2"].value, page["B2"].data_type) == ("=1+1 平方米的厂房新建项目", "s")


def test_a_file_that_may_not_be_read_is_not_marked_either() -> None:
    known = read(sheet(table(PROJECT)))
    with pytest.raises(NotAWorkbook):
        mark_workbook(b"%PDF-1.7", known.place, {})
