"""What a file must not be: too large, broken, locked, renamed or hostile.

A file is first looked at from outside (``check_container``: a few kilobytes are read), then
unpacked once under a count (``scan``), because headers lie. Only what passed is parsed.
"""

import posixpath
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from shared.workbook.refusals import (
    ForbiddenMarkup,
    NotAWorkbook,
    TooManyCells,
    TooManyParts,
    TooManyRows,
    UnsafePartName,
    WorkbookDamaged,
    WorkbookEmpty,
    WorkbookEncrypted,
    WorkbookSwells,
    WorkbookTooLarge,
)

LARGEST = 20 * 1024 * 1024
MOST_PARTS = 1_000
MOST_ROWS = 12_000
MOST_CELLS = 500_000
LARGEST_RATIO = 100
LARGEST_UNPACKED = 200 * 1024 * 1024
_SMALL = 1024 * 1024
"""A part below this size may be as dense as it likes: empty office files are."""
_WIDEST_AREA = 2_000_000

_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 0x1
_CHUNK = 64 * 1024
_AGAIN = "请用 WPS 或 Excel 打开，另存为 .xlsx 后再传。"
_ODD = "这不像办公软件保存的表格。请新建一份模板，把内容以“值”粘贴过去后再传。"


def check_container(data: bytes) -> None:
    """Look at a file from outside.

    Raises:
        UnfitWorkbook: one of its kinds says why the file is not read.
    """
    _open(data)


def _open(data: bytes) -> ZipFile:
    if not data:
        raise WorkbookEmpty("文件是空的（0 字节）。请核对后重新选择文件。")
    if len(data) > LARGEST:
        raise WorkbookTooLarge(
            f"文件有 {len(data) / 1024 / 1024:.1f} MB，最多 {LARGEST // 1024 // 1024} MB。"
            "请删去图片和无关工作表，或分成几份上传。"
        )
    if not data.startswith(b"PK"):
        raise _stranger(data)
    _count_parts(data)
    try:
        archive = ZipFile(BytesIO(data))
    except (BadZipFile, ValueError, OverflowError, NotImplementedError) as error:
        raise _damaged() from error
    parts = archive.infolist()
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise WorkbookEncrypted("文件设有密码，无法读取。请取消密码后再传。")
    for part in parts:
        _check_name(part.orig_filename)
    names = {part.filename for part in parts}
    if len(names) != len(parts):
        raise _damaged()
    if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
        raise NotAWorkbook(f"这是{_kind_of_archive(names)}，不是 .xlsx 表格。{_AGAIN}")
    if "xl/vbaProject.bin" in names:
        raise NotAWorkbook("表格带有宏，不能读取。请另存为不带宏的 .xlsx 后再传。")
    _check_sizes(parts)
    return archive


def _count_parts(data: bytes) -> None:
    """Read the end of the directory by hand: building a huge directory is itself an attack."""
    place = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_535 - _END.size))
    if place < 0 or place + _END.size > len(data):
        raise _damaged()
    _, _, _, here, count, size, _, _ = _END.unpack_from(data, place)
    # A lying count is seen by the directory's size: an entry takes at least 46 bytes.
    if max(here, count) > MOST_PARTS or size > MOST_PARTS * 300:
        raise TooManyParts(f"文件里有超过 {MOST_PARTS:,} 个部件。{_ODD}")


def _check_name(name: str) -> None:
    plain = name.replace("\\", "/")
    outside = plain.startswith("/") or ".." in plain.split("/") or ":" in plain or "\0" in plain
    if outside:
        raise UnsafePartName(f"文件里有部件的名称指向文件之外。{_ODD}")


def _check_sizes(parts: list[ZipInfo]) -> None:
    total = sum(part.file_size for part in parts)
    packed = max(sum(part.compress_size for part in parts), 1)
    swelling = any(
        part.file_size > _SMALL and part.file_size > LARGEST_RATIO * max(part.compress_size, 1)
        for part in parts
    )
    if swelling or total > LARGEST_UNPACKED or (total > _SMALL and total > LARGEST_RATIO * packed):
        raise _swells()


