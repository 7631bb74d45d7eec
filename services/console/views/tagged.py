"""Which projects carry which tag, as which of its list, from which day to which?"""

from datetime import date
from typing import NamedTuple

from contracts import intake
from contracts.envelope import Fact
from contracts.intake import ProjectTagged, ProjectUntagged
from shared.viewing import Owner, Told, View

NAME, VERSION = "tagged", 1


class TaggedRow(NamedTuple):
    """One project with one tag; after ``until_on`` it does not carry it any more."""

    project_id: str
    tag: str
    item: str | None
    from_on: date
    until_on: date | None


def fold(row: TaggedRow | None, told: Told) -> TaggedRow | None:
    """Write a tag down, and when it ended."""
    event: ProjectTagged | ProjectUntagged = told.fact  # type: ignore[assignment]
    match event:
        case ProjectTagged():
            return TaggedRow(str(event.project_id), event.tag, event.item, event.from_on, None)
        case ProjectUntagged():
            return row and row._replace(until_on=event.until_on)


def _one_row_a_tag(told: Told) -> str:
    tagged: ProjectTagged | ProjectUntagged = told.fact  # type: ignore[assignment]
    return f"{tagged.project_id}/{tagged.tag}"


_KINDS: dict[str, type[Fact]] = {
    fact.model_fields["kind"].default: fact for fact in (ProjectTagged, ProjectUntagged)
}

VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.TOPIC,
            row=TaggedRow,
            kinds=_KINDS,
            ignored={
                **{
                    kind: "says nothing of a tag"
                    for kind in intake.DOSSIER_KINDS
                    if kind not in _KINDS
                },
                **intake.not_of_a(
                    "a tag",
                    intake.PROGRESS_KINDS,
                    intake.SIGNING_KINDS,
                    intake.PROMOTION_KINDS,
                    intake.UPLOAD_KINDS,
                ),
            },
            fold=fold,
            key=_one_row_a_tag,
        ),
    ),
    indexes=("(tag)", "(project_id)"),
    history=True,
)
