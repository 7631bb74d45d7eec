"""合并、拆分: one project takes in another, or becomes several."""

from typing import Any

import pytest

from contracts.intake import (
    Funding,
    FundingSource,
    Pool,
    ProjectAbsorbed,
    ProjectFacts,
    ProjectMerged,
    ProjectPooled,
    ProjectSplit,
    Source,
    SplitPart,
)
from services.intake.dossier import DOSSIER
from services.intake.move.commands import EnterAsPart, MergeInto
from services.intake.move.refusals import ConditionsMissing, JudgedWithOthers, OtherNotFree
from shared.refusals import UnreadableInput
from tests.intake.dossiers import (
    APRIL_25,
    PROJECT,
    PROVINCE,
    YI,
    dossier,
    facts,
    passed_first,
    pooled,
    review_finally,
)
from tests.intake.move.moves import (
    FIRST,
    MAY_6,
    OTHER,
    SECOND,
    applied,
    apply,
    coded,
    held,
    move_approved,
    other,
    part,
    ready,
)

BOTH = "两期合并建设。"
merging = ready.given(
    applied("TX5", to_pool=Pool.PLAN, reason=BOTH, absorbs=OTHER), passed_first(revision=2)
)
HALVES = (part(FIRST, "标准厂房一期", 7 * YI), part(SECOND, "标准厂房二期", 5 * YI))
splitting = ready.given(applied("TX6", reason="分期建设。", parts=HALVES), passed_first(revision=2))


def absorbed(joined: ProjectFacts, added: int, *, duplicate: bool = False) -> ProjectAbsorbed:
    return ProjectAbsorbed(
        project_id=PROJECT,
        absorbed_id=OTHER,
        absorbed_name=other().facts.name,
        duplicate=duplicate,
        added_investment=added,
        revision=3,
        facts=joined,
        pool=Pool.PLAN,
        absorbed_on=MAY_6,
    )


def test_a_merger_is_of_one_builder_in_one_place() -> None:
    ready.when([apply("TX5", absorbs=other(), reason=BOTH)]).then(
        applied("TX5", to_pool=Pool.PLAN, reason=BOTH, absorbs=OTHER)
    )


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"free": False}, ["other_project"]),
        ({"project_id": PROJECT}, ["other_project"]),
        ({"facts": facts(builder={"name": "另一家公司", "uscc": None})}, ["same_builder"]),
        ({"facts": facts(location={"region": "140521"})}, ["same_place"]),
        (
            {"facts": facts(location={"region": "140525", "zone_id": "Z-JC"})},
            ["same_place"],
        ),
    ],
    ids=["not free", "itself", "another builder", "another county", "another zone"],
)
def test_what_keeps_two_projects_apart_is_named(
    changes: dict[str, Any], missing: list[str]
) -> None:
    asked = apply("TX5", absorbs=other(**changes), reason=BOTH)
    refusal = ready.when([asked]).then_refused(ConditionsMissing)
    assert [problem.rule for problem in refusal.errors] == missing


def test_without_another_project_there_is_no_merger() -> None:
    refusal = ready.when([apply("TX5", reason=BOTH)]).then_refused(ConditionsMissing)
    assert [p.rule for p in refusal.errors] == ["other_project", "same_builder", "same_place"]


def test_the_investment_of_both_is_added_up_by_source() -> None:
    joined = coded.model_copy(
        update={
            "total_investment": 15 * YI,
            "funding": (
                Funding(source=FundingSource.SELF_RAISED, amount=7 * YI),
                Funding(source=FundingSource.LOAN, amount=8 * YI),
            ),
        }
    )
    beside = other(
        facts=facts(
            name="巴公装备制造产业园二期",
            total_investment=3 * YI,
            funding=(Funding(source=FundingSource.SELF_RAISED, amount=3 * YI),),
        )
    )
    merging.when([review_finally(on_revision=2, on=MAY_6, beside=(beside,))]).then(
        move_approved(), absorbed(joined, 3 * YI)
    )


def test_the_same_project_reported_twice_adds_nothing() -> None:
    story = ready.given(
        applied("TX5", to_pool=Pool.PLAN, reason=BOTH, absorbs=OTHER, duplicate=True),
        passed_first(revision=2),
    )
    story.when([review_finally(on_revision=2, on=MAY_6, beside=(other(),))]).then(
        move_approved(), absorbed(coded, 0, duplicate=True)
    )


