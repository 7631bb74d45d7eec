"""Reads 附件1 in a process of its own, with little memory and little time."""

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from services.intake.workbook.reading import WorkbookRead, read_workbook
from shared.workbook.child import answer, cut_off, in_child
from shared.workbook.limits import check_container

_PROGRAM = ("-m", "services.intake.adapters.workbook_child")


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Question:
    """What the child is asked to read, under which name it was sent."""

    name: str


_QUESTION = TypeAdapter(Question)
_READ = TypeAdapter(WorkbookRead)


async def read_in_child(data: bytes, name: str, seconds: float = 20) -> WorkbookRead:
    """Read a workbook in a child process.

    Raises:
        UnfitWorkbook: the file is not read; one of its kinds says why.
    """
    check_container(data)
    question = _QUESTION.dump_json(Question(name))
    try:
        return _READ.validate_json(await in_child(_PROGRAM, question, data, seconds))
    except ValidationError as error:
        raise cut_off() from error


def work(question: bytes, data: bytes) -> bytes:
    """Answer in the child."""
    return _READ.dump_json(read_workbook(data, _QUESTION.validate_json(question).name))


if __name__ == "__main__":
    answer(work)
