"""Patches that each take one guard away, and the tests that must notice."""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent


@dataclass(frozen=True)
class Mutant:
    """One guard less: the reason why it is there, and the tests that must fail without it."""

    name: str
    patch: Path
    why: str
    must_fail: tuple[str, ...]


def mutants() -> list[Mutant]:
    """Read all patches; what stands before the first ``diff`` line describes them."""
    found = []
    for patch in sorted(FOLDER.glob("*.patch")):
        head = patch.read_text("utf-8").partition("diff --git ")[0]
        found.append(
            Mutant(
                name=patch.stem,
                patch=patch,
                why=head.partition("\n")[0],
                must_fail=tuple(re.findall(r"^Must fail: (\S+)$", head, re.MULTILINE)),
            )
        )
    return found
