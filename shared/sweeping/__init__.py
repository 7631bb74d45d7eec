"""What became due with the day is told once: found in a view, decided by each stream itself."""

from shared.sweeping.aside import Failing, Ran, failing, last_runs
from shared.sweeping.sweep import Due, Moment, Page, Sweep
from shared.sweeping.sweeping import Sweeping, Swept

__all__ = [
    "Due",
    "Failing",
    "Moment",
    "Page",
    "Ran",
    "Sweep",
    "Sweeping",
    "Swept",
    "failing",
    "last_runs",
]
