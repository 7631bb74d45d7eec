"""Office files as clerks send them: made by the usual programs, or by hand down to the bytes."""

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import xlsxwriter

from services.intake.policies import form_of
from services.intake.workbook.columns import BY_KEY
from services.intake.workbook.reading import WorkbookRead, read_workbook
from services.intake.workbook.row_reading import RowRead
from services.intake.workbook.template import write_template
from shared.workbook.marking import CellProblem

APRIL_25 = date(2019, 4, 25)

PROJECT: Mapping[str, Any] = {
    "name": "巴公装备制造产业园一期",
    "content": "新建标准厂房 12 万平方米，年产数控机床 2000 台",
    "location.region": "泽州县",
    "location.address": "巴公镇工业园区",
    "builder.name": "泽州示例装备有限公司",
    "total_investment": 93500,
    "funding.LOAN": 33500,
    "funding.SELF_RAISED": 60000,
    "planned_start": "2019-09",
    "contact.name": "张示例",
    "contact.phone": "0356-2198345",
    "category": "新兴产业",
    "track": "产业链延伸",
    "lead_side": "市场主导",
    "industry": "34",
}
"""A complete project, cell by cell."""

Row = Sequence[Any]


def cells(**changed: Any) -> dict[str, Any]:
    """A complete project with some cells changed; ``__`` stands for the dot."""
    return {**PROJECT, **{key.replace("__", "."): value for key, value in changed.items()}}


def titles(*keys: str) -> list[str]:
    """The official titles of some columns."""
    return [BY_KEY[key].title for key in keys]


def table(*projects: Mapping[str, Any], keys: Sequence[str] = tuple(PROJECT)) -> list[Row]:
    """A header and a row for each project."""
    return [titles(*keys), *([project.get(key) for key in keys] for project in projects)]


def sheets(**by_name: Sequence[Row]) -> bytes:
    """A workbook with these sheets, as Excel would write it."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in by_name.items():
        sheet = workbook.create_sheet(name)
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row, start=1):
                cell = sheet.cell(number, place, value)
                if isinstance(value, str):
                    cell.data_type = "s"
    return saved(workbook)


def sheet(rows: Sequence[Row]) -> bytes:
    """A workbook with one sheet."""
    return sheets(附件1=rows)


def saved(workbook: openpyxl.Workbook) -> bytes:
    """The bytes of a workbook."""
    buffer = BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def filled_template(*projects: Mapping[str, Any]) -> bytes:
    """The template, filled as a clerk fills it."""
    form = form_of(APRIL_25, None)
    workbook = openpyxl.load_workbook(BytesIO(write_template(form, "泽州县人民政府")))
    page = workbook["附件1"]
    places = {cell.value: place for place, cell in enumerate(page[3], start=1)}
    for number, project in enumerate(projects, start=4):
        for key, value in project.items():
            page.cell(number, places[BY_KEY[key].title], value)
    return saved(workbook)


def with_formula(formula: str, result: Any) -> bytes:
    """A table whose total is computed, with the value that the program kept."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        page = workbook.add_worksheet("附件1")
        for number, row in enumerate(table(PROJECT)):
            for place, value in enumerate(row):
                page.write(number, place, value)
        place = list(PROJECT).index("total_investment")
        page.write_formula(1, place, formula, None, result)
    return buffer.getvalue()


def raw(rows: Sequence[Row], *, extra: Mapping[str, bytes] | None = None, head: str = "") -> bytes:
    """A workbook as WPS writes it: text inline, no dimension record, no place at the cells."""
    body = "".join(raw_rows(*rows))
    return packed({**parts(head, body), **(extra or {})})


def raw_rows(*rows: Row) -> list[str]:
    """The markup of rows, text inline, without numbers or places."""
    return ["<row>" + "".join(_raw_cell(value) for value in row) + "</row>" for row in rows]


def _raw_cell(value: Any) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f"<c><v>{value}</v></c>"


def parts(head: str, body: str) -> dict[str, bytes]:
    """The parts of a workbook with one sheet."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    return {
        name: ('<?xml version="1.0" encoding="UTF-8"?>' + text).encode()
        for name, text in {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/xl/workbook.xml" ContentType="application/'
            'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
            '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/'
            'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship '
            f'Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="附件1" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="rId1" Type="{office}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f'{head}<worksheet xmlns="{main}"><sheetData>{body}'
            "</sheetData></worksheet>",
        }.items()
    }


def packed(content: Mapping[str, bytes]) -> bytes:
    """A zip of these parts."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def lying_about_size(content: Mapping[str, bytes], name: str, claimed: int) -> bytes:
    """A zip whose headers claim another size for one part."""
    data = bytearray(packed(content))
    true = struct.pack("<L", len(content[name]))
    check = struct.pack("<L", zlib.crc32(content[name]))
    for place in _all(bytes(data), check):
        if data[place + 8 : place + 12] == true:
            data[place + 8 : place + 12] = struct.pack("<L", claimed)
    return bytes(data)


def _all(data: bytes, wanted: bytes) -> Iterator[int]:
    place = data.find(wanted)
    while place >= 0:
        yield place
        place = data.find(wanted, place + 1)


def read(data: bytes) -> WorkbookRead:
    """Read a file."""
    return read_workbook(data, "谋划项目.xlsx")


def only_row(data: bytes) -> RowRead:
    """Read a file that holds one project."""
    (row,) = read(data).rows
    return row


def only_problem(data: bytes) -> CellProblem:
    """Read a file in which one cell is wrong."""
    (problem,) = only_row(data).problems
    return problem


def row_of(**changed: Any) -> RowRead:
    """Read one project with some cells changed, all columns there."""
    project = cells(**changed)
    return only_row(sheet(table(project, keys=list(project))))
