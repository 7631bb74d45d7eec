"""Everything that is written in a file: cells, comments, properties, of a workbook part by part."""

import html
import re
from io import BytesIO
from zipfile import ZipFile, is_zipfile

_TEXTS = (".xml", ".rels", ".vml")
# A name that is written in two colours stands in two runs of one cell.
_BETWEEN_RUNS = re.compile(
    r"</t>\s*</r>\s*<r\b[^>]*>(?:\s*<rPr>.*?</rPr>)?\s*<t\b[^>]*>", re.DOTALL
)
_TAG = re.compile(r"<[^>]*>")


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