def _swells() -> WorkbookSwells:
    return WorkbookSwells(f"文件展开后大得不正常（超过 {LARGEST_RATIO} 倍或 200 MB）。{_ODD}")


def _damaged() -> WorkbookDamaged:
    return WorkbookDamaged(f"文件已损坏或没有传完整。{_AGAIN}")


def _stranger(data: bytes) -> NotAWorkbook | WorkbookEncrypted:
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data[:1_000_000] + data[-1_000_000:]:
            return WorkbookEncrypted("文件设有密码，无法读取。请取消密码后再传。")
        return NotAWorkbook(f"这是旧格式（.xls、.et 等），不能直接读取。{_AGAIN}")
    if head.startswith(b"%PDF"):
        return NotAWorkbook("这是 PDF，不是表格。请上传 .xlsx 表格。")
    if head[:1] == b"<":
        return NotAWorkbook(f"这是网页或 XML，只是名称像表格。{_AGAIN}")
    if b"\0" not in data[:4096]:
        return NotAWorkbook(f"这是文本（如 .csv），不是 .xlsx 表格。{_AGAIN}")
    return NotAWorkbook(f"这不是 .xlsx 表格，可能只改了扩展名。{_AGAIN}")


def _kind_of_archive(names: set[str]) -> str:
    if "xl/workbook.bin" in names:
        return "二进制表格（.xlsb）"
    if any(name.startswith("word/") for name in names):
        return "文字文档（.docx）"
    if any(name.startswith("ppt/") for name in names):
        return "演示文稿（.pptx）"
    if "content.xml" in names:
        return "开放文档（.ods 等）"
    return "压缩包"


@dataclass
class SheetMarks:
    """What a sheet's cells do not say themselves: hidden rows, formulas, errors."""

    hidden: set[int] = field(default_factory=set)
    formulas: dict[int, dict[int, bool]] = field(default_factory=dict)
    """Row -> column -> whether its result may be a blank. Counted from 1."""
    errors: dict[int, set[int]] = field(default_factory=dict)
    """Row -> the columns whose value is an error such as #REF!."""


@dataclass
class Scan:
    """A file that was unpacked once: the marks of each sheet, by the sheet's name."""

    sheets: dict[str, SheetMarks]


def scan(data: bytes) -> Scan:
    """Unpack everything once under a count, forbid entities, note hidden rows and formulas.

    Raises:
        UnfitWorkbook: one of its kinds says why the file is not read.
    """
    archive = _open(data)
    budget = _Budget(LARGEST_UNPACKED)
    workbook, relations = _Names("sheet"), _Names("Relationship")
    marks: dict[str, SheetMarks] = {}
    for part in archive.infolist():
        chunks = _inflate(data, part, budget)
        if part.filename == "xl/workbook.xml":
            _parse(chunks, workbook.start)
        elif part.filename == "xl/_rels/workbook.xml.rels":
            _parse(chunks, relations.start)
        elif part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
            reader = _SheetReader()
            _parse(chunks, reader.start)
            reader.check_area()
            marks[part.filename] = reader.marks
        elif part.filename.endswith((".xml", ".rels", ".vml")):
            _parse(chunks, None)
        else:
            for _ in chunks:
                pass
    targets = {row.get("Id", ""): row.get("Target", "") for row in relations.found}
    found = {}
    for row in workbook.found:
        link = next((value for key, value in row.items() if key.endswith(":id")), "")
        path = posixpath.normpath(posixpath.join("/xl", targets.get(link, ""))).lstrip("/")
        found[row.get("name", "")] = marks.get(path, SheetMarks())
    return Scan(found)


@dataclass
class _Budget:
    left: int

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise _swells()


def _inflate(data: bytes, part: ZipInfo, budget: _Budget) -> Iterator[bytes]:
    """Unpack a part and refuse one that is larger than its header says."""
    begin = part.header_offset
    try:
        fields = _LOCAL.unpack_from(data, begin)
    except struct.error as error:
        raise _damaged() from error
    begin += _LOCAL.size + int(fields[-2]) + int(fields[-1])
    packed = memoryview(data)[begin : begin + part.compress_size]
    if fields[0] != b"PK\x03\x04" or len(packed) != part.compress_size:
        raise _damaged()
    size = 0
    checksum = 0
    for chunk in _unpacked(packed, part.compress_type):
        size += len(chunk)
        if size > part.file_size:
            raise _swells()
        budget.spend(len(chunk))
        checksum = zlib.crc32(chunk, checksum)
        yield chunk
    if size != part.file_size or checksum != part.CRC:
        raise _damaged()


