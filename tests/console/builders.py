"""Sample dossiers: facts as intake tells them, folded into the console's rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import NAMESPACE_URL, UUID, uuid5

import asyncpg

from contracts import approval_tracking
from contracts.envelope import Envelope, Fact, instant
from contracts.intake import (
    Builder,
    Category,
    CorrectionApproved,
    CorrectionRequested,
    DuplicateJudged,
    Funding,
    FundingSource,
    Holder,
    LeadSide,
    Level,
    Likeness,
    Location,
    MoveApplied,
    MoveApproved,
    MoveEffect,
    MoveRefused,
    NothingNewReported,
    NothingNewWithdrawn,
    PolicyPublished,
    Pool,
    ProjectCorrected,
    ProjectDiscarded,
    ProjectDrafted,
    ProjectFacts,
    ProjectPooled,
    ProjectRevised,
    Remark,
    ReviewApproved,
    ReviewOverdue,
    ReviewPassedFirst,
    ReviewRejected,
    ReviewReturned,
    ReviewSubmitted,
    ReviewTaken,
    ReviewTermMoved,
    ReviewWithdrawn,
    Term,
    Track,
)
from services.console.views import (
    approval_rules,
    nothing_new,
    policies,
    progress_months,
    project_history,
    working_days,
)
from services.console.wiring import AWAITED, VIEWS
from services.intake.policies import terms_on
from services.intake.review.terms import Terms
from shared.clock import SHANGHAI
from shared.relay import headers_of
from shared.viewing import Record, Told, View
from tests.intake.dossiers import DAYS
from tests.shared.reading import opened

WAN = 10_000
REVIEW_RULES = """valid_from = 2019-04-22
first_review_days = 3
final_review_days = 5
resubmission_days = 5
source = "系统默认"

[yellow]
percent = 50
working_days = 3

