"""A project of a pool is marked as one of a programme's, from a day to a day."""

from datetime import date
from typing import Any

import pytest

from contracts.intake import ProjectTagged, ProjectUntagged
from contracts.reference.tags import items_of, known_tags, named_projects, tags
from services.intake.project.commands import TagProject, UntagProject
from services.intake.project.tagging import NotPooledYet, NotTagged, TaggedOtherwise
from shared.refusals import NotFound, UnreadableInput
from tests.intake.dossiers import (
    APRIL_25,
    CITY,
    PROJECT,
    approved,
    discarded,
    dossier,
    drafted,
    passed_first,
    pooled,
    submitted,
)

APRIL_24, APRIL_26 = date(2019, 4, 24), date(2019, 4, 26)
POOLED = drafted(), submitted(), passed_first(), approved(), pooled()


def mark(tag: str = "PPP", **changes: Any) -> TagProject:
    fields = {"project_id": PROJECT, "by": CITY, "on": APRIL_25, "from_on": APRIL_24}
    return TagProject(tag=tag, **{**fields, **changes})


def unmark(tag: str = "PPP", **changes: Any) -> UntagProject:
    fields = {"project_id": PROJECT, "by": CITY, "on": APRIL_25, "until_on": APRIL_25}
    return UntagProject(tag=tag, **{"reason": "退出项目库。", **fields, **changes})


def tagged(tag: str = "PPP", item: str | None = None) -> ProjectTagged:
    return ProjectTagged(project_id=PROJECT, tag=tag, item=item, from_on=APRIL_24)


def untagged(tag: str = "PPP") -> ProjectUntagged:
    return ProjectUntagged(project_id=PROJECT, tag=tag, until_on=APRIL_25, reason="退出项目库。")


def rules(refusal: UnreadableInput) -> list[tuple[str, str]]:
    return [(one.field, one.rule) for one in refusal.errors]


def test_a_project_of_a_pool_is_marked_once() -> None:
    story = dossier.given(*POOLED)
    story.when([mark()]).then(tagged())
    story.given(tagged()).when([mark()]).then_nothing()
    story.given(tagged()).when([mark("FOREIGN")]).then(tagged("FOREIGN"))


def test_what_is_in_no_pool_or_nowhere_is_not_marked() -> None:
    dossier.given(drafted(), submitted()).when([mark()]).then_refused(NotPooledYet)
    dossier.given(drafted(), discarded()).when([mark()]).then_refused(NotFound)
    dossier.when([mark()]).then_refused(NotFound)


def test_a_tag_is_one_of_its_day() -> None:
    story = dossier.given(*POOLED)
    for ask, rule in (
        (mark("NOTHING"), "tag_unknown"),
        (mark("IND41", item="NEW", from_on=date(2019, 4, 21)), "tag_unknown"),
        (mark(from_on=APRIL_26), "day_to_come"),
    ):
        assert rule in {rule for _, rule in rules(story.when([ask]).then_refused(UnreadableInput))}


def test_a_tag_with_a_list_says_which_of_it() -> None:
    story = dossier.given(*POOLED)
    story.when([mark("NAMED", item="YANGMANG")]).then(tagged("NAMED", "YANGMANG"))
    for ask in (mark("NAMED"), mark("NAMED", item="NEW"), mark("PPP", item="YANGMANG")):
        refused = story.when([ask]).then_refused(UnreadableInput)
        assert rules(refused) == [("item", "item_unknown")]


def test_another_of_the_same_list_needs_the_first_to_end() -> None:
    story = dossier.given(*POOLED, tagged("NAMED", "YANGMANG"))
    story.when([mark("NAMED", item="JINYANG")]).then_refused(TaggedOtherwise)
    ended = story.given(untagged("NAMED"))
    ended.when([mark("NAMED", item="JINYANG")]).then(tagged("NAMED", "JINYANG"))


def test_a_mark_ends_with_its_reason_between_its_first_day_and_today() -> None:
    story = dossier.given(*POOLED, tagged())
    story.when([unmark()]).then(untagged())
    story.when([unmark("FOREIGN")]).then_refused(NotTagged)
    for ask, rule in (
        (unmark(reason=" "), "required"),
        (unmark(reason="请拨 13903560088"), "personal_data"),
        (unmark(until_on=date(2019, 4, 23)), "day_out_of_order"),
        (unmark(until_on=APRIL_26), "day_out_of_order"),
    ):
        refused = story.when([ask]).then_refused(UnreadableInput)
        assert [rule for _, rule in rules(refused)] == [rule]


def test_the_tags_of_the_plan_have_their_basis_and_their_lists() -> None:
    known = {tag.code: tag for tag in tags(APRIL_25)}
    assert {"PRIVATE", "FOREIGN", "PPP", "SPECIAL_BOND", "CENTRAL_BUDGET"} <= known.keys()
    assert {"PROMOTED", "CLUSTER", "IND41", "RAIL5", "NAMED"} <= known.keys()
    assert [item.code for item in items_of(known["IND41"])] == ["NEW", "OLD"]
    assert items_of(known["NAMED"]) == named_projects()
    assert items_of(known["PPP"]) == ()
    # The lists of the year end with it, the programmes go on.
    assert {"IND41", "RAIL5", "NAMED"} & {t.code for t in tags(date(2020, 1, 1))} == set()
    assert set(known_tags()) >= known.keys()


@pytest.mark.parametrize(
    ("code", "promise", "by"),
    [
        ("G207_XFW", "OPEN", date(2019, 12, 31)),
        ("YANGMANG", "OPEN", date(2019, 12, 31)),
        ("G207_LC", "START", date(2019, 12, 31)),
        ("TAIJIAO", "BUILD", None),
        ("AIRPORT", "PREPARE", None),
    ],
)
def test_what_the_plan_promises_of_a_named_project_is_as_it_says(
    code: str, promise: str, by: date | None
) -> None:
    (named,) = (one for one in named_projects() if one.code == code)
    assert (named.promise, named.by) == (promise, by)
