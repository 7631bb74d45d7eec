"""What decides on a project's plan besides its unit's word: its columns, its ground, the day."""

from datetime import date
from functools import partial

from contracts.approval_tracking import Circumstances
from services.approval_tracking.approval_plan.circumstances import Traits, suggested
from services.approval_tracking.approval_plan.drawing import Offices, draw_up
from services.approval_tracking.approval_plan.rules import Draw
from services.approval_tracking.policies import catalogue_of
from services.approval_tracking.views.planned_projects import ProjectRow
from shared.units import Units


def suggested_by(project: ProjectRow, on: date) -> Circumstances:
    """Give what the columns of a project suggest on a day."""
    traits = Traits(
        lead_side=project.lead_side,
        category=project.category,
        industry=project.industry,
        zone_id=project.zone_id,
        total_investment=project.total_investment,
    )
    return suggested(traits, catalogue_of(on))


def drawing(project: ProjectRow, known: Units, on: date) -> Draw:
    """Give how a plan is drawn up for a project on a day."""
    unit = project.owner_org or ""
    offices = Offices(_ground(project, known, on) or unit, unit)
    return partial(draw_up, catalogue=catalogue_of(on), offices=offices)


def _ground(project: ProjectRow, known: Units, on: date) -> str | None:
    """Give who governs where it is built: its zone where that is a unit, else its county."""
    zone = [one.id for one in known.on(on) if one.kind == "zone" and one.zone_id == project.zone_id]
    county = [
        one.id for one in known.on(on) if one.kind == "county" and one.region == project.region
    ]
    return next(iter((*zone, *county)), None)
