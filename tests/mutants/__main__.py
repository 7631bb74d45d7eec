"""Proves that the tests can fail: each mutant lives in a copy of the tree until its tests kill it.

Run with ``make mutants``, or ``make mutants ARGS="relay view_writes"`` for the mutants whose names
begin so. First the tests run on the tree as it is, where all of them must pass. Exits with 1 when
a mutant survives.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.mutants import ROOT, Mutant, mutants

LOCKS = (
    "Makefile",
    "Dockerfile",
    *(f"requirements{part}.txt" for part in ("", "-dev", "-node", "-go")),
)
PARTS = ("contracts", "services", "shared", "deploy", "tests", "pyproject.toml", *LOCKS)
AT_ONCE = 2
SECONDS = 300


@dataclass(frozen=True)
class Outcome:
    """What became of a run: the named tests that failed, those that did not, how long it took."""

    failed: Sequence[str]
    passed: Sequence[str]
    broken: str
    seconds: float


def copy_of_tree(folder: Path) -> Path:
    """Copy what the tests need."""
    tree = folder / "tree"
    tree.mkdir()
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "vendor", "node_modules")
            shutil.copytree(source, tree / part, ignore=ignored)
        else:
            shutil.copy2(source, tree / part)
    return tree


def run(tree: Path, tests: Iterable[str]) -> Outcome:
    """Run exactly these tests in a tree and say which of them failed."""
    named = list(tests)
    report = tree.parent / "report.xml"
    began = time.monotonic()
    try:
        subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
                *("--tb=no", f"--junitxml={report}", *named),
            ],
            cwd=tree,
            env=os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return Outcome(named, (), "", time.monotonic() - began)
    failed: set[str] = set()
    ran: set[str] = set()
    broken = "" if report.exists() else "no report"
    for case in ET.parse(report).iter("testcase") if report.exists() else ():  # noqa: S314
        module = case.get("classname", "").replace(".", "/")
        name = f"{module}.py::{case.get('name', '').partition('[')[0]}"
        ran.add(name)
        if case.find("failure") is not None:
            failed.add(name)
        if case.find("error") is not None:
            broken = f"{name}: did not even start"
    return Outcome(
        [name for name in named if name in failed],
        [name for name in named if name not in failed],
        broken if broken or ran >= set(named) else "a test is missing",
        time.monotonic() - began,
    )


def live(mutant: Mutant) -> Outcome:
    """Take one guard away in a copy of the tree and run the tests that must notice."""
    with tempfile.TemporaryDirectory(prefix="mutant-", ignore_cleanup_errors=True) as folder:
        # PostgreSQL runs as another user, who must be able to walk through.
        Path(folder).chmod(0o711)
        tree = copy_of_tree(Path(folder))
        applied = subprocess.run(
            ["git", "apply", str(mutant.patch)],
            cwd=tree,
            env=os.environ | {"GIT_CEILING_DIRECTORIES": folder},
            capture_output=True,
            check=False,
        )
        if applied.returncode != 0:
            return Outcome((), mutant.must_fail, "the patch does not apply", 0.0)
        return run(tree, mutant.must_fail)


def main(wanted: Sequence[str]) -> int:
    """Let the mutants live and print what became of them."""
    chosen = [m for m in mutants() if not wanted or m.name.startswith(tuple(wanted))]
    console = Console()
    table = Table("mutant", "became", "seconds", "without this guard …")
    with tempfile.TemporaryDirectory(prefix="mutant-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        tests = sorted({test for mutant in chosen for test in mutant.must_fail})
        healthy = run(copy_of_tree(Path(folder)), tests)
    survivors = bool(healthy.failed or healthy.broken)
    words = f"fails: {' '.join(healthy.failed)} {healthy.broken}" if survivors else "passes"
    console.print(f"the tree as it is: {words} ({healthy.seconds:.0f} s)", soft_wrap=True)
    with ThreadPoolExecutor(AT_ONCE) as together:
        for mutant, outcome in zip(chosen, together.map(live, chosen), strict=True):
            survived = bool(outcome.passed or outcome.broken)
            survivors = survivors or survived
            became = f"[red]survived[/] {outcome.broken}" if survived else "killed"
            names = ", ".join(test.rpartition("::")[2] for test in outcome.passed)
            line = f"{mutant.name}: {became} {names} ({outcome.seconds:.0f} s)"
            console.print(line, soft_wrap=True)
            table.add_row(mutant.name, became, f"{outcome.seconds:.0f}", mutant.why)
    console.print(table)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
