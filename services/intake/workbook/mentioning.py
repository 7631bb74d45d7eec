"""Does a kept file speak of a person? All of a workbook is searched, not only our columns."""

import html
import re
import unicodedata
from io import BytesIO
from zipfile import ZipFile, is_zipfile

from services.intake.project.rules import Contact

_TEXTS = (".xml", ".rels", ".vml")
# A name that is written in two colours stands in two runs of one cell.
_BETWEEN_RUNS = re.compile(
    r"</t>\s*</r>\s*<r\b[^>]*>(?:\s*<rPr>.*?</rPr>)?\s*<t\b[^>]*>", re.DOTALL
)
_TAG = re.compile(r"<[^>]*>")
_FEWEST_DIGITS = 7


def mentions(data: bytes, person: Contact) -> bool:
    """Tell whether the name or the telephone stands in a file, however it is spelled.

    A namesake, or a longer name around it, is taken for the person: what is kept here is a copy
    of what the unit has, and one too few does less harm than one too many.
    """
    name, digits = _plain(person.name), "".join(filter(str.isdigit, _plain(person.phone)))
    return any(
        (name and name in piece)
        or (len(digits) >= _FEWEST_DIGITS and digits in piece.replace("-", ""))
        for text in texts_in(data)
        for piece in map(_plain, text.split("\n"))
    )


def texts_in(data: bytes) -> list[str]:
    """Give the texts of a kept file, of a workbook part by part."""
    if not is_zipfile(BytesIO(data)):
        return [data.decode("utf-8", "replace")]
    with ZipFile(BytesIO(data)) as archive:
        parts = [
            archive.read(part).decode("utf-8", "replace")
            for part in archive.infolist()
            if part.filename.lower().endswith(_TEXTS)
        ]
    return [html.unescape(_TAG.sub("\n", _BETWEEN_RUNS.sub("", part))) for part in parts]


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
