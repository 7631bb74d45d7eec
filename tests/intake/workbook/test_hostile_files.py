"""Files that are broken, locked, renamed or hostile: each refused with one clear sentence."""

from collections.abc import Mapping

import pytest

from services.intake.workbook.reading import read_workbook
from shared.workbook import limits
from shared.workbook.limits import MOST_PARTS, check_container
from shared.workbook.refusals import (
    ForbiddenMarkup,
    NotAWorkbook,
    TooManyCells,
    TooManyParts,
    TooManyRows,
    UnfitWorkbook,
    UnsafePartName,
    WorkbookDamaged,
    WorkbookEmpty,
    WorkbookEncrypted,
    WorkbookSwells,
    WorkbookTooLarge,
)
from tests.intake.workbook.files import (
    PROJECT,
    cells,
    lying_about_size,
    packed,
    parts,
    raw,
    read,
    sheet,
    table,
)

GOOD = raw(table(PROJECT))
SHEET = "xl/worksheets/sheet1.xml"


def body(rows: int, *, begin: int = 1, width: int = 1) -> str:
    # Numbers that differ: what repeats itself would be refused for its density.
    return "".join(
        f'<row r="{number}">'
        + "".join(f"<c><v>{number * place * 7919 % 99_991}</v></c>" for place in range(width))
        + "</row>"
        for number in range(begin, begin + rows)
    )


def with_sheet(content: str) -> Mapping[str, bytes]:
    return parts("", content)


def encrypted_zip() -> bytes:
    data = bytearray(GOOD)
    place = data.find(b"PK\x01\x02")
    while place >= 0:
        data[place + 8] |= 1
        place = data.find(b"PK\x01\x02", place + 1)
    return bytes(data)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)

