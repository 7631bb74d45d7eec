"""`siku rebuild`: makes a view anew while people work, and says how far it is."""

import asyncio
import importlib
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import asyncpg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from deploy.embedded.home import Home
from deploy.embedded.outside import own_settings
from deploy.stack import SERVICES, role_of
from shared.rebuilding import Progress as Moved
from shared.rebuilding import (
    Rebuilding,
    RebuildRefused,
    ask_to_stop,
    prune,
    rebuild,
    rebuild_key,
    rebuilds,
)
from shared.service import Service
from shared.settings import Settings
from shared.viewing import View

Say = Callable[[str], None]

PHASES = {
    "reading": "读取事实",
    "indexing": "建立索引",
    "catching_up": "跟上现有视图",
    "comparing": "逐行核对",
    "swapped": "已替换",
    "kept": "核对不符，未替换",
    "failed": "失败",
    "aborted": "已中止",
}
_QUIET_SECONDS = 2.0


@dataclass(frozen=True)
class Found:
    """A view and where its service keeps it."""

    view: View
    settings: Settings

    @property
    def database_url(self) -> str:
        """The service's own database: the tables must belong to its role."""
        return self.settings.database_url.get_secret_value()


def offices(home: Home) -> list[tuple[Service, Settings]]:
    """Give the service in whose container we are, else all, with what each is told."""
    told = Settings() if "SIKU_DATABASE_URL" in os.environ else None
    role = urlsplit(told.database_url.get_secret_value()).username if told else ""
    return [
        (
            importlib.import_module(f"services.{name}.main").SERVICE,
            told or own_settings(home, name),
        )
        for name in SERVICES
        if told is None or role == role_of(name)
    ]


def views(home: Home) -> dict[str, Found]:
    """Give every view by name; one that several services keep is called after each as well."""
    kept = [(service, view, told) for service, told in offices(home) for view in service.views]
    times = Counter(view.name for _, view, _ in kept)
    return {
        view.name if times[view.name] == 1 else f"{service.name}.{view.name}": Found(view, told)
        for service, view, told in kept
    }


def run(home: Home, name: str, key: str, say: Say, **how: Any) -> int:
    """Rebuild a view, or one key of it; give the exit code."""
    found = views(home)
    if name not in found:
        say(f"没有名为 {name} 的视图。有：{'、'.join(sorted(found))}")
        return 2
    try:
        if key:
            return asyncio.run(_one_key(found[name], key, say))
        return asyncio.run(_whole(found[name], say, **how))
    except RebuildRefused as refused:
        say(f"没有重建：{refused}")
        return 1
    except (OSError, asyncpg.PostgresError) as error:
        say(f"没有重建：数据库或 Kafka 联系不上，或出了错：{error}")
        return 1


async def _one_key(found: Found, key: str, say: Say) -> int:
    facts, changed = await rebuild_key(found.view, found.database_url, found.settings.client(), key)
    was = "与原来不同，已更正" if changed else "与原来相同"
    say(f"视图 {found.view.name} 的 {key}：由 {facts} 件事实重做，{was}。")
    return 0


async def _whole(found: Found, say: Say, *, verify: bool, keep: bool, processes: int) -> int:
    showing = _Bar() if sys.stdout.isatty() else _Lines(say)
    with showing:
        done = await rebuild(
            found.view,
            found.database_url,
            found.settings.client(),
            showing.tell,
            verify=verify,
            keep=keep,
            processes=processes,
        )
    speed = done.events / max(done.seconds, 0.001)
    compared = "逐行核对一致，" if done.compared else ""
    say(
        f"视图 {found.view.name} 已重建并替换：{compared}{done.events} 件事实，"
        f"用时 {done.seconds:.1f} 秒（{speed:,.0f} 件/秒）。"
        + ("替换下的表保留着，可用 siku rebuild prune 清除。" if keep else "")
    )
    return 0


class _Bar:
    """A progress bar with facts a second and the time that is left."""

    def __init__(self) -> None:
        self._console = Console()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(),
            console=self._console,
        )
        self._task = self._progress.add_task("读取事实", total=None, speed="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, said: Moved | str) -> None:
        if isinstance(said, str):
            self._console.print(said)
            return
        self._progress.update(
            self._task,
            description=PHASES[said.phase],
            completed=said.events,
            total=said.of_events,
            speed=f"{said.events / max(said.seconds, 0.001):,.0f} 件/秒",
        )


class _Lines:
    """A line now and then, where nobody watches a terminal."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._said_at = 0.0
        self._phase = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is to be put back."""

    def tell(self, said: Moved | str) -> None:
        if isinstance(said, str):
            self._say(said)
            return
        now = time.monotonic()
        if said.phase == self._phase and now - self._said_at < _QUIET_SECONDS:
            return
        self._phase, self._said_at = said.phase, now
        speed = said.events / max(said.seconds, 0.001)
        left = (said.of_events - said.events) / speed if speed else 0
        self._say(
            f"{PHASES[said.phase]}：{said.events}/{said.of_events} 件，"
            f"{speed:,.0f} 件/秒，约剩 {left:.0f} 秒"
        )


def status(home: Home, say: Say) -> int:
    """Say which rebuilds there were and how far those are that work now."""
    rows = asyncio.run(_all(home))
    for name, row in rows:
        state = PHASES.get(row.phase, row.phase)
        dead = "" if row.works or not row.unfinished else "（进程已不在，下次重建时清除）"
        kept = "，替换下的表保留" if row.keep else ""
        say(
            f"{name} 第 {row.generation} 代：{state}{dead}，"
            f"{row.events}/{row.of_events} 件{kept}{'：' + row.note if row.note else ''}"
        )
    if not rows:
        say("没有重建过。")
    return 0


async def _all(home: Home) -> Sequence[tuple[str, Rebuilding]]:
    called = {(one.database_url, one.view.name): name for name, one in views(home).items()}
    rows = [
        (called.get((url, row.view), row.view), row)
        for url in {url for url, _ in called}
        for row in await rebuilds(url)
    ]
    return sorted(rows, key=lambda one: (one[0], one[1].generation))


def abort(home: Home, name: str, say: Say) -> int:
    """Ask the running rebuild of a view to stop; the live view is not touched."""
    found = views(home).get(name)
    if found is None or not asyncio.run(ask_to_stop(found.database_url, found.view)):
        say(f"视图 {name} 没有正在进行的重建。")
        return 1
    say(f"已要求中止 {name} 的重建；现有视图没有变动。")
    return 0


def prune_tables(home: Home, name: str, say: Say) -> int:
    """Drop what rebuilds have left: replaced tables, kept ones too, and those of dead rebuilds."""
    for view_name, found in views(home).items():
        if name in {"", view_name}:
            count = asyncio.run(prune(found.database_url, found.view))
            say(f"视图 {view_name}：清除了 {count} 代。")
    return 0
