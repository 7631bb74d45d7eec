"""Spreadsheets as the units really send them, and what is understood."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from services.intake.doors.forms import ProjectForm
from services.intake.policies import form_of
from services.intake.project.rules import findings
from services.intake.workbook.columns import COLUMNS, FUNDING, TEMPLATE_VERSION
from services.intake.workbook.row_reading import RowRead
from shared.workbook.refusals import NoHeaderFound, WorkbookEmpty
from tests.intake.workbook.files import (
    APRIL_25,
    PROJECT,
    cells,
    filled_template,
    only_row,
    packed,
    parts,
    raw,
    raw_rows,
    read,
    row_of,
    saved,
    sheet,
    sheets,
    table,
    titles,
    with_formula,
)

UNDERSTOOD = {
    "name": "巴公装备制造产业园一期",
    "content": "新建标准厂房 12 万平方米，年产数控机床 2000 台",
    "location": {"region": "140525", "address": "巴公镇工业园区"},
    "builder": {"name": "泽州示例装备有限公司"},
    "total_investment": "93500",
    "funding": [
        {"source": "LOAN", "amount": "33500"},
        {"source": "SELF_RAISED", "amount": "60000"},
    ],
    "planned_start": "2019-09",
    "contact": {"name": "张示例", "phone": "0356-2198345"},
    "category": "EMERGING",
    "track": "INDUSTRIAL_CHAIN",
    "lead_side": "MARKET",
    "industry": "34",
}


def rules(row: RowRead) -> list[tuple[str, str, bool]]:
    return [(problem.key, problem.rule, problem.hint) for problem in row.problems]


def test_a_plain_table_is_understood() -> None:
    row = only_row(sheet(table(PROJECT)))
    assert (row.number, row.body, row.problems, row.owner) == (2, UNDERSTOOD, (), None)


def test_what_is_understood_is_a_form_that_passes_its_rules() -> None:
    typed = ProjectForm.model_validate(only_row(sheet(table(PROJECT))).body)
    form = form_of(APRIL_25, typed.contact_as_typed())
    assert findings(typed.facts(None), form, complete=True) == []


def test_the_template_comes_back_without_a_problem() -> None:
    workbook = read(filled_template(PROJECT, cells(name="丹河新城水系治理", owner="城区")))
    assert [row.problems for row in workbook.rows] == [(), ()]
    assert [row.owner for row in workbook.rows] == [None, "城区"]
    assert [row.number for row in workbook.rows] == [4, 5]
    assert workbook.rows[0].body == UNDERSTOOD
    assert (workbook.sheet, workbook.header_row, workbook.unit) == ("附件1", 3, "万元")
    assert workbook.template_version == TEMPLATE_VERSION
    assert workbook.remarks == ()
    assert set(workbook.columns) == {column.key for column in COLUMNS}


def test_a_template_that_nobody_filled_holds_no_project() -> None:
    with pytest.raises(WorkbookEmpty, match="第 3 行）下面没有项目"):
        read(filled_template())


def test_titles_above_and_notes_below_are_not_projects() -> None:
    rows: list[Sequence[Any]] = [
        ["晋城市2019年亿元以上谋划项目基本情况表"],
        ["填报单位：泽州县", None, None, "填报日期：2019年4月25日"],
        *table(PROJECT),
        ["合  计", None, None, None, None, 93500],
        ["注：1.本表由谋划主体填报。"],
        ["填表人：张示例", None, None, "审核人：李示例"],
    ]
    workbook = read(sheet(rows))
    assert [row.number for row in workbook.rows] == [4]
    assert workbook.header_row == 3
    assert workbook.unit == "万元"
    assert workbook.remarks == ("第 5、6、7 行是说明、合计或重复的表头，没有读入。",)


def test_group_lines_and_column_numbers_and_examples_are_not_projects() -> None:
    keys = ["name", "content", "total_investment", "contact.name", "contact.phone"]
    rows: list[Sequence[Any]] = [
        ["序号", *titles(*keys)],
        [1, 2, 3, 4, 5, 6],
        ["例", "某某项目", "新建厂房", 100, "张三", "0356-2198345"],
        ["一、基础设施"],
        [1, *(PROJECT[key] for key in keys)],
        ["序号", *titles(*keys)],
        [2, "", "有内容没有名称", 500, None, None],
    ]
    workbook = read(sheet(rows))
    assert [row.number for row in workbook.rows] == [5, 7]
    assert "name" not in workbook.rows[1].body


def test_a_header_of_two_merged_rows_is_understood() -> None:
    workbook = openpyxl.Workbook()
    page = workbook.worksheets[0]
    page.append(["谋划项目基本情况表"])
    page.append(["序号", "项目名称", "建设内容", "建设地点", None, "建设单位", "总投资"])
    page.append([None, None, None, "县区", "详细地址", None, None])
    funding = [("资金来源（亿元）", 8, ["预算", "专项债", "贷款", "外资", "自筹", "其他"])]
    for title, begin, names in funding:
        page.cell(2, begin, title)
        for place, name in enumerate(names):
            page.cell(3, begin + place, name)
        page.merge_cells(start_row=2, end_row=2, start_column=begin, end_column=begin + 5)
    page.cell(2, 14, "项目负责人")
    page.cell(3, 14, "姓名")
    page.cell(3, 15, "联系电话")
    page.merge_cells("N2:O2")
    page.merge_cells("A1:O1")
    page.merge_cells("D2:E2")
    for letter in "ABCFG":
        page.merge_cells(f"{letter}2:{letter}3")
    line: list[Any] = [1, "甲项目", "新建 10 公里道路", "高平市", "米山镇", "甲公司", 50000]
    line += [None, 2, 1.5, None, 1.5, None, "张示例", "0356-2198345"]
    page.append(line)
    book = read(saved(workbook))
    (row,) = book.rows
    assert book.header_row == 3
    assert row.problems == ()
    assert row.body == {
        "name": "甲项目",
        "content": "新建 10 公里道路",
        "location": {"region": "140581", "address": "米山镇"},
        "builder": {"name": "甲公司"},
        "total_investment": "50000",
        "funding": [
            {"source": "SPECIAL_BOND", "amount": "20000"},
            {"source": "LOAN", "amount": "15000"},
            {"source": "SELF_RAISED", "amount": "15000"},
        ],
        "contact": {"name": "张示例", "phone": "0356-2198345"},
    }


def test_columns_in_another_order_under_other_names_are_recognised() -> None:
    names = {
        "手机号码": "contact.phone",
        "* 拟开工时间": "planned_start",
        "估算总投资(万元)": "total_investment",
        "其中：银行贷款": "funding.LOAN",
        "自筹资金（万元）": "funding.SELF_RAISED",
        "主要建设内容及规模": "content",
        "联 系 人": "contact.name",
        "建 设\n单 位": "builder.name",
        "详细地址": "location.address",
        "所在县（市、区）": "location.region",
        "1.谋划项目名称": "name",
        "产业类型": "category",
        "谋划范围": "track",
        "主导方式": "lead_side",
        "所属行业": "industry",
    }
    row = only_row(sheet([list(names), [PROJECT[key] for key in names.values()]]))
    assert row.problems == ()
    assert row.body == UNDERSTOOD


def test_every_alias_belongs_to_one_column() -> None:
    owners: dict[str, str] = {}
    for column in COLUMNS:
        for name in (column.title, *column.aliases):
            assert owners.setdefault(name, column.key) == column.key, name


def test_foreign_and_doubled_and_missing_columns_are_remarked_upon() -> None:
    keys = [key for key in PROJECT if key != "contact.phone"]
    (first, second) = table(PROJECT, keys=keys)
    workbook = read(sheet([[*first, "项目编码颜色", "联系人"], [*second, "红", "李示例"]]))
    assert workbook.rows[0].body["contact"] == {"name": "张示例"}
    assert workbook.remarks == (
        "表中没有这些必填的列：联系电话。",
        "第 P 列“联系人”与另一列意思相同，没有读入。",
        "这些列不属于附件1，没有读入：O“项目编码颜色”。",
    )


def test_a_place_in_one_column_gives_the_county_and_the_address() -> None:
    keys = [key for key in PROJECT if not key.startswith("location.")]
    first, second = table(PROJECT, keys=keys)
    workbook = read(sheet([[*first, "建设地点"], [*second, "晋城市泽州县巴公镇三家店村"]]))
    assert workbook.rows[0].body["location"] == {
        "region": "140525",
        "address": "晋城市泽州县巴公镇三家店村",
    }
    assert workbook.remarks == ()
    assert workbook.columns["location.region"] == workbook.columns["location.address"] == "N"
    typed = workbook.rows[0].typed
    assert typed["location.region"] == typed["location.address"] == "晋城市泽州县巴公镇三家店村"


def test_what_wps_writes_without_dimension_and_places_is_read() -> None:
    row = only_row(raw(table(PROJECT)))
    assert (row.number, row.body) == (2, UNDERSTOOD)


# 金额


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("93500", "93500"),
        ("９３５００．５０", "93500.5"),
        ("93,500.00", "93500"),
        ("９３，５００", "93500"),
        (" 93 500 ", "93500"),
        ("93500万元", "93500"),
        ("¥93,500", "93500"),
        (93500.25, "93500.25"),
        (0.1 + 0.2, "0.3"),
        (1234567.89, "1234567.89"),
    ],
)
def test_amounts_as_people_type_them(typed: Any, meant: str) -> None:
    row = row_of(total_investment=typed)
    assert (row.body["total_investment"], row.problems) == (meant, ())


@pytest.mark.parametrize(
    ("title", "typed", "unit", "meant"),
    [
        ("总投资（亿元）", 9.35, "亿元", "93500"),
        ("总投资（亿元）", "1.23456789亿", "亿元", None),
        ("项目总投资\n(亿元)", "１２．３", "亿元", "123000"),
        ("总投资（万元）", 9.35, "万元", "9.35"),
        ("总投资（元）", 935000000, "元", "93500"),
    ],
)
def test_the_header_says_the_unit(title: str, typed: Any, unit: str, meant: str | None) -> None:
    first, second = table(cells(total_investment=typed))
    header = [title if name.startswith("总投资") else name for name in first]
    workbook = read(sheet([header, second]))
    assert workbook.unit == unit
    assert workbook.rows[0].body.get("total_investment") == meant


def test_a_unit_above_the_table_counts_for_columns_that_name_none() -> None:
    first, second = table(cells(total_investment=9.35))
    header = ["总投资" if name.startswith("总投资") else name for name in first]
    workbook = read(sheet([["亿元以上项目表"], ["单位：亿元"], header, second]))
    assert workbook.unit == "亿元"
    assert workbook.rows[0].body["total_investment"] == "93500"
    assert workbook.rows[0].body["funding"] == UNDERSTOOD["funding"]


def test_an_amount_that_names_another_unit_is_asked_back() -> None:
    (problem,) = row_of(total_investment="1.2亿元").problems
    assert (problem.rule, problem.letter) == ("amount_unit", "F")
    assert problem.message == "总投资（万元）填了“1.2亿元”，而这一列的单位是万元。"
    assert problem.remedy == "若指 1.2 亿元，请填 12000。"


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        ("约9亿", "amount"),
        ("九亿", "amount"),
        (True, "amount"),
        ("12,34", "amount"),
        (-5, "amount_negative"),
        (1e11, "amount_too_large"),
        (93500.123, "amount_decimals"),
        (date(2019, 9, 1), "amount"),
    ],
)
def test_what_is_no_amount_is_said_and_left_out(typed: Any, rule: str) -> None:
    row = row_of(total_investment=typed)
    assert rules(row) == [("total_investment", rule, False)]
    assert "total_investment" not in row.body


@pytest.mark.parametrize("typed", [None, "", "-", "—", "/", "无", 0, "0.00"])
def test_a_source_without_money_is_no_source(typed: Any) -> None:
    row = row_of(funding__LOAN=typed)
    assert row.body["funding"] == [{"source": "SELF_RAISED", "amount": "60000"}]
    assert row.problems == ()


def test_a_wrong_amount_of_a_source_is_marked_at_its_own_cell() -> None:
    workbook = read(sheet(table(cells(funding__LOAN="三千"))))
    (problem,) = workbook.rows[0].problems
    assert problem.letter == workbook.columns["funding.LOAN"] == "G"


def test_there_is_a_column_for_every_source() -> None:
    keys = {column.key for column in COLUMNS}
    assert {f"funding.{source}" for source in FUNDING} <= keys


# 年月


@pytest.mark.parametrize(
    "typed",
    [
        "2019年6月",
        "2019年06月份",
        "２０１９年６月",
        "2019.6",
        "2019.06",
        "2019-06",
        "2019/6",
        "2019-6-15",
        "2019年6月15日",
        "2019年6月底",
        "201906",
        201906,
        20190615,
        2019.06,
        43617,
        date(2019, 6, 15),
        datetime(2019, 6, 15, 8, 30),  # noqa: DTZ001
    ],
)
def test_months_as_people_write_them(typed: Any) -> None:
    row = row_of(planned_start=typed)
    assert (row.body["planned_start"], row.problems) == ("2019-06", ())


def test_a_tenth_month_that_lost_its_zero_is_asked_back() -> None:
    (problem,) = row_of(planned_start=2019.1).problems
    assert problem.rule == "month_ambiguous"
    assert problem.remedy == "请写成 2019-01 或 2019-10。"
    assert row_of(planned_start="2019.10").body["planned_start"] == "2019-10"
    assert row_of(planned_start="2019.1").body["planned_start"] == "2019-01"


@pytest.mark.parametrize("typed", ["2019", 2019, "2019年", "2019-13", "明年6月", "19年6月", 3.5])
def test_what_is_no_month_is_said_and_left_out(typed: Any) -> None:
    row = row_of(planned_start=typed)
    assert rules(row) == [("planned_start", "month", False)]
    assert "planned_start" not in row.body


# 选项和号码


@pytest.mark.parametrize(
    ("key", "typed", "meant"),
    [
        ("location.region", "高平", "140581"),
        ("location.region", "晋城市泽州县", "140525"),
        ("location.region", 140525, "140525"),
        ("location.region", "140525.0", "140525.0"),
        ("location.region", "长治市", "长治市"),
        ("location.zone_id", "晋城经济技术开发区", "Z-JC"),
        ("location.zone_id", "z-gp", "Z-GP"),
        ("builder.uscc", "91140500ma0t00011y", "91140500MA0T00011Y"),
        ("builder.uscc", " 9114 0500 MA0T 00011Y", "91140500MA0T00011Y"),
        ("contact.phone", 13800138000, "13800138000"),
        ("contact.phone", "１３８００１３８０００", "13800138000"),
    ],
)
def test_choices_and_codes_as_people_write_them(key: str, typed: Any, meant: str) -> None:
    row = row_of(**{key.replace(".", "__"): typed})
    top, _, part = key.partition(".")
    inner = row.body[top]
    assert isinstance(inner, dict)
    assert (inner[part], row.problems) == (meant, ())


@pytest.mark.parametrize(
    ("key", "typed", "meant"),
    [
        ("category", "传统升级", "TRADITIONAL"),
        ("category", "welfare", "WELFARE"),
        ("lead_side", "政府", "GOVERNMENT"),
        ("industry", "34 通用设备制造业", "34"),
        ("industry", "通用设备制造业", "34"),
        ("industry", "C3421", "3421"),
        ("industry", 1, "01"),
        ("project_code", "２０１９-140525-30-03-002187", "2019-140525-30-03-002187"),
        ("remarks", 12.0, "12"),
        ("remarks", "第一行\n第二行", "第一行\n第二行"),
    ],
)
def test_other_columns_as_people_write_them(key: str, typed: Any, meant: str) -> None:
    row = row_of(**{key: typed})
    assert (row.body[key], row.problems) == (meant, ())


def test_a_choice_that_is_not_offered_names_those_that_are() -> None:
    (problem,) = row_of(track="其他方向").problems
    assert (problem.rule, problem.hint) == ("choice", False)
    assert problem.remedy == "请从硬环境基础设施、产业链延伸、科技支撑、政策导向中选。"


def test_digits_that_the_program_dropped_are_noticed() -> None:
    (problem,) = row_of(builder__uscc=911405000000000190).problems
    assert (problem.key, problem.rule) == ("builder.uscc", "digits_lost")


# 公式、隐藏行、多个工作表


def test_a_formula_gives_the_value_that_was_kept_and_a_remark() -> None:
    row = only_row(with_formula("=G2+H2", 93500))
    assert row.body == UNDERSTOOD
    assert rules(row) == [("total_investment", "formula_value", True)]
    assert row.problems[0].message == "F2 单元格是公式，已取其现值“93500”。"


def test_a_formula_without_a_kept_value_is_an_error() -> None:
    workbook = openpyxl.Workbook()
    page = workbook.worksheets[0]
    for line in table(cells(total_investment="=G2+H2")):
        page.append(list(line))
    row = only_row(saved(workbook))
    assert rules(row) == [("total_investment", "formula_without_value", False)]
    assert "total_investment" not in row.body


def test_a_formula_that_failed_is_an_error() -> None:
    row = only_row(with_formula("=G2/0", "#DIV/0!"))
    assert rules(row) == [("total_investment", "formula_error", False)]


def test_a_formula_whose_result_is_a_blank_is_a_blank() -> None:
    header, line = raw_rows(*table(PROJECT, keys=["name", "content", "total_investment"]))
    computed = line.replace("<c><v>93500</v></c>", '<c t="str"><f>IF(A2="","","")</f><v></v></c>')
    more = raw_rows(titles("contact.name", "contact.phone"))[0].removeprefix("<row>")
    row = only_row(packed(parts("", header.removesuffix("</row>") + more + computed)))
    assert row.problems == ()
    assert "total_investment" not in row.body


def test_hidden_rows_are_read_with_a_remark() -> None:
    workbook = openpyxl.Workbook()
    page = workbook.worksheets[0]
    for line in table(PROJECT, cells(name="丹河新城水系治理")):
        page.append(list(line))
    page.row_dimensions[3].hidden = True
    first, second = read(saved(workbook)).rows
    assert first.problems == ()
    assert rules(second) == [("name", "hidden_row", True)]
    assert second.problems[0].message == "第 3 行是隐藏行，也已读入。"


def test_the_sheet_with_the_header_is_read() -> None:
    workbook = read(sheets(说明=[["请先读说明"]], 项目=table(PROJECT), Sheet3=[]))
    assert (workbook.sheet, len(workbook.rows), workbook.remarks) == ("项目", 1, ())


def test_another_sheet_with_a_header_is_remarked_upon() -> None:
    fewer = table(PROJECT, keys=[key for key in PROJECT if key != "industry"])
    workbook = read(sheets(旧表=fewer, 新表=table(PROJECT)))
    assert workbook.sheet == "新表"
    assert workbook.remarks == ("另有工作表“旧表”也有附件1的表头，没有读入。",)


def test_a_table_that_begins_elsewhere_keeps_its_own_numbers() -> None:
    rows: list[list[Any]] = [[], []] + [[None, None, *line] for line in table(PROJECT)]
    workbook = read(sheet(rows))
    assert workbook.rows[0].number == 4
    assert workbook.columns["name"] == get_column_letter(3)


def test_an_older_template_is_remarked_upon() -> None:
    workbook = read(sheets(附件1=table(PROJECT), _siku=[["template", "2018-01"]]))
    assert workbook.template_version == "2018-01"
    assert workbook.remarks == ("表格用的是旧版模板（2018-01），已按列名读取；下次请下载新模板。",)


def test_a_file_without_the_header_is_refused_with_the_columns_it_should_have() -> None:
    with pytest.raises(NoHeaderFound, match="项目名称、建设内容") as refused:
        read(sheet([["姓名", "年龄"], ["张示例", 30]]))
    assert "前 30 行" in refused.value.detail


def test_empty_sheets_are_refused_as_empty() -> None:
    with pytest.raises(WorkbookEmpty, match="没有内容"):
        read(sheets(Sheet1=[], Sheet2=[]))
