"""Business time: real UTC plus an offset that a demonstration home keeps and only ever increases.

``recorded`` and "as of" use it. Ids, tokens, cookies, leases, time-outs, metrics and Kafka
timestamps use real time.
"""

import json
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
DEMONSTRATION_START = datetime(2019, 4, 22, 9, 0, tzinfo=SHANGHAI)
_FILE = "clock"


@dataclass(frozen=True)
class _Setting:
    offset: timedelta
    demonstration: bool


class Clock:
    """Reads the business time of one home; follows the file when it changes."""

    def __init__(self, home: Path) -> None:
        """Bind to the clock file of ``home``; a home without one runs on real time."""
        self._path = home / _FILE
        self._seen: tuple[int, int] | None = None
        self._setting = _Setting(timedelta(0), demonstration=False)

    def now(self) -> datetime:
        """Give the business instant, in UTC."""
        return datetime.now(UTC) + self.setting().offset

    def of(self, real: datetime) -> datetime:
        """Give the business instant of a real one."""
        return real + self.setting().offset

    def today(self) -> date:
        """Give the business day in Asia/Shanghai."""
        return self.now().astimezone(SHANGHAI).date()

    @property
    def demonstration(self) -> bool:
        """Tell whether this home shows 演示时间."""
        return self.setting().demonstration

    def setting(self) -> _Setting:
        """Give the offset and whether the home is a demonstration."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return self._setting
        if self._seen != (status.st_mtime_ns, status.st_ino):
            said = json.loads(self._path.read_text(encoding="utf-8"))
            self._setting = _Setting(
                timedelta(seconds=said["offset_seconds"]), bool(said["demonstration"])
            )
            self._seen = (status.st_mtime_ns, status.st_ino)
        return self._setting


class ClockRefused(Exception):
    """The clock of this home may not be set that way."""


def open_home(home: Path, *, real: bool) -> None:
    """Write the clock file of a new home; an existing one is left as it is."""
    if (home / _FILE).exists():
        return
    offset = timedelta(0) if real else DEMONSTRATION_START - datetime.now(UTC)
    _write(home, _Setting(timedelta(seconds=int(offset.total_seconds())), demonstration=not real))


def advance(home: Path, by: timedelta) -> datetime:
    """Move a demonstration home forward and give its new time.

    Raises:
        ClockRefused: the home is a real one, or ``by`` would turn time back.
    """
    clock = Clock(home)
    if not clock.demonstration:
        raise ClockRefused("正式环境的时间不能拨动。")
    if by < timedelta(0):
        raise ClockRefused("时间只能向前拨，不能倒退。")
    setting = clock.setting()
    _write(home, _Setting(setting.offset + by, demonstration=True))
    return clock.now()


def _write(home: Path, setting: _Setting) -> None:
    home.mkdir(parents=True, exist_ok=True)
    text = json.dumps(
        {
            "offset_seconds": int(setting.offset.total_seconds()),
            "demonstration": setting.demonstration,
        }
    )
    # Readers must never see half a file, so it appears by renaming.
    handle, name = tempfile.mkstemp(dir=home, prefix=".clock")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    Path(name).chmod(0o644)
    Path(name).rename(home / _FILE)
