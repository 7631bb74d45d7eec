"""Intake's tables: what is told on which topic, who decides, what is read, what is swept."""

from collections.abc import Mapping

from contracts.intake import REFERENCE_TOPIC, TOPIC
from services.intake.dossier import DOSSIER
from services.intake.policies import POLICY
from services.intake.progress.decider import PROGRESS
from services.intake.promotion.decider import PROMOTION
from services.intake.report_month.decider import REPORT_MONTH
from services.intake.signing.decider import SIGNING
from services.intake.sweeps import (
    recount_terms_when_calendar_revised,
    tell_missed_progress,
    tell_overdue_links,
    tell_overdue_reviews,
)
from services.intake.views import (
    comparable_projects,
    open_contracts,
    open_terms,
    permits,
    progress_owed,
    units,
    working_days,
)
from services.intake.workbook.decider import UPLOAD

TELLS: Mapping[str, str] = {
    "project": TOPIC,
    "review": TOPIC,
    "move": TOPIC,
    "correction": TOPIC,
    "progress": TOPIC,
    "signing": TOPIC,
    "promotion": TOPIC,
    "workbook": TOPIC,
    "report_month": REFERENCE_TOPIC,
    "policy": REFERENCE_TOPIC,
}
DECISIONS = {
    "project": DOSSIER,
    "review": DOSSIER,
    "move": DOSSIER,
    "correction": DOSSIER,
    "progress": PROGRESS,
    "signing": SIGNING,
    "promotion": PROMOTION,
    "workbook": UPLOAD,
    "report_month": REPORT_MONTH,
    "policy": POLICY,
}
VIEWS = (
    open_terms.VIEW,
    comparable_projects.VIEW,
    progress_owed.VIEW,
    open_contracts.VIEW,
    permits.VIEW,
    working_days.VIEW,
    units.VIEW,
)
# What a revision moves must not be told overdue on its old days.
SWEEPS = (
    recount_terms_when_calendar_revised.SWEEP,
    tell_overdue_reviews.SWEEP,
    tell_missed_progress.SWEEP,
    tell_overdue_links.SWEEP,
)
