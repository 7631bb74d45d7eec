"""What an application for a move asks, in words: where to, why, on which papers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.intake import (
    APPROVED_ITEM,
    CorrectionRequested,
    Evidence,
    MoveApplied,
    MoveEffect,
    MoveEvent,
    Pool,
    ProjectAbsorbed,
    ProjectEnded,
    ProjectHeld,
    ProjectMerged,
    ProjectMoved,
    ProjectResumed,
    ProjectSplit,
    ProjectTakenOut,
    ReviewSubmitted,
)
from services.console.pages import words
from services.console.pages.entry import Entry
from services.console.pages.fields import label_of
from services.console.pages.reading import Project
from services.console.pages.rules import RulesFile

MOVE = "move"
"""The room whose rules name the papers."""

_ORDER = tuple(Pool)
_EFFECTS = {
    MoveEffect.HOLD: "暂缓",
    MoveEffect.RESUME: "恢复",
    MoveEffect.END: "终止",
    MoveEffect.TAKE_OUT: "调出",
    MoveEffect.MERGE: "合并",
    MoveEffect.SPLIT: "拆分",
}


@dataclass(frozen=True)
class Wanted:
    """An application as a page shows it."""

    title: str
    reason: str
    evidence: tuple[Evidence, ...]
    notes: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, int], ...] = ()
    absorbs: str = ""


def wanted(project: Project, history: Sequence[Entry], on: date) -> Wanted | None:
    """Give what is applied for now: a move, a correction, an admission straight into a pool."""
    asked = next(
        (
            entry.event
            for entry in reversed(history)
            if isinstance(entry.event, MoveApplied | ReviewSubmitted | CorrectionRequested)
        ),
        None,
    )
    match project.matter, asked:
        case "CORRECTION", CorrectionRequested():
            columns = "、".join(label_of(name) for name in asked.changed)
            return Wanted("更正", asked.reason, asked.evidence, (("更正的栏目", columns),))
        case "MOVE", MoveApplied():
            return _move(asked, on)
        case "ADMISSION", ReviewSubmitted() if asked.transition != "T01":
            title = f"直接进入{words.POOL_BY_CODE[asked.pool].name}"
            return Wanted(title, asked.reason, asked.evidence, (("来源", "直接入库，不计转化"),))
        case _:
            return None


def _move(asked: MoveApplied, on: date) -> Wanted:
    notes = [("现在", words.POOL_BY_CODE[asked.from_pool].name)]
    if asked.hold_until:
        notes.append(("到期日", words.day(asked.hold_until, on)))
    if asked.resume_when:
        notes.append(("恢复条件", asked.resume_when))
    if asked.duplicate:
        notes.append(("重复件", "两者实为同一项目，投资额不相加"))
    return Wanted(
        title_of(asked),
        asked.reason,
        asked.evidence,
        tuple(notes),
        tuple((part.facts.name, part.facts.total_investment or 0) for part in asked.parts),
        str(asked.absorbs) if asked.absorbs else "",
    )


def title_of(asked: MoveApplied) -> str:
    """Name a move: 转入前期库, 越级转入建设库, 回到谋划库, 暂缓."""
    if asked.to_pool is None or asked.effect is not MoveEffect.MOVE:
        return _EFFECTS.get(asked.effect, asked.transition)
    return _way(asked.from_pool, asked.to_pool, fast=asked.fast_track)


def _way(origin: Pool, to: Pool, *, fast: bool) -> str:
    forward = _ORDER.index(to) > _ORDER.index(origin)
    verb = "回到" if not forward else "越级转入" if fast else "转入"
    return f"{verb}{words.POOL_BY_CODE[to].name}"


def came_to(event: MoveEvent, on: date) -> tuple[str, str]:
    """Name what took effect on a project, with a note."""
    match event:
        case ProjectMoved():
            way = _way(event.from_pool, event.to_pool, fast=event.fast_track)
            return way, f"总投资 {words.yi(event.total_investment)} 亿元"
        case ProjectHeld():
            return "暂缓", f"至 {words.day(event.hold_until, on)}，恢复条件：{event.resume_when}"
        case ProjectResumed():
            return f"在{words.POOL_BY_CODE[event.pool].name}恢复", ""
        case ProjectEnded():
            return "终止", "不再实施，仍留在转化率的分母里"
        case ProjectTakenOut():
            return "调出", "不再计入各库"
        case ProjectAbsorbed():
            added = words.yi(event.added_investment)
            more = "同一项目的重复件，投资额不加" if event.duplicate else f"投资额加 {added} 亿元"
            return f"并入“{event.absorbed_name}”", more
        case ProjectMerged():
            return f"并到“{event.merged_into_name}”", "本项目到此为止"
        case ProjectSplit():
            return f"拆分为 {len(event.parts)} 个子项", "本项目到此为止"
        case _:
            return "", ""


def paper_names(file: RulesFile | None) -> Mapping[str, str]:
    """Name the papers that a move may rest on; a sort that no rule names stands for itself."""
    named = file.values.get("evidence") if file else None
    told = {str(k): str(v) for k, v in named.items()} if isinstance(named, Mapping) else {}
    return {APPROVED_ITEM: "已办手续", **told}