FROM_OUTSIDE: dict[str, tuple[bytes, type[UnfitWorkbook], str]] = {
    "nothing": (b"", WorkbookEmpty, "0 字节"),
    "21 MB": (b"PK\x03\x04" + bytes(21 * 1024 * 1024), WorkbookTooLarge, "最多 20 MB"),
    "xls": (OLE, NotAWorkbook, "旧格式"),
    "password": (
        OLE + "EncryptedPackage".encode("utf-16-le"),
        WorkbookEncrypted,
        "设有密码",
    ),
    "zip with a password": (encrypted_zip(), WorkbookEncrypted, "设有密码"),
    "csv": ("项目名称,建设内容\r\n甲,乙".encode("gb18030"), NotAWorkbook, "csv"),
    "pdf": (b"%PDF-1.7\n", NotAWorkbook, "PDF"),
    "web page": (b"<html><table>", NotAWorkbook, "网页"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), NotAWorkbook, "扩展名"),
    "docx": (packed({"word/document.xml": b"<x/>"}), NotAWorkbook, "docx"),
    "ods": (packed({"content.xml": b"<x/>"}), NotAWorkbook, "ods"),
    "xlsb": (packed({"xl/workbook.bin": b"x"}), NotAWorkbook, "xlsb"),
    "any zip": (packed({"a.txt": b"x"}), NotAWorkbook, "压缩包"),
    "macros": (raw([], extra={"xl/vbaProject.bin": b"x"}), NotAWorkbook, "宏"),
    "cut off": (GOOD[: len(GOOD) // 2], WorkbookDamaged, "没有传完整"),
    "only a head": (b"PK\x03\x04", WorkbookDamaged, "已损坏"),
    "10 000 parts": (
        raw([], extra={f"xl/media/{n}.png": b"" for n in range(10_000)}),
        TooManyParts,
        "部件",
    ),
    "zip slip": (raw([], extra={"../../etc/passwd": b"x"}), UnsafePartName, "文件之外"),
    "zip slip with backslashes": (
        raw([], extra={"xl\\..\\..\\evil": b"x"}),
        UnsafePartName,
        "文件之外",
    ),
    "absolute name": (raw([], extra={"/etc/passwd": b"x"}), UnsafePartName, "文件之外"),
    "bomb": (raw([], extra={"xl/media/a.bin": bytes(30_000_000)}), WorkbookSwells, "大得不正常"),
    "bomb of many": (
        raw([], extra={f"xl/media/{n}.bin": bytes(900_000) for n in range(300)}),
        WorkbookSwells,
        "大得不正常",
    ),
}

FROM_INSIDE: dict[str, tuple[bytes, type[UnfitWorkbook], str]] = {
    "lying header": (
        lying_about_size(
            {**parts("", ""), "xl/media/a.bin": bytes(30_000_000)}, "xl/media/a.bin", 1000
        ),
        WorkbookSwells,
        "大得不正常",
    ),
    "billion laughs": (
        packed(
            parts(
                '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
                '<row><c t="inlineStr"><is><t>&b;</t></is></c></row>',
            )
        ),
        ForbiddenMarkup,
        "DTD",
    ),
    "outside entity": (
        packed(parts('<!DOCTYPE w SYSTEM "file:///etc/passwd">', "")),
        ForbiddenMarkup,
        "DTD",
    ),
    "entities in another part": (
        raw([], extra={"docProps/core.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
        ForbiddenMarkup,
        "DTD",
    ),
    "entities in another encoding": (
        raw([], extra={"docProps/core.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a/>'.encode("utf-16")}),
        ForbiddenMarkup,
        "DTD",
    ),
    "broken markup": (packed(with_sheet("<row>")), WorkbookDamaged, "已损坏"),
    "12 051 rows": (packed(with_sheet(body(12_051))), TooManyRows, "12,000"),
    "half a million cells": (
        packed(with_sheet(body(5_001, width=100))),
        TooManyCells,
        "500,000",
    ),
    "cells far apart": (
        packed(with_sheet(body(1) + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
        TooManyCells,
        "相隔太远",
    ),
}


@pytest.mark.parametrize("kind", FROM_OUTSIDE)
def test_what_is_no_workbook_is_refused_before_anything_is_parsed(kind: str) -> None:
    data, refusal, words = FROM_OUTSIDE[kind]
    with pytest.raises(refusal, match=words):
        check_container(data)


@pytest.mark.parametrize("kind", FROM_INSIDE)
def test_what_only_shows_inside_is_refused_while_unpacking(kind: str) -> None:
    data, refusal, words = FROM_INSIDE[kind]
    with pytest.raises(refusal, match=words):
        read(data)


@pytest.mark.parametrize("kind", ["xls", "csv", "pdf"])
def test_another_name_makes_no_workbook_of_it(kind: str) -> None:
    with pytest.raises(NotAWorkbook):
        read_workbook(FROM_OUTSIDE[kind][0], "谋划项目.xlsx")


def test_a_changed_byte_is_noticed() -> None:
    data = bytearray(GOOD)
    place = data.find(SHEET.encode()) + len(SHEET) + 200
    data[place] ^= 0xFF
    with pytest.raises(WorkbookDamaged):
        read(bytes(data))


def test_a_count_of_parts_that_lies_does_not_help() -> None:
    data = bytearray(FROM_OUTSIDE["10 000 parts"][0])
    end = data.rfind(b"PK\x05\x06")
    data[end + 8 : end + 12] = b"\x05\x00\x05\x00"
    with pytest.raises(TooManyParts):
        check_container(bytes(data))


def test_12_000_rows_with_a_title_and_notes_are_not_too_many() -> None:
    rows = table(*[{"name": f"项目{number}"} for number in range(12_000)])
    assert len(read(raw([["附件1"], *rows, ["注：以上。"]])).rows) == 12_000
    with pytest.raises(TooManyRows, match="12,001 个项目"):
        read(raw([*rows, ["多一个项目"]]))


def test_rows_that_are_only_formatted_do_not_count() -> None:
    styled = "".join(f'<row r="{number}"><c s="1"/></row>' for number in range(100, 30_000))
    (first, second) = table(PROJECT)
    line = "".join(
        f'<row r="{number}">'
        + "".join(f'<c t="inlineStr"><is><t>{value}</t></is></c>' for value in row)
        + "</row>"
        for number, row in enumerate((first, second), start=1)
    )
    assert len(read(packed(with_sheet(line + styled))).rows) == 1


def test_text_that_looks_like_a_formula_stays_text() -> None:
    (row,) = read(sheet(table(cells(remarks="=HYPERLINK(1)"), keys=[*PROJECT, "remarks"]))).rows
    assert (row.body["remarks"], row.problems) == ("=HYPERLINK(1)", ())


def test_the_limits_are_those_that_are_published() -> None:
    assert limits.LARGEST == 20 * 1024 * 1024
    assert (limits.MOST_ROWS, limits.MOST_CELLS) == (12_000, 500_000)
    assert (limits.LARGEST_RATIO, MOST_PARTS) == (100, 1_000)