def _unpacked(packed: memoryview, method: int) -> Iterator[bytes]:
    if method == ZIP_STORED:
        for place in range(0, len(packed), _CHUNK):
            yield bytes(packed[place : place + _CHUNK])
        return
    if method != ZIP_DEFLATED:
        raise _damaged()
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for place in range(0, len(packed), _CHUNK):
            waiting: bytes | memoryview = packed[place : place + _CHUNK]
            while waiting:
                yield stream.decompress(waiting, _CHUNK * 4)
                waiting = stream.unconsumed_tail
        yield stream.flush()
    except zlib.error as error:
        raise _damaged() from error
    if not stream.eof:
        raise _damaged()


def _parse(chunks: Iterator[bytes], start: Callable[[str, dict[str, str]], None] | None) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _no_entities
    parser.EntityDeclHandler = _no_entities
    if start is not None:
        parser.StartElementHandler = start
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise _damaged() from error


def _no_entities(*_: object) -> None:
    raise ForbiddenMarkup(f"文件里夹带了不允许的标记（DTD）。{_ODD}")


class _Names:
    """Collects the attributes of one kind of element."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.found: list[dict[str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == self._name:
            self.found.append(attributes)


class _SheetReader:
    """Counts rows and cells that hold something, and notes what is hidden or computed."""

    def __init__(self) -> None:
        self.marks = SheetMarks()
        self._row = 0
        self._column = 0
        self._type = "n"
        self._in_cell = False
        self._counted = False
        self._row_counted = 0
        self._rows = 0
        self._cells = 0
        self._first_row = 0
        self._last_row = 0
        self._first_column = 0
        self._last_column = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            place = attributes.get("r")
            self._column = _column_of(place) if place else self._column + 1
            self._in_cell = True
            self._counted = False
            self._type = attributes.get("t", "n")
            if self._type == "e":
                self.marks.errors.setdefault(self._row, set()).add(self._column)
        elif name in {"v", "is"}:
            if self._in_cell:
                self._count()
        elif name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdecimal() and len(number) < 8 else self._row + 1
            self._column = 0
            self._in_cell = False
            if attributes.get("hidden") in {"1", "true"}:
                self.marks.hidden.add(self._row)
        elif name == "f":
            if self._in_cell:
                self.marks.formulas.setdefault(self._row, {})[self._column] = self._type == "str"
        elif name not in {"t", "r", "rPr"}:
            # Rules and extensions below the table hold formulas too.
            self._in_cell = False

    def _count(self) -> None:
        if self._counted:
            return
        self._counted = True
        self._cells += 1
        if self._cells > MOST_CELLS:
            raise TooManyCells(f"有内容的单元格超过 {MOST_CELLS:,} 个。请分成几份上传。")
        if self._row_counted != self._row:
            self._row_counted = self._row
            self._rows += 1
            self._first_row = min(self._first_row or self._row, self._row)
            self._last_row = max(self._last_row, self._row)
            # Titles, a header and notes come on top of the rows.
            if self._rows > MOST_ROWS + 50:
                raise TooManyRows(f"超过 {MOST_ROWS:,} 行。请分成几份上传。")
        self._first_column = min(self._first_column or self._column, self._column)
        self._last_column = max(self._last_column, self._column)

    def check_area(self) -> None:
        """Refuse a table whose cells lie so far apart that the space between them is the load."""
        height = self._last_row - self._first_row + 1
        width = self._last_column - self._first_column + 1
        if height * width > _WIDEST_AREA:
            raise TooManyCells(
                "有内容的单元格相隔太远（可能在很靠下或很靠右处误填了内容）。"
                "请删去表格以外的内容后再传。"
            )


def _column_of(place: str) -> int:
    number = 0
    for character in place:
        if not character.isalpha():
            break
        number = number * 26 + ord(character) - 64
    return number
