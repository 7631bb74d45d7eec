"""Whom to call: named anew by the unit, erased because he asked; never part of an edition."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from contracts.erasing import ErasureReason
from contracts.intake import ProjectContactErased, ProjectContactNamed, ProjectRevised
from services.intake.dossier import DossierCommand, DossierEvent
from services.intake.policies import form_of
from services.intake.project import decider as project_room
from services.intake.project.commands import By, EraseContact, NameContact
from services.intake.project.rules import Contact
from shared.refusals import NotFound, UnreadableInput
from tests.intake.dossiers import (
    APRIL_25,
    CLERK,
    CONTACT,
    NEIGHBOUR,
    OFFICER,
    PROJECT,
    discarded,
    dossier,
    drafted,
    facts,
    pooled,
    revised,
    submitted,
)

OTHER = UUID("00000000-0000-7000-8000-0000000000c2")
ADMIN = By(account="admin", org="D-BDA")


def name(contact_id: UUID = OTHER, by: By = CLERK, officer: Contact = OFFICER) -> NameContact:
    form = form_of(APRIL_25, officer)
    return NameContact(project_id=PROJECT, by=by, contact_id=contact_id, form=form)


def erase(contact_id: UUID = CONTACT) -> EraseContact:
    reason = ErasureReason.CONSENT_WITHDRAWN
    return EraseContact(project_id=PROJECT, by=ADMIN, contact_id=contact_id, reason=reason)


def named(contact_id: UUID = OTHER) -> ProjectContactNamed:
    return ProjectContactNamed(project_id=PROJECT, contact_id=contact_id)


def erased(contact_id: UUID = CONTACT) -> ProjectContactErased:
    return ProjectContactErased(
        project_id=PROJECT, contact_id=contact_id, reason=ErasureReason.CONSENT_WITHDRAWN
    )


def standing(*told: DossierEvent) -> project_room.Dossier:
    """Give what the project is after these facts."""
    state = dossier.given(*told).state.project
    assert isinstance(state, project_room.Dossier)
    return state


WITH_OFFICER = facts(contact_id=CONTACT)


@pytest.mark.parametrize("rest", [(), (submitted(),), (pooled(WITH_OFFICER),)])
def test_its_unit_names_another_whatever_the_dossier_waits_for(
    rest: Sequence[DossierEvent],
) -> None:
    dossier.given(drafted(WITH_OFFICER), *rest).when([name()]).then(named())


def test_the_same_contact_named_again_is_nothing_new() -> None:
    dossier.given(drafted(WITH_OFFICER), named()).when([name()]).then_nothing()


def test_another_unit_and_a_dossier_given_up_name_nobody() -> None:
    given = dossier.given(drafted(WITH_OFFICER))
    given.when([name(by=NEIGHBOUR)]).then_refused(NotFound)
    given.given(discarded()).when([name()]).then_refused(NotFound)


@pytest.mark.parametrize("officer", [Contact("", "0356-2198345"), Contact("张三", "21983")])
def test_who_cannot_be_reached_is_no_contact(officer: Contact) -> None:
    given = dossier.given(drafted(WITH_OFFICER))
    given.when([name(officer=officer)]).then_refused(UnreadableInput)


def test_whom_to_call_is_no_new_edition() -> None:
    after = standing(drafted(WITH_OFFICER), named())
    assert (after.revision, after.facts.contact_id) == (1, OTHER)


def test_an_erasure_is_told_once_for_each_contact_of_any_edition() -> None:
    second = revised(facts(contact_id=OTHER))
    given = dossier.given(drafted(WITH_OFFICER), second)
    given.when([erase(), erase(OTHER)]).then(erased(), erased(OTHER))
    given.given(erased()).when([erase(), erase(OTHER)]).then(erased(OTHER))


def test_an_erasure_is_told_of_what_was_given_up_and_not_of_what_is_not_there() -> None:
    given = dossier.given(drafted(WITH_OFFICER), discarded())
    given.when([erase()]).then(erased())
    given.given(erased()).when([erase()]).then_nothing()
    nothing: Sequence[DossierCommand] = [erase()]
    dossier.when(nothing).then_nothing()


def test_only_the_present_contact_leaves_the_dossier_without_one() -> None:
    after = standing(drafted(WITH_OFFICER), named(), erased())
    assert (after.facts.contact_id, after.contact_erased) == (OTHER, False)
    after = standing(drafted(WITH_OFFICER), erased())
    assert (after.facts.contact_id, after.contact_erased) == (None, True)
    after = standing(drafted(WITH_OFFICER), erased(), named())
    assert (after.facts.contact_id, after.contact_erased) == (OTHER, False)


def test_an_edition_that_was_under_way_brings_nobody_back() -> None:
    under_way = ProjectRevised(project_id=PROJECT, revision=2, facts=WITH_OFFICER)
    after = standing(drafted(WITH_OFFICER), erased(), under_way)
    assert (after.facts.contact_id, after.contact_erased) == (None, True)
    after = standing(drafted(WITH_OFFICER), erased(), pooled(WITH_OFFICER))
    assert (after.facts.contact_id, after.contact_erased, after.pool) == (None, True, "PLAN")
