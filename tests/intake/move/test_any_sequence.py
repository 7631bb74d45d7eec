"""Whatever is asked of a city's projects, the pools, the money and the view stay of one mind."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts.envelope import Envelope
from contracts.intake import (
    Builder,
    Level,
    MoveApplied,
    MoveEffect,
    Pool,
    ProjectAbsorbed,
    ProjectFacts,
    ProjectMoved,
    ProjectPooled,
    Source,
    SplitPart,
    Standing,
)
from services.console.views import four_pools
from services.intake.dossier import DOSSIER, Dossier, DossierCommand, DossierEvent
from services.intake.move.commands import EnterAsPart, MergeInto
from services.intake.move.others import Other
from services.intake.move.rules import Works
from services.intake.project import decider as project_room
from services.intake.review.commands import DirectEntry, Verdict
from services.intake.review.states import application_of, stage_of
from shared.refusals import Refusal
from shared.viewing import Told
from tests.intake.dossiers import (
    PROVINCE,
    draft,
    facts,
    report,
    review_finally,
    review_first,
    withdraw,
)
from tests.intake.move.moves import MAY_6, RULES, apply, papers

MOST = 6
TRANSITIONS = st.sampled_from([*sorted(RULES.transitions), "TX5", "TX6"])
EVERY_PAPER = papers(*(sort for sort in RULES.evidence if sort != "site_photo"))
FULL: dict[str, Any] = {
    "reason": "按规定申请。",
    "evidence": EVERY_PAPER,
    "works": Works(started=True, finished=True),
    "hold_until": date(2019, 12, 31),
    "resume_when": "授信批复后",
}


def id_of(number: int) -> UUID:
    return UUID(int=0x1970_0000_0000_7000_8000_0000_0000_0000 + number)


class City(RuleBasedStateMachine):
    """Projects of one unit, each a stream, with the console's row of each beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.dossiers: dict[UUID, Dossier] = {}
        self.happened: dict[UUID, list[DossierEvent]] = {}
        self.rows: dict[UUID, four_pools.PoolRow | None] = {}
        self.begun = 0
        self.brought = 0
        self.doubled = 0

    def asks(self, *asked: tuple[UUID, Sequence[DossierCommand]]) -> bool:
        """Carry commands for several projects out together, or none of them."""
        decided = {}
        for project_id, commands in asked:
            before = self.dossiers.get(project_id, DOSSIER.initial)
            try:
                decided[project_id] = DOSSIER.decide(commands, before)
            except Refusal:
                return False
        for project_id, new in decided.items():
            for fact in new:
                self._happens(project_id, fact)
        return True

    def _happens(self, project_id: UUID, fact: DossierEvent) -> None:
        before = self.dossiers.get(project_id, DOSSIER.initial)
        self.dossiers[project_id] = DOSSIER.evolve(before, fact)
        told = self.happened.setdefault(project_id, [])
        told.append(fact)
        if isinstance(fact, ProjectAbsorbed) and fact.duplicate:
            self.doubled += self.total(fact.absorbed_id)
        self.rows[project_id] = four_pools.fold(
            self.rows.get(project_id), _told(project_id, len(told), fact)
        )

    def total(self, project_id: UUID) -> int:
        project = self.dossiers[project_id].project
        assert isinstance(project, project_room.Dossier)
        return project.facts.total_investment or 0

    @precondition(lambda self: self.begun < MOST)
    @rule(money=st.integers(1, 30), entry=st.sampled_from([None, None, "T02", "T03"]))
    def a_project_is_admitted(self, money: int, entry: str | None) -> None:
        self.begun += 1
        project_id, total = id_of(self.begun), money * 100_000_000
        form = _form(f"产业园{self.begun}号", total)
        way = {} if entry is None else {"entry": _entry(entry)}
        assert self.asks((project_id, [draft(form, project_id=project_id)]))
        assert self.asks((project_id, [report(project_id=project_id, **way)]))
        assert self.asks((project_id, [review_first(project_id=project_id)]))
        assert self.asks((project_id, [review_finally(project_id=project_id, on=MAY_6)]))
        self.brought += total

    @precondition(lambda self: self.begun)
    @rule(data=st.data(), transition=TRANSITIONS)
    def a_move_goes_all_the_way(self, data: st.DataObject, transition: str) -> None:
        # Chance alone rarely walks an application to the province.
        project_id = self.a_move_is_applied_for(data, transition)
        asked = self.dossiers[project_id].asked
        if isinstance(asked, MoveApplied):
            first = review_first(project_id=project_id, on_revision=asked.revision)
            self.asks((project_id, [first]))
            self._province(project_id, Verdict.PASS, Level.REPORTER)

    @precondition(lambda self: self.begun)
    @rule(data=st.data(), transition=TRANSITIONS)
    def a_move_is_handed_in(self, data: st.DataObject, transition: str) -> None:
        self.a_move_is_applied_for(data, transition)

    def a_move_is_applied_for(self, data: st.DataObject, transition: str) -> UUID:
        project_id = data.draw(st.sampled_from(sorted(self.dossiers)))
        more: dict[str, Any] = {}
        if transition == "TX5":
            other_id = data.draw(st.sampled_from(sorted(self.dossiers)))
            more = {"absorbs": self._beside(other_id), "duplicate": data.draw(st.booleans())}
        if transition == "TX6":
            more = {"parts": self._halves(project_id)}
        self.asks((project_id, [apply(transition, project_id=project_id, **FULL, **more)]))
        return project_id

    @precondition(lambda self: self.begun)
    @rule(data=st.data(), verdict=st.sampled_from([Verdict.PASS, Verdict.PASS, *Verdict]))
    def the_city_judges(self, data: st.DataObject, verdict: Verdict) -> None:
        project_id, revision = self._under_review(data)
        asked = review_first(
            verdict, project_id=project_id, on_revision=revision, opinion="请核对。"
        )
        self.asks((project_id, [asked]))

    @precondition(lambda self: self.begun)
    @rule(
        data=st.data(),
        verdict=st.sampled_from([Verdict.PASS, Verdict.PASS, *Verdict]),
        to=st.sampled_from(Level),
    )
    def the_province_judges(self, data: st.DataObject, verdict: Verdict, to: Level) -> None:
        project_id, _ = self._under_review(data)
        self._province(project_id, verdict, to)

    def _province(self, project_id: UUID, verdict: Verdict, to: Level) -> None:
        dossier = self.dossiers[project_id]
        asked, revision = dossier.asked, getattr(dossier.project, "revision", 0)
        beside: list[tuple[UUID, Sequence[DossierCommand]]] = []
        looked: tuple[Other, ...] | None = None
        if isinstance(asked, MoveApplied) and verdict is Verdict.PASS:
            looked, beside = self._with_others(project_id, asked)
        judged = review_finally(
            verdict,
            project_id=project_id,
            on_revision=revision,
            on=MAY_6,
            to=to,
            opinion="请核对。",
            beside=looked,
        )
        self.asks((project_id, [judged]), *beside)

    @precondition(lambda self: self.begun)
    @rule(data=st.data())
    def the_unit_takes_it_back(self, data: st.DataObject) -> None:
        project_id = data.draw(st.sampled_from(sorted(self.dossiers)))
        self.asks((project_id, [withdraw().model_copy(update={"project_id": project_id})]))

    @invariant()
    def what_the_console_shows_is_what_was_decided(self) -> None:
        for project_id, dossier in self.dossiers.items():
            row, project = self.rows[project_id], dossier.project
            assert row is not None
            assert isinstance(project, project_room.Dossier)
            asked = application_of(dossier.review)
            assert (row.pool, row.standing) == (project.pool, project.standing)
            assert (row.stage, row.matter) == (stage_of(dossier.review), asked and asked.matter)
            assert (row.revision, row.hold_until) == (project.revision, project.hold_until)
            assert (row.pooled_on, row.entered_on) == (project.pool_since, project.entered_on)
            assert row.total_investment == project.facts.total_investment

    @invariant()
    def no_money_is_lost_and_none_counted_twice(self) -> None:
        left = {Standing.MERGED, Standing.SPLIT}
        kept = sum(
            self.total(project_id)
            for project_id, dossier in self.dossiers.items()
            if isinstance(dossier.project, project_room.Dossier)
            and dossier.project.standing not in left
        )
        assert kept == self.brought - self.doubled

    @invariant()
    def no_two_projects_hold_one_name(self) -> None:
        held = [claim for one in self.dossiers.values() for claim in DOSSIER.holds(one)]
        assert len(held) == len(set(held))

    @invariant()
    def what_moved_was_where_it_moved_from_and_only_by_an_approval(self) -> None:
        for told in self.happened.values():
            pool: Pool | None = None
            for before, fact in zip([None, *told], told, strict=False):
                match fact:
                    case ProjectPooled():
                        pool = fact.pool
                    case ProjectMoved():
                        assert before is not None
                        assert before.kind == "intake.move.approved.v1"
                        assert fact.from_pool is pool
                        pool = fact.to_pool

    @invariant()
    def a_project_that_came_directly_says_so_for_ever(self) -> None:
        for project_id, told in self.happened.items():
            project = self.dossiers[project_id].project
            assert isinstance(project, project_room.Dossier)
            ways = {fact.transition for fact in told if isinstance(fact, ProjectPooled)}
            if ways & {"T02", "T03"}:
                assert project.source is Source.DIRECT
            if ways == {"T01"}:
                assert project.source is Source.PLANNED

    def _under_review(self, data: st.DataObject) -> tuple[UUID, int]:
        waiting = [
            project_id
            for project_id, dossier in self.dossiers.items()
            if application_of(dossier.review)
        ]
        project_id = data.draw(st.sampled_from(sorted(waiting or self.dossiers)))
        project = self.dossiers[project_id].project
        return project_id, project.revision if isinstance(project, project_room.Dossier) else 0

    def _beside(self, project_id: UUID) -> Other:
        dossier = self.dossiers[project_id]
        assert isinstance(dossier.project, project_room.Dossier)
        return Other(
            project_id=project_id,
            facts=dossier.project.facts,
            pool=dossier.project.pool,
            free=dossier.is_free,
        )

    def _halves(self, project_id: UUID) -> tuple[SplitPart, ...]:
        total, number = self.total(project_id), self.begun
        first = total // 3
        return tuple(
            SplitPart(
                project_id=UUID(int=project_id.int * 7 % 2**128 + part),
                facts=_form(f"{number}之{project_id.int % 1000}子项{part}", money),
            )
            for part, money in ((1, first), (2, total - first))
        )

    def _with_others(
        self, project_id: UUID, asked: MoveApplied
    ) -> tuple[tuple[Other, ...] | None, list[tuple[UUID, Sequence[DossierCommand]]]]:
        if asked.effect is MoveEffect.MERGE and asked.absorbs is not None:
            merge = MergeInto(
                project_id=asked.absorbs,
                by=PROVINCE,
                into=project_id,
                into_name="大项目",
                duplicate=asked.duplicate,
                on=MAY_6,
            )
            return (self._beside(asked.absorbs),), [(asked.absorbs, [merge])]
        project = self.dossiers[project_id].project
        assert isinstance(project, project_room.Dossier)
        parts: list[tuple[UUID, Sequence[DossierCommand]]] = [
            (
                part.project_id,
                [
                    EnterAsPart(
                        project_id=part.project_id,
                        by=PROVINCE,
                        owner_org=project.owner_org,
                        owner_name=project.owner_name,
                        facts=part.facts,
                        pool=asked.from_pool,
                        parent_id=project_id,
                        entered_on=project.entered_on or MAY_6,
                        pool_since=project.pool_since or MAY_6,
                        on=MAY_6,
                        report_month="2019-05",
                        source=project.source,
                    )
                ],
            )
            for part in asked.parts
        ]
        return (), parts


def _form(name: str, total: int) -> ProjectFacts:
    (first, *_) = facts().funding
    return facts(
        name=name,
        total_investment=total,
        funding=(first.model_copy(update={"amount": total}),),
        builder=Builder(name="泽州县鸿业开发有限公司", uscc="91140500MA0T00011Y"),
    )


def _entry(transition: str) -> DirectEntry:
    return DirectEntry(
        way=RULES.entries[transition],
        rules=RULES,
        reason="存量项目",
        works=Works(started=True),
        evidence=EVERY_PAPER,
    )


def _told(project_id: UUID, version: int, fact: DossierEvent) -> Told:
    envelope = Envelope(
        id=str(UUID(int=version)),
        type=fact.kind,
        source="/siku/intake",
        subject=f"project-{project_id}",
        time="2019-05-06T02:00:00.000000Z",
        partitionkey=str(project_id),
        streamversion=str(version),
        occurred="2019-05-06",
        actoraccount="somebody",
        actorrole="county_reporter",
        actororg="JC-ZZ",
        correlationid="1",
        causationid="1",
    )
    return Told(envelope, fact, version, "", fact.model_dump_json().encode())


TestCity = City.TestCase
TestCity.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
