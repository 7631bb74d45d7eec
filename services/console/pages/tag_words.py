"""Tags in words, and whether what the plan promised of a named project has come about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from contracts.reference.tags import Named, items_of, known_tags, named_projects
from services.console.pages.tag_reading import Tagged

_REACHED = {
    "PLAN": ("PLAN", "PREP", "BUILD", "PROD"),
    "PREPARE": ("PREP", "BUILD", "PROD"),
    "BUILD": ("BUILD", "PROD"),
    "OPEN": ("PROD",),
}
SIGNS = {
    "PLAN": "进入谋划库",
    "PREPARE": "进入前期库",
    "BUILD": "进入建设库",
    "START": "有开工记录",
    "OPEN": "进入投产库",
}
"""What must be seen for a promise to have come about."""


@dataclass(frozen=True)
class Kept:
    """A project that the plan names, with the projects that stand for it and how it stands."""

    named: Named
    projects: tuple[Tagged, ...]
    light: str
    said: str


def name_of(code: str, item: str | None = None) -> str:
    """Name a tag, and which of its list a project is."""
    known = known_tags().get(code)
    if known is None:
        return code
    which = next((one.name for one in items_of(known) if one.code == item), "")
    return f"{known.name}（{which}）" if which else known.name


def kept(tagged: Sequence[Tagged], today: date) -> list[Kept]:
    """Say of each project that the plan names how its promise stands."""
    return [
        _kept(one, tuple(project for project in tagged if project.item == one.code), today)
        for one in named_projects()
    ]


def _kept(named: Named, projects: tuple[Tagged, ...], today: date) -> Kept:
    if any(_has_come(named, project) for project in projects):
        return Kept(named, projects, "ok", "已兑现")
    if named.by is not None and today > named.by:
        return Kept(named, projects, "late", f"逾期 {(today - named.by).days} 天")
    if not projects:
        return Kept(named, projects, "none", "还没有对应项目")
    return Kept(named, projects, "none", "推进中")


def _has_come(named: Named, project: Tagged) -> bool:
    if named.promise == "START":
        return project.started_on is not None
    return project.pool in _REACHED[named.promise]
