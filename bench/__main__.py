"""Answers every question in turn."""

import asyncio

from bench import append, board, end_to_end, verify

# A question that starts processes of its own has this file read again in each of them.
if __name__ == "__main__":
    for question in (append, board, end_to_end, verify):
        print(f"== {question.__doc__}".splitlines()[0])
        asyncio.run(question.main())