[phrases]
PASS = ["要素齐全，同意。"]
RETURN = ["请核对资金来源。"]
"""
MONTH_RULES = """valid_from = 2019-04-22
day_of_month = 5
roll_over = true
yellow_days = 3
"""
POLICY = sha256(REVIEW_RULES.encode()).hexdigest()
BEGINNING = datetime(2019, 4, 22, 1, 0, tzinfo=UTC)
REPORTER = ("account-zezhou", "county_reporter", "JC-ZZ")
CITY = ("account-city", "city_reviewer", "D-DRC")
SYSTEM = ("system", "system", "system")
PROVINCE = ("account-province", "prov_reviewer", "SX-DRC")
OWNERS = {
    "JC-ZZ": "泽州县",
    "JC-CQ": "城区",
    "JC-GP": "高平市",
    "JC-YC": "阳城县",
    "JC-LC": "陵川县",
    "JC-QS": "沁水县",
    "Z-JC": "晋城经开区",
    "D-TRA": "市交通局",
    "D-EDU": "市教育局",
    "E-LH": "兰花集团",
}
REGIONS = {
    "JC-ZZ": "140525",
    "JC-CQ": "140502",
    "JC-GP": "140581",
    "JC-YC": "140522",
    "JC-LC": "140524",
    "JC-QS": "140521",
}


def facts(name: str = "鹿鸣谷煤层气综合利用示范", **other: object) -> ProjectFacts:
    """Give a complete form."""
    complete = ProjectFacts(
        name=name,
        content="建设集气站 2 座、输气管线 18 公里，配套发电机组 4 台。",
        location=Location(region="140525", address="巴公镇示例地块"),
        builder=Builder(name="晋城示例能源有限公司", uscc="91140500MA0T00011Y"),
        total_investment=86_000 * WAN,
        funding=(
            Funding(source=FundingSource.SELF_RAISED, amount=34_400 * WAN),
            Funding(source=FundingSource.LOAN, amount=51_600 * WAN),
        ),
        planned_start="2019-10",
        contact_id=uuid5(NAMESPACE_URL, f"contact {name}"),
        category=Category.EMERGING,
        track=Track.INDUSTRIAL_CHAIN,
        lead_side=LeadSide.MARKET,
        industry="45",
        build_from="2019-10",
        build_until="2021-06",
    )
    return complete.model_copy(update=other)


@dataclass(frozen=True)
class Dossier:
    """A dossier being told, fact after fact."""

    org: str = "JC-ZZ"
    name: str = "鹿鸣谷煤层气综合利用示范"
    told: tuple[Told, ...] = ()
    now: datetime = BEGINNING
    revision: int = 0
    round: int = 0
    report_month: str = ""
    facts: ProjectFacts = field(default_factory=facts)
    reporter: str = "account-zezhou"
    timed: bool = True
    """Whether its facts name terms; those from before they did name none."""

    @property
    def project_id(self) -> UUID:
        """The project's id, the same in every run."""
        return uuid5(NAMESPACE_URL, f"{self.org} {self.name}")

    @property
    def today(self) -> date:
        """The day in Asia/Shanghai."""
        return self.now.astimezone(SHANGHAI).date()

    def drafted(self, given: ProjectFacts | None = None) -> "Dossier":
        """The unit began it."""
        form = given or facts(
            self.name, location=Location(region=REGIONS.get(self.org, "140502"), address="示例地块")
        )
        begun = ProjectDrafted(
            project_id=self.project_id,
            owner_org=self.org,
            owner_name=OWNERS[self.org],
            revision=1,
            facts=form,
        )
        return replace(self._telling(begun, self._by_reporter()), revision=1, facts=form)

    def revised(self, **changes: object) -> "Dossier":
        """The unit changed columns."""
        form = self.facts.model_copy(update=changes)
        revised = ProjectRevised(project_id=self.project_id, revision=self.revision + 1, facts=form)
        return replace(
            self._telling(revised, self._by_reporter()), revision=self.revision + 1, facts=form
        )

    def submitted(self) -> "Dossier":
        """The unit reported it."""
        submitted = ReviewSubmitted(
            project_id=self.project_id,
            owner_org=self.org,
            revision=self.revision,
            round=self.round + 1,
            report_month=f"{self.today:%Y-%m}",
            submitted_on=self.today,
            submitted_by=self.reporter,
            term=self.terms.city if self.timed else None,
        )
        return replace(
            self._telling(submitted, self._by_reporter()),
            round=self.round + 1,
            report_month=submitted.report_month,
        )

    def returned(
        self,
        opinion: str = "资金来源合计与总投资不一致，请核对贷款额。",
        *remarks: Remark,
        to: Level = Level.REPORTER,
    ) -> "Dossier":
        """A reviewer sent it back."""
        by = PROVINCE if to == Level.CITY else CITY
        return self._telling(
            ReviewReturned(
                project_id=self.project_id,
                revision=self.revision,
                returned_by="PROVINCE" if to == Level.CITY else "CITY",
                to=to,
                opinion=opinion,
                remarks=remarks,
                term=(self.terms.city if to == Level.CITY else self.terms.reporter)
                if self.timed
                else None,
            ),
            by,
        )

    def passed_first(self, by: str = CITY[0]) -> "Dossier":
        """The city passed it on."""
        passed = ReviewPassedFirst(
            project_id=self.project_id,
            revision=self.revision,
            reviewed_by=by,
            opinion="要素齐全，同意报省审核。",
            term=self.terms.province if self.timed else None,
        )
        return self._telling(passed, (by, *CITY[1:]))

    def correcting(self, reason: str = "面积漏填了二期。", **changes: object) -> "Dossier":
        """The unit asked that columns of what was accepted be corrected."""
        asked = CorrectionRequested(
            project_id=self.project_id,
            application_id=self.project_id,
            owner_org=self.org,
            revision=self.revision + 1,
            round=1,
            facts=self.facts.model_copy(update=changes),
            changed=tuple(changes),
            reason=reason,
            report_month=f"{self.today:%Y-%m}",
            requested_on=self.today,
            requested_by=self.reporter,
            term=self.terms.city,
        )
        return replace(self._telling(asked, self._by_reporter()), revision=self.revision + 1)

    def corrected(self, reason: str = "面积漏填了二期。", **changes: object) -> "Dossier":
        """The province approved the correction, and it took effect."""
        form = self.facts.model_copy(update=changes)
        allowed = CorrectionApproved(
            project_id=self.project_id,
            application_id=self.project_id,
            revision=self.revision,
            opinion="同意更正。",
        )
        told = ProjectCorrected(
            project_id=self.project_id,
            application_id=self.project_id,
            revision=self.revision + 1,
            facts=form,
            changed=tuple(changes),
            reason=reason,
            corrected_on=self.today,
        )
        on = self._telling(allowed, PROVINCE)._telling(told, PROVINCE)
        return replace(on, revision=self.revision + 1, facts=form)

    def taken(self, by: str) -> "Dossier":
        """A reviewer of the city took it from the queue."""
        taken = ReviewTaken(project_id=self.project_id, level=Holder.CITY, taken_by=by)
        return self._telling(taken, (by, *CITY[1:]))

    def judged(self, other: "Dossier") -> "Dossier":
        """The city judged that it is not the same as another."""
        own, others = (
            Likeness(
                owner_name=one.org, name=one.name, region="140502", total_investment=86_000 * WAN
            )
            for one in (self, other)
        )
        verdict = DuplicateJudged(
            project_id=self.project_id,
            other_id=other.project_id,
            verdict="DISTINCT",
            keeps=None,
            own=own,
            other=others,
            similarity=92,
            reason="地块和主体都不同。",
            judged_on=self.today,
            judged_by=CITY[0],
        )
        return self._telling(verdict, CITY)

    def withdrawn(self) -> "Dossier":
        """The unit took its report back."""
        withdrawn = ReviewWithdrawn(
            project_id=self.project_id, revision=self.revision, reason="投资额有变化。"
        )
        return self._telling(withdrawn, self._by_reporter())

    def discarded(self) -> "Dossier":
        """The unit gave the draft up."""
        given_up = ProjectDiscarded(project_id=self.project_id)
        return self._telling(given_up, self._by_reporter())

    def rejected(self) -> "Dossier":
        """The city refused it for good."""
        return self._telling(
            ReviewRejected(
                project_id=self.project_id,
                revision=self.revision,
                rejected_by="CITY",
                opinion="与已入库项目重复，不予入库。",
            ),
            CITY,
        )

    def pooled(self, pool: Pool = Pool.PLAN) -> "Dossier":
        """The province approved; it entered a pool."""
        approved = ReviewApproved(
            project_id=self.project_id,
            revision=self.revision,
            opinion="同意入库。",
            document_number="晋发改投资〔2019〕118号",
        )
        pooled = ProjectPooled(
            project_id=self.project_id,
            owner_org=self.org,
            owner_name=OWNERS[self.org],
            revision=self.revision,
            facts=self.facts,
            pool=pool,
            transition="T01",
            report_month=self.report_month,
            approved_on=self.now.date(),
        )
        return self._telling(approved, PROVINCE)._telling(pooled, PROVINCE)

    def applied(self, transition: str, effect: MoveEffect, **changes: object) -> "Dossier":
        """The unit applied for a move out of 谋划库."""
        fields: dict[str, object] = {
            "project_id": self.project_id,
            "application_id": uuid5(self.project_id, transition),
            "owner_org": self.org,
            "revision": self.revision + 1,
            "round": 1,
            "transition": transition,
            "effect": effect,
            "from_pool": Pool.PLAN,
            "to_pool": None,
            "reason": "手续已经办齐。",
            "report_month": f"{self.today:%Y-%m}",
            "applied_on": self.today,
            "applied_by": self.reporter,
            "term": self.terms.city,
        }
        applied = MoveApplied.model_validate({**fields, **changes})
        told = self._telling(applied, self._by_reporter())
        return replace(told, revision=self.revision + 1, round=applied.round)

    def move_approved(self, effect: Fact) -> "Dossier":
        """The province approved the move; what it came to is told beside it."""
        approved = MoveApproved(
            project_id=self.project_id,
            application_id=self.project_id,
            revision=self.revision,
            opinion="同意。",
        )
        return self._telling(approved, PROVINCE)._telling(effect, PROVINCE)

    def move_refused(self) -> "Dossier":
        """The city refused the move."""
        refused = MoveRefused(
            project_id=self.project_id,
            application_id=self.project_id,
            revision=self.revision,
            refused_by="CITY",
            opinion="手续没有办结。",
        )
        return self._telling(refused, CITY)

    def overdue(self, level: Holder, due: date) -> "Dossier":
        """The clock told that a term was over."""
        told = ReviewOverdue(
            project_id=self.project_id, level=level, due=due, told_on=self.now.date()
        )
        return self._telling(told, SYSTEM)

    def moved(self, level: Holder, old: Term, new: Term) -> "Dossier":
        """A revised calendar moved a term."""
        moved = ReviewTermMoved(project_id=self.project_id, level=level, old=old, new=new)
        return self._telling(moved, SYSTEM)

    @property
    def terms(self) -> Terms:
        """The terms that would begin now."""
        return terms_on(self.now.astimezone(SHANGHAI).date(), DAYS)

    def later(self, **span: float) -> "Dossier":
        """Let time pass."""
        return replace(self, now=self.now + timedelta(**span))

    def _by_reporter(self) -> tuple[str, str, str]:
        kind = {"D": "dept_reporter", "E": "enterprise"}.get(self.org[0], "county_reporter")
        return (self.reporter, kind, self.org)

    def _telling(self, fact: Fact, by: tuple[str, str, str]) -> "Dossier":
        version = len(self.told) + 1
        account, role, org = by
        stream = f"project-{self.project_id}"
        event_id = uuid5(NAMESPACE_URL, f"{stream} {version}")
        envelope = Envelope(
            id=str(event_id),
            type=fact.kind,
            source="/siku/intake",
            subject=stream,
            time=instant(self.now),
            partitionkey=str(self.project_id),
            streamversion=str(version),
            occurred=self.now.date().isoformat(),
            actoraccount=account,
            actorrole=role,
            actororg=org,
            correlationid=str(event_id),
            causationid=str(event_id),
            policy=POLICY,
        )
        payload = fact.model_dump_json().encode()
        told = Told(envelope, fact, version, sha256(payload).hexdigest(), payload)
        return replace(self, told=(*self.told, told), now=self.now + timedelta(minutes=40))


