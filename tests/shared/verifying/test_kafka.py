"""A topic that does not hold what the journal holds is found, record by record."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.deciding import new_id
from shared.journal import Journal, canonical, open_pool
from shared.verifying import kafka
from shared.verifying.shape import Shape
from tests.shared.ledger import put
from tests.shared.verifying.system import System


def as_it_is(record: Any) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Give what a record is sent again with."""
    return record.key, record.value, list(record.headers)


def with_header(record: Any, name: str, value: bytes) -> list[Any]:
    key, body, headers = as_it_is(record)
    return [(key, body, [(n, value if n == name else v) for n, v in headers])]


def foreign(record: Any) -> list[Any]:
    return with_header(record, "ce_id", str(new_id()).encode())


def altered(record: Any) -> list[Any]:
    key, value, headers = as_it_is(record)
    return [(key, value.replace(b'"amount":2', b'"amount":7'), headers)]


def somebody_elses(record: Any) -> list[Any]:
    return with_header(record, "ce_actoraccount", b"somebody")


def moved(record: Any) -> list[Any]:
    _, value, headers = as_it_is(record)
    return [(b"other", value, headers)]


def beyond(record: Any) -> list[Any]:
    return with_header(record, "position", b"99")


def unlinked(record: Any) -> list[Any]:
    return with_header(record, "chain", b"00" * 32)


def without_second(record: Any) -> list[Any]:
    return [] if dict(record.headers)["ce_streamversion"] == b"2" else [as_it_is(record)]


def with_a_stranger(record: Any) -> list[Any]:
    stranger = with_header(record, "ce_id", str(new_id()).encode())
    return [as_it_is(record), *stranger]


def nameless(record: Any) -> list[Any]:
    key, value, headers = as_it_is(record)
    return [(key, value, [(n, v) for n, v in headers if n != "position"])]


@pytest.mark.parametrize("processes_from", [50_000, 0])
async def test_repeats_in_the_topic_are_counted_and_harmless(
    system: System, processes_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "WORTH_PROCESSES", processes_from)
    service = await system.retold(lambda record: [as_it_is(record), as_it_is(record)])
    report = await system.verified(service)
    assert (report.differences, report.facts, report.repeats) == ([], 6, 6)


@pytest.mark.parametrize(
    ("change", "named", "said"),
    [
        (foreign, "kafka_unknown", ""),
        (beyond, "kafka_unknown", "第 99 位"),
        (with_a_stranger, "kafka_changed", "另一条"),
        (altered, "kafka_changed", '"amount":7'),
        (somebody_elses, "kafka_changed", "ce_actoraccount tester，实为 somebody"),
        (unlinked, "kafka_changed", "chain"),
        (moved, "kafka_misplaced", "other"),
        (nameless, "kafka_unreadable", "position"),
        (without_second, "kafka_missing", "@2"),
    ],
)
async def test_a_topic_that_differs_from_the_journal_is_found(
    system: System, change: Callable[[Any], Sequence[Any]], named: str, said: str
) -> None:
    found = await system.found(await system.retold(change))
    assert [one for one in found if one.startswith(named) and said in one], found


async def test_a_topic_in_another_order_is_found(system: System) -> None:
    kept: list[Any] = []

    def second_first(record: Any) -> list[Any]:
        """Hold each stream's first fact back until its second has gone."""
        version = dict(record.headers)["ce_streamversion"]
        if version == b"1":
            kept.append(as_it_is(record))
            return []
        stream = dict(record.headers)["ce_subject"]
        held = [one for one in kept if ("ce_subject", stream) in one[2]] if version == b"2" else []
        return [as_it_is(record), *held]

    found = await system.found(await system.retold(second_first))
    assert sorted(one.partition("（")[0] for one in found) == [
        "kafka_order test: a: 流中后一号先于前一号送达",
        "kafka_order test: b: 流中后一号先于前一号送达",
    ]


async def test_a_fact_that_never_reached_kafka_is_found(system: System) -> None:
    pool = await open_pool(system.url)
    await put(Journal(pool, "test"), "a", 9)
    await pool.close()
    await system.owner.execute("select journal.sequence(10)")
    await system.owner.execute("update journal.relay set acknowledged = 7")
    found = await system.found()
    assert [one for one in found if one.startswith("kafka_missing test: 第 7 位（a@4）")], found


@given(
    st.dictionaries(
        st.sampled_from(["id", "type", "subject", "streamversion", "partitionkey", "policy"]),
        st.text(max_size=12),
        min_size=6,
        max_size=6,
    )
)
def test_an_envelope_is_written_from_headers_byte_for_byte(attributes: dict[str, str]) -> None:
    """Whatever the values hold: quotation marks, backslashes, line ends, Chinese."""
    try:
        values = [value.encode() for value in attributes.values()]
    except UnicodeEncodeError:
        return
    names = [f"ce_{name}" for name in attributes]
    shape = Shape((*names, "content-type", "position", "chain"))
    written = shape.envelope((*values, b"application/json", b"1", b"00"))
    own = canonical({**attributes, "datacontenttype": "application/json"})
    assert sha256(written).digest() == sha256(own).digest()
