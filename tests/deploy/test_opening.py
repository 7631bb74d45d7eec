"""`siku import opening`: a sheet of stock, as an operator fills it in and loads it."""

import asyncio
import sys
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from deploy.embedded.launcher import Stack
from deploy.opening_sheet import STOCK_COLUMNS, UnfitSheet, read_sheet, write_template

Cell = str | float | date | None
SOUND: dict[str, Cell] = {
    "owner": "泽州县",
    "name": "巴公存量示例厂房",
    "location.region": "泽州县",
    "location.address": "巴公镇工业园东区",
    "builder.name": "泽州县鸿业开发有限公司",
    "total_investment": 120000,
    "funding.LOAN": "80,000",
    "funding.SELF_RAISED": 40000,
    "pool": "建设库",
    "entered_on": datetime(2017, 6, 5),  # noqa: DTZ001
    "pool_since": "2018年3月20日",
    "invested_in_all": 45000.5,
    "invested_this_year": 5000,
    "started_on": "2018-03-15",
    "evidence.source_document": "晋市发改〔2018〕12号",
    "evidence.land_permit": "晋市地字第1号",
}


def sheet(path: Path, *rows: dict[str, Cell]) -> Path:
    """Fill the template in."""
    write_template(path)
    book = load_workbook(path)
    for number, row in enumerate(rows, start=2):
        for place, column in enumerate(STOCK_COLUMNS, start=1):
            if column.key in row:
                book.worksheets[0].cell(number, place, row[column.key])
    book.save(path)
    return path


def test_a_row_becomes_what_the_door_takes(tmp_path: Path) -> None:
    (line,) = read_sheet(sheet(tmp_path / "期初.xlsx", SOUND))
    assert (line.number, line.wrong) == (2, ())
    assert line.body["pool"] == "BUILD"
    assert (line.body["entered_on"], line.body["pool_since"]) == ("2017-06-05", "2018-03-20")
    assert line.body["location"] == {"region": "140525", "address": "巴公镇工业园东区"}
    assert line.body["funding"] == [
        {"source": "LOAN", "amount": "80000"},
        {"source": "SELF_RAISED", "amount": "40000"},
    ]
    assert line.body["invested_in_all"] == "45000.5"
    assert line.body["evidence"] == [
        {"sort": "source_document", "document_number": "晋市发改〔2018〕12号"},
        {"sort": "land_permit", "document_number": "晋市地字第1号"},
    ]


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("pool", "施工库", "所在库“施工库”不在可选范围内"),
        ("entered_on", "去年六月", "入库日期“去年六月”不是日期"),
        ("entered_on", None, "入库日期没有填"),
        ("total_investment", "十二亿", "不是数"),
        ("invested_in_all", "4.5亿元", "单位是万元"),
        ("evidence.source_document", "", "来源文件文号没有填"),
    ],
)
def test_a_wrong_cell_is_named_with_what_was_typed(
    tmp_path: Path, key: str, typed: Cell, said: str
) -> None:
    (line,) = read_sheet(sheet(tmp_path / "期初.xlsx", {**SOUND, key: typed}))
    assert said in "".join(line.wrong)


def test_a_column_that_nobody_knows_is_not_passed_over(tmp_path: Path) -> None:
    path = sheet(tmp_path / "期初.xlsx", SOUND)
    book = load_workbook(path)
    book.worksheets[0].cell(1, len(STOCK_COLUMNS) + 1, "联系电话")
    book.save(path)
    with pytest.raises(UnfitSheet, match="联系电话"):
        read_sheet(path)


def test_a_sheet_without_titles_says_where_the_template_is(tmp_path: Path) -> None:
    path = sheet(tmp_path / "期初.xlsx", SOUND)
    book = load_workbook(path)
    book.worksheets[0].delete_rows(1)
    book.save(path)
    with pytest.raises(UnfitSheet, match="--template"):
        read_sheet(path)


async def siku(home: Path, *words: str) -> tuple[int | None, str]:
    """Type the command beside a running home."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.cli", "import", "opening", *words, "--home", str(home)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_an_operator_loads_a_sheet_once_and_is_told_each_row_that_is_not_in(
    city: Stack, tmp_path: Path
) -> None:
    wrong = {**SOUND, "name": "没有投资额的", "total_investment": None}
    refused = {**SOUND, "name": "明天才入库的", "entered_on": date(2030, 1, 1), "pool_since": None}
    path = sheet(tmp_path / "期初.xlsx", SOUND, wrong, refused)
    words = (str(path), "--as-of", "2019-03-31", "--as", "admin")
    code, said = await siku(city.home.path, *words)
    assert code == 2, said
    assert "第 3 行：总投资（万元）没有填" in said
    assert "第 4 行“明天才入库的”：入库日期 2030-01-01 还没有到" in said
    assert "已装入 1，无变化 0，没有装入 1" in said
    code, said = await siku(city.home.path, *words)
    assert "已装入 0，无变化 1，没有装入 1" in said
    code, said = await siku(city.home.path, *words, "--all")
    assert (code, "一行也没有装入" in said) == (2, True), said


async def test_who_was_not_given_the_load_is_told_so(city: Stack, tmp_path: Path) -> None:
    path = sheet(tmp_path / "期初.xlsx", SOUND)
    code, said = await siku(city.home.path, str(path), "--as-of", "2019-03-31", "--as", "zezhou")
    assert (code, "不能装入期初项目" in said) == (1, True), said


async def test_without_a_day_nothing_is_sent(city: Stack, tmp_path: Path) -> None:
    code, said = await siku(city.home.path, str(sheet(tmp_path / "a.xlsx", SOUND)), "--as", "admin")
    assert (code, "--as-of" in said) == (1, True), said


async def test_what_is_imported_without_another_word_are_files(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.cli", "import", "missing.xlsx", "--as", "zezhou"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=Path(__file__).parent.parent.parent,
    )
    said, _ = await process.communicate()
    assert (process.returncode, "missing.xlsx" in said.decode()) == (2, True), said.decode()
