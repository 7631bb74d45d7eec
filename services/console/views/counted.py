"""What of each project counts in a year: how it came in, where it stood on 1 January, where now?

Figures of a year compare two states by business days: the one on its first day and the one of
the day that is asked about. What was recorded by then is what the view's history is for.
"""

from datetime import date
from typing import Any, NamedTuple, assert_never

from contracts import intake
from contracts.envelope import Fact
from contracts.intake import (
    Level,
    Pool,
    ProjectAbsorbed,
    ProjectCorrected,
    ProjectDiscarded,
    ProjectDrafted,
    ProjectEnded,
    ProjectFacts,
    ProjectHeld,
    ProjectMerged,
    ProjectMoved,
    ProjectPooled,
    ProjectResumed,
    ProjectRevised,
    ProjectSplit,
    ProjectTagged,
    ProjectTakenOut,
    ProjectUntagged,
    ReviewRejected,
    ReviewReturned,
    ReviewSubmitted,
    ReviewWithdrawn,
    Source,
    Standing,
)
from shared.viewing import Owner, Told, View

NAME, VERSION = "counted", 1

BUILT = (Pool.BUILD, Pool.PROD)
"""The pools of what was converted (转化): it is being built, or was."""


_BEFORE = {
    Pool.PLAN: Pool.PREP,
    Pool.PREP: Pool.PLAN,
    Pool.BUILD: Pool.PREP,
    Pool.PROD: Pool.BUILD,
}


class CountedRow(NamedTuple):
    """One project as the figures see it; money in yuan.

    ``start_pool`` and ``start_investment`` are those of the first day of ``year``, the year of the
    newest business day that changed anything; in a later year they are those of now. Of a project
    that entered in ``year`` they are none, and the amount at entry. ``converted_investment`` is
    that of the day on which it last came among what is built, ``absorbed_investment`` what mergers
    added. ``reported`` says that its report stands: neither taken back, sent back nor refused.
    ``tags`` are separated, begun and ended by spaces.
    """

    owner_org: str
    owner_name: str
    name: str
    project_code: str | None
    region: str | None
    zone_id: str | None
    total_investment: int | None
    report_month: str | None
    reported: bool
    pool: str | None
    standing: str | None
    source: str | None
    entered_on: date | None
    year: int | None
    start_pool: str | None
    start_investment: int | None
    converted_investment: int | None
    absorbed_investment: int
    left_on: date | None
    merged_into: str | None
    duplicate: bool
    tags: str


_Counted = (
    ProjectDrafted
    | ProjectRevised
    | ProjectDiscarded
    | ProjectPooled
    | ProjectTagged
    | ProjectUntagged
    | ReviewSubmitted
    | ReviewReturned
    | ReviewRejected
    | ReviewWithdrawn
    | ProjectMoved
    | ProjectHeld
    | ProjectResumed
    | ProjectEnded
    | ProjectTakenOut
    | ProjectAbsorbed
    | ProjectMerged
    | ProjectSplit
    | ProjectCorrected
)


def fold(row: CountedRow | None, told: Told) -> CountedRow | None:
    """Fold a fact of intake into what counts of the project."""
    event: _Counted = told.fact  # type: ignore[assignment]
    if isinstance(event, ProjectDrafted):
        return _begun(event.owner_org, event.owner_name, event.facts)
    if isinstance(event, ProjectPooled):
        # A part of a project that was split is pooled without ever having been a draft.
        return _pooled(row or _begun(event.owner_org, event.owner_name, event.facts), event)
    if row is None or isinstance(event, ProjectDiscarded):
        return None
    return _after(row, event)


def _after(
    row: CountedRow,
    event: ProjectRevised
    | ProjectTagged
    | ProjectUntagged
    | ReviewSubmitted
    | ReviewReturned
    | ReviewRejected
    | ReviewWithdrawn
    | ProjectMoved
    | ProjectHeld
    | ProjectResumed
    | ProjectEnded
    | ProjectTakenOut
    | ProjectAbsorbed
    | ProjectMerged
    | ProjectSplit
    | ProjectCorrected,
) -> CountedRow:
    match event:
        case (
            ProjectRevised()
            | ReviewSubmitted()
            | ReviewReturned()
            | ReviewRejected()
            | ReviewWithdrawn()
        ):
            # Once it is in a pool, only what the province accepted counts.
            return row if row.pool else _reporting(row, event)
        case ProjectTagged():
            return row._replace(tags=_with(row.tags, event.tag))
        case ProjectUntagged():
            return row._replace(tags=_without(row.tags, event.tag))
        case ProjectMoved():
            return _moved(_in_year(row, event.moved_on), event)
        case ProjectHeld():
            return _in_year(row, event.held_on)._replace(standing=Standing.HELD)
        case ProjectResumed():
            return _in_year(row, event.resumed_on)._replace(standing=Standing.ACTIVE)
        case ProjectEnded():
            return _left(row, Standing.ENDED, event.ended_on)
        case ProjectTakenOut():
            return _left(row, Standing.OUT, event.taken_out_on)
        case ProjectMerged():
            return _left(row, Standing.MERGED, event.merged_on)._replace(
                merged_into=str(event.merged_into), duplicate=event.duplicate
            )
        case ProjectSplit():
            return _left(row, Standing.SPLIT, event.split_on)
        case ProjectAbsorbed():
            return _in_year(row, event.absorbed_on)._replace(
                absorbed_investment=row.absorbed_investment + event.added_investment,
                **_columns(event.facts),
            )
        case ProjectCorrected():
            return _in_year(row, event.corrected_on)._replace(**_columns(event.facts))
        case _:
            assert_never(event)


