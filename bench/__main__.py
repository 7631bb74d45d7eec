"""Answers every question in turn."""

import asyncio

from bench import append, end_to_end

for question in (append, end_to_end):
    print(f"== {question.__doc__}".splitlines()[0])
    asyncio.run(question.main())
