"""What the journal promises: all or nothing, once, in order, never changed."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from shared.deciding import Ask, Asked, Command, handle, handle_many, new_id
from shared.journal import Claim, Journal, Writing, canonical
from shared.postgres import Connection
from shared.refusals import AlreadyClaimed, ClaimTaken, CommandReused, StaleVersion, StreamMoved
from tests.shared.ledger import LEDGER, Put, PutIn, Sum, TooMuch, cause, put
from tests.shared.writing import surrounded


async def test_facts_of_one_stream_are_numbered_from_one(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    for amount in (1, 2, 3):
        await put(journal, "s", amount)
    history = await journal.load("s")
    assert history.version == 3
    assert [Put.model_validate_json(p).amount for p in history.payloads] == [1, 2, 3]


async def test_the_chain_covers_envelope_and_payload(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    await put(journal, "s", 1)
    await put(journal, "s", 2)
    rows = await journal_pool.fetch("select * from journal.events order by version")
    link = b""
    for row in rows:
        link = hashlib.sha256(
            link
            + hashlib.sha256(row["envelope"]).digest()
            + hashlib.sha256(row["payload"]).digest()
        ).digest()
        assert row["chain"] == link


async def test_sixteen_writers_of_one_stream_lose_nothing(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")

    async def write(number: int) -> None:
        while True:
            try:
                await put(journal, "s", 1, key=f"k{number}")
                return
            except Exception as error:
                if getattr(error, "code", "") != "busy_stream":
                    raise

    await asyncio.gather(*(write(n) for n in range(16)))
    assert (await journal.load("s")).version == 16


async def test_an_append_to_a_moved_stream_writes_nowhere(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    await put(journal, "a", 1)
    now = datetime.now(UTC)
    with pytest.raises(StreamMoved) as moved:
        await journal.append(
            [
                Writing("b", "b", 0, surrounded("b", 1, Put(amount=5))),
                Writing("a", "a", 0, surrounded("a", 1, Put(amount=5))),
            ],
            now,
        )
    assert moved.value.streams == ("a",)
    assert (await journal.load("b")).version == 0
    assert await journal_pool.fetchval("select count(*) from journal.untold") == 1


async def test_several_streams_are_appended_together(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    await journal.append(
        [
            Writing("b", "b", 0, surrounded("b", 1, Put(amount=5))),
            Writing("a", "a", 0, surrounded("a", 1, Put(amount=1), Put(amount=2))),
        ],
        datetime.now(UTC),
    )
    assert (await journal.load("a")).version == 2
    assert (await journal.load("b")).version == 1


async def test_a_claim_is_held_by_one_stream_only(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    await put(journal, "a", 1, label="x")
    with pytest.raises(AlreadyClaimed):
        await put(journal, "b", 1, label="x")
    assert (await journal.load("b")).version == 0


async def test_fifty_claims_at_once_make_one_fact(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    outcomes = await asyncio.gather(
        *(put(journal, f"s{n}", 1, label="same") for n in range(50)), return_exceptions=True
    )
    refused = [o for o in outcomes if isinstance(o, AlreadyClaimed)]
    assert len(refused) == 49, outcomes
    assert await journal_pool.fetchval("select count(*) from journal.events") == 1


async def test_a_freed_claim_may_be_taken(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    await put(journal, "a", 1, label="x")
    await put(journal, "a", 1, label="y")
    await put(journal, "b", 1, label="x")
    assert (await journal.load("b")).version == 1


async def test_the_streams_that_hold_claims_of_a_scope_are_found(
    journal_pool: asyncpg.Pool,
) -> None:
    journal = Journal(journal_pool, "test")
    await put(journal, "b", 1, label="x")
    await put(journal, "a", 1, label="y")
    await put(journal, "a", 1, label="z")
    await put(journal, "c", 1)
    assert await journal.streams_holding("label") == ["a", "b"]
    assert await journal.streams_holding("another") == []


async def test_a_taken_claim_names_who_asked_for_what(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    await put(journal, "a", 1, label="x")
    with pytest.raises(ClaimTaken) as taken:
        await journal.append(
            [
                Writing(
                    "b",
                    "b",
                    0,
                    surrounded("b", 1, Put(amount=1)),
                    takes=frozenset({Claim("label", "x"), Claim("label", "z")}),
                )
            ],
            datetime.now(UTC),
        )
    assert taken.value.taken == (("b", "label", "x"),)


async def test_the_same_command_gets_the_same_reply_and_no_second_fact(
    journal_pool: asyncpg.Pool,
) -> None:
    journal = Journal(journal_pool, "test")
    first = await put(journal, "s", 1, key="k")
    again = await put(journal, "s", 1, key="k")
    assert first.reply == again.reply == b"s@1=1"
    assert (await journal.load("s")).version == 1


async def test_one_command_sent_thirty_times_at_once_happens_once(
    journal_pool: asyncpg.Pool,
) -> None:
    journal = Journal(journal_pool, "test")
    replies = await asyncio.gather(
        *(put(journal, "s", 1, key="k", label="mine") for _ in range(30))
    )
    assert {reply.reply for reply in replies} == {b"s@1=1"}
    assert (await journal.load("s")).version == 1


async def test_a_key_is_not_used_for_another_body(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    await put(journal, "s", 1, key="k", body=b"one")
    with pytest.raises(CommandReused):
        await put(journal, "s", 1, key="k", body=b"two")


async def test_a_refused_command_is_not_remembered(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    await put(journal, "a", 1, label="x")
    with pytest.raises(AlreadyClaimed):
        await put(journal, "b", 1, label="x", key="k")
    await put(journal, "a", 1, label="y")
    assert (await put(journal, "b", 1, label="x", key="k")).reply == b"b@1=1"


async def test_a_stale_if_match_is_refused_with_the_present_version(
    journal_pool: asyncpg.Pool,
) -> None:
    journal = Journal(journal_pool, "test")
    await put(journal, "s", 1)
    await put(journal, "s", 1)
    with pytest.raises(StaleVersion) as stale:
        await put(journal, "s", 1, if_match=1)
    assert stale.value.more == {"current_version": 2}


async def test_recorded_never_decreases_within_a_stream(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    later = datetime.now(UTC) + timedelta(hours=1)
    await put(journal, "s", 1, now=later)
    await put(journal, "s", 1, now=later - timedelta(hours=1))
    recorded = [
        row["recorded"]
        for row in await journal_pool.fetch("select recorded from journal.events order by version")
    ]
    assert recorded == sorted(recorded) == [later, later]
    with pytest.raises(asyncpg.PostgresError, match="recorded would decrease"):
        await journal.append(
            [Writing("s", "s", 2, surrounded("s", 3, Put(amount=1)))], later - timedelta(seconds=1)
        )


async def test_a_fact_over_256_kib_is_refused_loudly(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    with pytest.raises(asyncpg.CheckViolationError):
        await put(journal, "s", 1, label="x" * 263_000)
    assert (await journal.load("s")).version == 0


@pytest.mark.parametrize(
    "change",
    [
        "update journal.events set payload = 'x'",
        "delete from journal.events",
        "truncate journal.events",
        "truncate journal.events_3",
        "update journal.told set chain = 'x'",
        "delete from journal.told",
        "insert into journal.events select * from journal.events",
        "update journal.relay set acknowledged = 0",
        "delete from journal.claims",
    ],
)
async def test_the_service_itself_cannot_change_the_journal(
    journal_pool: asyncpg.Pool, change: str
) -> None:
    await put(Journal(journal_pool, "test"), "s", 1)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await journal_pool.execute(change)


@pytest.mark.parametrize(
    "change",
    [
        "update journal.events set payload = 'x'",
        "delete from journal.events",
        "truncate journal.events",
        "truncate journal.events_0, journal.events_1",
    ],
)
async def test_not_even_the_owner_changes_the_journal(
    journal_pool: asyncpg.Pool, owner_of_journal: asyncpg.Connection, change: str
) -> None:
    await put(Journal(journal_pool, "test"), "s", 1)
    with pytest.raises(asyncpg.PostgresError, match="never changed"):
        await owner_of_journal.execute(change)


async def test_the_service_reads_the_journals_tables_and_writes_none_of_them(
    journal_pool: asyncpg.Pool,
) -> None:
    rows = await journal_pool.fetch(
        "select c.relname, p.able from pg_class c "
        "cross join unnest(array['insert','update','delete','truncate','trigger','references']) "
        "as p(able) where c.relnamespace = 'journal'::regnamespace and c.relkind in ('r', 'p') "
        "and has_table_privilege(c.oid, p.able)"
    )
    assert rows == []
    assert await journal_pool.fetchval("select count(*) from journal.events") == 0


async def test_every_partition_refuses_to_be_changed_and_to_be_emptied(
    journal_pool: asyncpg.Pool,
) -> None:
    rows = await journal_pool.fetch(
        "select c.relname, array_agg(t.tgname::text order by t.tgname) as guards from pg_class c "
        "left join pg_trigger t on t.tgrelid = c.oid and t.tgenabled = 'O' "
        "and t.tgfoid = 'journal.refuse_change'::regproc "
        "where c.relispartition and c.relnamespace = 'journal'::regnamespace "
        "and c.relkind = 'r' group by c.relname order by c.relname"
    )
    assert [row["relname"] for row in rows] == [f"events_{number}" for number in range(8)]
    assert {tuple(row["guards"]) for row in rows} == {("never_changed", "never_emptied")}


async def test_nobody_but_the_service_and_the_owner_may_call_what_writes(
    journal_pool: asyncpg.Pool,
) -> None:
    open_to_all = await journal_pool.fetch(
        "select p.proname from pg_proc p, "
        "aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a "
        "where p.pronamespace = 'journal'::regnamespace and a.grantee = 0"
    )
    assert open_to_all == []
    owners_only = await journal_pool.fetch(
        "select proname::text from pg_proc where pronamespace = 'journal'::regnamespace "
        "and not has_function_privilege(oid, 'execute') order by proname"
    )
    assert [row["proname"] for row in owners_only] == ["refuse_change", "tell_anew"]


def test_canonical_bytes_are_rfc_8785() -> None:
    import rfc8785

    value: dict[str, object] = {
        "z": 1,
        "a": ["太行", '\u0001\n\t"\\', {"y": None, "x": True}],
        "n": 2**53 - 1,
        "empty": {},
        "id": str(new_id()),
        "emoji": "𠮷",
    }
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


async def test_a_command_that_meets_its_own_twin_gets_the_twins_reply(
    journal_pool: asyncpg.Pool,
) -> None:
    """The twin that comes second finds the stream begun; that is no refusal but the same reply."""
    journal = Journal(journal_pool, "test")

    def begin_once(command: PutIn, state: Sum) -> list[Put]:
        if state.count:
            raise TooMuch("已经开始")
        return [Put(amount=command.amount)]

    decider = replace(LEDGER, decide=begin_once)

    async def ask() -> bytes:
        asked = await handle(
            journal,
            decider,
            Ask(
                "s",
                "s",
                PutIn(1),
                lambda wrote: wrote.token.encode(),
                identity=Command("k", b"body"),
            ),
            cause(),
        )
        return asked.reply

    assert set(await asyncio.gather(*(ask() for _ in range(20)))) == {b"s@1"}


def asks(*wanted: tuple[str, int, str]) -> list[Ask[PutIn, Sum, Put]]:
    """Ask for several streams at once."""
    return [
        Ask(
            stream,
            stream,
            PutIn(amount, label),
            lambda wrote: wrote.token.encode(),
            identity=Command(f"key-{stream}", b"body"),
        )
        for stream, amount, label in wanted
    ]


async def test_bulk_work_leaves_out_what_is_refused_and_does_the_rest(
    journal_pool: asyncpg.Pool,
) -> None:
    journal = Journal(journal_pool, "test")
    await put(journal, "holder", 1, label="taken")
    outcomes = await handle_many(
        journal,
        LEDGER,
        asks(("a", 1, ""), ("b", 5000, ""), ("c", 1, "taken"), ("d", 1, "new"), ("e", 1, "new")),
        cause(),
    )
    said = [o.reply if isinstance(o, Asked) else o.code for o in outcomes]
    assert said == [b"a@1", "too_much", "already_claimed", b"d@1", "already_claimed"]
    assert (await journal.load("c")).version == 0


async def test_bulk_work_sent_again_does_only_what_was_left(journal_pool: asyncpg.Pool) -> None:
    journal = Journal(journal_pool, "test")
    await handle_many(journal, LEDGER, asks(("a", 1, ""), ("b", 1, "")), cause())
    outcomes = await handle_many(
        journal, LEDGER, asks(("a", 1, ""), ("b", 1, ""), ("c", 1, "")), cause()
    )
    assert [o.reply for o in outcomes if isinstance(o, Asked)] == [b"a@1", b"b@1", b"c@1"]
    assert await journal_pool.fetchval("select count(*) from journal.events") == 3


async def test_two_bulk_works_over_the_same_streams_lose_and_double_nothing(
    journal_pool: asyncpg.Pool,
) -> None:
    journal = Journal(journal_pool, "test")
    wanted = asks(*((f"s{n}", 1, f"label-{n}") for n in range(200)))
    outcomes = await asyncio.gather(
        *(handle_many(journal, LEDGER, batch, cause()) for batch in (wanted, wanted[::-1], wanted))
    )
    assert all(isinstance(o, Asked) for batch in outcomes for o in batch)
    assert await journal_pool.fetchval("select count(*) from journal.events") == 200


async def test_whoever_has_nothing_to_tell_waits_for_nobody(
    journal_pool: asyncpg.Pool, owner_of_journal: asyncpg.Connection
) -> None:
    journal = Journal(journal_pool, "test")
    await put(journal, "quiet", 1)
    asks = [_asked("quiet", 0), _asked("loud", 5)]
    async with owner_of_journal.transaction():
        await owner_of_journal.execute(
            "select from journal.streams where stream = 'quiet' for update"
        )
        async with asyncio.timeout(5):
            outcomes = await handle_many(journal, LEDGER, asks, cause())
    assert [one.wrote.version for one in outcomes if isinstance(one, Asked) and one.wrote] == [1, 1]


async def test_what_is_written_beside_an_append_is_in_its_transaction(
    journal_pool: asyncpg.Pool,
) -> None:
    journal = Journal(journal_pool, "test")
    asks = [_asked("a", 1), _asked("b", 0), _asked("c", 2), _asked("d", 5000)]
    seen: list[int] = []

    async def beside(number: int, connection: Connection) -> None:
        seen.append(number)
        await connection.execute("select 1")
        if len(seen) == 1:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await handle_many(journal, LEDGER, asks, cause(), beside=beside)
    assert (await journal.load("a")).version == 0
    outcomes = await handle_many(journal, LEDGER, asks, cause(), beside=beside)
    assert [type(one) for one in outcomes] == [Asked, Asked, Asked, TooMuch]
    assert seen == [2, 2]
    assert (await journal.load("a")).version == (await journal.load("c")).version == 1


def _asked(stream: str, amount: int) -> Ask[PutIn, Sum, Put]:
    return Ask(stream, stream, PutIn(amount), lambda wrote: wrote.token.encode())
