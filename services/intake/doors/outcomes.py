"""What a command came to, in the words of its reply: what was done, to whom it goes, until when."""

from datetime import date
from typing import Any, assert_never
from uuid import UUID

from contracts.intake import (
    CorrectionRefused,
    CorrectionWithdrawn,
    MoveRefused,
    MoveWithdrawn,
    Pool,
    ProjectAbsorbed,
    ProjectCorrected,
    ProjectEnded,
    ProjectHeld,
    ProjectMoved,
    ProjectPooled,
    ProjectResumed,
    ProjectSplit,
    ProjectTagged,
    ProjectTakenOut,
    ProjectUntagged,
    ReviewPassedFirst,
    Term,
)
from contracts.reference.tags import known_tags
from services.intake.dossier import Dossier, DossierEvent
from services.intake.policies import term_rules_of
from services.intake.project import decider as project_room
from services.intake.review.states import (
    Approved,
    InOwnHands,
    Rejected,
    SentBack,
    WithCity,
    WithProvince,
    application_of,
    open_term,
    stage_of,
)
from shared.deciding import Wrote
from shared.wording import spoken_day

POOLS = {Pool.PLAN: "谋划库", Pool.PREP: "前期库", Pool.BUILD: "建设库", Pool.PROD: "投产库"}


def outcome(project_id: UUID, wrote: Wrote[Dossier, DossierEvent], today: date) -> dict[str, Any]:
    """Give the body of a reply about a project."""
    dossier = wrote.state
    running = open_term(dossier.review)
    term = running.term if running else None
    until = f"，至{spoken_day(term.due, today)}" if term else ""
    guess = "（暂定）" if term and term.provisional else ""
    project = dossier.project
    known = project if isinstance(project, project_room.Dossier) else None
    asked = application_of(dossier.review)
    return {
        "project_id": str(project_id),
        "revision": known.revision if known else 0,
        "version": wrote.version,
        "stage": stage_of(dossier.review),
        "matter": asked and asked.matter,
        "pool": known and known.pool,
        "standing": known.standing if known and known.pool else None,
        "receipt": f"HZ-{today:%Y%m}-{project_id.hex[:8].upper()}-{wrote.version}",
        "term": days_of(term),
        "message": _tagged(wrote)
        or f"{_done(wrote, term.start if term else today)}{until}{guess}。",
    }


def days_of(term: Term | None) -> dict[str, Any] | None:
    """Give the days of a term as a reply names them."""
    return None if term is None else {"due": term.due, "provisional": term.provisional}


def _tagged(wrote: Wrote[Dossier, DossierEvent]) -> str:
    """Say what became of a tag: nobody waits for that, and no term begins."""
    match tuple(wrote.facts):
        case (ProjectTagged(tag=code),):
            return f"已加标签“{known_tags()[code].name}”。"
        case (ProjectUntagged(tag=code),):
            return f"已取消标签“{known_tags()[code].name}”，原来的留在记录里。"
    return ""


def _done(wrote: Wrote[Dossier, DossierEvent], start: date) -> str:
    rules = term_rules_of(start)
    match wrote.state.review:
        case WithCity(returned=True):
            return f"已退回市发改委，限 {rules.first_review_days} 个工作日重新初审"
        case WithCity():
            return f"已报送市发改委初审，限 {rules.first_review_days} 个工作日"
        case WithProvince():
            again = not any(isinstance(fact, ReviewPassedFirst) for fact in wrote.facts)
            done = "已直接重报省发改委审核" if again else "初审通过，已报省发改委审核"
            return f"{done}，限 {rules.final_review_days} 个工作日"
        case SentBack():
            return f"已退回报送单位补正，限 {rules.resubmission_days} 个工作日内重报"
        case Approved():
            return _settled(wrote.facts[-1] if wrote.facts else None)
        case Rejected():
            return "已作出不予入库的结论，报送单位能看到理由"
        case InOwnHands():
            gone = isinstance(wrote.state.project, project_room.Discarded)
            return "草稿已撤销" if gone else "草稿已保存，尚未报送"
        case _:
            assert_never(wrote.state.review)


def _settled(fact: DossierEvent | None) -> str:
    """Say what took effect on a project that nothing is decided about any more."""
    match fact:
        case ProjectPooled(pool=pool) | ProjectMoved(to_pool=pool):
            return f"审核通过，项目已进入{POOLS[pool]}"
        case ProjectHeld(hold_until=until):
            return f"审核通过，项目暂缓，到期日 {until}"
        case ProjectResumed(pool=pool):
            return f"审核通过，项目已在{POOLS[pool]}恢复"
        case ProjectEnded():
            return "审核通过，项目已终止"
        case ProjectTakenOut():
            return "审核通过，项目已调出，不再计入各库"
        case ProjectAbsorbed(absorbed_name=name):
            return f"审核通过，“{name}”已并入本项目"
        case ProjectSplit(parts=parts):
            return f"审核通过，项目已拆分为 {len(parts)} 个子项"
        case MoveRefused():
            return "已作出不予调库的结论，项目仍在原库，申请单位能看到理由"
        case MoveWithdrawn():
            return "申请已撤回，项目仍在原库"
        case ProjectCorrected(changed=changed):
            return f"审核通过，{len(changed)} 栏更正已生效，原来的内容仍在流转记录里"
        case CorrectionRefused():
            return "已作出不予更正的结论，原内容不变，申请单位能看到理由"
        case CorrectionWithdrawn():
            return "更正申请已撤回，原内容不变"
        case _:
            return "已办理"
