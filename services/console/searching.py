"""The words by which a project is found: its name, code and units, and how they begin in pinyin."""

import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

from contracts.intake import ProjectFacts


def plain(text: str) -> str:
    """Write a text so that width, blanks and letter case do not count."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@lru_cache(maxsize=4096)
def initials(text: str) -> str:
    """Give the first letter of each character's pinyin; letters and digits stay as they are."""
    return "".join(_first_letters()(plain(text)))


@cache
def _first_letters() -> Callable[[str], list[str]]:
    # Its dictionary takes more than 50 MB: who only looks projects up does not load it.
    from pypinyin import Style, lazy_pinyin, load_phrases_dict  # noqa: PLC0415

    # Places nearby that are not read as a dictionary of words reads them.
    load_phrases_dict({"长治": [["cháng"], ["zhì"]], "长子县": [["zhǎng"], ["zǐ"], ["xiàn"]]})

    def letters(text: str) -> list[str]:
        return lazy_pinyin(text, style=Style.FIRST_LETTER)

    return letters


def found_by(owner_name: str, facts: ProjectFacts) -> str:
    """Give all the words by which a project is found, a line each."""
    named = [plain(text) for text in (facts.name, owner_name, facts.builder.name or "")]
    return "\n".join(
        dict.fromkeys(filter(None, (*named, facts.project_code or "", *map(initials, named))))
    )
