"""What intake says about an uploaded workbook: counts, rows, the cells that are wrong."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict, TypeAdapter

from services.console.adapters.office import Begun


class _Said(BaseModel):
    """A part of a document of intake's; what is new there is not in the way here."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class RefusedRow(_Said):
    """A row that could be taken in when it was checked, and not any more when it was its turn."""

    number: int
    why: str


class Result(_Said):
    """What became of the rows."""

    accepted: int = 0
    unchanged: int = 0
    refused: tuple[RefusedRow, ...] = ()
    why: str = ""


class Upload(_Said):
    """One uploaded workbook: how it was understood, what was counted, how far it has come."""

    upload_id: str
    receipt: str
    file_name: str
    uploaded_at: datetime
    kept_until: datetime | None = None
    erased: bool = False
    most_together: int = 0
    state: str
    mode: str | None = None
    done: int = 0
    sheet: str = ""
    header_row: int = 0
    unit: str = ""
    remarks: tuple[str, ...] = ()
    columns: Mapping[str, str] = {}
    rows: int = 0
    acceptable: int = 0
    wrong: int = 0
    unchanged: int = 0
    hinted: int = 0
    total_investment: int = 0
    result: Result | None = None


class Cell(_Said):
    """What is wrong with one cell, or worth a second look (``hint``)."""

    key: str
    letter: str = ""
    rule: str = ""
    message: str = ""
    remedy: str = ""
    hint: bool = False


class Row(_Said):
    """One row of the clerk's file as he typed it, with what was found."""

    number: int
    verdict: str
    typed: Mapping[str, str] = {}
    problems: tuple[Cell, ...] = ()


class Refused(_Said):
    """A project on which the verdict did not go through."""

    project_id: str
    code: str = ""
    why: str = ""


class Reviewed(_Said):
    """What became of one verdict on several projects."""

    done: int = 0
    wrote: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()
    term: Begun | None = None


read_uploads = TypeAdapter(tuple[Upload, ...])
read_rows = TypeAdapter(tuple[Row, ...])