def published(
    text: str, valid_from: date, told_at: datetime = BEGINNING, *, room: str = "review"
) -> Told:
    """Give a file of rules as intake tells it."""
    rules = PolicyPublished(
        room=room, valid_from=valid_from, sha256=sha256(text.encode()).hexdigest(), text=text
    )
    system = ("system", "system", "system")
    return _reference(rules, f"policy-{room}-{valid_from}", 1, told_at, system)


def catalogue_published(text: str, valid_from: date) -> Told:
    """Give a file of the catalogue of approvals as approval_tracking tells it."""
    rules = approval_tracking.PolicyPublished(
        room="approval_plan",
        valid_from=valid_from,
        sha256=sha256(text.encode()).hexdigest(),
        text=text,
    )
    system = ("system", "system", "system")
    return _reference(rules, f"policy-approval_plan-{valid_from}", 1, BEGINNING, system)


def said_nothing_new(org: str, at: datetime, *, version: int = 1) -> Told:
    """Give a body's word that it has nothing new, for the month of that instant."""
    day = at.astimezone(SHANGHAI).date()
    said = NothingNewReported(org=org, org_name=OWNERS[org], month=f"{day:%Y-%m}", reported_on=day)
    return _reference(said, f"month-{org}-{said.month}", version, at, ("clerk", "clerk", org))


