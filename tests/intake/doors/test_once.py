"""A command is carried out once: repeated keys, older versions, two at the same moment."""

import asyncio

from tests.intake.doors.office import Office, form, fresh, key


async def test_the_same_key_with_the_same_body_gets_the_same_bytes(office: Office) -> None:
    body, name = form(), key()
    first = await office.ask("zezhou", "POST", "/projects", body, Idempotency_Key=name)
    again = await office.ask("zezhou", "POST", "/projects", body, Idempotency_Key=name)
    assert (again.status_code, again.content) == (201, first.content)
    for header in ("Siku-Wrote", "ETag", "content-type"):
        assert again.headers[header] == first.headers[header]
    assert await office.named(body["name"]) == 1


async def test_a_kept_reply_outlives_what_happened_since(office: Office) -> None:
    body, name = form(), key()
    first = await office.ask("zezhou", "POST", "/projects", body, Idempotency_Key=name)
    project = first.json()
    await office.carry_out("zezhou", project, "report", not_secret=True)
    again = await office.ask("zezhou", "POST", "/projects", body, Idempotency_Key=name)
    assert again.content == first.content
    reported = await office.ask(
        "zezhou",
        "POST",
        f"/projects/{project['project_id']}/withdraw",
        {"reason": "投资额有变化"},
        Idempotency_Key=name,
    )
    # Another address under the same key is another command.
    assert (reported.status_code, reported.json()["code"]) == (409, "command_reused")


async def test_a_kept_reply_comes_before_a_stale_version(office: Office) -> None:
    project = await office.begin()
    path, name = f"/projects/{project['project_id']}/report", key()
    asked = {"Idempotency_Key": name, "If_Match": '"1"'}
    first = await office.ask("zezhou", "POST", path, {"not_secret": True}, **asked)
    again = await office.ask("zezhou", "POST", path, {"not_secret": True}, **asked)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content


async def test_the_same_key_with_another_body_is_refused(office: Office) -> None:
    name = key()
    await office.ask("zezhou", "POST", "/projects", form(), Idempotency_Key=name)
    other = form()
    answer = await office.ask("zezhou", "POST", "/projects", other, Idempotency_Key=name)
    assert (answer.status_code, answer.json()["code"]) == (409, "command_reused")
    assert "请换一个新编号" in answer.json()["detail"]
    assert await office.named(other["name"]) == 0


async def test_keys_of_two_accounts_do_not_meet(office: Office) -> None:
    name = key()
    for who in ("zezhou", "gaoping"):
        answer = await office.ask(who, "POST", "/projects", form(), Idempotency_Key=name)
        assert answer.status_code == 201


async def test_a_refused_command_is_not_remembered(office: Office) -> None:
    name = key()
    wrong = await office.ask(
        "zezhou", "POST", "/projects", form(industry="00"), Idempotency_Key=name
    )
    right = await office.ask("zezhou", "POST", "/projects", form(), Idempotency_Key=name)
    assert (wrong.status_code, right.status_code) == (422, 201)


async def test_a_project_is_not_begun_without_a_key(office: Office) -> None:
    answer = await office.ask("zezhou", "POST", "/projects", form())
    assert answer.status_code == 422
    (problem,) = answer.json()["errors"]
    assert (problem["field"], problem["label"]) == ("Idempotency-Key", "办理编号")


async def test_an_older_version_is_refused_and_nothing_is_written(office: Office) -> None:
    project = await office.begin()
    path = f"/projects/{project['project_id']}"
    await office.ask("zezhou", "PUT", path, form(), Idempotency_Key=key(), If_Match='"1"')
    for method, address, body in (
        ("PUT", path, form()),
        ("POST", f"{path}/report", {"not_secret": True}),
        ("POST", f"{path}/discard", {}),
    ):
        answer = await office.ask(
            "zezhou", method, address, body, Idempotency_Key=key(), If_Match='"1"'
        )
        assert (answer.status_code, answer.json()["code"]) == (412, "stale_version")
        assert answer.json()["current_version"] == 2
        assert "请看过新内容再提交" in answer.json()["detail"]
    assert len(await office.facts(project["project_id"])) == 2


async def test_the_present_version_is_accepted_in_each_spelling(office: Office) -> None:
    project = await office.begin()
    path = f"/projects/{project['project_id']}"
    for number, spelling in enumerate(('"1"', "2", 'W/"3"', "*"), start=1):
        answer = await office.ask(
            "zezhou", "PUT", path, form(), Idempotency_Key=key(), If_Match=spelling
        )
        assert answer.status_code == 200, (spelling, answer.text)
        assert answer.json()["version"] == number + 1


async def test_a_name_is_taken_once_in_a_unit_however_it_is_spelt(office: Office) -> None:
    name = fresh("ABC 产业园")
    await office.begin(name=name)
    for spelling in (name, name.lower(), name.replace(" ", "　"), name.replace("ABC", "ＡＢＣ")):
        answer = await office.ask(
            "zezhou", "POST", "/projects", form(name=spelling), Idempotency_Key=key()
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "already_claimed")
        assert answer.json()["scope"] == "name"
    await office.begin("gaoping", name=name)


async def test_a_project_code_is_taken_once_in_the_whole_city(office: Office) -> None:
    code = "2019-140525-30-03-002187"
    await office.begin(project_code=code)
    answer = await office.ask(
        "gaoping", "POST", "/projects", form(project_code=code), Idempotency_Key=key()
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "already_claimed")
    assert (answer.json()["scope"], code in answer.json()["detail"]) == ("project_code", True)


async def test_fifty_at_once_under_one_name_make_one_project(office: Office) -> None:
    name = fresh("同名产业园")
    answers = await asyncio.gather(
        *(
            office.ask("zezhou", "POST", "/projects", form(name=name), Idempotency_Key=key())
            for _ in range(50)
        )
    )
    codes = sorted(answer.json().get("code", "begun") for answer in answers)
    assert codes == ["already_claimed"] * 49 + ["begun"]
    assert await office.named(name) == 1


async def test_fifty_at_once_under_one_key_get_one_reply(office: Office) -> None:
    body, name = form(), key()
    answers = await asyncio.gather(
        *(office.ask("zezhou", "POST", "/projects", body, Idempotency_Key=name) for _ in range(50))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await office.named(body["name"]) == 1


async def test_two_verdicts_at_once_make_one_decision(office: Office) -> None:
    project = await office.begin(report=True)
    path = f"/projects/{project['project_id']}/first-review"
    verdicts = [
        {"verdict": verdict, "on_revision": 1, "opinion": "见意见。"}
        for verdict in ("PASS", "RETURN", "REJECT") * 3
    ]
    answers = await asyncio.gather(
        *(
            office.ask("shichushen", "POST", path, verdict, Idempotency_Key=key())
            for verdict in verdicts
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 8
    assert len(await office.facts(project["project_id"])) == 3


async def test_a_final_verdict_sent_again_is_answered_though_it_took_the_dossier_out_of_sight(
    office: Office,
) -> None:
    project = await office.begin("zezhou", report=True)
    judged = {"verdict": "PASS", "on_revision": 1}
    await office.carry_out("shichushen", project, "first-review", **judged)
    path, once = f"/projects/{project['project_id']}/final-review", key()
    back = {"verdict": "RETURN", "on_revision": 1, "opinion": "请核实规模。"}
    first = await office.ask("shengshenhe", "POST", path, back, Idempotency_Key=once)
    again = await office.ask("shengshenhe", "POST", path, back, Idempotency_Key=once)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    other = await office.ask("shengshenhe", "POST", path, back, Idempotency_Key=key())
    assert other.status_code == 404
