"""Measures two ways of doing the same in alternating rounds of one run, and prints the ratio."""

import json
import os
import statistics
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROUNDS = 5
LATEST = Path(__file__).parent / "latest.json"

Measure = Callable[[], Awaitable[float]]


async def compare(
    name: str, unit: str, ours: Measure, bound: Measure, rounds: int = ROUNDS
) -> float:
    """Run both in turn and note the medians; more is better for both."""
    pairs = [(await ours(), await bound()) for _ in range(rounds)]
    value = statistics.median(pair[0] for pair in pairs)
    limit = statistics.median(pair[1] for pair in pairs)
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    note(name, value, unit, limit, ratio)
    return ratio


def note(name: str, value: float, unit: str, bound: float | None, ratio: float | None) -> None:
    """Print one row and keep it in ``bench/latest.json``."""
    load = os.getloadavg()[0]
    shown = "" if ratio is None else f"  bound {bound:12,.1f}  ratio {ratio:.2f}"
    print(f"{name:<24} {value:12,.1f} {unit:<10}{shown}  (load {load:.1f})")
    rows = json.loads(LATEST.read_text()) if LATEST.exists() else []
    rows = [row for row in rows if row["name"] != name]
    rows.append({"name": name, "value": value, "unit": unit, "bound": bound, "ratio": ratio})
    LATEST.write_text(json.dumps(sorted(rows, key=lambda row: str(row["name"])), indent=1))


def show() -> None:
    """Print every row that was ever measured here as one table."""
    table = Table("row", "value", "unit", "bound", "ratio")
    for row in json.loads(LATEST.read_text()) if LATEST.exists() else []:
        bound = "" if row["bound"] is None else f"{row['bound']:,.1f}"
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
        table.add_row(row["name"], f"{row['value']:,.1f}", row["unit"], bound, ratio)
    Console().print(table)
