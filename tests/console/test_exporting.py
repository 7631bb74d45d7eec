"""导出: exactly the rows on screen under the filter, safe to open, and every file noted."""

import csv
import hashlib
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO

import asyncpg
import httpx
import pytest
from openpyxl import load_workbook

from contracts.intake import Funding, FundingSource
from services.console.pages import exporting, provincial
from services.console.pages.reading import Filter, Reading
from services.console.pages.sheet_file import Column, table, written
from shared.scope import PROJECT_SCOPES
from shared.seeing import Reader
from shared.units import NO_UNITS
from tests.console.builders import WAN, Dossier, a_city_at_work, facts
from tests.console.city import NOON, City
from tests.console.conftest import StandCity

MINE = Dossier(org="JC-ZZ", name="本县的草稿").drafted()
SENT = Dossier(org="JC-CQ", name="他县报送的").drafted().submitted()
POOLED = Dossier(org="JC-YC", name="已入库的").drafted().submitted().passed_first().pooled()


def rows_of(answer: httpx.Response) -> list[list[str]]:
    """Read a CSV as Excel would."""
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))


def cells_of(answer: httpx.Response) -> list[list[object]]:
    """Read the first sheet of a workbook."""
    assert answer.status_code == 200, answer.text
    sheet = load_workbook(BytesIO(answer.content)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


async def ask(city: City, user: str, address: str) -> httpx.Response:
    """Ask as a user."""
    async with city.browser(user) as browser:
        return await browser.get(address)


@pytest.mark.parametrize("query", ["?", "?region=140525&", "?stage=SUBMITTED&", "?name=工程&"])
async def test_a_file_holds_the_rows_that_the_list_counts_in_its_order(
    stand_city: StandCity, query: str
) -> None:
    city = await stand_city(*a_city_at_work())
    page = (await ask(city, "city", f"/projects{query}sort=name")).text
    rows = rows_of(await ask(city, "city", f"/projects{query}sort=name&export=csv"))
    names = [row[0] for row in rows[1:]]
    assert f"合计 {len(names)} 项" in page or (not names and "没有符合的项目" in page)
    places = [page.index(f">{name}</a>") for name in names[:20]]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("user", "names"),
    [("zezhou", {MINE.name}), ("city", {SENT.name, POOLED.name}), ("admin", set())],
)
async def test_nobody_takes_away_what_he_may_not_see(
    stand_city: StandCity, user: str, names: set[str]
) -> None:
    city = await stand_city(MINE, SENT, POOLED)
    for form in ("csv", "xlsx", "provincial"):
        answer = await ask(city, user, f"/projects?export={form}")
        rows = rows_of(answer) if form == "csv" else cells_of(answer)
        place = rows[0].index("项目名称")
        assert {row[place] for row in rows[1:]} == names


async def test_figures_stay_figures_and_money_is_exact(stand_city: StandCity) -> None:
    given = facts("有零头的", total_investment=86_000 * WAN + 100)
    city = await stand_city(Dossier(org="JC-ZZ", name="有零头的").drafted(given))
    heads, line = rows_of(await ask(city, "zezhou", "/projects?export=csv"))
    assert line[heads.index("总投资（万元）")] == "86000.01"
    rows = cells_of(await ask(city, "zezhou", "/projects?export=xlsx"))
    cells = dict(zip(rows[0], rows[1], strict=True))
    assert cells["总投资（万元）"] == 86_000.01
    assert cells["最近变动"] == datetime(2019, 4, 22, 9)  # noqa: DTZ001
    assert cells["库"] == "未入库"


async def test_a_list_of_a_day_in_the_past_is_exported_as_it_was(stand_city: StandCity) -> None:
    city = await stand_city(SENT, POOLED, now=NOON + timedelta(days=9))
    later = await ask(city, "city", "/projects?as_of=2019-04-23&export=xlsx")
    about = load_workbook(BytesIO(later.content))["说明"]
    told = {row[0].value: row[1].value for row in about.iter_rows()}
    assert told["截至"] == "2019-04-23 24:00"
    assert told["行数"] == str(len(cells_of(later)) - 1)
    assert told["编号"] == later.headers["Siku-Export"]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", " =", "＝", "－"])
