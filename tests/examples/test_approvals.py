"""The walk through the permits begins when the city stands."""

from collections.abc import Mapping
from typing import Any

from examples.approvals import standing


async def test_a_walk_begins_when_no_further_plan_comes() -> None:
    counts = iter((25, 41, 57, 57, 60))

    async def read() -> list[Mapping[str, Any]]:
        return [{"project_id": str(number)} for number in range(next(counts))]

    assert len(await standing(read, 0)) == 57
