"""Why a file is not read as 附件1, beside what makes any file unfit."""

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


class NoHeaderFound(UnfitWorkbook):
    """No sheet has the header of 附件1."""

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
