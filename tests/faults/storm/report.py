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
    several = (
        "identity.web",
        "intake.web",
        "intake.relay",
        "console.views",
        "intake.views",
        "console.web",
    )
    running = ", ".join(f"{len(day.town.instances(name))} × {name}" for name in several)
    violated = ["**Violated:**", "", *(f"- {one}" for one in day.violations), ""]
    return "\n".join(
        [
            f"Seed {day.seed}, {day.seconds / 60:.1f} minutes, {datetime.now(UTC):%Y-%m-%d}, "
            f"machine load {os.getloadavg()[0]:.1f}; {running}; one PostgreSQL, one Kafka.",
            "",
            *_faults(day),
            *_asked(day),
            *_found(day),
            *(violated if day.violations else ["All invariants hold.", ""]),
        ]
    )


def _faults(day: Day) -> list[str]:
    struck: dict[str, list[Weathered]] = {}
    for one in day.weather.weathered:
        struck.setdefault(str(one.fault), []).append(one)
    strays = day.found.strays
    return table(
        ("faults by kind", "times", "seconds each", "progress after, median", "longest"),
        [
            *(
                (
                    name,
                    len(of),
                    f"{statistics.median(one.lasted for one in of):.1f}",
                    f"{statistics.median(one.recovered for one in of):.1f} s",
                    f"{max(one.recovered for one in of):.1f} s",
                )
                for name, of in sorted(struck.items())
            ),
            *((f"stray record: {what}", strays[what], "", "", "") for what in sorted(strays)),
            ("handler raised at random", day.words["trembled"], "", "", ""),
        ],
    )


def _asked(day: Day) -> list[str]:
    book, callers = day.office.book, day.office.callers.values()
    done = day.found.given_up_but_done
    return table(
        ("what was asked", ""),
        [
            ("commands sent", len(book.sent) + len(book.given_up)),
            ("HTTP requests for them", sum(caller.attempts for caller in callers)),
            ("asked again for want of an answer", sum(caller.asked_again for caller in callers)),
            ("acknowledged", len(book.acknowledged)),
            ("given up by the client, of these carried out", f"{len(book.given_up)}, {done}"),
            (
                "pages asked for: shown, 503, no connection",
                f"{day.pages[200]}, {day.pages[503]}, {day.pages[0]}",
            ),
        ],
    )


def _found(day: Day) -> list[str]:
    found, words = day.found, day.words
    return table(
        ("what was found", ""),
        [
            ("acknowledged commands in the journal as they were answered", found.commands),
            ("facts of projects", found.facts),
            ("records in Kafka, of these repeats", f"{found.records}, {found.repeats}"),
            ("records set aside in views", found.aside),
            ("batches fenced", words["fenced"]),
            ("batches that failed and came again", words["batches_failed"]),
            ("changes of the leading relay", words["leaders"] - 1),
            ("looks at the views while the storm raged", day.looks),
            ("**lost**", f"**{found.lost}**"),
            ("**doubled**", f"**{found.doubled}**"),
        ],
    )


def publish(text: str, page: Path) -> None:
    """Put a report into its place on a page."""
    page.write_text(_PLACE.sub(lambda _: f"\n{text}\n", page.read_text("utf-8")), "utf-8")
