"""What a verification found, for people as lines and for programs as one JSON document.

The document of one day is where the next day's verification goes on from.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

FORMAT = 1
MOST = 20
"""So many differences of one kind are named; of the rest only the number is said."""

SOUND, DIFFERENT, NOT_CHECKED, SET_ASIDE = 0, 1, 2, 3
MEANINGS = {
    SOUND: "一致",
    DIFFERENT: "有差异",
    NOT_CHECKED: "没有核对完：数据库或 Kafka 联系不上，或所给的上次结果、存证不能用",
    SET_ASIDE: "一致，但有搁置或放弃的事实",
}
"""What each exit code says."""

SENTENCES = {
    "fact_missing": "流中缺事实",
    "stream_chain": "流链不符，内容被改过",
    "stream_head": "流头与事实不符",
    "facts_counted": "事实的件数与各流流头之和不同",
    "told_twice_or_lost": "既没有编位也不在待发队列，或两处都有",
    "told_elsewhere": "总链指向别的事实",
    "told_without_fact": "指向的事实不在日志中",
    "told_out_of_order": "流中后一号先于前一号编位",
    "position_missing": "总链缺位",
    "journal_chain": "总链不符",
    "identity": "信封与行不符",
    "not_told": "还有事实没有送达 Kafka",
    "acknowledged_beyond": "确认的位次超出总链",
    "tail_cut": "日志比上次核对或存证时短，末尾被截去",
    "head_changed": "上次核对或存证的总链头不在了",
    "stream_heads_changed": "上次核对或存证时的各流流头变了",
    "topic_missing": "主题不存在或没有读取权限",
    "topic_cut": "主题比上次核对时短",
    "kafka_missing": "事实不在 Kafka",
    "kafka_changed": "Kafka 的记录与日志不同",
    "kafka_unknown": "Kafka 的记录不在日志中",
    "kafka_unreadable": "记录没有可读的信封或位次",
    "kafka_misplaced": "送错了主题或分区键",
    "kafka_order": "流中后一号先于前一号送达",
    "view_missing": "视图的表不在，或是别的版本",
    "view_behind": "视图没有读到主题末尾",
    "view_beyond": "视图读到的位置超出主题",
    "view_version": "视图记录的流版本与日志不同",
    "view_stream_unknown": "视图记有日志中没有的流",
    "view_fact_unfoldable": "重算时此事实不能折叠，而视图没有搁置它",
    "view_row_missing": "视图缺行",
    "view_row_extra": "视图多行",
    "view_row_changed": "视图的行与重算不同",
}
"""Every code that a difference may have, in words."""


class Difference(BaseModel):
    """One thing that is not as it must be: where, what should be there, what is."""

    model_config = ConfigDict(frozen=True)

    code: str
    where: str
    expected: str = ""
    found: str = ""

    def __str__(self) -> str:
        values = [("应为", self.expected), ("实为", self.found)]
        said = "，".join(f"{word} {value}" for word, value in values if value)
        return f"{self.where}: {SENTENCES[self.code]}" + (f"（{said}）" if said else "")


class SetAside(BaseModel):
    """A fact that a view has not folded: parked, queued behind such a one, or discarded."""

    model_config = ConfigDict(frozen=True)

    view: str
    stream: str
    version: int
    reason: str
    error: str = ""

    def __str__(self) -> str:
        return f"{self.view}: {self.stream}@{self.version} {self.reason} {self.error}".rstrip()


class Reached(BaseModel):
    """How far a partition was read, in which incarnation."""

    model_config = ConfigDict(frozen=True)

    offset: int
    marker: str


class Standing(BaseModel):
    """Where one service stood: enough to go on from there and to notice when it is gone.

    ``heads`` is a digest over the heads of all streams as of ``position``.
    """

    model_config = ConfigDict(frozen=True)

    position: int
    chain: str
    streams: int
    heads: str
    topics: dict[str, dict[int, Reached]]


class UnusableResult(Exception):
    """An earlier result cannot be gone on from; says why."""


class Report(BaseModel):
    """What was checked, counted and found."""

    format: int = FORMAT
    begun: datetime = Field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0
    since: datetime | None = None
    exit_code: int = SOUND
    meaning: str = MEANINGS[SOUND]
    why: str = ""
    facts: int = 0
    repeats: int = 0
    rows: int = 0
    lines: list[str] = []
    differences: list[Difference] = []
    unnamed: dict[str, int] = {}
    set_aside: list[SetAside] = []
    standings: dict[str, Standing] = {}
    tell: Callable[[str], None] = Field(default=lambda _: None, exclude=True)

    def add(self, line: str) -> None:
        """Note a check that was made and what it counted."""
        self.lines.append(line)
        self.tell(line)

    def differs(self, code: str, where: str, expected: object = "", found: object = "") -> None:
        """Note a difference; beyond the first of a kind they are only counted."""
        if sum(one.code == code for one in self.differences) >= MOST:
            self.unnamed[code] = self.unnamed.get(code, 0) + 1
            return
        one = Difference(code=code, where=where, expected=str(expected), found=str(found))
        self.differences.append(one)
        self.tell(f"✗ {one}")

    def conclude(self, seconds: float) -> int:
        """Settle and give the exit code."""
        self.seconds = round(seconds, 3)
        self.exit_code = DIFFERENT if self.differences else SET_ASIDE if self.set_aside else SOUND
        self.meaning = MEANINGS[self.exit_code]
        return self.exit_code

    def write(self, path: Path) -> None:
        """Write the document so that a reader sees the old file or the whole new one."""
        beside = path.with_name(path.name + ".new")
        beside.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
        beside.replace(path)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read an earlier document to go on from.

        Raises:
            UnusableResult: it cannot be read, is of another format, or found differences.
        """
        try:
            report = cls.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise UnusableResult(f"{path}: 读不出上次的核对结果（{error}）") from error
        if report.format != FORMAT:
            raise UnusableResult(f"{path}: 是另一种格式（{report.format}）的结果")
        if report.exit_code not in {SOUND, SET_ASIDE}:
            raise UnusableResult(f"{path}: 那次核对有差异或没有做完，不能作为起点")
        return report
