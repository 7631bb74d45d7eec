"""What a storm came to, as a page of Markdown."""

import os
import re
import statistics
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.storm.day import Day
from tests.faults.storm.weather import Weathered

_PLACE = re.compile(r"(?<=<!-- storm -->\n).*(?=<!-- /storm -->)", re.DOTALL)


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> list[str]:
    """Write a table."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return [*lines, *(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows), ""]


def markdown(day: Day) -> str:
    """Write the report."""
    book, found, words = day.office.book, day.found, day.words
    callers = day.office.callers.values()
    struck: dict[str, list[Weathered]] = {}
    for one in day.weather.weathered:
        struck.setdefault(str(one.fault), []).append(one)
    lines = [
        f"Seed {day.seed}, {day.seconds / 60:.1f} minutes, {datetime.now(UTC):%Y-%m-%d}, "
        f"machine load {os.getloadavg()[0]:.1f}; "
        + ", ".join(
            f"{len(day.town.instances(name))} × {name}"
            for name in ("identity.web", "intake.web", "intake.relay", "console.views")
        )
        + ", 1 × console.web, PostgreSQL, Kafka.",
        "",
        *table(
            ("faults by kind", "times", "seconds each", "progress after, median", "longest"),
            [
                (
                    name,
                    len(of),
                    f"{statistics.median(one.lasted for one in of):.1f}",
                    f"{statistics.median(one.recovered for one in of):.1f} s",
                    f"{max(one.recovered for one in of):.1f} s",
                )
                for name, of in sorted(struck.items())
            ]
            + [
                (f"stray record: {what}", found.strays[what], "", "", "")
                for what in sorted(found.strays)
            ]
            + [("handler raised at random", words["trembled"], "", "", "")],
        ),
        *table(
            ("what was asked", ""),
            [
                ("commands sent", len(book.sent) + len(book.given_up)),
                ("HTTP requests for them", sum(caller.attempts for caller in callers)),
                ("asked again for want of an answer", sum(c.asked_again for c in callers)),
                ("acknowledged", len(book.acknowledged)),
                (
                    "given up by the client, of these carried out",
                    f"{len(book.given_up)}, {found.given_up_but_done}",
                ),
                (
                    "pages asked for: shown, 503, no connection",
                    f"{day.pages[200]}, {day.pages[503]}, {day.pages[0]}",
                ),
            ],
        ),
        *table(
            ("what was found", ""),
            [
                ("acknowledged commands found in the journal", found.commands - found.lost),
                ("facts of projects", found.facts),
                ("records in Kafka, of these repeats", f"{found.records}, {found.repeats}"),
                ("records set aside in views, all of them strays", found.aside),
                ("batches fenced", words["fenced"]),
                ("batches that failed and came again", words["batches_failed"]),
                ("changes of the leading relay", words["leaders"] - 1),
                ("looks at the views while the storm raged", day.looks),
                ("**lost**", f"**{found.lost}**"),
                ("**doubled**", f"**{found.doubled}**"),
            ],
        ),
    ]
    if day.violations:
        lines += ["**Violated:**", "", *(f"- {one}" for one in day.violations), ""]
    else:
        lines += ["All invariants hold.", ""]
    return "\n".join(lines)


def publish(text: str, page: Path) -> None:
    """Put a report into its place on a page."""
    page.write_text(_PLACE.sub(lambda _: f"\n{text}\n", page.read_text("utf-8")), "utf-8")
