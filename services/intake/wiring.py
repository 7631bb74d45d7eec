"""Intake's tables: which room tells on which topic, who decides, what it reads. No logic."""

from collections.abc import Mapping

from contracts.intake import REFERENCE_TOPIC, TOPIC
from services.intake.dossier import DOSSIER
from services.intake.policies import POLICY
from services.intake.views import open_terms
from services.intake.workbook.decider import UPLOAD

TELLS: Mapping[str, str] = {
    "project": TOPIC,
    "review": TOPIC,
    "workbook": TOPIC,
    "policy": REFERENCE_TOPIC,
}
DECISIONS = {"project": DOSSIER, "review": DOSSIER, "workbook": UPLOAD, "policy": POLICY}
VIEWS = (open_terms.VIEW,)
