"""Proves the state of the system: journal, topics and views tell the same story."""

from shared.verifying.checking import Asking, Checked, Different, examine, verify
from shared.verifying.report import Difference, Report, UnusableResult
from shared.verifying.rows import Sampled

__all__ = [
    "Asking",
    "Checked",
    "Difference",
    "Different",
    "Report",
    "Sampled",
    "UnusableResult",
    "examine",
    "verify",
]
