"""One example of every fact about a plan of approvals and of results that were set aside."""

from datetime import date
from typing import TypedDict
from uuid import UUID

from contracts.approval_tracking import (
    AcceptanceCompleted,
    AgentAppointed,
    AgentReleased,
    Circumstances,
    Clock,
    ClockSort,
    CommitmentChecked,
    CorrectionsAsked,
    FollowedUp,
    HandlingTransferred,
    ItemAccepted,
    ItemClocksMoved,
    ItemCommitted,
    ItemCorrected,
    ItemExtended,
    ItemGranted,
    ItemHandedOver,
    ItemNotAccepted,
    ItemOverdue,
    ItemPaused,
    ItemReceived,
    ItemRectified,
    ItemRefused,
    ItemResumed,
    ItemRevoked,
    ItemSoonOverdue,
    ItemTaken,
    ItemTerm,
    ItemWaived,
    ItemWithdrawn,
    LandMode,
    Management,
    Need,
    NoLongerReady,
    PauseOverrun,
    PlanClosed,
    PlanDrawnUp,
    PlannedItem,
    PlanReopened,
    PlanRevised,
    PolicyPublished,
    ReadyToStart,
    ResultDismissed,
    ResultMatched,
    ResultRow,
    ResultSetAside,
    ResultStep,
    Stage,
    StageCompleted,
    StageLimit,
    StageReopened,
    StartedWithoutPermit,
    StartFlagLifted,
    Track,
    Unit,
)
from contracts.envelope import Fact

RESULT = UUID("01970000-0000-7000-8000-0000000000d1")

Actor = tuple[str, str, str]


class _Item(TypedDict):
    project_id: UUID
    item: str
    attempt: int


class _Plan(TypedDict):
    project_id: UUID
    owner_org: str
    project_revision: int
    circumstances: Circumstances
    flow_name: str
    catalogue: date
    stages: tuple[StageLimit, ...]
    total_limit: int | None


_SYSTEM: Actor = ("system", "system", "system")
_OFFICER: Actor = ("acc-9", "approver", "D-NRP")
_AGENT: Actor = ("acc-10", "agent", "D-ASP")

_FILING = PlannedItem(
    item="A10",
    name="项目备案",
    stage=Stage.SITING,
    track=Track.MAIN,
    need=Need.REQUIRED,
    competent="D-DRC",
    handling="D-ASP",
    statutory=ItemTerm(length=0, unit=Unit.WORKING_DAYS),
    promised=ItemTerm(length=1, unit=Unit.WORKING_DAYS),
    after=("A01",),
)
_CODE = _FILING.model_copy(update={"item": "A01", "name": "项目赋码", "after": ()})
_LAND = PlannedItem(
    item="A13",
    name="建设用地规划许可证",
    stage=Stage.SITING,
    track=Track.MAIN,
    need=Need.REQUIRED,
    competent="D-NRP",
    handling="D-NRP",
    statutory=ItemTerm(length=20, unit=Unit.WORKING_DAYS),
    promised=ItemTerm(length=5, unit=Unit.WORKING_DAYS),
    after=("A10",),
)
_ENVIRONMENT = PlannedItem(
    item="B01",
    name="环境影响评价审批",
    stage=Stage.DESIGN,
    track=Track.PARALLEL,
    need=Need.CONDITIONAL,
    competent="D-EEB",
    handling="D-EEB",
    statutory=ItemTerm(length=60, unit=Unit.CALENDAR_DAYS),
    promised=ItemTerm(length=15, unit=Unit.WORKING_DAYS),
    after=("A01",),
    gate=True,
)
_CIRCUMSTANCES = Circumstances(
    management=Management.FILING,
    flow="SY",
    land_mode=LandMode.GRANTED,
    answers={"annual_energy_tce": 800, "environment_report": "REPORT"},
)
_STAGES = (
    StageLimit(stage=Stage.SITING, name="立项用地规划许可", limit=15),
    StageLimit(stage=Stage.DESIGN, name="工程建设许可", limit=20),
    StageLimit(stage=Stage.PERMIT, name="施工许可", limit=20),
    StageLimit(stage=Stage.ACCEPTANCE, name="竣工验收", limit=15),
)
_RECEIPT = Clock(
    sort=ClockSort.RECEIPT,
    unit=Unit.WORKING_DAYS,
    start=date(2019, 4, 22),
    total=5,
    elapsed=0,
    due=date(2019, 4, 28),
    yellow_from=date(2019, 4, 24),
    red_from=date(2019, 4, 29),
    provisional=False,
    calendar=0,
)
_PROMISED = _RECEIPT.model_copy(update={"sort": ClockSort.PROMISED})
_STANDS_STILL = _PROMISED.model_copy(
    update={"elapsed": 2, "due": None, "yellow_from": None, "red_from": None}
)
_CHECK = _RECEIPT.model_copy(update={"sort": ClockSort.COMMITMENT, "total": 60})