def test_no_text_is_taken_for_a_formula(begin: str) -> None:
    hostile = f"{begin}HYPERLINK(1)"
    laid = table("清单", [Column[str]("名称", lambda text: text)], [hostile])
    (_, (read,)) = csv.reader(StringIO(written(laid, "csv").decode("utf-8-sig")))
    assert read == f"'{hostile}"
    cell = load_workbook(BytesIO(written(laid, "xlsx"))).worksheets[0]["A2"]
    assert (cell.value, cell.data_type) == (hostile, "s")


def test_a_figure_below_nothing_is_no_formula() -> None:
    laid = table("清单", [Column[Decimal]("增减", lambda one: one)], [Decimal("-3.5")])
    assert written(laid, "csv").decode("utf-8-sig").splitlines()[1] == "-3.5"


async def test_the_provincial_layout_has_its_columns_in_its_order(stand_city: StandCity) -> None:
    code = "2019-140522-45-03-006679"
    given = facts(
        POOLED.name,
        project_code=code,
        funding=(
            Funding(source=FundingSource.LOAN, amount=60_000 * WAN),
            Funding(source=FundingSource.SELF_RAISED, amount=26_000 * WAN),
        ),
    )
    told = Dossier(org="JC-YC", name=POOLED.name).drafted(given).submitted().passed_first()
    city = await stand_city(told.pooled())
    rows = cells_of(await ask(city, "city", "/projects?export=provincial"))
    layout = provincial.layout_on(date(2019, 4, 22))
    assert rows[0] == [place.title for place in layout.columns]
    line = dict(zip(rows[0], rows[1], strict=True))
    assert (line["序号"], line["项目代码"], line["所在库"]) == (1, code, "谋划库")
    assert (line["银行贷款（万元）"], line["企业自筹（万元）"]) == (60_000, 26_000)
    assert line["建设单位统一社会信用代码"] == "91140500MA0T00011Y"
    assert line["联系电话"] is None


async def test_every_column_of_every_layout_is_known(stand_city: StandCity) -> None:
    city = await stand_city(POOLED)
    scope = PROJECT_SCOPES.seen_by(Reader("lead_office", "D-LGO"))
    (project,) = await Reading(lambda: city.pool).everything(scope, Filter(), "name")
    line = provincial.Line(1, project, facts())
    for layout in provincial.layouts():
        for place in layout.columns:
            provincial.cell(place.key, line, NO_UNITS, layout.valid_from)
    with pytest.raises(KeyError):
        provincial.cell("nothing", line, NO_UNITS, date(2019, 4, 22))