def _begun(owner_org: str, owner_name: str, facts: ProjectFacts) -> CountedRow:
    return CountedRow(
        owner_org=owner_org,
        owner_name=owner_name,
        report_month=None,
        reported=False,
        pool=None,
        standing=None,
        source=None,
        entered_on=None,
        year=None,
        start_pool=None,
        start_investment=None,
        converted_investment=None,
        absorbed_investment=0,
        left_on=None,
        merged_into=None,
        duplicate=False,
        tags=" ",
        **_columns(facts),
    )


def _reporting(
    row: CountedRow,
    event: ProjectRevised | ReviewSubmitted | ReviewReturned | ReviewRejected | ReviewWithdrawn,
) -> CountedRow:
    match event:
        case ProjectRevised():
            return row._replace(**_columns(event.facts))
        case ReviewSubmitted():
            return row._replace(reported=True, report_month=event.report_month)
        case ReviewReturned(to=Level.CITY):
            return row
        case ReviewReturned() | ReviewRejected() | ReviewWithdrawn():
            return row._replace(reported=False)
        case _:
            assert_never(event)


def _pooled(row: CountedRow, event: ProjectPooled) -> CountedRow:
    entered_on = event.entered_on or event.approved_on
    investment = event.facts.total_investment
    entered = row._replace(
        owner_org=event.owner_org,
        owner_name=event.owner_name,
        reported=True,
        report_month=None if event.source is Source.OPENING else event.report_month,
        pool=event.pool.value,
        standing=Standing.ACTIVE,
        source=event.source.value,
        entered_on=entered_on,
        year=entered_on.year,
        start_investment=investment,
        converted_investment=investment if event.pool in BUILT else None,
        **_columns(event.facts),
    )
    # A part of a project that was moved in a later year than it entered stood in the pool before
    # when that year began. What was moved before it was taken in here was not moved here.
    since = event.pool_since or entered_on
    if event.parent_id is None or since.year == entered_on.year:
        return entered
    return entered._replace(year=since.year, start_pool=_BEFORE[event.pool].value)


def _moved(row: CountedRow, event: ProjectMoved) -> CountedRow:
    converted = event.to_pool in BUILT and event.from_pool not in BUILT
    return row._replace(
        pool=event.to_pool.value,
        total_investment=event.total_investment,
        converted_investment=event.total_investment if converted else row.converted_investment,
    )


def _left(row: CountedRow, standing: Standing, day: date) -> CountedRow:
    return _in_year(row, day)._replace(standing=standing, left_on=day)


def _in_year(row: CountedRow, day: date) -> CountedRow:
    """Keep how the project stood when the year of a day began."""
    # A late fact of a year that is over changes what is, as every other; its year stays closed.
    if row.year is None or day.year <= row.year:
        return row
    return row._replace(year=day.year, start_pool=row.pool, start_investment=row.total_investment)


def _columns(facts: ProjectFacts) -> dict[str, Any]:
    return {
        "name": facts.name,
        "project_code": facts.project_code,
        "region": facts.location.region,
        "zone_id": facts.location.zone_id,
        "total_investment": facts.total_investment,
    }


def _with(tags: str, tag: str) -> str:
    return tags if f" {tag} " in tags else f"{tags}{tag} "


def _without(tags: str, tag: str) -> str:
    return tags.replace(f" {tag} ", " ")


_KINDS: dict[str, type[Fact]] = {
    fact.model_fields["kind"].default: fact
    for fact in (
        ProjectDrafted,
        ProjectRevised,
        ProjectDiscarded,
        ProjectPooled,
        ProjectTagged,
        ProjectUntagged,
        ReviewSubmitted,
        ReviewReturned,
        ReviewRejected,
        ReviewWithdrawn,
        ProjectMoved,
        ProjectHeld,
        ProjectResumed,
        ProjectEnded,
        ProjectTakenOut,
        ProjectAbsorbed,
        ProjectMerged,
        ProjectSplit,
        ProjectCorrected,
    )
}

VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.TOPIC,
            row=CountedRow,
            kinds=_KINDS,
            ignored={
                **{
                    kind: "changes no figure: what it comes to is told beside it"
                    for kind in intake.DOSSIER_KINDS
                    if kind not in _KINDS
                },
                **intake.OF_NO_DOSSIER,
            },
            fold=fold,
        ),
    ),
    indexes=(
        "(entered_on)",
        "(owner_org, report_month)",
        "(tags) where tags <> ' '",
    ),
    history=True,
)
