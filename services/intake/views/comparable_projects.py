"""Which projects stand reported, to be compared with one that may be the same (查重)?"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, assert_never
from uuid import UUID

import asyncpg

from contracts import intake
from contracts.intake import (
    CorrectionApproved,
    CorrectionEvent,
    CorrectionRefused,
    CorrectionRequested,
    CorrectionWithdrawn,
    DuplicateJudged,
    Holder,
    Level,
    Likeness,
    MoveApplied,
    MoveApproved,
    MoveEvent,
    MoveRefused,
    MoveWithdrawn,
    ProjectAbsorbed,
    ProjectContactErased,
    ProjectContactNamed,
    ProjectCorrected,
    ProjectDiscarded,
    ProjectDrafted,
    ProjectEnded,
    ProjectEvent,
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
    ReviewApproved,
    ReviewEvent,
    ReviewHandedOver,
    ReviewOverdue,
    ReviewPassedFirst,
    ReviewRejected,
    ReviewReturned,
    ReviewSubmitted,
    ReviewTaken,
    ReviewTermMoved,
    ReviewWithdrawn,
)
from services.intake.review.likeness import Alike, Suspect, plain, similar
from shared.refusals import Unavailable
from shared.viewing import Owner, Told, View

NAME, VERSION = "comparable_projects", 1


class ComparableRow(NamedTuple):
    """What of a project is compared, and whether it stands reported.

    ``with_city`` says that it waits for the city's first review.
    """

    owner_org: str
    owner_name: str
    name: str
    plain_name: str
    region: str | None
    total_investment: int | None
    revision: int
    stands: bool
    with_city: bool
    pool: str | None


def fold(row: ComparableRow | None, told: Told) -> ComparableRow | None:
    """Fold a fact of a project's stream into its row."""
    event: ProjectEvent | ReviewEvent | MoveEvent | CorrectionEvent = told.fact  # type: ignore[assignment]
    match event:
        case ProjectDrafted():
            return _begun(event)
        case ProjectPooled() if row is None:
            # An opening entry or the part of a split was never a draft.
            return _begun(event)._replace(stands=True, pool=event.pool.value)
        case _ if row is None:
            return None
        case ProjectDiscarded():
            return None
        case ProjectRevised() | ProjectCorrected() | ProjectAbsorbed():
            return _with(row, event.facts, event.revision)
        case ProjectPooled():
            row = _with(row, event.facts, event.revision)
            return row._replace(stands=True, with_city=False, pool=event.pool.value)
        case ReviewSubmitted():
            return row._replace(stands=True, with_city=event.to is Holder.CITY)
        case ReviewReturned():
            return row._replace(with_city=row.pool is None and event.to is Level.CITY)
        case ReviewWithdrawn() | ReviewRejected():
            return row._replace(stands=False, with_city=False)
        case ReviewPassedFirst() | ReviewApproved():
            return row._replace(with_city=False)
        case MoveApplied() | CorrectionRequested():
            return row._replace(revision=event.revision)
        case ProjectMoved():
            return row._replace(pool=event.to_pool.value)
        case ProjectEnded() | ProjectTakenOut() | ProjectMerged() | ProjectSplit():
            return row._replace(stands=False)
        case (
            ProjectContactNamed()
            | ProjectContactErased()
            | ProjectTagged()
            | ProjectUntagged()
            | ReviewOverdue()
            | ReviewTermMoved()
            | ReviewTaken()
            | ReviewHandedOver()
            | DuplicateJudged()
            | MoveWithdrawn()
            | MoveRefused()
            | MoveApproved()
            | ProjectHeld()
            | ProjectResumed()
            | CorrectionWithdrawn()
            | CorrectionRefused()
            | CorrectionApproved()
        ):
            return row
        case _:
            assert_never(event)


