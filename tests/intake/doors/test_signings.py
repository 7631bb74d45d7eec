"""招商签约 at the door: who may, who sees, what is counted once, what is kept."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.intake.adapters.evidence import of_signing
from tests.intake.doors.office import Office, fresh, key, problems
from tests.intake.doors.test_evidence import paper
from tests.intake.doors.test_evidence import upload as attach

YI = "10000"
APRIL = "2019-04-20"


def lead(**changes: Any) -> dict[str, Any]:
    """A lead as the door takes it."""
    return {
        "title": fresh("产业园"),
        "investor": fresh("某公司"),
        "investor_place": "广东省深圳市",
        "region": "140525",
        "industry": "39",
        "intended_investment": "150000.00",
        "not_secret": True,
        **changes,
    }


async def act(
    office: Office, who: str, method: str, path: str, body: Any, **headers: str
) -> httpx.Response:
    """Ask under a key of its own."""
    return await office.ask(who, method, path, body, **{"Idempotency_Key": key(), **headers})


async def registered(office: Office, who: str = "zezhou", **changes: Any) -> str:
    """Register a lead and give its address."""
    answer = await act(office, who, "POST", "/signings", lead(**changes))
    assert answer.status_code == 201, answer.text
    return f"/signings/{answer.json()['signing_id']}"


async def signed(office: Office, who: str = "zezhou", **changes: Any) -> str:
    """Register a lead and sign its contract."""
    place = await registered(office, who, **changes)
    contract = {"signed_on": APRIL, "contract_number": fresh("合同"), "contract_investment": YI}
    answer = await act(office, who, "POST", f"{place}/contract", contract)
    assert answer.status_code == 200, answer.text
    return place


async def test_a_lead_comes_to_its_project_step_by_step(office: Office) -> None:
    place = await registered(office)
    steps: list[tuple[str, dict[str, Any]]] = [
        ("negotiation", {"begun_on": APRIL, "note": "考察巴公园区。"}),
        ("framework", {"signed_on": APRIL, "intended_investment": "150,000"}),
        (
            "contract",
            {"signed_on": APRIL, "contract_number": "Z-1", "contract_investment": "120000.50"},
        ),
    ]
    said = ""
    for step, body in steps:
        answer = await act(office, "zezhou", "POST", f"{place}/{step}", body)
        assert answer.status_code == 200, answer.text
        said = answer.json()["message"]
    assert "5月20日" in said
    project = await office.pooled()
    answer = await act(
        office, "zezhou", "POST", f"{place}/link", {"project_id": project["project_id"]}
    )
    assert answer.status_code == 200, answer.text
    shown = (await office.ask("zezhou", "GET", place)).json()
    assert (shown["stage"], shown["contract"]["investment"]) == ("CONTRACT", "120000.50")
    assert (shown["projects"], shown["contract"]["link_due"]) == (
        [project["project_id"]],
        "2019-05-20",
    )
    stream = f"signing-{place.rpartition('/')[2]}"
    kinds = await office.pool.fetch(
        "select kind, envelope from journal.events where stream = $1 order by version", stream
    )
    assert [row["kind"].split(".")[2] for row in kinds] == [
        "lead_registered",
        "negotiation_begun",
        "framework_signed",
        "contract_signed",
        "linked",
    ]
    assert all(f'"partitionkey":"{stream}"'.encode() in row["envelope"] for row in kinds)


async def test_nothing_of_a_secret_lead_is_kept(office: Office) -> None:
    before = await office.pool.fetchval("select count(*) from journal.events")
    answer = await act(office, "zezhou", "POST", "/signings", lead(not_secret=False))
    assert (answer.status_code, answer.json()["code"]) == (409, "secret_project")
    answer = await act(office, "zezhou", "POST", "/signings", lead(title="秘密★ 产业园"))
    assert problems(answer) == [("title", "marked_secret")]
    assert await office.pool.fetchval("select count(*) from journal.events") == before


async def test_sent_twice_it_is_registered_once(office: Office) -> None:
    body, once = lead(), key()
    first = await office.ask("zezhou", "POST", "/signings", body, Idempotency_Key=once)
    again = await office.ask("zezhou", "POST", "/signings", body, Idempotency_Key=once)
    assert (first.status_code, first.content) == (201, again.content)
    other = await act(office, "zezhou", "POST", "/signings", body)
    assert (other.status_code, other.json()["code"]) == (409, "already_claimed")


async def test_one_contract_is_not_counted_for_two_units(office: Office) -> None:
    investor = fresh("某公司")
    await signed(office, "zezhou", investor=investor)
    place = await registered(office, "qianyue", investor=investor, title=fresh())
    contract = {"signed_on": APRIL, "contract_number": "别的编号", "contract_investment": YI}
    answer = await act(office, "qianyue", "POST", f"{place}/contract", contract)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_claimed")
    assert "一份合同只计一次" in answer.json()["detail"]
    assert "泽州" not in answer.text
    more = {**contract, "contract_investment": "10000.01"}
    assert (await act(office, "qianyue", "POST", f"{place}/contract", more)).status_code == 200


async def test_a_project_carries_out_one_signing_at_a_time(office: Office) -> None:
    one, other = await signed(office), await signed(office)
    link = {"project_id": (await office.pooled())["project_id"]}
    assert (await act(office, "zezhou", "POST", f"{one}/link", link)).status_code == 200
    refused = await act(office, "zezhou", "POST", f"{other}/link", link)
    assert (refused.status_code, refused.json()["code"]) == (409, "already_claimed")
    gone = await act(office, "zezhou", "POST", f"{one}/unlink", {**link, "reason": "关联错了"})
    assert gone.status_code == 200
    assert (await act(office, "zezhou", "POST", f"{other}/link", link)).status_code == 200


async def test_only_what_one_sees_and_what_is_in_a_pool_is_linked(office: Office) -> None:
    place = await signed(office)
    draft = {"project_id": (await office.begin())["project_id"]}
    answer = await act(office, "zezhou", "POST", f"{place}/link", draft)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_in_a_pool")
    others = await office.begin("gaoping")
    for unseen in ({"project_id": others["project_id"]}, {"project_id": str(uuid4())}):
        answer = await act(office, "zezhou", "POST", f"{place}/link", unseen)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


SEEN_BY = {
    # On its own ground: a signing of the city's that comes to 泽州县.
    "qianyue": {"zezhou", "qianyue", "shichushen", "shengshenhe", "lingdaozu", "ducha"},
    "zezhou": {"zezhou", "qianyue", "shichushen", "shengshenhe", "lingdaozu", "ducha"},
    "gaoping": {"gaoping", "qianyue", "shichushen", "shengshenhe", "lingdaozu", "ducha"},
}


@pytest.mark.parametrize("owner", SEEN_BY)
async def test_a_signing_is_seen_by_its_unit_its_ground_and_the_offices_that_steer(
    office: Office, owner: str
) -> None:
    place = await registered(office, owner, region="140581" if owner == "gaoping" else "140525")
    everybody = {"zezhou", "gaoping", "jiaoyu", "lanhua", "tongji", "zhongdian", "admin"}
    seen = {
        who
        for who in everybody | SEEN_BY[owner]
        if (await office.ask(who, "GET", place)).status_code == 200
    }
    assert seen - {"zhongdian"} == SEEN_BY[owner]


async def test_who_has_it_on_his_ground_looks_and_does_not_touch(office: Office) -> None:
    place = await registered(office, "qianyue")
    talks = {"begun_on": APRIL}
    refused = await act(office, "zezhou", "POST", f"{place}/negotiation", talks)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_your_signing")
    unseen = await act(office, "gaoping", "POST", f"{place}/negotiation", talks)
    assert (unseen.status_code, unseen.json()["code"]) == (404, "not_found")


async def test_the_city_hands_a_signing_to_another_unit(office: Office) -> None:
    place = await registered(office)
    body = {"to_org": "JC-GP", "reason": "落户高平。"}
    refused = await act(office, "zezhou", "POST", f"{place}/transfer", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    nobody = await act(office, "qianyue", "POST", f"{place}/transfer", {**body, "to_org": "JC-XX"})
    assert problems(nobody) == [("to_org", "unit_unknown")]
    done = await act(office, "qianyue", "POST", f"{place}/transfer", body)
    assert done.json()["owner_org"] == "JC-GP"
    assert (await office.ask("gaoping", "GET", place)).status_code == 200


async def test_an_older_version_is_refused(office: Office) -> None:
    place = await registered(office)
    talks = {"begun_on": APRIL}
    stale = await act(office, "zezhou", "POST", f"{place}/negotiation", talks, If_Match='"9"')
    assert stale.status_code == 412
    fine = await act(office, "zezhou", "POST", f"{place}/negotiation", talks, If_Match='"1"')
    assert (fine.status_code, fine.headers["ETag"]) == (200, '"2"')


async def test_the_scan_of_a_contract_is_kept_for_good_and_shown_to_few(office: Office) -> None:
    place = await registered(office)
    sha256 = (await attach(office, paper("合同"), "合同.pdf")).json()["sha256"]
    body = {
        "signed_on": APRIL,
        "contract_investment": YI,
        "evidence": [{"sort": "contract", "sha256": sha256}],
    }
    assert (await act(office, "zezhou", "POST", f"{place}/contract", body)).status_code == 200
    owner = of_signing(UUID(place.rpartition("/")[2]))
    row = await office.pool.fetchrow(
        "select expires_at from files.files where sha256 = $1 and org = $2", sha256, owner
    )
    assert row is not None
    assert row["expires_at"] is None
    path = f"{place}/files/{sha256}"
    assert (await office.ask("zezhou", "GET", path)).status_code == 200
    assert (await office.ask("qianyue", "GET", path)).status_code == 200
    assert (await office.ask("shichushen", "GET", path)).status_code == 404
    assert (await office.ask("gaoping", "GET", path)).status_code == 404


@pytest.mark.parametrize("day", ["1999-12-31", "2100-01-01", "昨天", ""])
async def test_a_day_beyond_all_measure_cannot_be_read(office: Office, day: str) -> None:
    place = await registered(office)
    body = {"signed_on": day, "contract_number": "1", "contract_investment": YI}
    answer = await act(office, "zezhou", "POST", f"{place}/contract", body)
    assert answer.status_code == 422
    assert [field for field, _ in problems(answer)] == ["signed_on"]


async def test_an_event_is_recorded_at_the_level_of_its_unit_and_taken_back(
    office: Office,
) -> None:
    body = {
        "title": fresh("推介会"),
        "place": "广东省深圳市",
        "outside_city": True,
        "held_on": APRIL,
    }
    county = await act(office, "zezhou", "POST", "/promotions", body)
    city = await act(office, "qianyue", "POST", "/promotions", body)
    levels = await office.pool.fetch(
        "select convert_from(payload, 'utf8')::json ->> 'level' as level from journal.events"
        " where stream = any($1) order by recorded, stream",
        [f"promotion-{one.json()['promotion_id']}" for one in (county, city)],
    )
    assert {row["level"] for row in levels} == {"COUNTY", "CITY"}
    twice = await act(office, "zezhou", "POST", "/promotions", body)
    assert (twice.status_code, twice.json()["code"]) == (409, "already_claimed")
    place = f"/promotions/{county.json()['promotion_id']}/withdraw"
    unseen = await act(office, "gaoping", "POST", place, {"reason": "重复"})
    assert unseen.status_code == 404
    assert (await act(office, "zezhou", "POST", place, {"reason": "重复"})).status_code == 200
    assert (await act(office, "zezhou", "POST", "/promotions", body)).status_code == 201