def taken_back(org: str, at: datetime, *, version: int = 2) -> Told:
    """Give that a body took it back."""
    day = at.astimezone(SHANGHAI).date()
    back = NothingNewWithdrawn(org=org, month=f"{day:%Y-%m}", withdrawn_on=day)
    return _reference(back, f"month-{org}-{back.month}", version, at, ("clerk", "clerk", org))


def _reference(
    fact: Fact, stream: str, version: int, at: datetime, by: tuple[str, str, str]
) -> Told:
    event_id = str(uuid5(NAMESPACE_URL, f"{stream} {version} {at}"))
    account, role, org = by
    envelope = Envelope(
        id=event_id,
        type=fact.kind,
        source="/siku/intake",
        subject=stream,
        time=instant(at),
        partitionkey=stream,
        streamversion=str(version),
        occurred=at.astimezone(SHANGHAI).date().isoformat(),
        actoraccount=account,
        actorrole=role,
        actororg=org,
        correlationid=event_id,
        causationid=event_id,
        policy=POLICY,
    )
    payload = fact.model_dump_json().encode()
    return Told(envelope, fact, version, sha256(payload).hexdigest(), payload)


async def put_in_force(pool: asyncpg.Pool, *told: Told) -> None:
    """Let the console hear the rules that the pages quote."""
    await hear(pool, policies.VIEW, told)