def _begun(event: ProjectDrafted | ProjectPooled) -> ComparableRow:
    return ComparableRow(
        owner_org=event.owner_org,
        owner_name=event.owner_name,
        name=event.facts.name,
        plain_name=plain(event.facts.name),
        region=event.facts.location.region,
        total_investment=event.facts.total_investment,
        revision=event.revision,
        stands=False,
        with_city=False,
        pool=None,
    )


def _with(row: ComparableRow, facts: ProjectFacts, revision: int) -> ComparableRow:
    return row._replace(
        name=facts.name,
        plain_name=plain(facts.name),
        region=facts.location.region,
        total_investment=facts.total_investment,
        revision=revision,
    )


async def suspects(
    pool: asyncpg.Pool, wanted: Mapping[UUID, Likeness], rules: Alike
) -> Mapping[UUID, tuple[Suspect, ...]]:
    """Give for each project those that may be the same one, the most alike first.

    What was reported in the last half second may be missing: whoever of two passes later is
    compared again, by the province too.

    Raises:
        Unavailable: nothing was heard of yet.
    """
    asked = list(wanted.items())
    near = await _fetch(
        pool,
        "select a.number, c.key, c.plain_name from unnest($1::text[], $2::text[], $3::bigint[], "
        "$4::bigint[]) with ordinality as a(key, region, least, most, number) "
        "join views.comparable_projects c on c.region = a.region "
        "and c.total_investment between a.least and a.most and c.key <> a.key where c.stands",
        [str(project_id) for project_id, _ in asked],
        [one.region for _, one in asked],
        [rules.least(one.total_investment) for _, one in asked],
        [rules.most(one.total_investment) for _, one in asked],
    )
    names: list[list[tuple[str, str]]] = [[] for _ in asked]
    for number, key, plain_name in near:
        names[number - 1].append((key, plain_name))
    alike = {
        project_id: dict(similar(one.name, others, rules))
        for (project_id, one), others in zip(asked, names, strict=True)
    }
    keys = {key for found in alike.values() for key in found}
    rows = await comparable(pool, keys)
    return {
        project_id: tuple(
            Suspect(UUID(key), _likeness(rows[key]), percent)
            for key, percent in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
            if key in rows
        )
        for project_id, found in alike.items()
    }


async def comparable(pool: asyncpg.Pool, keys: set[str]) -> Mapping[str, ComparableRow]:
    """Give the rows of projects that stand reported."""
    rows = await _fetch(
        pool,
        "select * from views.comparable_projects where key = any($1::text[]) and stands",
        sorted(keys),
    )
    return {row["key"]: ComparableRow._make(tuple(row)[1:]) for row in rows}


async def with_city(pool: asyncpg.Pool) -> Mapping[UUID, ComparableRow]:
    """Give what waits for the city's first review."""
    rows = await _fetch(
        pool,
        "select * from views.comparable_projects where with_city "
        "and region is not null and total_investment is not null order by key",
    )
    return {UUID(row["key"]): ComparableRow._make(tuple(row)[1:]) for row in rows}


async def _fetch(
    pool: asyncpg.Pool, sql: str, *given: Sequence[object]
) -> Sequence[asyncpg.Record]:
    try:
        rows: Sequence[asyncpg.Record] = await pool.fetch(sql, *given)
    except asyncpg.UndefinedTableError as error:
        raise Unavailable("查重还在准备，请过几秒再提交，内容没有丢失。") from error
    return rows


def _likeness(row: ComparableRow) -> Likeness:
    return Likeness(
        owner_name=row.owner_name,
        name=row.name,
        region=row.region or "",
        total_investment=row.total_investment or 0,
    )


VIEW = View(
    name=NAME,
    version=VERSION,
    owners=(
        Owner(
            name=intake.SERVICE,
            topic=intake.TOPIC,
            row=ComparableRow,
            kinds=intake.DOSSIER_KINDS,
            ignored=intake.OF_NO_DOSSIER,
            fold=fold,
        ),
    ),
    indexes=(
        "(region, total_investment) include (key, plain_name) where stands",
        "(key) where with_city",
    ),
    gathers=True,
)
