"""Read models: pure folds over told facts, kept in PostgreSQL beside the offsets they rest on."""

from shared.viewing.hearing import Broken, Heard, Marked, Record, hear
from shared.viewing.reading import (
    PATIENCE,
    current_at,
    parse_token,
    recorded_up_to,
    rows_before,
    wait_for,
)
from shared.viewing.store import Fenced, ViewStore
from shared.viewing.tables import rows_at
from shared.viewing.view import Owner, Told, View

__all__ = [
    "PATIENCE",
    "Broken",
    "Fenced",
    "Heard",
    "Marked",
    "Owner",
    "Record",
    "Told",
    "View",
    "ViewStore",
    "current_at",
    "hear",
    "parse_token",
    "recorded_up_to",
    "rows_at",
    "rows_before",
    "wait_for",
]
