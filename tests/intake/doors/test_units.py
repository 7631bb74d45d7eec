"""Units change while people work: what is new is known at once, what has ended reports no more."""

from datetime import date
from typing import Any

from contracts.identity import (
    OrganisationClosed,
    OrganisationEvent,
    OrganisationMerged,
    OrganisationRenamed,
)
from services.intake.views.units import UNITS
from shared.clock import DEMONSTRATION_START
from tests.intake.doors.office import Office, form, fresh, key
from tests.intake.doors.test_workbooks import sheet, upload
from tests.shared.told_units import SEEDS, established, hear_units

LONG_AGO, TODAY = date(2019, 1, 1), DEMONSTRATION_START.date()
YESTERDAY = date(2019, 4, 21)
_told: list[OrganisationEvent] = []


async def hear(office: Office, *told: OrganisationEvent) -> None:
    """Let intake hear of units that no other test knows."""
    await hear_units(office.pool, UNITS.view, *told, after=(*SEEDS, *_told))
    _told.extend(told)


async def unit(office: Office, code: str, name: str, kind: Any = "department") -> str:
    """Establish a unit; give its reporter's token."""
    await hear(office, established(code, name, LONG_AGO, kind))
    return f"dept_reporter:{code}"


async def test_a_new_unit_reports_under_its_own_name_without_a_restart(office: Office) -> None:
    clerk = "dept_reporter:D-NEW"
    early = await office.ask(clerk, "POST", "/projects", form(), Idempotency_Key=key())
    assert (early.status_code, early.json()["code"]) == (503, "unavailable")
    assert "正在处理中" in early.json()["detail"]
    await unit(office, "D-NEW", "新设局")
    project = await office.begin(clerk, report=True)
    (_, drafted), *_ = await office.facts(project["project_id"])
    assert (drafted["owner_org"], drafted["owner_name"]) == ("D-NEW", "新设局")


async def test_a_renamed_unit_begins_projects_under_the_name_of_the_day(office: Office) -> None:
    clerk = await unit(office, "D-REN", "改名局")
    await hear(
        office,
        OrganisationRenamed(
            organisation_id="D-REN", name="晋城市更名局", short_name="更名局", valid_from=TODAY
        ),
        OrganisationRenamed(
            organisation_id="D-REN",
            name="晋城市将来局",
            short_name="将来局",
            valid_from=date(2019, 5, 1),
        ),
    )
    project = await office.begin(clerk)
    (_, drafted), *_ = await office.facts(project["project_id"])
    assert drafted["owner_name"] == "更名局"


async def test_nothing_new_is_begun_for_a_unit_after_its_last_day(office: Office) -> None:
    clerk = await unit(office, "D-OLD", "旧局")
    await hear(
        office, OrganisationMerged(organisation_id="D-OLD", into="D-ENE", valid_to=YESTERDAY)
    )
    refused = await office.ask(clerk, "POST", "/projects", form(), Idempotency_Key=key())
    assert (refused.status_code, refused.json()["code"]) == (409, "unit_ended")
    said = refused.json()["detail"]
    assert "旧局的最后一日是 2019-04-21" in said
    assert "市能源局" in said


async def test_the_successor_goes_on_with_what_was_reported_and_begins_anew_what_was_not(
    office: Office,
) -> None:
    clerk = await unit(office, "D-END", "并入局")
    heir = "dept_reporter:D-WAT"
    returned = await office.begin(clerk, report=True)
    draft = await office.begin(clerk)
    await office.carry_out(
        "shichushen",
        returned,
        "first-review",
        verdict="RETURN",
        on_revision=1,
        opinion="请核对贷款额。",
    )
    path = f"/projects/{returned['project_id']}"
    assert (await office.ask(heir, "GET", path)).status_code == 404
    await hear(
        office, OrganisationMerged(organisation_id="D-END", into="D-WAT", valid_to=YESTERDAY)
    )
    seen = await office.ask(heir, "GET", path)
    assert (seen.status_code, seen.json()["owner_org"]) == (200, "D-END")
    whom = await office.ask(heir, "POST", f"{path}/contact/reading", {"purpose": "REACH"})
    assert whom.json()["phone"] == "0356-2198345"
    changed = form(name=seen.json()["name"], remarks="已核对。")
    revised = await office.ask(heir, "PUT", path, changed, Idempotency_Key=key())
    assert revised.status_code == 200, revised.text
    await office.carry_out(heir, returned, "report", not_secret=True)
    kept = [fact for _, fact in await office.facts(returned["project_id"])]
    assert {fact["owner_org"] for fact in kept if "owner_org" in fact} == {"D-END"}

    late = await office.ask(
        heir,
        "POST",
        f"/projects/{draft['project_id']}/report",
        {"not_secret": True},
        Idempotency_Key=key(),
    )
    assert (late.status_code, late.json()["code"]) == (409, "unit_ended")
    await office.carry_out(heir, draft, "discard")


