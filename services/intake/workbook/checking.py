"""What the check of a workbook found, row by row, as it is kept beside the original."""

from enum import StrEnum
from uuid import UUID

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from services.intake.workbook.reading import WorkbookRead
from shared.workbook.marking import CellProblem


class Verdict(StrEnum):
    """What would become of a row."""

    ACCEPTABLE = "acceptable"
    WRONG = "wrong"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class RowChecked:
    """A row of the file by its number there: which project it speaks of and what is wrong."""

    number: int
    verdict: Verdict
    project_id: UUID | None
    problems: tuple[CellProblem, ...]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class WorkbookChecked:
    """A workbook as it was read, with a verdict for each of its rows, in the same order."""

    read: WorkbookRead
    rows: tuple[RowChecked, ...]


CHECKED = TypeAdapter(WorkbookChecked)
