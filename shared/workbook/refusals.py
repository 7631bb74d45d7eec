"""Why a file is not read at all: one sentence each, with the way out."""

from typing import ClassVar

from shared.refusals import Refusal


class UnfitWorkbook(Refusal):
    """The file cannot be read as the table that was asked for."""

    code = "unfit_workbook"
    status = 422
    title: ClassVar[str] = "表格没有读取"


class WorkbookTooLarge(UnfitWorkbook):
    """The file is larger than what is taken."""

    code = "workbook_too_large"
    status = 413
    title = "文件太大"


class NotAWorkbook(UnfitWorkbook):
    """The file is something else than an .xlsx workbook, whatever its name says."""

    code = "not_a_workbook"
    title = "不是可读取的表格文件"


class WorkbookEncrypted(UnfitWorkbook):
    """The file opens only with a password."""

    code = "workbook_encrypted"
    title = "文件有密码"


class WorkbookDamaged(UnfitWorkbook):
    """The file is cut off or damaged."""

    code = "workbook_damaged"
    title = "文件已损坏"


class WorkbookSwells(UnfitWorkbook):
    """The file unpacks to far more than any table needs."""

    code = "workbook_swells"
    title = "文件内容异常"


class TooManyParts(UnfitWorkbook):
    """The file consists of more parts than any table needs."""

    code = "too_many_parts"
    title = "文件内容异常"


class UnsafePartName(UnfitWorkbook):
    """A part of the file is named so that it would lie outside of it."""

    code = "unsafe_part_name"
    title = "文件内容异常"


class ForbiddenMarkup(UnfitWorkbook):
    """A part of the file declares entities, which no office program writes."""

    code = "forbidden_markup"
    title = "文件内容异常"


class TooManyRows(UnfitWorkbook):
    """The table has more rows than are taken at once."""

    code = "too_many_rows"
    title = "行数太多"


class TooManyCells(UnfitWorkbook):
    """The table has more cells than are taken at once."""

    code = "too_many_cells"
    title = "内容太多"


class WorkbookEmpty(UnfitWorkbook):
    """The file holds nothing."""

    code = "workbook_empty"
    title = "表中没有内容"


class NoHeaderFound(UnfitWorkbook):
    """No sheet has the header that is looked for."""

    code = "no_header_found"
    title = "没有找到表头"


class MarkedSecret(UnfitWorkbook):
    """A mark of secrecy stands somewhere in the file, so nothing of it is kept."""

    code = "marked_secret"
    title = "没有收下"


class ReadingCutOff(UnfitWorkbook):
    """Reading took too long or too much memory and was cut off."""

    code = "reading_cut_off"
    title = "读取中止"


REFUSALS: tuple[type[UnfitWorkbook], ...] = (
    WorkbookTooLarge,
    NotAWorkbook,
    WorkbookEncrypted,
    WorkbookDamaged,
    WorkbookSwells,
    TooManyParts,
    UnsafePartName,
    ForbiddenMarkup,
    TooManyRows,
    TooManyCells,
    WorkbookEmpty,
    NoHeaderFound,
    MarkedSecret,
    ReadingCutOff,
)