async def test_who_took_no_accounts_over_sees_nothing_of_the_old_unit(office: Office) -> None:
    clerk = await unit(office, "D-SHU", "撤销局")
    project = await office.begin(clerk)
    await hear(
        office,
        OrganisationClosed(organisation_id="D-SHU", accounts_to="D-AGR", valid_to=YESTERDAY),
    )
    path = f"/projects/{project['project_id']}"
    assert (await office.ask("dept_reporter:D-AGR", "GET", path)).status_code == 200
    assert (await office.ask("dept_reporter:D-COM", "GET", path)).status_code == 404


async def test_until_its_last_day_a_unit_reports_and_its_heir_sees_nothing(office: Office) -> None:
    clerk = await unit(office, "D-DUE", "将并局")
    await hear(office, OrganisationMerged(organisation_id="D-DUE", into="D-COM", valid_to=TODAY))
    project = await office.begin(clerk, report=True)
    path = f"/projects/{project['project_id']}"
    assert (await office.ask("dept_reporter:D-COM", "GET", path)).status_code == 404


async def problems_of(office: Office, owner: str, who: str = "fagai") -> list[tuple[str, str]]:
    """Send one row in for a unit; give the rule and the sentence of each thing that is wrong."""
    sent = (await upload(office, sheet({"owner": owner, "name": fresh()}), who)).json()
    answer = await office.ask(who, "GET", f"/workbooks/{sent['upload_id']}/rows")
    return [
        (one["rule"], one["message"] + one["remedy"])
        for row in answer.json()
        for one in row["problems"]
        if not one["hint"]
    ]


async def test_a_workbook_names_a_unit_by_any_name_that_it_has_or_had(office: Office) -> None:
    assert [rule for rule, _ in await problems_of(office, "表格局")] == ["owner_unknown"]
    renamed = OrganisationRenamed(
        organisation_id="D-XLS", name="晋城市新表格局", short_name="新表格局", valid_from=TODAY
    )
    told = established("D-XLS", "表格局", LONG_AGO, "department", aliases=("表格办",))
    await hear(office, told, renamed)
    for word in ("表格局", "晋城市表格局", "表格办", "新表格局", "D-XLS"):
        assert await problems_of(office, word) == [], word


async def test_a_workbook_reports_nothing_new_for_a_unit_that_has_ended(office: Office) -> None:
    await unit(office, "D-XEN", "终止局")
    await hear(
        office, OrganisationMerged(organisation_id="D-XEN", into="D-ENE", valid_to=YESTERDAY)
    )
    ((rule, said),) = await problems_of(office, "终止局")
    assert rule == "owner_ended"
    assert "最后一日是 2019-04-21" in said
    assert "市能源局" in said


async def test_only_a_body_of_the_day_says_that_it_has_nothing_new(office: Office) -> None:
    clerk = await unit(office, "D-NIL", "零报局")
    path = "/report-months/2019-04/nothing-new"
    said = await office.ask(clerk, "POST", path, {}, Idempotency_Key=key())
    assert said.status_code == 200
    gone = await unit(office, "D-NIX", "已撤局")
    await hear(office, OrganisationClosed(organisation_id="D-NIX", valid_to=YESTERDAY))
    refused = await office.ask(gone, "POST", path, {}, Idempotency_Key=key())
    assert (refused.status_code, refused.json()["code"]) == (409, "not_a_planning_body")
