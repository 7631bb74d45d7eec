"""Which rows an account sees and which acts its role may do. What is not listed is denied.

The same predicate stands in the SQL of every list, count, sum, drop-down and page.
"""

from dataclasses import dataclass
from typing import Literal

from shared.tokens import Actor

Act = Literal["report", "first_review", "final_review", "operate", "keep_calendar", "administer"]

_ACTS: dict[str, frozenset[Act]] = {
    "county_reporter": frozenset({"report"}),
    "dept_reporter": frozenset({"report"}),
    "enterprise": frozenset({"report"}),
    "city_reviewer": frozenset({"first_review"}),
    "prov_reviewer": frozenset({"final_review"}),
    "admin": frozenset({"operate", "keep_calendar", "administer"}),
}

# Roles that see everything that has entered a pool. Those who see only projects tied to them
# (approver, sponsor) see none until such ties exist; the administrator sees no business data.
_SEES_ALL_POOLS = frozenset(
    {"agent", "stats_officer", "key_office", "invest_office", "supervisor", "lead_office"}
)


@dataclass(frozen=True)
class Scope:
    """A predicate over the columns ``owner_org``, ``region``, ``zone_id``, ``pool``, ``stage``."""

    sql: str
    parameters: tuple[object, ...] = ()

    def where(self, first_parameter: int) -> tuple[str, list[object]]:
        """Give the predicate with its parameters numbered from ``first_parameter``."""
        numbers = [f"${first_parameter + n}" for n in range(len(self.parameters))]
        return self.sql.format(*numbers), list(self.parameters)


NOTHING = Scope("false")


def may(actor: Actor, act: Act) -> bool:
    """Tell whether the actor's role may do this act at all."""
    return act in _ACTS.get(actor.role, frozenset())


@dataclass(frozen=True)
class Ground:
    """What is an organisation's own: its county-level region and its zone, empty if none.

    ``heir_of`` are the ended organisations whose accounts it took over: their rows are its own.
    """

    region: str = ""
    zone_id: str = ""
    heir_of: tuple[str, ...] = ()


def visible(actor: Actor, ground: Ground) -> Scope:
    """Give the rows that the actor sees.

    A county's or zone's reporter also sees what others have brought into a pool on its ground.
    """
    own = [actor.org, *ground.heir_of]
    match actor.role:
        case "county_reporter":
            return Scope(
                "(owner_org = any({0}) or (pool is not null and {1} <> '' and region = {1})"
                " or (pool is not null and {2} <> '' and zone_id = {2}))",
                (own, ground.region, ground.zone_id),
            )
        case "dept_reporter" | "enterprise":
            return Scope("(owner_org = any({0}))", (own,))
        case "city_reviewer":
            return Scope("(stage <> 'DRAFT' or owner_org = any({0}))", (own,))
        case "prov_reviewer":
            return Scope("(pool is not null or stage in ('CITY_PASSED', 'APPROVED'))")
        case role if role in _SEES_ALL_POOLS:
            return Scope("(pool is not null)")
        case _:
            return NOTHING


def sees_month_of(actor: Actor, org: str) -> bool:
    """Tell whether the actor sees if an organisation has reported in a month, and how much.

    Whoever reports sees his own; whoever reviews, or sees all pools, sees everybody's: the
    monthly ranking tells them anyway.
    """
    if may(actor, "report"):
        return actor.org == org
    return may(actor, "first_review") or may(actor, "final_review") or actor.role in _SEES_ALL_POOLS


def sees_dossier(
    actor: Actor,
    ground: Ground,
    *,
    owner_org: str,
    region: str,
    zone_id: str,
    stage: str,
    pooled: bool,
) -> bool:
    """Tell the same of one dossier, for the service that holds it."""
    own = owner_org in {actor.org, *ground.heir_of}
    match actor.role:
        case "county_reporter":
            on_ground = (ground.region != "" and region == ground.region) or (
                ground.zone_id != "" and zone_id == ground.zone_id
            )
            return own or (pooled and on_ground)
        case "dept_reporter" | "enterprise":
            return own
        case "city_reviewer":
            return stage != "DRAFT" or own
        case "prov_reviewer":
            return pooled or stage in {"CITY_PASSED", "APPROVED"}
        case role if role in _SEES_ALL_POOLS:
            return pooled
        case _:
            return False
