"""How alike are two projects? A name much like another's, the same county, nearly the same money.

The sentences of ``Alike`` are dated rules (系统默认); the plan only says that nobody reports what
another has reported (晋市政办〔2019〕16号 附件: "不可重复").
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from rapidfuzz import fuzz, process

from contracts.intake import DuplicateJudged, Likeness, ProjectFacts

Judged = Mapping[UUID, DuplicateJudged]
"""What was judged last about a project and each other one."""


@dataclass(frozen=True)
class Alike:
    """From when two projects are suspected of being one."""

    name_percent: int
    investment_percent: int
    endings: tuple[str, ...]

    def least(self, investment: int) -> int:
        """Give the least investment that is near enough to this one."""
        return -(-investment * (100 - self.investment_percent) // 100)

    def most(self, investment: int) -> int:
        """Give the largest: the difference is measured by the larger of the two."""
        return investment * 100 // (100 - self.investment_percent)


class Suspect(NamedTuple):
    """Another project that may be the same one; ``similarity`` of the names, in percent."""

    project_id: UUID
    likeness: Likeness
    similarity: int


def likeness_of(owner_name: str, facts: ProjectFacts) -> Likeness | None:
    """Give what of a project is compared; None as long as a column of it is open."""
    if facts.location.region is None or facts.total_investment is None:
        return None
    return Likeness(
        owner_name=owner_name,
        name=facts.name,
        region=facts.location.region,
        total_investment=facts.total_investment,
    )


def plain(name: str) -> str:
    """Give a name without what does not count: width, letter case, blanks, punctuation."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in folded if unicodedata.category(sign)[0] in "LN")


def core(plain_name: str, endings: Sequence[str]) -> str:
    """Give a plain name without the words that end any name (项目, 工程, 建设), unless all goes."""
    left = plain_name
    while ending := next((word for word in endings if left.endswith(word)), ""):
        left = left.removesuffix(ending)
    return left or plain_name


def similar(
    name: str, others: Sequence[tuple[str, str]], rules: Alike
) -> Iterator[tuple[str, int]]:
    """Give the keys of others, given with their plain names, that are called much like this one.

    Each comes with its similarity in whole percent, rounded down.
    """
    wanted = core(plain(name), rules.endings)
    cores = {key: core(other, rules.endings) for key, other in others}
    for _, percent, key in process.extract_iter(
        wanted, cores, scorer=fuzz.token_set_ratio, score_cutoff=rules.name_percent
    ):
        yield key, int(percent)


def percent_alike(name: str, other: str, rules: Alike) -> int:
    """Give how alike two names are, in whole percent, rounded down."""
    ours, theirs = (core(plain(one), rules.endings) for one in (name, other))
    return int(fuzz.token_set_ratio(ours, theirs))


def is_judged(suspect: Suspect, own: Likeness, judged: Judged) -> bool:
    """Tell whether the city has judged these two as they are now."""
    verdict = judged.get(suspect.project_id)
    return verdict is not None and (verdict.own, verdict.other) == (own, suspect.likeness)
