"""What a file is, by its content: neither its name nor what the browser says is believed."""

from collections.abc import Mapping
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from shared.refusals import Problem, UnreadableInput

KINDS: Mapping[str, tuple[str, ...]] = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "application/ofd": (".ofd",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
}
"""What is kept, with the endings that its names have. None of it runs when it is opened."""

_BEGINNINGS = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}
_PARTS = {
    "OFD.xml": "application/ofd",
    "word/document.xml": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ),
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MACROS = ("vbaProject.bin",)


def media_type_of(data: bytes, name: str, largest: int) -> str:
    """Give what a file is.

    Raises:
        UnreadableInput: it is empty, too large, of no kind that is kept, or its name says
            something else.
    """
    if not data:
        raise _unfit("empty", "文件是空的（0 字节）。", "请核对后重新选择文件。")
    if len(data) > largest:
        most = largest // 1024 // 1024
        raise _unfit("too_large", f"文件超过 {most} MB。", "请压缩或分成几个文件再传。")
    found = _sniffed(data)
    if found is None:
        raise _unfit(
            "unknown_kind",
            "附件只收 PDF、OFD、JPG、PNG，以及不带宏的 DOCX、XLSX。",
            "请另存为其中一种再传；拍的照片用 JPG。",
        )
    if not name.lower().endswith(KINDS[found]):
        ending = KINDS[found][0]
        raise _unfit(
            "name_says_otherwise",
            f"文件内容是 {ending[1:].upper()}，文件名却不是。",
            f"请把文件名的后缀改为 {ending} 再传。",
        )
    return found


def _sniffed(data: bytes) -> str | None:
    for beginning, kind in _BEGINNINGS.items():
        if data.startswith(beginning):
            return kind
    if not data.startswith(b"PK\x03\x04"):
        return None
    try:
        names = ZipFile(BytesIO(data)).namelist()
    except (BadZipFile, ValueError, OverflowError, NotImplementedError):
        return None
    if any(name.endswith(_MACROS) for name in names):
        return None
    return next((kind for part, kind in _PARTS.items() if part in names), None)


def _unfit(rule: str, message: str, remedy: str) -> UnreadableInput:
    problem = Problem("file", "附件", rule, message, remedy)
    return UnreadableInput(f"附件没有收下：{message}{remedy}", errors=[problem])
