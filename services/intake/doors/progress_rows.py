"""The rows of a month's sheet, each judged as if its form had been sent; nothing is written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

from pydantic import ValidationError

from services.intake.doors.progress import report_of
from services.intake.doors.progress_forms import ProgressForm
from services.intake.policies import report_rules_of
from services.intake.progress.commands import MonthDue, ReportProgress
from services.intake.progress.decider import PROGRESS
from services.intake.progress.rules import LABELS
from services.intake.progress.sheet import PROJECT, Filled, filled_in
from services.intake.progress.states import Progress
from services.intake.progress.underway import Underway
from services.intake.project.commands import By
from services.intake.review.refusals import HintsToConfirm
from shared.refusals import Problem, Refusal
from shared.units import Units
from shared.wording import problems_of
from shared.workbook.marking import CellProblem
from shared.workbook.table import TableRead, TableRow

CommandOf = Callable[[ProgressForm], ReportProgress]


@dataclass(frozen=True)
class Own:
    """A project of the unit with what has been reported of it."""

    project: Underway
    progress: Progress


@dataclass(frozen=True)
class Row:
    """A row as it was checked: what would become of it, and what is wrong in which cell."""

    number: int
    project_id: str
    name: str
    verdict: str
    problems: tuple[CellProblem, ...] = ()
    command: ReportProgress | None = None


@dataclass(frozen=True)
class Checking:
    """What rows are judged with: the day, who asks, the month, the units."""

    on: date
    by: By
    month: MonthDue
    units: Units

    def rows(self, read: TableRead, own: Mapping[UUID, Own]) -> list[Row]:
        """Judge every row against what has been reported by now."""
        rules, seen, rows = report_rules_of(self.on), set[UUID](), []
        for row in read.rows:
            filled = filled_in(row.cells, rules)
            project_id = _project_id(filled.project_id)
            known = own.get(project_id) if project_id else None
            if project_id is None or known is None:
                rows.append(_unknown(row, filled, read))
            elif project_id in seen:
                rows.append(_twice(row, known, read))
            elif filled.is_empty:
                rows.append(Row(row.number, str(project_id), known.project.name, "EMPTY"))
            else:
                rows.append(_judged(row, filled, known, read, self._command_of(project_id, known)))
            if project_id:
                seen.add(project_id)
        return rows

    def _command_of(self, project_id: UUID, known: Own) -> CommandOf:
        return partial(
            report_of,
            project_id=project_id,
            on=self.on,
            by=self.by,
            project=known.project,
            month=self.month,
            units=self.units,
        )


def _judged(
    row: TableRow,
    filled: Filled,
    known: Own,
    read: TableRead,
    command_of: CommandOf,
) -> Row:
    name = known.project.name
    try:
        command = command_of(ProgressForm.model_validate(filled.form))
        facts = PROGRESS.decide(command, known.progress)
    except ValidationError as error:
        wrong = _cells(problems_of(error.errors(), LABELS), filled, read)
        return Row(row.number, filled.project_id, name, "WRONG", wrong)
    except HintsToConfirm as hints:
        cells = _cells(hints.errors, filled, read, hint=True)
        return Row(row.number, filled.project_id, name, "HINTS", cells)
    except Refusal as refusal:
        wrong = _cells(refusal.errors or [_whole(refusal)], filled, read)
        return Row(row.number, filled.project_id, name, "WRONG", wrong)
    verdict = "ACCEPTABLE" if facts else "UNCHANGED"
    return Row(row.number, filled.project_id, name, verdict, command=command if facts else None)


def _whole(refusal: Refusal) -> Problem:
    return Problem("reason", LABELS["reason"], refusal.code, refusal.detail, "")


def _cells(
    problems: Sequence[Problem], filled: Filled, read: TableRead, *, hint: bool = False
) -> tuple[CellProblem, ...]:
    """Put what is wrong to the cells that it is about; the row's first where none is."""
    found = []
    for one in problems:
        place = one.field
        while place and place not in filled.titles:
            place = place.rpartition(".")[0]
        title = filled.titles.get(place, PROJECT)
        letter = read.columns.get(title, "A")
        found.append(CellProblem(one.field, letter, one.rule, one.message, one.remedy, hint))
    return tuple(found)


def _unknown(row: TableRow, filled: Filled, read: TableRead) -> Row:
    problem = CellProblem(
        "project_id",
        read.columns.get(PROJECT, "A"),
        "unknown_project",
        "这一行的项目编号不是你单位的项目。",
        "请下载本月的表，不要改动前几列。",
    )
    return Row(row.number, filled.project_id, row.cells.get("项目名称", ""), "WRONG", (problem,))


def _twice(row: TableRow, known: Own, read: TableRead) -> Row:
    problem = CellProblem(
        "project_id",
        read.columns.get(PROJECT, "A"),
        "named_twice",
        "这个项目在表里有两行。",
        "请合并成一行。",
    )
    return Row(row.number, row.cells[PROJECT], known.project.name, "WRONG", (problem,))


def _project_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
