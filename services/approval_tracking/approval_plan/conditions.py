"""What an item depends on: rows of answers, of which any one is enough; unanswered is unknown."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Answer = bool | int | str
Known = Mapping[str, Answer]

_BOUND = re.compile(r"(<=|>=|<|>) (\d+)")
_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Test:
    """One question and what its answer must be: one of ``values``, or beyond a bound."""

    question: str
    values: frozenset[Answer]
    compare: str | None = None
    bound: int = 0

    def holds(self, known: Known) -> bool | None:
        """Tell whether it holds; None where the question is not answered."""
        answer = known.get(self.question)
        if answer is None:
            return None
        if self.compare is None:
            return answer in self.values
        return isinstance(answer, int) and _COMPARE[self.compare](answer, self.bound)


@dataclass(frozen=True)
class Condition:
    """Rows of tests: all of a row, any of the rows. No rows hold always."""

    rows: tuple[tuple[Test, ...], ...] = ()

    def holds(self, known: Known) -> bool | None:
        """Tell whether it holds; None as long as what is not answered could decide it."""
        if not self.rows:
            return True
        rows = [_all(test.holds(known) for test in row) for row in self.rows]
        return True if True in rows else None if None in rows else False

    @property
    def questions(self) -> tuple[str, ...]:
        """The questions that it asks, each once."""
        return tuple(dict.fromkeys(test.question for row in self.rows for test in row))

    def open_questions(self, known: Known) -> tuple[str, ...]:
        """Give the unanswered questions that could still decide it."""
        if self.holds(known) is not None:
            return ()
        undecided = [row for row in self.rows if _all(test.holds(known) for test in row) is None]
        asked = (test.question for row in undecided for test in row)
        return tuple(dict.fromkeys(question for question in asked if question not in known))


def _all(answers: Any) -> bool | None:
    given = list(answers)
    return False if False in given else None if None in given else True


def read_condition(rows: Sequence[Mapping[str, Any]]) -> Condition:
    """Read a condition: ``true``, a list to choose from, or a bound such as ``">= 1000"``."""
    return Condition(tuple(tuple(_test(*one) for one in row.items()) for row in rows))


def _test(question: str, wanted: Any) -> Test:
    if isinstance(wanted, str):
        bound = _BOUND.fullmatch(wanted)
        if bound is None:
            raise ValueError(f"{question}: {wanted} is no bound")
        return Test(question, frozenset(), bound[1], int(bound[2]))
    values = wanted if isinstance(wanted, list) else [wanted]
    return Test(question, frozenset(values))
