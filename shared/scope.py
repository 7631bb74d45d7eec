"""Who does what and who sees what: the acts of each role, the rows and the fields it is shown.

What is not listed is denied. ``shared.seeing`` makes of a condition the predicate in the SQL of
every list, count, sum, drop-down and page, and the same for one row where a service holds it. A
service states who sees what only it keeps with a ``Resource`` of its own.
"""

from typing import Literal

from shared.seeing import EVERYTHING, Among, Condition, Filled, Lists, Outside, Own, Resource
from shared.tokens import Actor

Act = Literal[
    "report",
    "first_review",
    "final_review",
    "attach",
    "load_opening",
    "sign",
    "oversee_signings",
    "tag",
    "handle_items",
    "receive_items",
    "apply_for_items",
    "steer_approvals",
    "import_results",
    "operate",
    "keep_calendar",
    "administer",
    "read_personal_data",
    "erase_personal_data",
]

_ACTS: dict[str, frozenset[Act]] = {
    "county_reporter": frozenset(
        {"report", "attach", "sign", "apply_for_items", "read_personal_data"}
    ),
    "dept_reporter": frozenset({"report", "attach", "apply_for_items", "read_personal_data"}),
    "enterprise": frozenset({"report", "attach", "apply_for_items", "read_personal_data"}),
    "city_reviewer": frozenset(
        {
            *("first_review", "attach", "tag", "load_opening", "read_personal_data"),
            *("steer_approvals", "import_results"),
        }
    ),
    "prov_reviewer": frozenset({"final_review", "attach", "read_personal_data"}),
    "approver": frozenset({"handle_items", "receive_items"}),
    "agent": frozenset({"receive_items", "apply_for_items", "steer_approvals", "import_results"}),
    "invest_office": frozenset({"attach", "sign", "oversee_signings"}),
    "admin": frozenset(
        {"load_opening", "operate", "keep_calendar", "administer", "erase_personal_data"}
    ),
}

REPORTERS = ("county_reporter", "dept_reporter", "enterprise")
# Offices that see everything that has entered a pool. An approver sees what his office has to
# approve, a sponsor nothing until projects are tied to him; the administrator no business data.
OFFICES = ("agent", "stats_officer", "key_office", "invest_office", "supervisor", "lead_office")
ALL_WHO_SEE = (*REPORTERS, "city_reviewer", "prov_reviewer", *OFFICES)

OWN = Own("owner_org")
ON_OWN_GROUND = Own("region", of="region") | Own("zone_id", of="zone_id")
POOLED = Filled("pool")

PROJECT_SCOPES = Resource(
    "project",
    rows={
        # What others have brought into a pool on its ground concerns a county, or a zone.
        "county_reporter": OWN | POOLED & ON_OWN_GROUND,
        "dept_reporter": OWN,
        "enterprise": OWN,
        "city_reviewer": OWN | Outside("stage", ("DRAFT",)),
        "prov_reviewer": POOLED | Among("stage", ("CITY_PASSED", "APPROVED")),
        **dict.fromkeys(OFFICES, POOLED),
        "approver": POOLED & Lists("approving"),
    },
    fields={
        # Name and telephone whole, on demand; to all others masked. Who judges a dossier may ask
        # its unit back while it lies on his desk, and not before or after (系统默认).
        "contact": {
            **dict.fromkeys(REPORTERS, OWN),
            "city_reviewer": Among("stage", ("SUBMITTED",)),
            "prov_reviewer": Among("stage", ("CITY_PASSED",)),
        },
        # What the levels of review wrote to the unit and to one another.
        "review_comments": {
            **dict.fromkeys(REPORTERS, OWN),
            "city_reviewer": EVERYTHING,
            "prov_reviewer": EVERYTHING,
            "lead_office": EVERYTHING,
            "supervisor": EVERYTHING,
        },
        # Permits, contracts, photographs: they may name people, and are what a verdict rests on.
        "evidence": {
            **dict.fromkeys(REPORTERS, OWN),
            "city_reviewer": EVERYTHING,
            "prov_reviewer": EVERYTHING,
            "key_office": EVERYTHING,
            "lead_office": EVERYTHING,
            "supervisor": EVERYTHING,
        },
        # With which other project it was compared: the other may be out of sight.
        "duplicates": {"city_reviewer": EVERYTHING},
        # A fact's place among all facts of the city tells how much others have done.
        "place_in_journal": dict.fromkeys(("city_reviewer", "prov_reviewer", *OFFICES), EVERYTHING),
    },
)

# Whether a unit has reported in a month, and how much. Who reviews, or sees all pools, sees
# everybody's: the monthly ranking tells them anyway.
MONTH_SCOPES = Resource(
    "month",
    rows={**dict.fromkeys(ALL_WHO_SEE, EVERYTHING), **dict.fromkeys(REPORTERS, Own("org"))},
)


# Who signed answers for it, and who has it on his ground may look; the offices that steer see all.
SIGNING_SCOPES = Resource(
    "signing",
    rows={
        "county_reporter": OWN | ON_OWN_GROUND,
        **dict.fromkeys(
            ("city_reviewer", "prov_reviewer", "key_office", "invest_office", "supervisor"),
            EVERYTHING,
        ),
        "lead_office": EVERYTHING,
    },
    fields={
        # Contracts and letters of intent may name people and terms of business.
        "signing_papers": {
            "county_reporter": OWN,
            **dict.fromkeys(("invest_office", "supervisor", "lead_office"), EVERYTHING),
        },
    },
)
PROMOTION_SCOPES = Resource(
    "promotion",
    rows={
        **dict.fromkeys(SIGNING_SCOPES.rows, EVERYTHING),
        "county_reporter": Own("org"),
    },
)


# Which approvals a project needs, how far each is and in whose hands.
_APPROVALS: dict[str, Condition] = {
    "county_reporter": OWN | POOLED & ON_OWN_GROUND,
    "dept_reporter": OWN,
    "enterprise": OWN,
    **dict.fromkeys(("city_reviewer", "prov_reviewer", *OFFICES), POOLED),
}
APPROVAL_SCOPES = Resource(
    "approval",
    # Whoever has an item that waits for another must see that one too: the plan is seen whole.
    rows={**_APPROVALS, "approver": Lists("approving")},
)
# One item in a list: an approver's are those that his office does, or whose matter they are.
ITEM_SCOPES = Resource(
    "item",
    rows={**_APPROVALS, "approver": Own("handling") | Own("competent")},
)


def acts_of(role: str) -> frozenset[Act]:
    """Give what a role may do; a role that is not listed may do nothing."""
    return _ACTS.get(role, frozenset())


def may(actor: Actor, act: Act) -> bool:
    """Tell whether the actor's role may do this act at all, and a machine account was given it."""
    return act in acts_of(actor.role) and actor.was_given(act)
