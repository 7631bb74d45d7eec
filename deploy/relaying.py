"""`siku relay`: how far each journal is told, whether its topics are well, and telling it anew."""

import asyncio
import importlib
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Self

import asyncpg
from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from deploy.embedded.home import Home
from deploy.embedded.launcher import local_place
from deploy.embedded.outside import own_settings
from deploy.embedded.ports import usual_ports
from deploy.kafka_rights import connect
from deploy.republishing import (
    NotRepublished,
    Stands,
    Teller,
    adopt,
    lost_topics,
    make_anew,
    stands,
    until_told,
)
from deploy.stack import KAFKA_ADMIN, SERVICES, TOPICS, Place, database_of
from shared.relay import Relay
from shared.service import Service

Say = Callable[[str], None]
FAILURES = (OSError, TimeoutError, asyncpg.PostgresError, KafkaError, KafkaException)
_QUIET_SECONDS = 2.0


@dataclass(frozen=True)
class Ground:
    """A stack on this machine, as its operator sees it."""

    home: Home
    place: Place

    @classmethod
    def of(cls, home: Home) -> "Ground":
        """Read addresses and secrets of a home."""
        note = home.read_note()
        ports = usual_ports() | (note["ports"] if note is not None else {})
        return cls(home, local_place(home, ports))

    def owner_url(self, service: str) -> str:
        """Give a service's database as its owner sees it."""
        return self.place.database_url(self.place.admin, database_of(service))

    def teller(self, service: Service) -> Teller:
        """Give what is needed to tell a service's journal."""
        settings = own_settings(self.home, service.name)
        return Teller(
            service.name,
            self.owner_url(service.name),
            [topic for topic in TOPICS if topic.name in service.topics],
            Relay(
                settings.database_url.get_secret_value(),
                settings.client(),
                service.name,
                service.topic_of,
                service.topics,
            ),
            settings.client(),
        )

    def readers(self, service: Service) -> list[str]:
        """Give the databases of those services whose views read this one's topics."""
        return [
            self.owner_url(other.name)
            for other in _services()
            if any(set(view.topics) & set(service.topics) for view in other.views)
        ]


def _services() -> list[Service]:
    return [importlib.import_module(f"services.{name}.main").SERVICE for name in SERVICES]


def _tellers(name: str, say: Say) -> list[Service]:
    tellers = [service for service in _services() if service.writes]
    if name and name not in {service.name for service in tellers}:
        say(f"没有名为 {name} 的服务。有：{'、'.join(service.name for service in tellers)}")
    return [service for service in tellers if name in {"", service.name}]


def status(home: Home, name: str, say: Say) -> int:
    """Say for each journal how far it is told and how its topics are; 1 when something is wrong."""
    ground = Ground.of(home)
    return max(
        (_run(_status(ground, service, say), say) for service in _tellers(name, say)), default=2
    )


async def _status(ground: Ground, service: Service, say: Say) -> int:
    teller = ground.teller(service)
    connection = await asyncpg.connect(teller.owner_url, timeout=5)
    try:
        now = await stands(connection)
        lost = await lost_topics(teller, connection)
        (row,) = await connection.fetch(
            "select count(*) as times, max(at) as last from journal.retellings"
        )
    finally:
        await connection.close(timeout=2)
    say(
        f"{service.name}：已送达第 {now.acknowledged} 位，"
        f"编到第 {now.told} 位，待编 {now.untold} 件"
    )
    if row["times"]:
        say(f"  全部重发过 {row['times']} 次，最近 {row['last']:%Y-%m-%d %H:%M:%S} UTC")
    for topic in teller.topic_names:
        say(f"  {topic}：{lost.get(topic, '完好')}")
    if lost:
        say(f"  办法：siku relay --republish {service.name}")
    return 1 if lost else 0


def republish(home: Home, name: str, say: Say, sure: Callable[[str], bool]) -> int:
    """Tell lost topics anew, of one service or of all; give the exit code."""
    ground = Ground.of(home)
    return max(
        (_run(_republish(ground, service, say, sure), say) for service in _tellers(name, say)),
        default=2,
    )


async def _republish(
    ground: Ground, service: Service, say: Say, sure: Callable[[str], bool]
) -> int:
    teller = ground.teller(service)
    connection = await asyncpg.connect(teller.owner_url, timeout=5)
    try:
        lost = await lost_topics(teller, connection)
    finally:
        await connection.close(timeout=2)
    if lost:
        for what in lost.values():
            say(f"{service.name}：{what}")
        names = "、".join(sorted(lost))
        if not await asyncio.to_thread(
            sure, f"将删除 {names} 的残余并重建，再按日志从第 1 位重发全部事实。继续？"
        ):
            say("没有改动。")
            return 1
        password = ground.place.kafka_passwords[KAFKA_ADMIN]
        admin = await asyncio.to_thread(connect, ground.place.kafka, password)
        await make_anew(teller, admin, lambda _: None)
    begun = time.monotonic()
    with _Showing(say) as showing:
        await until_told(teller, showing.tell)
    adopted = await adopt(teller, ground.readers(service))
    if not lost and not adopted:
        say(f"{service.name}：主题完好，不必重发。")
        return 0
    say(
        f"{service.name}：已重发完毕，用时 {time.monotonic() - begun:.1f} 秒；"
        f"视图有 {adopted} 处从头再读，读过的不会再计。可用 siku verify 核对。"
    )
    return 0


def _run(work: Coroutine[None, None, int], say: Say) -> int:
    try:
        return asyncio.run(work)
    except NotRepublished as refused:
        say(f"没有办成：{refused}")
    except FAILURES as error:
        say(f"没有办成：数据库或 Kafka 联系不上，或出了错：{error!r}。可以再运行一次。")
    return 1


class _Showing:
    """A progress bar with facts a second and the time that is left; lines where nobody watches."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._began: tuple[float, int] | None = None
        self._said_at = time.monotonic()
        self._bar = Progress(
            TextColumn("重发事实"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(),
            disable=not sys.stdout.isatty(),
        )
        self._task = self._bar.add_task("", total=None, speed="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def tell(self, now: Stands) -> None:
        moment = time.monotonic()
        self._began = self._began or (moment, now.acknowledged)
        speed = (now.acknowledged - self._began[1]) / max(moment - self._began[0], 0.001)
        self._bar.update(
            self._task, completed=now.acknowledged, total=now.told, speed=f"{speed:,.0f} 件/秒"
        )
        if self._bar.disable and moment - self._said_at > _QUIET_SECONDS:
            self._said_at = moment
            left = f"{(now.told - now.acknowledged) / speed:.0f} 秒" if speed else "不详"
            self._say(
                f"重发事实：{now.acknowledged}/{now.told} 件，{speed:,.0f} 件/秒，约剩 {left}"
            )
