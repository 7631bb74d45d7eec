"""How far the terms are counted anew is seen by reviewers and by whoever keeps the calendar."""

from datetime import UTC, datetime

from services.intake.adapters import recounts
from services.intake.views import open_terms
from shared.viewing import ViewStore
from tests.intake.doors.office import Office

BEGUN, ENDED = datetime(2019, 4, 22, 1, tzinfo=UTC), datetime(2019, 4, 22, 2, tzinfo=UTC)


async def test_it_says_how_many_of_how_many_since_when_and_whether_it_is_done(
    office: Office,
) -> None:
    assert (await office.ask("admin", "GET", "/recounts")).json() == {"recounts": []}
    await ViewStore(office.pool, open_terms.VIEW).open()
    await office.pool.execute(
        "insert into views.open_terms (key, level, start, overdue_told, calendar, position) "
        "select n::text, 'CITY', '2019-04-22', false, 0, n from generate_series(1, 5) n"
    )
    try:
        assert await recounts.begin(office.pool, 7, BEGUN) == 0
        await recounts.reach(office.pool, 7, 3)
        async with office.pool.acquire() as connection:
            await recounts.add_moved(7, 2, connection)
        running = {
            "edition": 7,
            "open": 5,
            "done": 3,
            "moved": 2,
            "begun": "2019-04-22T01:00:00Z",
            "finished": None,
        }
        assert (await office.ask("admin", "GET", "/recounts")).json() == {"recounts": [running]}
        await recounts.finish(office.pool, 7, 9, ENDED)
        ended = running | {"done": 5, "finished": "2019-04-22T02:00:00Z"}
        assert (await office.ask("shichushen", "GET", "/recounts")).json() == {"recounts": [ended]}
        assert await recounts.begin(office.pool, 7, ENDED) == 9
    finally:
        await office.pool.execute("truncate views.open_terms")


async def test_others_find_nothing_there(office: Office) -> None:
    for who, status in {
        "shichushen": 200,
        "shengshenhe": 200,
        "admin": 200,
        "zezhou": 404,
        "jiaoyu": 404,
        "lingdaozu": 404,
    }.items():
        assert (await office.ask(who, "GET", "/recounts")).status_code == status, who
