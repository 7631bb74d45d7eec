"""Shows the logs of all processes in one window: each line with its process before it.

Services log JSON for machines; here the same line is told to a person. A log that grows past its
limit is set aside once, so a stack that runs for months keeps two files per process.
"""

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

OWN = "siku"
LONGEST_LINE = 1000
LARGEST = 32 * 1024 * 1024
_LEFT_OUT = {"event", "level", "timestamp", "service", "part", "process"}


def readable(line: str) -> str:
    """Turn a JSON log line into a sentence; anything else stays as it is."""
    if not line.startswith("{"):
        return line
    try:
        said = json.loads(line)
    except ValueError:
        return line
    if isinstance(trace := said.get("exception"), list):
        said["exception"] = "; ".join(f"{one['exc_type']}: {one['exc_value']}" for one in trace)
    when = str(said.get("timestamp", ""))[11:19]
    rest = " ".join(
        f"{key}={value}" for key, value in said.items() if value and key not in _LEFT_OUT
    )
    words = (when, str(said.get("level", "")), str(said.get("event", "")), rest)
    return " ".join(word for word in words if word)


def tail(log: Path, lines: int = 15) -> str:
    """Return the end of a log, readable, for a message about a failure."""
    try:
        last = log.read_text(errors="replace").splitlines()[-lines:]
    except FileNotFoundError:
        return ""
    return "\n".join(readable(line)[:LONGEST_LINE] for line in last)


class Following:
    """Reads what was added to the logs since the last look."""

    def __init__(self, folder: Path) -> None:
        """Begin at the present end of every log."""
        self._folder = folder
        self._read = {path: path.stat().st_size for path in self._logs()}

    def _logs(self) -> list[Path]:
        # What the launcher itself writes would otherwise be shown into its own log, for ever.
        return sorted(path for path in self._folder.glob("*.log") if path.stem != OWN)

    def look(self) -> Iterable[tuple[str, str]]:
        """Give each new line with the name of its process."""
        for path in self._logs():
            start = self._read.get(path, 0)
            size = path.stat().st_size
            if size > start:
                with path.open("rb") as file:
                    file.seek(start)
                    # A line that is still being written is left for the next look.
                    whole = file.read(size - start).rpartition(b"\n")
                self._read[path] = start + len(whole[0]) + len(whole[1])
                for line in whole[0].decode(errors="replace").splitlines():
                    yield path.stem, readable(line)
            if size > LARGEST:
                self._set_aside(path)

    def _set_aside(self, path: Path) -> None:
        shutil.copyfile(path, path.with_suffix(".log.1"))
        # The writers append, so they go on at the new end.
        with path.open("r+b") as file:
            file.truncate(0)
        self._read[path] = 0


def show(following: Following, write: Callable[[str], None]) -> None:
    """Write every new line with its process in front."""
    for name, line in following.look():
        write(f"{name:<14} │ {line[:LONGEST_LINE]}")
