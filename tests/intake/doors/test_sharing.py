"""领取、转办 at the door: the level that a reviewer has is his role's, whatever he asks."""

from tests.intake.doors.office import Office, key

PASS = {"verdict": "PASS", "on_revision": 1}


async def test_a_dossier_is_taken_handed_over_and_decided_by_whose_it_is(office: Office) -> None:
    project = await office.begin(report=True)
    path = f"/projects/{project['project_id']}"
    await office.carry_out("shichushen", project, "take")
    for act, body in (("take", {}), ("first-review", PASS)):
        refused = await office.ask(
            "shichushen2", "POST", f"{path}/{act}", body, Idempotency_Key=key()
        )
        assert (refused.status_code, refused.json()["code"]) == (409, "taken_by_another"), act
    handed = {"handed_to": "account-shichushen2", "reason": "出差。"}
    await office.carry_out("shichushen", project, "hand-over", **handed)
    passed = await office.carry_out("shichushen2", project, "first-review", **PASS)
    assert passed["stage"] == "CITY_PASSED"
    taken = await office.carry_out("shengshenhe", project, "take")
    assert taken["stage"] == "CITY_PASSED"


async def test_in_bulk_what_a_colleague_has_taken_is_left_and_named(office: Office) -> None:
    mine, his = [await office.begin(report=True) for _ in range(2)]
    await office.carry_out("shichushen2", his, "take")
    projects = [{"project_id": one["project_id"], "on_revision": 1} for one in (mine, his)]
    many = {"projects": projects, "verdict": "PASS"}
    answer = await office.ask("shichushen", "POST", "/reviews/first", many, Idempotency_Key=key())
    assert answer.json()["done"] == 1
    (refused,) = answer.json()["refused"]
    assert (refused["project_id"], refused["code"]) == (his["project_id"], "taken_by_another")


async def test_taking_moves_no_term(office: Office) -> None:
    project = await office.begin(report=True)
    taken = await office.carry_out("shichushen", project, "take")
    assert taken["term"] == project["term"]


async def test_what_came_from_the_province_goes_straight_back_to_it(office: Office) -> None:
    project = await office.begin(report=True)
    await office.carry_out("shichushen", project, "first-review", **PASS)
    back = {**PASS, "verdict": "RETURN", "opinion": "请核对。"}
    await office.carry_out("shengshenhe", project, "final-review", **back)
    again = await office.carry_out("zezhou", project, "report", not_secret=True)
    assert again["stage"] == "CITY_PASSED"
    assert "已直接重报省发改委审核，限 5 个工作日" in again["message"]
    done = await office.carry_out("shengshenhe", project, "final-review", **PASS)
    assert done["pool"] == "PLAN"
