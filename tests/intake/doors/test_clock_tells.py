"""What the clock tells of a dossier refuses nobody who has it open."""

from collections.abc import Sequence
from uuid import UUID

from contracts.intake import Holder, Term
from services.intake.dossier import DOSSIER, Dossier, DossierCommand, DossierEvent, stream_of
from services.intake.review.commands import TellOverdue
from shared.clock import DEMONSTRATION_START
from shared.deciding import Ask, Asked, Cause, handle
from tests.intake.doors.office import Office, form, key

PASS = {"verdict": "PASS", "on_revision": 1}


async def told_overdue(office: Office, project_id: str) -> Asked[Dossier, DossierEvent]:
    """Let the clock tell that the project's first review was over."""
    (submitted,) = [
        payload for _, payload in await office.facts(project_id) if "submitted" in payload["kind"]
    ]
    term = Term.model_validate(submitted["term"])
    command = TellOverdue(
        project_id=UUID(project_id), level=Holder.CITY, on=term.red_from, counted=term
    )
    ask: Ask[Sequence[DossierCommand], Dossier, DossierEvent] = Ask(
        stream_of(UUID(project_id)), project_id, [command], lambda wrote: wrote.token.encode()
    )
    system = Cause("system", "system", "system", DEMONSTRATION_START, "c", "c")
    return await handle(office.app.state.runtime.journal, DOSSIER, ask, system)


async def test_a_reviewer_who_had_the_page_open_when_its_term_ended_is_not_refused(
    office: Office,
) -> None:
    project = await office.begin(report=True)
    path = f"/projects/{project['project_id']}/first-review"
    told = await told_overdue(office, project["project_id"])
    assert told.wrote is not None
    assert told.wrote.version == project["version"] + 1
    seen = f'"{project["version"]}"'
    answer = await office.ask(
        "shichushen", "POST", path, PASS, Idempotency_Key=key(), If_Match=seen
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["version"] == project["version"] + 2


async def test_what_people_did_since_refuses_all_the_same(office: Office) -> None:
    project = await office.begin(report=True)
    await told_overdue(office, project["project_id"])
    path = f"/projects/{project['project_id']}"
    for seen in ('"1"', f'"{project["version"] + 2}"'):
        answer = await office.ask(
            "shichushen", "POST", f"{path}/first-review", PASS, Idempotency_Key=key(), If_Match=seen
        )
        assert answer.status_code == 412, seen
    returned = {**PASS, "verdict": "RETURN", "opinion": "请补充。"}
    await office.carry_out("shichushen", project, "first-review", **returned)
    answer = await office.ask(
        "zezhou", "PUT", path, form(), Idempotency_Key=key(), If_Match=f'"{project["version"]}"'
    )
    assert answer.status_code == 412
