"""`siku verify` at a terminal, in a script, every night: how it is asked and how it answers."""

import asyncio
import importlib
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import asyncpg
import structlog
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from contracts.anchor import Anchor
from shared.anchoring import ForgedAnchor, UnreadableAnchor, published_fingerprint, read_anchor
from shared.settings import Settings
from shared.verifying.anchors import compare_with_anchors
from shared.verifying.checking import Asking, Checked, examine
from shared.verifying.report import MEANINGS, NOT_CHECKED, Report, UnusableResult
from shared.verifying.rows import Sampled

_SUFFIX = "_DATABASE_URL"
_NOT_SERVICES = {"SIKU_DATABASE_URL", "SIKU_ADMIN_DATABASE_URL"}
_OUTAGES = (OSError, TimeoutError, KafkaError, asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass(frozen=True)
class Wish:
    """What the person or the script wants: how much is checked, where the result goes."""

    views: Literal["full", "sample", "none"] = "sample"
    keys: int = 200
    seed: str = ""
    since: Path | None = None
    whole: bool = False
    result: Path | None = None
    as_json: bool = False
    anchors: Sequence[Path] = ()
    fingerprint: str = ""


def verify_command(wish: Wish) -> int:
    """Verify the stack that the environment names; give the exit code.

    With anchors the journals alone are compared with them: Kafka is not asked.

    0 = all is well, 1 = differences, 2 = could not be checked, 3 = well, but facts are set aside.
    """
    # What the folds log belongs beside the answer, not into it.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    tell: Callable[[str], None] = (lambda _: None) if wish.as_json else _say
    try:
        report = _verified(wish, tell)
    except (*_OUTAGES, UnusableResult) as error:
        report = Report(
            exit_code=NOT_CHECKED, meaning=MEANINGS[NOT_CHECKED], why=str(error) or repr(error)
        )
    if wish.result is not None:
        report.write(wish.result)
    if wish.as_json:
        sys.stdout.write(report.model_dump_json(indent=1) + "\n")
        return report.exit_code
    for code, count in report.unnamed.items():
        tell(f"✗ 同类差异（{code}）另有 {count} 处")
    for one in report.set_aside:
        tell(f"! 搁置 {one}")
    if report.exit_code == NOT_CHECKED:
        tell(f"没有核对完：{report.why}")
    else:
        tell(f"{report.meaning}：{report.facts} 件事实，用时 {report.seconds:.1f} 秒。")
    return report.exit_code


def _verified(wish: Wish, tell: Callable[[str], None]) -> Report:
    if wish.anchors:
        anchors = _believed(wish, tell)
        with _bars(wish) as bars:
            return asyncio.run(compare_with_anchors(_services(), anchors, tell=tell, progress=bars))
    since = Report.read(wish.since) if wish.since is not None else None
    rows: Sampled | bool = wish.views == "full"
    if wish.views == "sample":
        rows = Sampled(wish.keys, wish.seed or secrets.token_hex(4))
        tell(f"视图抽查，种子 {rows.seed}")
    asking = Asking(since=since, whole=wish.whole, rows=rows)
    with _bars(wish) as bars:
        return asyncio.run(
            examine(_services(), Settings().client(), asking, tell=tell, progress=bars)
        )


def _believed(wish: Wish, tell: Callable[[str], None]) -> list[Anchor]:
    try:
        fingerprint = wish.fingerprint or published_fingerprint(Path(os.environ["SIKU_HOME"]))
    except UnreadableAnchor as error:
        raise UnusableResult(str(error)) from error
    anchors = []
    for path in wish.anchors:
        try:
            anchors.append(read_anchor(path.read_bytes(), fingerprint))
        except (OSError, ForgedAnchor, UnreadableAnchor) as error:
            raise UnusableResult(f"{path}: {error}") from error
    tell(f"{len(anchors)} 份存证的签名有效，公钥指纹 {fingerprint}")
    if not wish.fingerprint:
        tell("指纹取自本数据目录；与另外保存的一致，才能说明存证没有连同公钥一起换掉")
    return anchors


@contextmanager
def _bars(wish: Wish) -> Iterator["_Bars"]:
    console = Console(stderr=True)
    if not console.is_terminal or wish.as_json:
        yield _Bars()
        return
    with Progress(*_columns(), console=console) as shown:
        yield _Bars(shown)


def names_databases() -> bool:
    """Tell whether the environment says already where the databases are."""
    return bool(_named())


def _named() -> list[str]:
    return sorted(
        name
        for name in os.environ
        if name.startswith("SIKU_") and name.endswith(_SUFFIX) and name not in _NOT_SERVICES
    )


def _services() -> list[Checked]:
    return [
        Checked(
            importlib.import_module(f"services.{name[5 : -len(_SUFFIX)].lower()}.main").SERVICE,
            os.environ[name],
        )
        for name in _named()
    ]


class _Bars:
    """One bar for each stage; none without a terminal."""

    def __init__(self, shown: Progress | None = None) -> None:
        self._shown = shown
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._shown is None:
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._shown.add_task(stage, total=total)
        self._shown.update(self._tasks[stage], completed=done, total=total)


class _Speed(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/秒")


def _columns() -> tuple[ProgressColumn, ...]:
    return (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Speed(),
        TextColumn("剩余"),
        TimeRemainingColumn(),
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
