"""期初存量: a project that stood in a pool before this system began enters it on its own days.

No review lets it in, for others did so then; the paper that lists it says who and when. It is
never newly added, converted or put into production by being told here.
"""

from collections.abc import Iterator, Sequence

from contracts.intake import ProjectFacts, ProjectPooled, Source
from services.intake.project.commands import EnterStock
from services.intake.project.decider import Discarded, Dossier, Project, refuse_ended
from services.intake.project.rules import LABELS, findings
from shared.refusals import Problem, Refusal, UnreadableInput

TRANSITION = "T00"
"""期初存量: no transition of the policy, for it entered before there was any record."""
SOURCE_DOCUMENT = "source_document"
_REQUIRED = ("location.region", "builder.name", "total_investment")


class AlreadyHere(Refusal):
    """The project is in the system, and not as this stock: what is known of it stands."""

    code = "already_here"
    title = "系统里已有"


def enter_stock(ask: EnterStock, project: Project) -> Sequence[ProjectPooled]:
    """Enter stock; the same again is nothing new."""
    if isinstance(project, Dossier):
        if _is_the_same(ask, project):
            return []
        raise AlreadyHere(
            f"“{project.facts.name}”已在系统里，与这一行不同。期初只装一次："
            "入库后的变动请走更正或调库；没有入库的，请在原件上办理。"
        )
    if isinstance(project, Discarded):
        raise AlreadyHere("这个项目曾经建档后撤销，编号不能再用。请由报送单位重新建档报送。")
    refuse_ended(ask.ended)
    if errors := list(_wrong(ask)):
        raise UnreadableInput(f"有 {len(errors)} 处填写有误，请按提示修改。", errors=errors)
    return [
        ProjectPooled(
            project_id=ask.project_id,
            owner_org=ask.by.org,
            owner_name=ask.owner_name,
            revision=1,
            facts=ask.facts,
            pool=ask.pool,
            transition=TRANSITION,
            report_month=f"{ask.entered_on:%Y-%m}",
            approved_on=ask.on,
            source=Source.OPENING,
            entered_on=ask.entered_on,
            pool_since=ask.pool_since,
            evidence=ask.papers,
        )
    ]


def _is_the_same(ask: EnterStock, dossier: Dossier) -> bool:
    return (
        dossier.source is Source.OPENING
        and dossier.owner_org == ask.by.org
        and (dossier.pool, dossier.entered_on) == (ask.pool, ask.entered_on)
        and _without_contact(dossier.facts) == _without_contact(ask.facts)
    )


def _without_contact(facts: ProjectFacts) -> ProjectFacts:
    return facts.model_copy(update={"contact_id": None})


def _wrong(ask: EnterStock) -> Iterator[Problem]:
    for finding in findings(ask.facts, ask.form, complete=False):
        if not finding.hint:
            yield finding.problem
    filled = {
        "location.region": ask.facts.location.region,
        "builder.name": ask.facts.builder.name,
        "total_investment": ask.facts.total_investment,
    }
    for key in _REQUIRED:
        if not filled[key]:
            yield _of(key, "required", "没有填。", "期初项目至少要有县区、建设单位和总投资。")
    if ask.entered_on > ask.on:
        yield _of("entered_on", "day_ahead", f" {ask.entered_on} 还没有到。", "请核对日期。")
    if ask.pool_since is not None and not ask.entered_on <= ask.pool_since <= ask.on:
        yield _of(
            "pool_since",
            "out_of_order",
            f" {ask.pool_since} 早于入库日期或还没有到。",
            "进入现库的日期在入库日期以后、今天以前；从未调库的留空。",
        )
    if not any(paper.sort == SOURCE_DOCUMENT for paper in ask.papers):
        yield _of(
            "evidence",
            "source_document",
            "里没有来源文件。",
            "请填写原来列入该库的文件或名单的文号。",
        )


def _of(field: str, rule: str, what: str, remedy: str) -> Problem:
    label = LABELS[field]
    return Problem(field, label, rule, f"{label}{what}", remedy)
