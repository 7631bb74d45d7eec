"""Which rows an account sees and which acts its role may do. What is not listed is denied.

The same predicate stands in the SQL of every list, count, sum, drop-down and page.
"""

from dataclasses import dataclass
from typing import Literal

from shared.tokens import Actor

Act = Literal[
    "report",
    "first_review",
    "final_review",
    "operate",
    "keep_calendar",
    "administer",
    "read_personal_data",
    "erase_personal_data",
]

_ACTS: dict[str, frozenset[Act]] = {
    "county_reporter": frozenset({"report", "read_personal_data"}),
    "dept_reporter": frozenset({"report", "read_personal_data"}),
    "enterprise": frozenset({"report", "read_personal_data"}),
    "city_reviewer": frozenset({"first_review", "read_personal_data"}),
    "prov_reviewer": frozenset({"final_review", "read_personal_data"}),
    "admin": frozenset({"operate", "keep_calendar", "administer", "erase_personal_data"}),
}

# On whose desk a dossier lies; who judges it may ask its unit back (系统默认).
_DESKS = {"city_reviewer": "SUBMITTED", "prov_reviewer": "CITY_PASSED"}

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
    """The county-level region and the zone that are an organisation's own, empty if none."""

    region: str = ""
    zone_id: str = ""


def visible(actor: Actor, ground: Ground) -> Scope:
    """Give the rows that the actor sees.

    A county's or zone's reporter also sees what others have brought into a pool on its ground.
    """
    match actor.role:
        case "county_reporter":
            return Scope(
                "(owner_org = {0} or (pool is not null and {1} <> '' and region = {1})"
                " or (pool is not null and {2} <> '' and zone_id = {2}))",
                (actor.org, ground.region, ground.zone_id),
            )
        case "dept_reporter" | "enterprise":
            return Scope("(owner_org = {0})", (actor.org,))
        case "city_reviewer":
            return Scope("(stage <> 'DRAFT' or owner_org = {0})", (actor.org,))
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
    match actor.role:
        case "county_reporter":
            on_ground = (ground.region != "" and region == ground.region) or (
                ground.zone_id != "" and zone_id == ground.zone_id
            )
            return owner_org == actor.org or (pooled and on_ground)
        case "dept_reporter" | "enterprise":
            return owner_org == actor.org
        case "city_reviewer":
            return stage != "DRAFT" or owner_org == actor.org
        case "prov_reviewer":
            return pooled or stage in {"CITY_PASSED", "APPROVED"}
        case role if role in _SEES_ALL_POOLS:
            return pooled
        case _:
            return False


def reads_contact(actor: Actor, *, owner_org: str, stage: str) -> bool:
    """Tell whether the actor may read whom to call about a dossier, name and telephone whole.

    The unit that reported it may, and who reviews it while it lies on his desk (系统默认).
    """
    if not may(actor, "read_personal_data"):
        return False
    if may(actor, "report"):
        return actor.org == owner_org
    return _DESKS.get(actor.role) == stage