async def put_catalogue_in_force(pool: asyncpg.Pool, *told: Told) -> None:
    """Let the console hear the rules of approvals."""
    await hear(pool, approval_rules.VIEW, told)


async def hear_of_months(pool: asyncpg.Pool, *told: Told) -> None:
    """Let the console hear which bodies have nothing new."""
    await hear(pool, nothing_new.VIEW, told)


async def hear_of_years(pool: asyncpg.Pool, *years: Fact, edition: int = 1) -> None:
    """Let the console hear years of working days, each an edition later than the one before."""
    system = ("system", "system", "system")
    told = [
        _reference(year, "calendar-2019", version, BEGINNING, system)._replace(
            position=edition + version - 1
        )
        for version, year in enumerate(years, start=1)
    ]
    await hear(pool, working_days.VIEW, told)


async def keep(pool: asyncpg.Pool, dossiers: Sequence[Dossier]) -> None:
    """Let the console hear dossiers; what it has heard before it drops as a repeat."""
    told = [one for dossier in dossiers for one in dossier.told]
    for view in AWAITED["project"]:
        await hear(pool, view, told)


def worked(
    dossier: Dossier, *facts: Fact, at: datetime, version: int = 1, by_clock: bool = False
) -> list[Told]:
    """Give what is told of a project's months and works at an instant."""
    found, key = [], str(dossier.project_id)
    reporter = ("account-zezhou", "county_reporter", dossier.org)
    for number, fact in enumerate(facts, start=version):
        told = _reference(fact, f"progress-{key}", number, at, SYSTEM if by_clock else reporter)
        envelope = told.envelope.model_copy(update={"partitionkey": key})
        found.append(told._replace(envelope=envelope))
    return found


async def hear_of_progress(pool: asyncpg.Pool, *told: Told) -> None:
    """Let the console hear of months and works."""
    for view in (project_history.VIEW, progress_months.VIEW):
        await hear(pool, view, told)


def _topic_of(view: View, told: Told) -> str:
    """Give the topic on which the view hears the service that told a fact."""
    if len(view.topics) == 1:
        return view.topics[0]
    service = told.envelope.source.rpartition("/")[2]
    (topic,) = (topic for topic in view.topics if topic.startswith(f"siku.{service}."))
    return topic


async def hear(pool: asyncpg.Pool, view: View, told: Sequence[Told]) -> None:
    """Let a view hear what was told."""
    if told:
        reading = await opened(pool, view)
        await reading.take(*(_record(_topic_of(view, one), one) for one in told))


def _record(topic: str, told: Told) -> Record:
    envelope = told.envelope
    headers = headers_of(envelope.model_dump(), told.position, bytes.fromhex(told.chain))
    return Record(topic, 0, 0, envelope.partitionkey.encode(), [*headers], told.payload)


