"""Tags: under which programme a project stands, from which day to which."""

from collections.abc import Sequence
from datetime import date

from contracts.intake import ProjectTagged, ProjectUntagged
from contracts.reference.tags import Tag, items_of, tags
from services.intake.project.commands import TagProject, UntagProject
from services.intake.project.decider import Project, owned_by_anybody
from services.intake.project.rules import unfit
from shared.refusals import Problem, Refusal, UnreadableInput


class NotPooledYet(Refusal):
    """Only what entered a pool stands under a programme."""

    code = "not_pooled_yet"
    title = "还没有入库"


class TaggedOtherwise(Refusal):
    """The project stands as another of the same list."""

    code = "tagged_otherwise"
    title = "已有这个标签"


class NotTagged(Refusal):
    """The project does not carry the tag."""

    code = "not_tagged"
    title = "没有这个标签"


def tag(ask: TagProject, project: Project) -> Sequence[ProjectTagged]:
    """Let a project carry a tag from a day on; the same again is nothing new."""
    dossier = owned_by_anybody(project)
    known = next((one for one in tags(ask.from_on) if one.code == ask.tag), None)
    if known is None:
        raise _wrong("tag", "标签", "tag_unknown", f"{ask.from_on} 没有这个标签。", "请从表中选。")
    if ask.from_on > ask.on:
        raise _wrong("from_on", "起始日期", "day_to_come", "还没有到。", f"今天是 {ask.on}。")
    _demand_item(known, ask.item)
    if dossier.pool is None:
        raise NotPooledYet("这个项目还没有入库，入库以后再标。")
    held = dossier.tags.get(ask.tag)
    if held is not None:
        if held.item == ask.item:
            return []
        raise TaggedOtherwise(
            f"这个项目已标“{known.name}”的另一项。要改的，先取消原来的，写明理由。"
        )
    return [
        ProjectTagged(project_id=ask.project_id, tag=ask.tag, item=ask.item, from_on=ask.from_on)
    ]


def untag(ask: UntagProject, project: Project) -> Sequence[ProjectUntagged]:
    """Say after which day a project does not carry a tag any more."""
    held = owned_by_anybody(project).tags.get(ask.tag)
    if held is None:
        raise NotTagged("这个项目现在没有这个标签，不用取消。")
    _demand_between(ask.until_on, held.from_on, ask.on)
    if not ask.reason.strip():
        raise _wrong("reason", "理由", "required", "没有填写。", "请写明为什么取消。")
    if found := list(unfit("reason", "理由", ask.reason)):
        raise UnreadableInput("理由不合适，请按提示修改。", errors=found)
    return [
        ProjectUntagged(
            project_id=ask.project_id,
            tag=ask.tag,
            until_on=ask.until_on,
            reason=ask.reason.strip(),
        )
    ]


def _demand_item(known: Tag, item: str | None) -> None:
    names = {one.code: one.name for one in items_of(known)}
    if names and item not in names:
        raise _wrong(
            "item", "其中哪一项", "item_unknown", "没有选对。", f"“{known.name}”要选是其中哪一项。"
        )
    if not names and item is not None:
        raise _wrong("item", "其中哪一项", "item_unknown", "不用选。", "这个标签没有分项，请留空。")


def _demand_between(day: date, first: date, latest: date) -> None:
    if not first <= day <= latest:
        raise _wrong(
            "until_on",
            "最后一日",
            "day_out_of_order",
            f"{day} 不在 {first} 和今天 {latest} 之间。",
            "请核对日期。",
        )


def _wrong(field: str, label: str, rule: str, message: str, remedy: str) -> UnreadableInput:
    problem = Problem(field, label, rule, f"{label}{message}", remedy)
    return UnreadableInput(f"没有办理：{problem.message}{remedy}", errors=[problem])
