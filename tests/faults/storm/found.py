"""What was counted after a storm, and what is wrong."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

SHOWN = 5


@dataclass
class Found:
    """What was counted, and what is wrong."""

    commands: int = 0
    given_up_but_done: int = 0
    facts: int = 0
    records: int = 0
    repeats: int = 0
    strays: Counter[str] = field(default_factory=Counter)
    aside: int = 0
    lost: int = 0
    doubled: int = 0
    violations: list[str] = field(default_factory=list)

    def must_not(self, name: str, wrong: list[Any], sentence: str) -> None:
        """Note a violation with its first examples."""
        if wrong:
            shown = "; ".join(str(one) for one in wrong[:SHOWN])
            self.violations.append(f"{name}: {len(wrong)} × {sentence}: {shown}")
