"""Answers every question in turn, then shows all rows in one table."""

import asyncio
import importlib
import sys

from bench.rounds import show

QUESTIONS = (
    "append",
    "rebuild",
    "live_view",
    "verify",
    "importing",
    "end_to_end",
    "monthly_reports",
    "board",
    "duplicates",
    "deadline",
    "sweep",
    "approvals",
    "token_check",
)

# A question that starts processes of its own has this file read again in each of them.
if __name__ == "__main__":
    for name in sys.argv[1:] or QUESTIONS:
        question = importlib.import_module(f"bench.{name}")
        print(f"== {question.__doc__}".splitlines()[0])
        asyncio.run(question.main())
    show()