def a_city_at_work() -> tuple[Dossier, ...]:
    """Give a city with something in every pool and at every stage."""

    def at(org: str, name: str, wan: int, days: float, **other: object) -> Dossier:
        place = Location(
            region=REGIONS.get(org, "140502"),
            address="示例地块",
            zone_id="Z-JC" if org == "Z-JC" else None,
        )
        form = facts(
            name,
            location=place,
            total_investment=wan * WAN,
            funding=(
                Funding(source=FundingSource.SELF_RAISED, amount=wan * 6_000),
                Funding(source=FundingSource.LOAN, amount=wan * 4_000),
            ),
            **other,
        )
        begun = Dossier(org=org, name=name, now=BEGINNING - timedelta(days=days))
        return begun.drafted(form).submitted()

    def pooled(pool: Pool, org: str, name: str, wan: int, days: float, **other: object) -> Dossier:
        return (
            at(org, name, wan, days, **other)
            .later(hours=5)
            .passed_first()
            .later(hours=20)
            .pooled(pool)
        )

    social = {"category": Category.WELFARE, "track": Track.HARD_INFRASTRUCTURE, "industry": "83"}
    roads = {
        "category": Category.INFRASTRUCTURE,
        "lead_side": LeadSide.GOVERNMENT,
        "track": Track.HARD_INFRASTRUCTURE,
        "industry": "48",
    }
    return (
        pooled(Pool.PLAN, "JC-GP", "丹泉农产品冷链物流中心", 23_500, 96, industry="59"),
        pooled(Pool.PLAN, "JC-ZZ", "晋盛铸件绿色改造及智能产线", 68_000, 1.2, industry="33"),
        pooled(Pool.PLAN, "JC-YC", "润城丝绸文化产业园", 41_200, 20, industry="17"),
        pooled(Pool.PLAN, "Z-JC", "白马塬光电显示模组基地", 182_000, 9, industry="39"),
        pooled(Pool.PLAN, "D-EDU", "晋城示例职业教育实训基地", 36_800, 33, **social),
        pooled(Pool.PREP, "JC-ZZ", "星禾高性能陶瓷材料产业园（一期）", 126_000, 27, industry="30"),
        pooled(Pool.PREP, "JC-YC", "析城山康养小镇基础设施", 47_200, 58, **roads),
        pooled(Pool.BUILD, "JC-CQ", "北石店装备制造产业园标准厂房", 74_400, 133, industry="35"),
        pooled(Pool.BUILD, "JC-LC", "王莽岭旅游公路提升", 39_000, 71, **roads),
        pooled(Pool.PROD, "JC-GP", "长平丝麻家纺生产线", 16_200, 240, industry="17"),
        at("JC-QS", "鹿鸣谷煤层气综合利用示范", 86_000, 3)
        .later(hours=4)
        .returned(
            "资金来源合计与总投资不一致，请核对贷款额。",
            Remark(field="funding", text="贷款额与银行意向函不符。"),
        )
        .later(hours=6)
        .revised(
            total_investment=93_500 * WAN,
            content="建设集气站 2 座、输气管线 21 公里，配套发电机组 6 台，总装机 12 兆瓦。",
            planned_start="2020-03",
            funding=(
                Funding(source=FundingSource.SELF_RAISED, amount=34_400 * WAN),
                Funding(source=FundingSource.LOAN, amount=59_100 * WAN),
            ),
        )
        .submitted(),
        at("JC-CQ", "古书院文创街区更新", 36_000, 1.5, industry="88"),
        at("JC-YC", "凤栖湖智慧农业示范园", 12_800, 1, category=Category.AGRICULTURE),
        at("D-TRA", "市域公交智能调度中心", 8_600, 0.8, **roads),
        at("E-LH", "示例化工园循环水改造", 15_400, 2, category=Category.TRADITIONAL)
        .later(hours=9)
        .passed_first(),
        at("JC-ZZ", "巴公园区铸造废砂再生利用", 21_000, 4, industry="42").later(hours=7).returned(),
        at("JC-LC", "锡崖沟研学营地", 8_600, 12).later(hours=30).rejected(),
        Dossier(org="JC-ZZ", name="珏山旅游集散中心").drafted(
            ProjectFacts(name="珏山旅游集散中心", location=Location(region="140525"))
        ),
    )


def as_json(facts_of: ProjectFacts) -> object:
    """Give the facts as JSON."""
    return json.loads(facts_of.model_dump_json())


async def read_to_the_end(pool: asyncpg.Pool, *, seconds_ago: int = 0) -> None:
    """Let every view have read its topic to the end some time ago."""
    for view in VIEWS:
        await pool.execute(
            "insert into viewing.offsets (view, topic, partition, current_at) "
            "values ($1, 'siku.intake.v1', 0, now() - make_interval(secs => $2)) "
            "on conflict (view, topic, partition) do update set current_at = excluded.current_at",
            view.name,
            seconds_ago,
        )
    await pool.execute(
        "update viewing.offsets set current_at = now() - make_interval(secs => $1)", seconds_ago
    )
