"""One example of every fact: the story of one project, told from its first draft to the pool.

Golden samples, documents and tests are made from these, so each is a fact that could have
happened: a clerk of 泽州县 begins a dossier, the city returns it, the province lets it in. Beside
it the working days of 2019, as published and as revised, and those of a year without a notice.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from contracts import approval_tracking
from contracts.approval_tracking import (
    CALENDAR,
    RESULT_KINDS,
    Holiday,
    YearEstimated,
    YearPublished,
    YearRevised,
)
from contracts.envelope import Envelope, Fact, instant
from contracts.erasing import ErasureReason
from contracts.examples_of_approvals import RESULT
from contracts.examples_of_approvals import told as approvals
from contracts.identity import (
    ORGANISATIONS,
    AccountAssigned,
    AccountClosed,
    AccountDisabled,
    AccountEnabled,
    AccountErased,
    AccountOpened,
    MachineClosed,
    MachineDisabled,
    MachineEnabled,
    MachineOpened,
    MachineScopesChanged,
    MachineSecretRevoked,
    MachineSecretRotated,
    OrganisationClosed,
    OrganisationEstablished,
    OrganisationMerged,
    OrganisationRenamed,
    OrganisationSplit,
    PasswordChanged,
    PasswordReset,
    SignedOutEverywhere,
    SubstituteAppointed,
    SubstituteEnded,
)
from contracts.intake import (
    PROGRESS_KINDS,
    SIGNING_KINDS,
    Builder,
    Category,
    ConstructionFinished,
    ConstructionNeverStopped,
    ConstructionRectified,
    ConstructionResumed,
    ConstructionStarted,
    ConstructionStopped,
    ContractAmended,
    ContractSigned,
    CorrectionApproved,
    CorrectionRefused,
    CorrectionRequested,
    CorrectionWithdrawn,
    DuplicateJudged,
    Evidence,
    FileNoted,
    FrameworkSigned,
    Funding,
    FundingSource,
    FundsReceived,
    Holder,
    InvestmentByUse,
    LeadRegistered,
    LeadSide,
    Level,
    Likeness,
    Location,
    MilestoneReached,
    MoveApplied,
    MoveApproved,
    MoveEffect,
    MoveRefused,
    MoveWithdrawn,
    NegotiationBegun,
    NothingNewReported,
    NothingNewWithdrawn,
    PolicyPublished,
    Pool,
    ProblemNamed,
    ProgressMissed,
    ProgressOpened,
    ProgressReported,
    ProjectAbsorbed,
    ProjectContactErased,
    ProjectContactNamed,
    ProjectCorrected,
    ProjectDiscarded,
    ProjectDrafted,
    ProjectEnded,
    ProjectFacts,
    ProjectHeld,
    ProjectMerged,
    ProjectMoved,
    ProjectPooled,
    ProjectResumed,
    ProjectRevised,
    ProjectSplit,
    ProjectTagged,
    ProjectTakenOut,
    ProjectUntagged,
    PromotionHeld,
    PromotionWithdrawn,
    Remark,
    ReviewApproved,
    ReviewHandedOver,
    ReviewOverdue,
    ReviewPassedFirst,
    ReviewRejected,
    ReviewReturned,
    ReviewSubmitted,
    ReviewTaken,
    ReviewTermMoved,
    ReviewWithdrawn,
    SigningEnded,
    SigningLinked,
    SigningLinkOverdue,
    SigningRectified,
    SigningTransferred,
    SigningUnlinked,
    Term,
    Track,
    WorkbookAccepted,
    WorkbookReceived,
)

PROJECT = UUID("01970000-0000-7000-8000-000000000001")
ACCOUNT = UUID("01970000-0000-7000-8000-0000000000a1")
MACHINE = UUID("01970000-0000-7000-8000-0000000000c1")
UPLOAD = UUID("01970000-0000-7000-8000-0000000000f1")
POLICY = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
_ADMIN = ("acc-4", "admin", "D-DRC")
_BEGAN = datetime(2019, 4, 22, 1, 30, tzinfo=UTC)

DRAFT = ProjectFacts(
    name="巴公装备制造产业园一期",
    location=Location(region="140525", address="巴公镇工业园东区"),
    total_investment=1_200_000_000,
)
FORM = ProjectFacts(
    name="巴公装备制造产业园一期",
    project_code="2019-140525-34-03-002187",
    content="新建标准厂房 12 万平方米，配套道路 3.2 公里、管网 8 公里。",
    location=Location(region="140525", address="巴公镇工业园东区", zone_id="Z-JC"),
    builder=Builder(name="泽州县鸿业开发有限公司", uscc="91140500MA0T00011Y"),
    total_investment=1_200_000_000,
    funding=(
        Funding(source=FundingSource.SELF_RAISED, amount=400_000_000),
        Funding(source=FundingSource.LOAN, amount=800_000_000),
    ),
    planned_start="2020-03",
    contact_id=UUID("01970000-0000-7000-8000-0000000000c1"),
    category=Category.EMERGING,
    track=Track.INDUSTRIAL_CHAIN,
    lead_side=LeadSide.MARKET,
    industry="34",
    preparation="已完成选址，正在办理用地预审。",
    build_from="2020-03",
    build_until="2022-10",
    annual_plan="2020 年完成一期厂房主体。",
    needs="协调园区 110 千伏变电站接入。",
    remarks="分两期建设。",
)
_FIRST_REVIEW = Term(
    start=date(2019, 4, 22),
    due=date(2019, 4, 25),
    yellow_from=date(2019, 4, 25),
    red_from=date(2019, 4, 26),
    provisional=False,
    calendar=0,
)
# Sunday, 28 April, was worked.
_FIVE_DAYS = Term(
    start=date(2019, 4, 22),
    due=date(2019, 4, 28),
    yellow_from=date(2019, 4, 24),
    red_from=date(2019, 4, 29),
    provisional=False,
    calendar=0,
)
_CLERK = ("acc-1", "county_reporter", "JC-ZZ")
_CITY = ("acc-2", "city_reviewer", "D-DRC")
_PROVINCE = ("acc-3", "prov_reviewer", "X-PRC")
_SYSTEM = ("system", "system", "system")

_TOLD: tuple[tuple[tuple[str, str, str], Fact], ...] = (
    (
        _CLERK,
        ProjectDrafted(
            project_id=PROJECT, owner_org="JC-ZZ", owner_name="泽州县", revision=1, facts=DRAFT
        ),
    ),
    (_CLERK, ProjectRevised(project_id=PROJECT, revision=2, facts=FORM)),
    (
        _CLERK,
        ReviewSubmitted(
            project_id=PROJECT,
            owner_org="JC-ZZ",
            revision=2,
            round=1,
            report_month="2019-04",
            submitted_on=date(2019, 4, 22),
            submitted_by="acc-1",
            hints_accepted=("content_scale",),
            term=_FIRST_REVIEW,
        ),
    ),
    (_CLERK, ReviewWithdrawn(project_id=PROJECT, revision=2, reason="投资额有变化。")),
    (
        _CITY,
        ReviewReturned(
            project_id=PROJECT,
            revision=2,
            returned_by="CITY",
            to=Level.REPORTER,
            opinion="请补充资金落实情况。",
            remarks=(Remark(field="funding", text="贷款意向书未附。"),),
            term=_FIVE_DAYS,
        ),
    ),
    (
        _CITY,
        ReviewPassedFirst(
            project_id=PROJECT,
            revision=2,
            reviewed_by="acc-2",
            opinion="要素齐全，同意上报。",
            term=_FIVE_DAYS,
        ),
    ),
    (
        _PROVINCE,
        ReviewApproved(
            project_id=PROJECT,
            revision=2,
            opinion="同意入库。",
            document_number="晋发改审〔2019〕88号",
        ),
    ),
    (
        _PROVINCE,
        ProjectPooled(
            project_id=PROJECT,
            owner_org="JC-ZZ",
            owner_name="泽州县",
            revision=2,
            facts=FORM,
            pool=Pool.PLAN,
            transition="T01",
            report_month="2019-04",
            approved_on=date(2019, 4, 25),
        ),
    ),
    (
        _CITY,
        ReviewRejected(
            project_id=PROJECT, revision=2, rejected_by="CITY", opinion="不属于谋划范围。"
        ),
    ),
    (_CLERK, ProjectDiscarded(project_id=PROJECT)),
    (
        _SYSTEM,
        PolicyPublished(
            room="project",
            valid_from=date(2019, 4, 22),
            sha256=POLICY,
            text="valid_from = 2019-04-22\n\n[name]\nshortest = 2\nlongest = 100\n",
        ),
    ),
    (
        _CLERK,
        WorkbookReceived(
            upload_id=UPLOAD,
            receipt="HZ-201904-000000F1",
            org="JC-ZZ",
            file=FileNoted(
                sha256=POLICY,
                name="泽州县2019年4月谋划项目.xlsx",
                size=48_213,
                media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ),
            rows=42,
            acceptable=36,
            wrong=4,
            unchanged=2,
            total_investment=5_837_000_000,
        ),
    ),
    (
        _CLERK,
        WorkbookAccepted(
            upload_id=UPLOAD, org="JC-ZZ", mode="valid", accepted=36, refused=4, unchanged=2
        ),
    ),
    (
        _SYSTEM,
        ReviewTermMoved(
            project_id=PROJECT,
            level=Holder.PROVINCE,
            old=_FIVE_DAYS,
            new=_FIVE_DAYS.model_copy(
                update={"due": date(2019, 4, 29), "red_from": date(2019, 4, 30), "calendar": 7}
            ),
        ),
    ),
    (
        _SYSTEM,
        ReviewOverdue(
            project_id=PROJECT,
            level=Holder.PROVINCE,
            due=date(2019, 4, 29),
            told_on=date(2019, 4, 30),
        ),
    ),
    (
        _ADMIN,
        ProjectContactErased(
            project_id=PROJECT,
            contact_id=UUID("01970000-0000-7000-8000-0000000000c1"),
            reason=ErasureReason.CONSENT_WITHDRAWN,
        ),
    ),
    (
        _CLERK,
        ProjectContactNamed(
            project_id=PROJECT, contact_id=UUID("01970000-0000-7000-8000-0000000000c2")
        ),
    ),
)

_TOGETHER = UUID("01970000-0000-7000-8000-0000000000d2")
_PARTS = (
    UUID("01970000-0000-7000-8000-0000000000d3"),
    UUID("01970000-0000-7000-8000-0000000000d4"),
)
_APPLICATION = UUID("01970000-0000-7000-8000-0000000000e1")
_SIGNING = UUID("01970000-0000-7000-8000-0000000000e5")
_PROMOTION = UUID("01970000-0000-7000-8000-0000000000e6")
_PHOTOGRAPH = FileNoted(sha256=POLICY, name="开工现场.jpg", size=312_004, media_type="image/jpeg")
_START_REPORT = Evidence(
    sort="start_report",
    file=_PHOTOGRAPH,
    document_number="泽住建开〔2019〕12号",
    dated_on=date(2019, 4, 18),
)
_HALF = FORM.model_copy(
    update={"name": "巴公标准厂房一期", "project_code": None, "total_investment": 600_000_000}
)
_CORRECTED = FORM.model_copy(update={"total_investment": 1_150_000_000})

_MOVED: tuple[tuple[tuple[str, str, str], Fact], ...] = (
    (
        _CLERK,
        MoveApplied(
            project_id=PROJECT,
            application_id=_APPLICATION,
            owner_org="JC-ZZ",
            revision=3,
            round=1,
            transition="T13",
            effect=MoveEffect.MOVE,
            from_pool=Pool.PLAN,
            to_pool=Pool.BUILD,
            fast_track=True,
            reason="手续已齐，已于四月开工。",
            evidence=(_START_REPORT,),
            report_month="2019-04",
            applied_on=date(2019, 4, 22),
            applied_by="acc-1",
            term=_FIRST_REVIEW,
        ),
    ),
    (_CLERK, MoveWithdrawn(project_id=PROJECT, application_id=_APPLICATION, reason="补充照片。")),
    (
        _CITY,
        MoveRefused(
            project_id=PROJECT,
            application_id=_APPLICATION,
            revision=3,
            refused_by="CITY",
            opinion="用地手续未办结。",
        ),
    ),
    (
        _PROVINCE,
        MoveApproved(
            project_id=PROJECT, application_id=_APPLICATION, revision=3, opinion="同意转入建设库。"
        ),
    ),
    (
        _PROVINCE,
        ProjectMoved(
            project_id=PROJECT,
            transition="T13",
            from_pool=Pool.PLAN,
            to_pool=Pool.BUILD,
            fast_track=True,
            total_investment=1_200_000_000,
            reason="手续已齐，已于四月开工。",
            moved_on=date(2019, 4, 22),
        ),
    ),
    (
        _PROVINCE,
        ProjectHeld(
            project_id=PROJECT,
            pool=Pool.BUILD,
            reason="贷款未到位。",
            resume_when="银行授信批复后",
            hold_until=date(2019, 10, 22),
            held_on=date(2019, 4, 22),
        ),
    ),
    (
        _PROVINCE,
        ProjectResumed(
            project_id=PROJECT,
            pool=Pool.BUILD,
            reason="授信已批复。",
            resumed_on=date(2019, 4, 22),
        ),
    ),
    (
        _CLERK,
        CorrectionRequested(
            project_id=PROJECT,
            application_id=_APPLICATION,
            owner_org="JC-ZZ",
            revision=4,
            round=1,
            facts=_CORRECTED,
            changed=("total_investment",),
            reason="初步设计概算批复后核减。",
            evidence=(Evidence(sort="budget_approval", document_number="泽发改审〔2019〕7号"),),
            report_month="2019-04",
            requested_on=date(2019, 4, 22),
            requested_by="acc-1",
            term=_FIRST_REVIEW,
        ),
    ),
    (
        _CLERK,
        CorrectionWithdrawn(
            project_id=PROJECT, application_id=_APPLICATION, reason="概算还要调整。"
        ),
    ),
    (
        _CITY,
        CorrectionRefused(
            project_id=PROJECT,
            application_id=_APPLICATION,
            revision=4,
            refused_by="CITY",
            opinion="没有概算批复。",
        ),
    ),
    (
        _PROVINCE,
        CorrectionApproved(
            project_id=PROJECT, application_id=_APPLICATION, revision=4, opinion="同意更正。"
        ),
    ),
    (
        _PROVINCE,
        ProjectCorrected(
            project_id=PROJECT,
            application_id=_APPLICATION,
            revision=4,
            facts=_CORRECTED,
            changed=("total_investment",),
            reason="初步设计概算批复后核减。",
            corrected_on=date(2019, 4, 22),
        ),
    ),
    (
        _PROVINCE,
        ProjectAbsorbed(
            project_id=PROJECT,
            absorbed_id=_TOGETHER,
            absorbed_name="巴公园区道路",
            duplicate=False,
            added_investment=50_000_000,
            revision=5,
            facts=FORM,
            pool=Pool.BUILD,
            absorbed_on=date(2019, 4, 22),
        ),
    ),
    (
        _PROVINCE,
        ProjectSplit(
            project_id=PROJECT,
            parts=_PARTS,
            pool=Pool.BUILD,
            total_investment=1_200_000_000,
            split_on=date(2019, 4, 22),
        ),
    ),
    (
        _PROVINCE,
        ProjectMerged(
            project_id=PROJECT,
            merged_into=_TOGETHER,
            merged_into_name="巴公园区道路",
            duplicate=True,
            pool=Pool.BUILD,
            total_investment=1_200_000_000,
            merged_on=date(2019, 4, 22),
        ),
    ),
    (
        _PROVINCE,
        ProjectTakenOut(
            project_id=PROJECT,
            pool=Pool.PLAN,
            total_investment=1_200_000_000,
            reason="改由省属企业实施，不属本市管理。",
            taken_out_on=date(2019, 4, 22),
        ),
    ),
    (
        _PROVINCE,
        ProjectEnded(
            project_id=PROJECT,
            pool=Pool.PLAN,
            reason="投资方撤资，不再实施。",
            ended_on=date(2019, 4, 22),
        ),
    ),
    (_CITY, ReviewTaken(project_id=PROJECT, level=Holder.CITY, taken_by="acc-2")),
    (
        _CITY,
        ReviewHandedOver(
            project_id=PROJECT, level=Holder.CITY, handed_to="acc-4", reason="出差，请代办。"
        ),
    ),
    (
        _CITY,
        DuplicateJudged(
            project_id=PROJECT,
            other_id=_TOGETHER,
            verdict="DISTINCT",
            keeps=None,
            own=Likeness(
                owner_name="泽州县",
                name=FORM.name,
                region="140525",
                total_investment=FORM.total_investment or 0,
            ),
            other=Likeness(
                owner_name="市工信局",
                name=f"{FORM.name}道路",
                region="140525",
                total_investment=FORM.total_investment or 0,
            ),
            similarity=91,
            reason="一个是厂房，一个是道路。",
            judged_on=date(2019, 4, 22),
            judged_by="acc-2",
        ),
    ),
    (_CITY, ProjectTagged(project_id=PROJECT, tag="private", from_on=date(2019, 4, 22))),
    (
        _CITY,
        ProjectUntagged(
            project_id=PROJECT, tag="private", until_on=date(2019, 4, 22), reason="控股方改为国有。"
        ),
    ),
)

# Numbered apart as well, each stream by itself.
_FIRST_OF_PROGRESS = 101
_PROGRESS: tuple[tuple[tuple[str, str, str], Fact], ...] = (
    (
        _CLERK,
        ProgressOpened(
            project_id=PROJECT,
            owner_org="JC-ZZ",
            as_of=date(2018, 12, 31),
            invested_in_all=80_000_000,
            invested_this_year=80_000_000,
        ),
    ),
    (
        _CLERK,
        ConstructionStarted(
            project_id=PROJECT,
            owner_org="JC-ZZ",
            started_on=date(2019, 4, 18),
            evidence=(_START_REPORT,),
            note="一期基础打桩。",
        ),
    ),
    (
        _CLERK,
        ProgressReported(
            project_id=PROJECT,
            owner_org="JC-ZZ",
            month="2019-03",
            edition=1,
            invested=InvestmentByUse(construction=6_000_000, equipment=1_500_000),
            funds=(FundsReceived(source=FundingSource.LOAN, amount=10_000_000),),
            invested_this_year=7_500_000,
            invested_in_all=87_500_000,
            milestones=(MilestoneReached(milestone="foundation", percent=20),),
            problems=(ProblemNamed(text="场地内有一条通信光缆待迁改。", asks="D-BDA"),),
            text="完成场地平整，开始桩基施工。",
            evidence=(Evidence(sort="photograph", file=_PHOTOGRAPH),),
            due=date(2019, 4, 8),
            reported_on=date(2019, 4, 22),
            late=True,
        ),
    ),
    (
        _SYSTEM,
        ProgressMissed(
            project_id=PROJECT,
            owner_org="JC-ZZ",
            month="2019-02",
            due=date(2019, 3, 5),
            told_on=date(2019, 3, 6),
        ),
    ),
    (
        _CLERK,
        ConstructionStopped(
            project_id=PROJECT, owner_org="JC-ZZ", stopped_on=date(2019, 4, 20), reason="阴雨停工。"
        ),
    ),
    (
        _CLERK,
        ConstructionResumed(project_id=PROJECT, owner_org="JC-ZZ", resumed_on=date(2019, 4, 22)),
    ),
    (
        _CLERK,
        ConstructionNeverStopped(
            project_id=PROJECT, owner_org="JC-ZZ", year=2019, said_on=date(2019, 4, 22)
        ),
    ),
    (
        _CLERK,
        ConstructionRectified(
            project_id=PROJECT,
            owner_org="JC-ZZ",
            what="STARTED",
            was_on=date(2019, 4, 18),
            is_on=date(2019, 4, 19),
            reason="开工报告日期录错。",
            rectified_on=date(2019, 4, 22),
        ),
    ),
    (
        _CLERK,
        ConstructionFinished(project_id=PROJECT, owner_org="JC-ZZ", finished_on=date(2019, 4, 22)),
    ),
)

_FIRST_OF_SIGNINGS = 121
_SIGNED: tuple[tuple[tuple[str, str, str], Fact], ...] = (
    (
        _CLERK,
        LeadRegistered(
            signing_id=_SIGNING,
            owner_org="JC-ZZ",
            owner_name="泽州县",
            title="光机电产业园",
            investor="深圳市光启精密有限公司",
            investor_place="广东省深圳市",
            region="140525",
            zone_id=None,
            industry="39",
            intended_investment=1_500_000_000,
            registered_on=date(2019, 4, 22),
        ),
    ),
    (
        _CLERK,
        NegotiationBegun(signing_id=_SIGNING, begun_on=date(2019, 4, 22), note="考察巴公园区。"),
    ),
    (
        _CLERK,
        FrameworkSigned(
            signing_id=_SIGNING, signed_on=date(2019, 4, 22), intended_investment=1_500_000_000
        ),
    ),
    (
        _CLERK,
        ContractSigned(
            signing_id=_SIGNING,
            owner_org="JC-ZZ",
            contract_number="ZZ-2019-03",
            contract_investment=1_200_000_000,
            signed_on=date(2019, 4, 22),
            link_due=date(2019, 5, 22),
            evidence=(Evidence(sort="contract", document_number="ZZ-2019-03"),),
        ),
    ),
    (
        _CLERK,
        ContractAmended(
            signing_id=_SIGNING,
            contract_investment=1_100_000_000,
            reason="分两期实施，合同按一期签订。",
            amended_on=date(2019, 4, 22),
        ),
    ),
    (
        _SYSTEM,
        SigningLinkOverdue(
            signing_id=_SIGNING, link_due=date(2019, 5, 22), told_on=date(2019, 5, 23)
        ),
    ),
    (
        _CLERK,
        SigningLinked(
            signing_id=_SIGNING,
            project_id=PROJECT,
            project_name=FORM.name,
            linked_on=date(2019, 4, 22),
        ),
    ),
    (
        _CLERK,
        SigningUnlinked(
            signing_id=_SIGNING,
            project_id=PROJECT,
            reason="关联错了项目。",
            unlinked_on=date(2019, 4, 22),
        ),
    ),
    (
        _CLERK,
        SigningRectified(
            signing_id=_SIGNING,
            title="光机电产业园（一期）",
            investor="深圳市光启精密有限公司",
            investor_place="广东省深圳市",
            region="140525",
            zone_id="Z-JC",
            industry="39",
            intended_investment=1_500_000_000,
            reason="落户开发区。",
            rectified_on=date(2019, 4, 22),
        ),
    ),
    (
        _CITY,
        SigningTransferred(
            signing_id=_SIGNING,
            from_org="JC-ZZ",
            to_org="Z-JC",
            to_name="晋城经济技术开发区",
            reason="落户金匠园区。",
            transferred_on=date(2019, 4, 22),
        ),
    ),
    (
        _CLERK,
        SigningEnded(signing_id=_SIGNING, reason="投资方放弃。", ended_on=date(2019, 4, 22)),
    ),
    (
        _CLERK,
        PromotionHeld(
            promotion_id=_PROMOTION,
            org="JC-ZZ",
            org_name="泽州县",
            level="COUNTY",
            title="泽州县光机电产业推介会",
            place="广东省深圳市",
            outside_city=True,
            held_on=date(2019, 4, 12),
        ),
    ),
    (
        _CLERK,
        PromotionWithdrawn(
            promotion_id=_PROMOTION, reason="重复登记。", withdrawn_on=date(2019, 4, 22)
        ),
    ),
)

_REST_OF_2019 = (
    Holiday(name="端午节", first=date(2019, 6, 7), last=date(2019, 6, 9)),
    Holiday(name="中秋节", first=date(2019, 9, 13), last=date(2019, 9, 15)),
    Holiday(name="国庆节", first=date(2019, 10, 1), last=date(2019, 10, 7)),
)
_BEGIN_OF_2019 = (
    Holiday(name="元旦", first=date(2019, 1, 1), last=date(2019, 1, 1)),
    Holiday(name="春节", first=date(2019, 2, 4), last=date(2019, 2, 10)),
    Holiday(name="清明节", first=date(2019, 4, 5), last=date(2019, 4, 7)),
)
# Numbered apart, so that another fact of the story above gives none of these another id.
_FIRST_OF_THE_YEARS = 51
_YEARS: tuple[tuple[tuple[str, str, str], Fact], ...] = (
    (
        _SYSTEM,
        YearPublished(
            year=2019,
            notices=("国办发明电〔2018〕15号",),
            source="国务院办公厅通知",
            holidays=(
                *_BEGIN_OF_2019,
                Holiday(name="劳动节", first=date(2019, 5, 1), last=date(2019, 5, 1)),
                *_REST_OF_2019,
            ),
            make_up_days=(
                date(2019, 2, 2),
                date(2019, 2, 3),
                date(2019, 9, 29),
                date(2019, 10, 12),
            ),
        ),
    ),
    (
        _ADMIN,
        YearRevised(
            year=2019,
            notices=("国办发明电〔2018〕15号", "国办发明电〔2019〕3号"),
            reason="劳动节假期调整为5月1日至4日，4月28日、5月5日上班",
            source="按通知录入",
            holidays=(
                *_BEGIN_OF_2019,
                Holiday(name="劳动节", first=date(2019, 5, 1), last=date(2019, 5, 4)),
                *_REST_OF_2019,
            ),
            make_up_days=(
                date(2019, 2, 2),
                date(2019, 2, 3),
                date(2019, 4, 28),
                date(2019, 5, 5),
                date(2019, 9, 29),
                date(2019, 10, 12),
            ),
        ),
    ),
    (
        _ADMIN,
        YearEstimated(
            year=2027,
            source="全国年节及纪念日放假办法",
            holidays=(
                Holiday(name="元旦", first=date(2027, 1, 1), last=date(2027, 1, 1)),
                Holiday(name="春节", first=date(2027, 2, 5), last=date(2027, 2, 10)),
            ),
            make_up_days=(),
        ),
    ),
)

# Numbered apart as well.
_FIRST_OF_IDENTITY = 71
_FIRST_OF_APPROVALS = 151
_IDENTITY: tuple[tuple[tuple[str, str, str], Fact], ...] = (
    (
        _SYSTEM,
        OrganisationEstablished(
            organisation_id="D-EEB",
            name="晋城市环境保护局",
            short_name="市环保局",
            organisation_kind="department",
            planning_body=True,
            path="direct",
            valid_from=date(2019, 1, 1),
        ),
    ),
    (
        _ADMIN,
        OrganisationRenamed(
            organisation_id="D-EEB",
            name="晋城市生态环境局",
            short_name="市生态环境局",
            valid_from=date(2019, 2, 1),
            basis="晋市编〔2019〕3号",
        ),
    ),
    (
        _ADMIN,
        OrganisationMerged(
            organisation_id="D-WEA",
            into="D-EEB",
            valid_to=date(2019, 6, 30),
            basis="晋市编〔2019〕12号",
        ),
    ),
    (
        _ADMIN,
        OrganisationSplit(
            organisation_id="D-IND",
            into=("D-IIT", "D-ENE"),
            accounts_to="D-IIT",
            valid_to=date(2019, 6, 30),
            basis="晋市编〔2019〕12号",
        ),
    ),
    (_ADMIN, OrganisationClosed(organisation_id="D-TMP", valid_to=date(2019, 6, 30))),
    (
        _ADMIN,
        AccountOpened(
            account_id=ACCOUNT,
            role="enterprise",
            organisation_id="E-LH",
            uscc="91140500MA0T00011Y",
            valid_from=date(2019, 4, 22),
        ),
    ),
    (
        _ADMIN,
        AccountAssigned(
            account_id=ACCOUNT,
            role="dept_reporter",
            organisation_id="D-IIT",
            valid_from=date(2019, 7, 1),
            valid_to=date(2020, 6, 30),
        ),
    ),
    (_ADMIN, PasswordReset(account_id=ACCOUNT)),
    ((str(ACCOUNT), "enterprise", "E-LH"), PasswordChanged(account_id=ACCOUNT)),
    (_ADMIN, SignedOutEverywhere(account_id=ACCOUNT)),
    (_ADMIN, AccountDisabled(account_id=ACCOUNT, reason="借调外出")),
    (_ADMIN, AccountEnabled(account_id=ACCOUNT)),
    (_ADMIN, AccountClosed(account_id=ACCOUNT, reason="调离")),
    (
        _ADMIN,
        SubstituteAppointed(
            account_id=ACCOUNT,
            substitute_id=UUID("01970000-0000-7000-8000-0000000000a2"),
            valid_from=date(2019, 5, 6),
            valid_to=date(2019, 5, 10),
        ),
    ),
    (
        _ADMIN,
        SubstituteEnded(
            account_id=ACCOUNT,
            substitute_id=UUID("01970000-0000-7000-8000-0000000000a2"),
            valid_to=date(2019, 5, 8),
        ),
    ),
    (_ADMIN, AccountErased(account_id=ACCOUNT, reason=ErasureReason.CONSENT_WITHDRAWN)),
    (
        _ADMIN,
        MachineOpened(
            machine_id=MACHINE,
            role="county_reporter",
            organisation_id="JC-ZZ",
            scopes=("read", "report"),
            purpose="县政务服务平台推送企业投资项目",
            basis="泽政办函〔2019〕21号",
            valid_from=date(2019, 4, 22),
            valid_to=date(2020, 4, 21),
        ),
    ),
    (_ADMIN, MachineScopesChanged(machine_id=MACHINE, scopes=("read",))),
    (_ADMIN, MachineSecretRotated(machine_id=MACHINE, overlap_hours=24)),
    (_ADMIN, MachineSecretRevoked(machine_id=MACHINE)),
    (_ADMIN, MachineDisabled(machine_id=MACHINE, reason="对接系统停机改造")),
    (_ADMIN, MachineEnabled(machine_id=MACHINE)),
    (_ADMIN, MachineClosed(machine_id=MACHINE, reason="对接系统下线")),
)


_FIRST_OF_THE_MONTHS = 61
_MONTHS: tuple[tuple[tuple[str, str, str], Fact], ...] = (
    (
        _CLERK,
        NothingNewReported(
            org="JC-ZZ", org_name="泽州县", month="2019-04", reported_on=date(2019, 4, 22)
        ),
    ),
    (
        _CLERK,
        NothingNewWithdrawn(org="JC-ZZ", month="2019-04", withdrawn_on=date(2019, 4, 22)),
    ),
)


def examples() -> Iterator[tuple[Envelope, Fact]]:
    """Give one fact of every kind with its envelope; always the same."""
    versions: Counter[str] = Counter()
    for number, (actor, fact) in (
        *enumerate((*_TOLD, *_MOVED), start=1),
        *enumerate(_PROGRESS, start=_FIRST_OF_PROGRESS),
        *enumerate(_SIGNED, start=_FIRST_OF_SIGNINGS),
        *enumerate(_YEARS, start=_FIRST_OF_THE_YEARS),
        *enumerate(_MONTHS, start=_FIRST_OF_THE_MONTHS),
        *enumerate(_IDENTITY, start=_FIRST_OF_IDENTITY),
        *enumerate(approvals(PROJECT), start=_FIRST_OF_APPROVALS),
    ):
        stream, key = _place(fact)
        versions[stream] += 1
        yield _surrounded(number, actor, fact, (stream, versions[stream], key)), fact


def _place(fact: Fact) -> tuple[str, str]:
    """Give the stream of a fact and its partition key."""
    if fact.kind.startswith(f"{approval_tracking.SERVICE}."):
        return _place_of_approvals(fact)
    match fact:
        case WorkbookReceived() | WorkbookAccepted():
            return f"upload-{UPLOAD}", f"upload-{UPLOAD}"
        case NothingNewReported() | NothingNewWithdrawn():
            stream = f"month-{fact.org}-{fact.month}"
            return stream, stream
        case PromotionHeld() | PromotionWithdrawn():
            return f"promotion-{fact.promotion_id}", f"promotion-{fact.promotion_id}"
        case fact if fact.kind in SIGNING_KINDS:
            return f"signing-{_SIGNING}", f"signing-{_SIGNING}"
        case fact if fact.kind in PROGRESS_KINDS:
            return f"progress-{PROJECT}", str(PROJECT)
        case PolicyPublished():
            return "policy-project-2019-04-22", "policy-project-2019-04-22"
        case (
            OrganisationEstablished()
            | OrganisationRenamed()
            | OrganisationMerged()
            | OrganisationSplit()
            | OrganisationClosed()
        ):
            return f"organisation-{fact.organisation_id}", ORGANISATIONS
        case SubstituteAppointed() | SubstituteEnded():
            return f"substitute-{fact.account_id}", f"substitute-{fact.account_id}"
        case (
            AccountOpened()
            | AccountAssigned()
            | AccountDisabled()
            | AccountEnabled()
            | AccountClosed()
            | AccountErased()
            | PasswordReset()
            | PasswordChanged()
            | SignedOutEverywhere()
        ):
            return f"account-{fact.account_id}", f"account-{fact.account_id}"
        case (
            MachineOpened()
            | MachineScopesChanged()
            | MachineSecretRotated()
            | MachineSecretRevoked()
            | MachineDisabled()
            | MachineEnabled()
            | MachineClosed()
        ):
            return f"machine-{fact.machine_id}", f"machine-{fact.machine_id}"
        case _:
            return f"project-{PROJECT}", str(PROJECT)


def _place_of_approvals(fact: Fact) -> tuple[str, str]:
    match fact:
        case YearPublished() | YearRevised() | YearEstimated():
            return f"calendar-{fact.year}", CALENDAR
        case approval_tracking.PolicyPublished():
            return "policy-approval_plan-2019-01-01", "policy-approval_plan-2019-01-01"
        case fact if fact.kind in RESULT_KINDS:
            return f"result-{RESULT}", f"result-{RESULT}"
        case _:
            return f"approval-{PROJECT}", str(PROJECT)


def _surrounded(
    number: int, actor: tuple[str, str, str], fact: Fact, place: tuple[str, int, str]
) -> Envelope:
    stream, version, key = place
    recorded = _BEGAN + timedelta(minutes=number)
    account, role, org = actor
    return Envelope(
        id=f"01970000-0000-7000-8000-{100 + number:012d}",
        type=fact.kind,
        source=f"/siku/{fact.kind.partition('.')[0]}",
        subject=stream,
        time=instant(recorded),
        partitionkey=key,
        streamversion=str(version),
        occurred="2019-04-22",
        actoraccount=account,
        actorrole=role,
        actororg=org,
        correlationid=f"01970000-0000-7000-8000-{200 + number:012d}",
        causationid=f"{account}:example-{number}",
        policy=POLICY,
    )
