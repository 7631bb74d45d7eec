"""Which rows are in each set that figures count, said once for its sum and for its list.

Every text here is our own SQL; whatever is asked for travels as a parameter. ``$1`` is the year,
``$2`` its first day and ``$3`` that of the next.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never

from services.console.targets.parts import Part, What

# What is seen of a project in a pool does not depend on which, nor on an application of it.
SOME_POOL, ACCEPTED = "PLAN", "APPROVED"

STAYS = "standing not in ('OUT', 'MERGED', 'SPLIT')"
_ENTERED = "source in ('PLANNED', 'SPLIT') and entered_on >= $2 and entered_on < $3"
# Whatever entered directly (直接入库) is never converted and never taken back; what ended in an
# earlier year is no stock of this one.
_STOOD = "source <> 'DIRECT' and entered_on < $2 and (standing <> 'ENDED' or left_on >= $2)"
_STOCK = f"{_STOOD} and start in ('PLAN', 'PREP')"
_NEW_OR_STOCK = f"(({_ENTERED}) or ({_STOCK}))"
_BUILT = "pool in ('BUILD', 'PROD')"
_MERGED = "standing = 'MERGED' and not duplicate"


class Kind(StrEnum):
    """What the members of a set are, and so who sees which of them."""

    PROJECT = "project"
    SIGNING = "signing"
    PROMOTION = "promotion"


@dataclass(frozen=True)
class Tables:
    """Where rows lie: the views' tables now, or what they held at an instant."""

    counted: str
    works: str
    signings: str
    links: str
    promotions: str


@dataclass(frozen=True)
class Set:
    """Members by their condition, the amount that each is counted with, and of which kind.

    ``among`` keeps the question to few rows: those alone that have something beside them.
    """

    where: str
    amount: str = "total_investment"
    kind: Kind = Kind.PROJECT
    among: str = "true"


_BEGUN = "key in (select key from {works} as works where started_on >= $2 and started_on < $3)"
_TAGGED = "tags <> ' '"
_LINKED = "key in (select project_id from {links} as links)"
_SIGNED = "signed_on >= $2 and signed_on < $3"
_PROMOTED = "outside_city and held_on >= $2 and held_on < $3"

SETS: Mapping[What, Set] = {
    # What a merger added stands in the amount of the one that was taken in.
    What.PLANNED: Set(
        f"{_ENTERED} and ({STAYS} or ({_MERGED}))", "total_investment - absorbed_investment"
    ),
    What.NEW: Set(f"{STAYS} and {_ENTERED}", "base"),
    What.STOCK: Set(f"{STAYS} and {_STOCK}", "base"),
    What.CARRIED: Set(f"{_MERGED} and {_NEW_OR_STOCK} and kept_counts", "base"),
    What.CONVERTED: Set(f"{STAYS} and {_NEW_OR_STOCK} and {_BUILT}", "converted_investment"),
    What.CARRIED_CONVERTED: Set(
        f"{_MERGED} and {_NEW_OR_STOCK} and {_BUILT} and kept_counts", "converted_investment"
    ),
    What.NEW_CONVERTED: Set(f"{STAYS} and {_ENTERED} and {_BUILT}", "converted_investment"),
    What.TAKEN_BACK: Set(
        f"{STAYS} and {_STOOD} and start in ('BUILD', 'PROD') and pool in ('PLAN', 'PREP')",
        "converted_investment",
    ),
    What.STARTED: Set(STAYS, among=_BEGUN),
    What.TAGGED: Set(STAYS, among=_TAGGED),
    What.TAGGED_STARTED: Set(STAYS, among=f"{_TAGGED} and {_BEGUN}"),
    What.NEGOTIATED: Set(f"{_ENTERED} and standing <> 'MERGED'", among=_LINKED),
    # What was signed and came to nothing was signed: it stays, so that no rate is made better by
    # ending contracts.
    What.SIGNED: Set(_SIGNED, kind=Kind.SIGNING),
    What.SIGNED_STARTED: Set(f"{_SIGNED} and started", kind=Kind.SIGNING),
    What.PROMOTED_BY_CITY: Set(f"{_PROMOTED} and level = 'CITY'", kind=Kind.PROMOTION),
    What.PROMOTED_BY_COUNTY: Set(f"{_PROMOTED} and level = 'COUNTY'", kind=Kind.PROMOTION),
}


def parameters_of(year: int) -> list[object]:
    """Give the parameters that every text here begins with."""
    return [year, date(year, 1, 1), date(year + 1, 1, 1)]


def condition(part: Part, parameters: list[object]) -> str:
    """Give the condition of a part; its amounts and its tag are added to the parameters."""
    text = SETS[part.what].where
    for narrowed, value in (
        ("total_investment >= ?", part.least),
        ("total_investment > ?", part.over),
        ("position(' ' || ? || ' ' in tags) > 0", part.tag),
    ):
        if value:
            parameters.append(value)
            text += f" and {narrowed.replace('?', f'${len(parameters)}')}"
    return text


def among(part: Part, tables: Tables) -> str:
    """Give what keeps a part's question to few rows."""
    text = SETS[part.what].among
    return text.replace("{works}", tables.works).replace("{links}", tables.links)


def relation(kind: Kind, tables: Tables) -> str:
    """Give the rows of a kind as a table of a query, with all that conditions speak of."""
    match kind:
        case Kind.PROJECT:
            return _projects(tables)
        case Kind.SIGNING:
            return _signings(tables)
        case Kind.PROMOTION:
            return _promotions(tables)
        case _:
            assert_never(kind)


def _projects(tables: Tables) -> str:
    """Give projects with how each stood when the year began, and whether its heir counts."""
    began = (
        "case when year = $1 then start_pool else pool end as start,"
        " case when year = $1 then start_investment else total_investment end as base"
    )
    kept = (
        "exists (select from"  # noqa: S608
        f" (select *, {began} from {tables.counted} as others where key = rows.merged_into)"
        f" as kept where {STAYS} and {_NEW_OR_STOCK})"
    )
    return (
        f"(select rows.*, {began}, case when standing = 'MERGED' then {kept} end as kept_counts,"  # noqa: S608
        f" (select started_on from {tables.works} as works where works.key = rows.key)"
        f" as started_on, '{ACCEPTED}' as stage, '' as approving from {tables.counted} as rows"
        " where pool is not null and entered_on < $3) as counted"
    )


# A statement has to speak of every parameter that it is given.
_OF_A_YEAR = "($1::bigint, $2::date, $3::date) is not null"


def _signings(tables: Tables) -> str:
    """Give signings with whether any project of theirs was begun in the year."""
    started = (
        f"exists (select from {tables.links} as links"
        f" join {tables.works} as works on works.key = links.project_id"
        " where links.signing_id = rows.key"
        " and works.started_on >= $2 and works.started_on < $3)"
    )
    return (
        f"(select rows.*, title as name, contract_investment as total_investment,"  # noqa: S608
        f" {started} as started from {tables.signings} as rows where {_OF_A_YEAR}) as signed"
    )


def _promotions(tables: Tables) -> str:
    """Give events; they have no ground and no amount."""
    return (
        "(select rows.*, org as owner_org, org_name as owner_name, title as name,"  # noqa: S608
        " null::text as region, null::text as zone_id, 0::bigint as total_investment"
        f" from {tables.promotions} as rows where {_OF_A_YEAR}) as promoted"
    )