def told(project: UUID) -> tuple[tuple[Actor, Fact], ...]:
    """Give the facts, each with who brought it about."""
    day = date(2019, 4, 22)

    def of(item: str) -> _Item:
        return {"project_id": project, "item": item, "attempt": 1}

    plan: _Plan = {
        "project_id": project,
        "owner_org": "JC-ZZ",
        "project_revision": 2,
        "circumstances": _CIRCUMSTANCES,
        "flow_name": "一般社会投资（出让地）",
        "catalogue": date(2019, 1, 1),
        "stages": _STAGES,
        "total_limit": 120,
    }
    row = ResultRow(
        project_code="2019-140525-34-03-002187",
        project_name="泽州县巴公精密铸造园一期",
        item="A13",
        step=ResultStep.GRANTED,
        happened_on=day,
        document_number="地字第140525201900012号",
        platform="山西省投资项目在线审批监管平台",
    )
    items = (_CODE, _FILING, _LAND, _ENVIRONMENT)
    return (
        (_SYSTEM, PlanDrawnUp(**plan, edition=1, items=items, drawn_up_on=day)),
        (
            _AGENT,
            PlanRevised(
                **plan,
                edition=2,
                items=items[:3],
                reason="环评由园区统一办理。",
                stated=True,
                revised_on=day,
            ),
        ),
        (_SYSTEM, PlanClosed(project_id=project, reason="项目终止。", closed_on=day)),
        (_SYSTEM, PlanReopened(project_id=project, reopened_on=day)),
        (
            _AGENT,
            AgentAppointed(project_id=project, agent="acc-10", agent_org="D-ASP", appointed_on=day),
        ),
        (
            _AGENT,
            AgentReleased(project_id=project, agent="acc-10", reason="岗位调整。", released_on=day),
        ),
        (_AGENT, ItemReceived(**of("A13"), handling="D-NRP", received_on=day, clocks=(_RECEIPT,))),
        (_OFFICER, ItemTaken(**of("A13"), officer="acc-9")),
        (_OFFICER, ItemHandedOver(**of("A13"), officer="acc-11", reason="出差。")),
        (
            _OFFICER,
            CorrectionsAsked(**of("A13"), corrections=("缺宗地勘测定界图。",), asked_on=day),
        ),
        (_AGENT, ItemCorrected(**of("A13"), corrected_on=day, clocks=(_RECEIPT,))),
        (
            _OFFICER,
            ItemNotAccepted(
                **of("A13"),
                reason="不属于本机关职权范围。",
                basis="行政许可法第三十二条",
                decided_on=day,
            ),
        ),
        (
            _OFFICER,
            ItemAccepted(
                **of("A13"),
                handling="D-NRP",
                accepted_on=day,
                lacking=("A12",),
                catalogue=date(2019, 1, 1),
                clocks=(_PROMISED,),
            ),
        ),
        (
            _OFFICER,
            ItemPaused(
                **of("A13"),
                procedure="EXPERT_REVIEW",
                reason="组织专家评审。",
                basis="行政许可法第四十五条",
                notice="晋市规资停〔2019〕3号",
                first=day,
                expected_days=10,
                clocks=(_STANDS_STILL,),
            ),
        ),
        (
            _SYSTEM,
            PauseOverrun(**of("A13"), first=day, expected_until=date(2019, 5, 2), told_on=day),
        ),
        (_OFFICER, ItemResumed(**of("A13"), first=day, last=day, clocks=(_PROMISED,))),
        (
            _OFFICER,
            ItemExtended(
                **of("A13"),
                length=10,
                approver="局长办公会",
                reason="情况复杂。",
                extended_on=day,
                clocks=(_PROMISED,),
            ),
        ),
        (
            _SYSTEM,
            ItemSoonOverdue(
                **of("A13"),
                handling="D-NRP",
                clock=ClockSort.PROMISED,
                due=date(2019, 4, 28),
                told_on=day,
            ),
        ),
        (
            _SYSTEM,
            ItemOverdue(
                **of("A13"),
                handling="D-NRP",
                clock=ClockSort.PROMISED,
                due=date(2019, 4, 28),
                told_on=day,
            ),
        ),
        (
            _SYSTEM,
            ItemClocksMoved(**of("A13"), clocks=(_PROMISED,), calendar=7, moved_on=day),
        ),
        (
            _OFFICER,
            ItemGranted(
                **of("A13"),
                handling="D-NRP",
                granted_on=day,
                document_number="地字第140525201900012号",
                valid_until=date(2020, 4, 21),
                late=(ClockSort.PROMISED,),
                follow_up="补交宗地勘测定界图原件。",
                clocks=(
                    _PROMISED,
                    _RECEIPT.model_copy(update={"sort": ClockSort.FOLLOW_UP}),
                ),
            ),
        ),
        (_OFFICER, FollowedUp(**of("A13"), followed_up_on=day, note="原件已收。")),
        (
            _OFFICER,
            ItemRectified(
                **of("A13"),
                granted_on=day,
                document_number="地字第140525201900021号",
                valid_until=date(2020, 4, 21),
                clocks=(_PROMISED,),
                reason="文号录错。",
                rectified_on=day,
            ),
        ),
        (
            _OFFICER,
            ItemRefused(
                **of("A13"),
                reason="不符合城市总体规划。",
                basis="城乡规划法第三十八条",
                refused_on=day,
                clocks=(_PROMISED,),
            ),
        ),
        (_AGENT, ItemWithdrawn(**of("A13"), reason="方案调整。", withdrawn_on=day)),
        (
            _OFFICER,
            ItemRevoked(
                **of("A13"), reason="以虚假材料取得。", basis="行政许可法第六十九条", revoked_on=day
            ),
        ),
        (
            _OFFICER,
            ItemCommitted(
                **of("B08"), signed_on=day, document_number="承诺书2019-8号", clocks=(_CHECK,)
            ),
        ),
        (
            _OFFICER,
            CommitmentChecked(**of("B08"), kept=True, findings="已按承诺建成。", checked_on=day),
        ),
        (
            _OFFICER,
            ItemWaived(
                **of("C07"),
                reason="不产生建筑垃圾外运。",
                basis="城市建筑垃圾管理规定",
                waived_on=day,
            ),
        ),
        (
            _SYSTEM,
            HandlingTransferred(
                **of("C06"), handling="D-ASP", reason="划转行政审批局。", transferred_on=day
            ),
        ),
        (
            _OFFICER,
            StageCompleted(
                project_id=project, stage=Stage.SITING, completed_on=day, used=12, limit=15
            ),
        ),
        (_OFFICER, StageReopened(project_id=project, stage=Stage.SITING, reopened_on=day)),
        (_OFFICER, ReadyToStart(project_id=project, items=("C06", "B01"), ready_on=day)),
        (_OFFICER, NoLongerReady(project_id=project, missing=("B01",), since=day)),
        (
            _SYSTEM,
            StartedWithoutPermit(project_id=project, started_on=day, missing=("C06",), told_on=day),
        ),
        (
            _SYSTEM,
            StartFlagLifted(
                project_id=project, started_on=day, reason="开工登记已更正。", lifted_on=day
            ),
        ),
        (_OFFICER, AcceptanceCompleted(project_id=project, completed_on=day)),
        (
            _AGENT,
            ResultSetAside(
                result_id=RESULT,
                row=row,
                code="unknown_code",
                why="没有项目用这个代码。",
                came_on=day,
            ),
        ),
        (
            _AGENT,
            ResultMatched(result_id=RESULT, project_id=project, item="A13", matched_on=day),
        ),
        (_AGENT, ResultDismissed(result_id=RESULT, reason="不是本市项目。", dismissed_on=day)),
        (
            _SYSTEM,
            PolicyPublished(
                room="approval_plan",
                valid_from=date(2019, 1, 1),
                sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                text="valid_from = 2019-01-01\n",
            ),
        ),
    )