def test_a_merger_is_not_approved_among_many() -> None:
    for story in (merging, splitting):
        story.when([review_finally(on_revision=2, on=MAY_6)]).then_refused(JudgedWithOthers)


def test_a_merger_waits_for_what_is_decided_about_the_other() -> None:
    asked = review_finally(on_revision=2, on=MAY_6, beside=(other(free=False),))
    merging.when([asked]).then_refused(OtherNotFree)


def test_the_other_project_is_told_where_it_went() -> None:
    merge = MergeInto(
        project_id=PROJECT, by=PROVINCE, into=OTHER, into_name="大项目", duplicate=False, on=MAY_6
    )
    merged = ProjectMerged(
        project_id=PROJECT,
        merged_into=OTHER,
        merged_into_name="大项目",
        duplicate=False,
        pool=Pool.PLAN,
        total_investment=12 * YI,
        merged_on=MAY_6,
    )
    ready.when([merge]).then(merged)
    assert not DOSSIER.holds(ready.given(merged).state)
    ready.given(merged).when([merge]).then_refused(OtherNotFree)
    ready.given(held()).when([merge]).then_refused(OtherNotFree)
    ready.given(applied("TX1", reason="误报")).when([merge]).then_refused(OtherNotFree)


def test_the_parts_of_a_split_add_up_to_the_whole() -> None:
    ready.when([apply("TX6", parts=HALVES, reason="分期建设。")]).then(
        applied("TX6", reason="分期建设。", parts=HALVES)
    )


@pytest.mark.parametrize(
    ("parts", "missing"),
    [
        ((), ["two_parts", "sum_of_parts"]),
        ((part(FIRST, "标准厂房一期", 12 * YI),), ["two_parts"]),
        (
            (part(FIRST, "标准厂房", 7 * YI), part(SECOND, "标准厂房", 5 * YI)),
            ["two_parts"],
        ),
        (
            (part(FIRST, "标准厂房一期", 7 * YI), part(SECOND, "标准厂房二期", 5 * YI + 1)),
            ["sum_of_parts"],
        ),
    ],
    ids=["none", "one", "of one name", "a yuan too much"],
)
def test_what_is_wrong_with_the_parts_is_named(
    parts: tuple[SplitPart, ...], missing: list[str]
) -> None:
    refusal = ready.when([apply("TX6", parts=parts, reason="分期建设。")]).then_refused(
        ConditionsMissing
    )
    assert [problem.rule for problem in refusal.errors] == missing


def test_a_part_is_filled_in_like_any_project() -> None:
    hollow = SplitPart(project_id=SECOND, facts=ProjectFacts(name="二期", total_investment=5 * YI))
    asked = apply("TX6", parts=(HALVES[0], hollow), reason="分期建设。")
    refusal = ready.when([asked]).then_refused(UnreadableInput)
    assert {problem.field.split(".")[1] for problem in refusal.errors} == {"1"}


def test_a_split_ends_the_parent_and_leaves_its_name_to_the_parts() -> None:
    split = ProjectSplit(
        project_id=PROJECT,
        parts=(FIRST, SECOND),
        pool=Pool.PLAN,
        total_investment=12 * YI,
        split_on=MAY_6,
    )
    splitting.when([review_finally(on_revision=2, on=MAY_6, beside=())]).then(
        move_approved(), split
    )
    assert not DOSSIER.holds(splitting.given(move_approved(), split).state)


def test_a_part_begins_in_the_pool_and_with_the_day_and_source_of_its_parent() -> None:
    enter = EnterAsPart(
        project_id=PROJECT,
        by=PROVINCE,
        owner_org="JC-ZZ",
        owner_name="泽州县",
        facts=HALVES[0].facts,
        pool=Pool.BUILD,
        parent_id=OTHER,
        entered_on=APRIL_25,
        pool_since=MAY_6,
        on=MAY_6,
        report_month="2019-05",
        source=Source.PLANNED,
    )
    entered = pooled(
        HALVES[0].facts,
        pool=Pool.BUILD,
        transition="TX6",
        report_month="2019-05",
        approved_on=MAY_6,
        entered_on=APRIL_25,
        pool_since=MAY_6,
        parent_id=OTHER,
        source=Source.PLANNED,
    )
    dossier.when([enter]).then(entered)
    assert isinstance(entered, ProjectPooled)
    assert DOSSIER.holds(dossier.given(entered).state)
