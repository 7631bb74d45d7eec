"""Run a storm: ``make storm MINUTES=30 SEED=7``. Exits with 1 when an invariant is violated."""

import argparse
import asyncio
import logging
import secrets
import sys
import tempfile
import traceback
from pathlib import Path

import structlog

from deploy.embedded.launcher import ROOT
from tests.faults.storm.day import storm
from tests.faults.storm.report import markdown, publish

PAGE = ROOT / "docs" / "reliability.md"
WRITTEN = ROOT / "build" / "storm.md"


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run the storm that the command line asks for."""
    asked = argparse.ArgumentParser(prog="make storm")
    asked.add_argument("--minutes", type=float, default=5)
    asked.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    asked.add_argument("--publish", action="store_true", help=f"write the report into {PAGE.name}")
    asked.add_argument("--keep", type=Path, help="a folder for logs and data that stays")
    given = asked.parse_args()
    # What a replay says of each stray, and a client of a broker that is away, is no news here.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    again = f"make storm MINUTES={given.minutes:g} SEED={given.seed}"
    with tempfile.TemporaryDirectory(prefix="storm-", ignore_cleanup_errors=True) as folder:
        home: Path = given.keep or Path(folder)
        home.mkdir(exist_ok=True)
        home.chmod(0o711)
        try:
            day = asyncio.run(storm(home, given.minutes, given.seed, say))
        except Exception:  # noqa: BLE001  whatever it was, the seed must be said
            say(f"{traceback.format_exc()}\nthe storm was not weathered; again: {again}")
            return 1
    text = markdown(day)
    WRITTEN.parent.mkdir(exist_ok=True)
    WRITTEN.write_text(text, "utf-8")
    say(text)
    if given.publish:
        publish(text, PAGE)
    if day.violations:
        say(f"violated; again: {again}")
    return 1 if day.violations else 0


if __name__ == "__main__":
    sys.exit(main())
