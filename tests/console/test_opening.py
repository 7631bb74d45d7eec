"""Opening stock on the pages: in its pool since its own day, never new, and it says since when."""

from datetime import date

from contracts.intake import Evidence, Pool, ProjectPooled, Source
from tests.console.builders import Dossier, facts
from tests.console.conftest import StandCity
from tests.console.test_exporting import ask, rows_of

CITY = ("account-admin", "admin", "D-BDA")


def stock(name: str = "存量的") -> Dossier:
    """A project that has been in 建设库 since last year, loaded today."""
    begun = Dossier(org="JC-ZZ", name=name)
    told = ProjectPooled(
        project_id=begun.project_id,
        owner_org="JC-ZZ",
        owner_name="泽州县",
        revision=1,
        facts=facts(name),
        pool=Pool.BUILD,
        transition="T00",
        report_month="2019-04",
        approved_on=date(2019, 4, 22),
        source=Source.OPENING,
        entered_on=date(2019, 4, 1),
        pool_since=date(2019, 4, 3),
        evidence=(Evidence(sort="source_document", document_number="晋市发改〔2018〕12号"),),
    )
    return begun._telling(told, CITY)


async def test_stock_stands_in_its_pool_since_its_own_day(stand_city: StandCity) -> None:
    city = await stand_city(stock())
    rows = rows_of(await ask(city, "city", "/projects?pool=BUILD&export=csv"))
    line = dict(zip(rows[0], rows[1], strict=True))
    assert (line["项目名称"], line["首次入库日期"], line["报送月份"]) == (
        "存量的",
        "2019-04-01",
        "",
    )
    assert line["进入现库日期"] == "2019-04-03"
    assert line["状态"] == "已入库"


async def test_stock_makes_no_bodys_month(stand_city: StandCity) -> None:
    city = await stand_city(stock())
    missing = rows_of(await ask(city, "lead", "/months/2019-04?show=missing&export=csv"))
    assert "泽州县" in [row[0] for row in missing]


async def test_stock_is_no_arrival_of_the_month(stand_city: StandCity) -> None:
    new = Dossier(org="JC-GP", name="新的").drafted().submitted().passed_first()
    city = await stand_city(stock(), new.pooled(Pool.BUILD))
    page = (await ask(city, "lead", "/board")).text
    head = page[page.index('id="head-BUILD"') :]
    assert 'aria-label="建设库 2 项，看清单"' in head
    assert "本月 +1</span>" in head[: head.index("</section>")]


async def test_its_history_begins_with_where_it_stood(stand_city: StandCity) -> None:
    city = await stand_city(begun := stock())
    page = (await ask(city, "city", f"/projects/{begun.project_id}")).text
    assert "期初存量，在建设库" in page
    assert "2019-04-01 入库，2019-04-03 进入本库，来源文件 晋市发改〔2018〕12号" in page
