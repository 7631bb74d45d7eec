"""What an account did to projects, newest first: each act in one word, with where it stands now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.intake import DOSSIER_KINDS, PROGRESS_KINDS

WORDS: Mapping[str, str] = {
    "intake.project.drafted.v1": "建立草稿",
    "intake.project.revised.v1": "修改",
    "intake.project.discarded.v1": "撤销草稿",
    "intake.project.pooled.v1": "入库",
    "intake.project.contact_named.v1": "更换联系人",
    "intake.project.contact_erased.v1": "删除联系人信息",
    "intake.project.tagged.v1": "加标签",
    "intake.project.untagged.v1": "去标签",
    "intake.review.submitted.v1": "报送",
    "intake.review.withdrawn.v1": "撤回报送",
    "intake.review.passed_first.v1": "市级初审通过",
    "intake.review.returned.v1": "退回",
    "intake.review.rejected.v1": "不予入库",
    "intake.review.approved.v1": "省级审核通过",
    "intake.review.overdue.v1": "超期",
    "intake.review.term_moved.v1": "期限重算",
    "intake.review.taken.v1": "领取",
    "intake.review.handed_over.v1": "转办",
    "intake.review.duplicate_judged.v1": "查重裁定",
    "intake.move.applied.v1": "申请调库",
    "intake.move.withdrawn.v1": "撤回调库申请",
    "intake.move.refused.v1": "不予调库",
    "intake.move.approved.v1": "调库审核通过",
    "intake.move.moved.v1": "调库",
    "intake.move.held.v1": "暂缓",
    "intake.move.resumed.v1": "恢复",
    "intake.move.ended.v1": "终止",
    "intake.move.taken_out.v1": "调出",
    "intake.move.absorbed.v1": "并入他项",
    "intake.move.merged.v1": "合并",
    "intake.move.split.v1": "拆分",
    "intake.correction.requested.v1": "申请更正",
    "intake.correction.withdrawn.v1": "撤回更正申请",
    "intake.correction.refused.v1": "不予更正",
    "intake.correction.approved.v1": "更正审核通过",
    "intake.correction.corrected.v1": "更正生效",
    "intake.progress.reported.v1": "报月报",
    "intake.progress.opened.v1": "填期初累计",
    "intake.progress.construction_started.v1": "登记开工",
    "intake.progress.construction_stopped.v1": "登记停工",
    "intake.progress.construction_resumed.v1": "登记复工",
    "intake.progress.construction_never_stopped.v1": "登记未停工",
    "intake.progress.construction_finished.v1": "登记竣工",
    "intake.progress.construction_rectified.v1": "更正开停复竣",
}
REFUSALS = tuple(kind for kind in DOSSIER_KINDS if kind.endswith((".refused.v1", ".rejected.v1")))
RETURNS = ("intake.review.returned.v1", *REFUSALS)
"""What sends a dossier back or turns it down."""


@dataclass(frozen=True)
class Deed:
    """One act of an account on a project that it sees, and where that project is now."""

    project_id: str
    name: str
    owner_org: str
    owner_name: str
    version: int
    kind: str
    at: datetime
    stage: str
    pool: str | None

    @property
    def word(self) -> str:
        """What was done."""
        return WORDS.get(self.kind, self.kind)

    @property
    def address(self) -> str:
        """Where the fact itself is shown."""
        beside = "/progress" if self.kind in PROGRESS_KINDS else ""
        return f"/projects/{self.project_id}{beside}/events/{self.version}"