async def test_more_rows_than_a_file_holds_are_refused_with_the_number(
    stand_city: StandCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_ROWS", 1)
    city = await stand_city(SENT, POOLED)
    answer = await ask(city, "city", "/projects?export=csv")
    assert answer.status_code == 422
    assert "还有 2 行" in answer.text
    assert await city.pool.fetchval("select count(*) from console.exports") == 0


async def test_an_unknown_format_is_refused(stand_city: StandCity) -> None:
    city = await stand_city(SENT)
    assert (await ask(city, "city", "/projects?export=pdf")).status_code == 422


async def test_each_file_is_noted_with_its_filter_its_rows_and_its_digest(
    stand_city: StandCity,
) -> None:
    city = await stand_city(SENT, POOLED)
    answer = await ask(city, "city", "/projects?pool=PLAN&name=139%2003560088&page=3&export=csv")
    row = await city.pool.fetchrow("select * from console.exports")
    assert row is not None
    assert (row["account"], row["list"], row["format"]) == ("account-city", "项目清单", "csv")
    assert row["sha256"] == hashlib.sha256(answer.content).hexdigest()
    assert row["rows"] == 0
    assert "pool=PLAN" in row["asked"]
    assert "page" not in row["asked"]
    assert "03560088" not in row["asked"]
    assert str(row["export_id"]) == answer.headers["Siku-Export"]


async def test_the_administrator_alone_reads_who_took_what(stand_city: StandCity) -> None:
    city = await stand_city(SENT, POOLED)
    city.desk.answers["GET", "/accounts"] = httpx.Response(200, json={"accounts": []})
    await ask(city, "city", "/projects?org=JC-CQ&export=xlsx")
    assert (await ask(city, "city", "/exports")).status_code == 404
    assert "单位：JC-CQ" in (await ask(city, "admin", "/exports")).text
    assert "单位：JC-CQ" not in (await ask(city, "admin", "/exports?day=2019-01-01")).text
    listed = rows_of(await ask(city, "admin", "/exports?export=csv"))
    assert listed[1][4] == "项目清单"


@pytest.mark.parametrize(
    "change", ["update console.exports set rows = 0", "delete from console.exports"]
)
async def test_what_was_noted_is_never_changed(stand_city: StandCity, change: str) -> None:
    city = await stand_city(POOLED)
    await ask(city, "city", "/projects?export=csv")
    with pytest.raises(asyncpg.PostgresError):
        await city.pool.execute(change)


async def test_the_months_are_exported_as_they_are_shown(stand_city: StandCity) -> None:
    city = await stand_city(SENT, POOLED)
    everybody = rows_of(await ask(city, "lead", "/months/2019-04?export=csv"))
    assert len(everybody) == 1 + 31
    missing = rows_of(await ask(city, "lead", "/months/2019-04?show=missing&export=csv"))
    assert {row[1] for row in missing[1:]} == {"未报"}
    assert len(missing) == 1 + 29
    own = rows_of(await ask(city, "zezhou", "/months/2019-04?export=csv"))
    assert [row[0] for row in own[1:]] == ["泽州县"]


async def test_units_by_pools_are_exported_with_their_sum(stand_city: StandCity) -> None:
    city = await stand_city(POOLED, Dossier(org="JC-GP", name="甲").drafted())
    rows = rows_of(await ask(city, "lead", "/board?view=units&export=csv"))
    assert rows[0][:3] == ["单位", "谋划库项目数", "谋划库总投资（万元）"]
    assert [row[:3] for row in rows[1:]] == [["阳城县", "1", "86000"], ["合计", "1", "86000"]]


async def test_a_reviewer_takes_his_whole_queue_along(stand_city: StandCity) -> None:
    city = await stand_city(SENT, POOLED)
    rows = rows_of(await ask(city, "city", "/desk?export=csv"))
    assert [row[0] for row in rows[1:]] == [SENT.name]
    assert (await ask(city, "zezhou", "/desk?export=csv")).status_code == 403


async def test_all_pages_of_another_offices_list_go_into_the_file(stand_city: StandCity) -> None:
    city = await stand_city()

    def listed(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("page", "1"))
        row = {
            "account": f"00000000-0000-4000-8000-00000000000{number}",
            "username": f"zhanghao{number}",
            "name": f"第{number}个",
            "state": "IN_USE",
        }
        return httpx.Response(200, json={"accounts": [row], "count": 3, "pages": 3})

    city.desk.otherwise = listed  # type: ignore[assignment,method-assign]
    rows = rows_of(await ask(city, "admin", "/accounts?state=IN_USE&export=csv"))
    assert [row[0] for row in rows[1:]] == ["zhanghao1", "zhanghao2", "zhanghao3"]
    assert {request.url.params["state"] for request in city.desk.asked} == {"IN_USE"}
    assert (await ask(city, "city", "/accounts?export=csv")).status_code == 404


async def test_substitutes_and_erasures_are_exported_for_the_administrator_alone(
    stand_city: StandCity,
) -> None:
    city = await stand_city()
    person = "00000000-0000-4000-8000-000000000001"
    standing = {
        "account": person,
        "absent": "王工",
        "substitute_id": person,
        "substitute": "李工",
        "valid_from": "2019-04-22",
        "valid_to": "2019-04-26",
        "now": True,
        "over": False,
    }
    city.desk.answers["GET", "/substitutes"] = httpx.Response(200, json={"substitutes": [standing]})
    rows = rows_of(await ask(city, "admin", "/substitutes?export=csv"))
    assert rows[1] == ["王工", "李工", "2019-04-22", "2019-04-26", "代理中"]
    done = {
        "at": "2019-04-22T09:00:00+08:00",
        "account": person,
        "reason": "UNLAWFUL",
        "document_number": "1号",
        "contacts": 1,
        "projects": 2,
        "uploads": 3,
    }
    city.intake.answers["GET", "/erasures"] = httpx.Response(200, json={"rows": [done]})
    rows = rows_of(await ask(city, "admin", "/erasures?export=csv"))
    assert rows[1][1:] == ["1号", "违反法律法规或约定处理", "1", "2", "3"]
    for path in ("/substitutes", "/erasures"):
        assert (await ask(city, "city", f"{path}?export=csv")).status_code == 404
