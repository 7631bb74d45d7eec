"""The log of facts of one service, in its own PostgreSQL database."""

from shared.journal.appending import MOST_STREAMS, Claim, Remembered, Writing
from shared.journal.canonical import canonical, digest
from shared.journal.journal import History, Journal, Reply, open_pool

__all__ = [
    "MOST_STREAMS",
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
