"""The log of facts of one service, in its own PostgreSQL database."""

from shared.journal.canonical import canonical, digest
from shared.journal.journal import (
    Claim,
    History,
    Journal,
    Remembered,
    Reply,
    Writing,
    open_pool,
)

__all__ = [
    "Claim",
    "History",
    "Journal",
    "Remembered",
    "Reply",
    "Writing",
    "canonical",
    "digest",
    "open_pool",
]
