"""The rules in force: dated files beside the rooms, each told once when it comes into use."""

from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from pydantic import TypeAdapter

from contracts.intake import PolicyPublished
from contracts.reference import industries, regions, zones
from services.intake.correction.commands import CorrectionRules
from services.intake.move.rules import MoveRules, read_rules
from services.intake.progress.measures import Milestone, ReportRules, WorkRules
from services.intake.project.rules import Contact, Form
from services.intake.review.likeness import Alike
from services.intake.review.terms import TermRules, Terms, terms_from
from services.intake.signing.commands import Bounds
from shared import policies as dated
from shared.deadline import Calendar, Period, Term, Unit, deadline, until_day_of_month
from shared.deadline import Policy as TermPolicy
from shared.deadline.terms import months_after
from shared.policies import Policy
from shared.working_days import InForce

ROOMS = Path(__file__).parent


def policies() -> tuple[Policy, ...]:
    """Give every policy file, oldest first."""
    return dated.policies(ROOMS)


def policy_of(room: str, on: date) -> Policy:
    """Give the policy of a room on a day; before the first one, the first one counts."""
    return dated.in_force(ROOMS, room, on)


def form_of(on: date, contact: Contact | None) -> Form:
    """Put together what a form is checked with on a day."""
    values = policy_of("project", on).values
    return Form(
        on=on,
        shortest_name=values["name"]["shortest"],
        longest_name=values["name"]["longest"],
        shortest_content=values["content"]["shortest"],
        longest_content=values["content"]["longest"],
        longest_text=values["texts"]["longest"],
        start_within_years=values["planned_start"]["within_years"],
        city=_city(on),
        regions=_county_regions(on),
        zones=_zones(on),
        industries=_divisions(),
        contact=contact,
    )


def bounds_of(on: date) -> Bounds:
    """Put together what a signing or an event is checked with on a day."""
    values = policy_of("signing", on).values
    return Bounds(
        on=on,
        longest_title=values["longest_title"],
        longest_text=values["longest_text"],
        regions=_county_regions(on),
        zones=_zones(on),
        industries=_divisions(),
    )


def link_due_of(signed_on: date, calendar: Calendar) -> date:
    """Give until when a contract of a day must name a project; every day counts."""
    days = policy_of("signing", signed_on).values["link_within_days"]
    period = Period(signed_on, Term(days, Unit.CALENDAR_DAYS), TermPolicy())
    due = deadline(period, calendar, signed_on).due
    if due is None:
        raise AssertionError("nothing stops this term")
    return due


def term_rules_of(on: date) -> TermRules:
    """Give how long each step of review takes that begins on a day."""
    values = policy_of("review", on).values
    return TermRules(
        first_review_days=values["first_review_days"],
        final_review_days=values["final_review_days"],
        resubmission_days=values["resubmission_days"],
        straight=values["straight_to_returning_level"],
        yellow=TermPolicy(
            yellow_percent=values["yellow"]["percent"],
            yellow_working_days=values["yellow"]["working_days"],
        ),
    )


def correction_rules_of(on: date) -> CorrectionRules:
    """Give what a correction needs that is asked for on a day."""
    values = policy_of("correction", on).values
    return CorrectionRules(frozenset(values["columns_on_papers"]), values["evidence"])


def alike_on(on: date) -> Alike:
    """Give from when two projects are suspected of being one."""
    values = policy_of("review", on).values["duplicates"]
    return Alike(
        name_percent=values["name_percent"],
        investment_percent=values["investment_percent"],
        endings=tuple(values["endings"]),
    )


def report_rules_of(on: date) -> ReportRules:
    """Give what a monthly report is checked with that is made on a day."""
    values = policy_of("progress", on).values
    unusual = values["unusual"]
    return ReportRules(
        milestones=tuple(Milestone(**row) for row in values["milestones"]),
        longest_text=values["longest_text"],
        most_problems=values["most_problems"],
        month_percent_of_total=unusual["month_percent_of_total"],
        month_yuan=unusual["month_yuan"],
        other_percent_of_month=unusual["other_percent_of_month"],
    )


def work_rules_of(on: date) -> WorkRules:
    """Give which papers a fact about the works needs that is recorded on a day."""
    values = policy_of("progress", on).values
    return WorkRules(values["papers"], values["paper_names"])


@lru_cache(maxsize=8)
def _move_rules(policy: Policy) -> MoveRules:
    return read_rules(policy.values)


def move_rules_of(on: date) -> MoveRules:
    """Give what moves between the pools need that are applied for on a day."""
    return _move_rules(policy_of("move", on))


@lru_cache(maxsize=64)
def report_due(month: str, known: InForce) -> date:
    """Give until when a month of a project is to be reported: a day of the month after it."""
    following = months_after(date.fromisoformat(f"{month}-01"), 1)
    values = policy_of("progress", following).values
    rolled = TermPolicy(roll_over=values["roll_over"], yellow_days=values["yellow_days"])
    period = until_day_of_month(following, values["day_of_month"], rolled)
    due = deadline(period, known.calendar, following).due
    if due is None:
        raise AssertionError("a month has no pauses")
    return due


@lru_cache(maxsize=64)
def terms_on(day: date, known: InForce) -> Terms:
    """Give the terms that begin on a day, as they are counted on a calendar."""
    return terms_from(day, term_rules_of(day), known.calendar, known.edition)


@cache
def _city(on: date) -> str:
    return next(region.code for region in regions(on) if region.level == "city")


@cache
def _county_regions(on: date) -> dict[str, str]:
    return {region.code: region.name for region in regions(on) if region.level == "county"}


@cache
def _zones(on: date) -> dict[str, str]:
    return {zone.id: zone.name for zone in zones(on)}


@cache
def _divisions() -> frozenset[str]:
    return frozenset(division.code for division in industries())


def _published(policy: Policy) -> PolicyPublished:
    return PolicyPublished(
        room=policy.room, valid_from=policy.valid_from, sha256=policy.sha256, text=policy.text
    )


POLICY = dated.policy_decider(_published, TypeAdapter(PolicyPublished))
