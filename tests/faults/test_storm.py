"""Two minutes of storm; ``make storm MINUTES=30`` is the same for longer."""

import os
import secrets
import sys
from pathlib import Path

import pytest

from tests.faults.storm.day import storm
from tests.faults.storm.report import markdown

MINUTES = 2.0

pytestmark = pytest.mark.faults


async def test_nothing_is_lost_and_nothing_doubled_in_a_storm(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = int(os.environ.get("SEED", "0")) or secrets.randbelow(10**6)
    lines: list[str] = []
    home: Path = tmp_path_factory.mktemp("storm")
    try:
        day = await storm(home, MINUTES, seed, lines.append)
        lines.append(markdown(day))
    finally:
        with capsys.disabled():
            sys.stdout.write("\n" + "\n".join(lines) + "\n")
    assert day.violations == [], f"make storm MINUTES={MINUTES:g} SEED={seed}"
