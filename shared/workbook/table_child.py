"""Reads a table of our own making, or marks the wrong cells of any table, in a child process."""

from collections.abc import Mapping, Sequence

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from shared.workbook.child import answer, cut_off, in_child
from shared.workbook.limits import check_container
from shared.workbook.marking import CellProblem, TablePlace, mark_workbook
from shared.workbook.table import TableRead, read_table

_PROGRAM = ("-m", "shared.workbook.table_child")


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Question:
    """What the child is asked: to read a table by a title, or to mark problems in a file."""

    title: str = ""
    table: TablePlace | None = None
    problems: Mapping[int, Sequence[CellProblem]] | None = None


_QUESTION = TypeAdapter(Question)
_TABLE = TypeAdapter(TableRead)


async def table_in_child(data: bytes, title: str, seconds: float = 20) -> TableRead:
    """Read a table that has a column of this title, in a child process.

    Raises:
        UnfitWorkbook: the file is not read; one of its kinds says why.
    """
    check_container(data)
    question = _QUESTION.dump_json(Question(title))
    try:
        return _TABLE.validate_json(await in_child(_PROGRAM, question, data, seconds))
    except ValidationError as error:
        raise cut_off() from error


async def mark_in_child(
    data: bytes,
    table: TablePlace,
    problems: Mapping[int, Sequence[CellProblem]],
    seconds: float = 120,
) -> bytes:
    """Mark a workbook in a child process; what the parent holds stays small.

    Raises:
        UnfitWorkbook: the file is not read; one of its kinds says why.
    """
    question = _QUESTION.dump_json(Question(table=table, problems=problems))
    return await in_child(_PROGRAM, question, data, seconds)


def _work(question: bytes, data: bytes) -> bytes:
    asked = _QUESTION.validate_json(question)
    if asked.table is not None and asked.problems is not None:
        return mark_workbook(data, asked.table, asked.problems)
    return _TABLE.dump_json(read_table(data, asked.title))


if __name__ == "__main__":
    answer(_work)
