"""Intake's tables: which room tells on which topic, and who decides. No logic."""

from collections.abc import Mapping

from contracts.intake import REFERENCE_TOPIC, TOPIC
from services.intake.dossier import DOSSIER
from services.intake.policies import POLICY
from services.intake.report_month.decider import REPORT_MONTH
from services.intake.workbook.decider import UPLOAD

TELLS: Mapping[str, str] = {
    "project": TOPIC,
    "review": TOPIC,
    "workbook": TOPIC,
    "report_month": REFERENCE_TOPIC,
    "policy": REFERENCE_TOPIC,
}
DECISIONS = {
    "project": DOSSIER,
    "review": DOSSIER,
    "workbook": UPLOAD,
    "report_month": REPORT_MONTH,
    "policy": POLICY,
}
