"""The envelope is a CloudEvent, and canonical JSON is RFC 8785."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.envelope import Envelope, instant
from contracts.examples import examples
from shared.journal import canonical

CORE = {"id", "source", "specversion", "type", "datacontenttype", "subject", "time"}
EXAMPLES = [envelope for envelope, _ in examples()]


def test_attribute_names_are_lower_case_letters_and_digits() -> None:
    for name in Envelope.model_fields:
        assert re.fullmatch(r"[a-z0-9]{1,20}", name), name
    assert set(Envelope.model_fields) >= CORE


@pytest.mark.parametrize("envelope", EXAMPLES, ids=lambda envelope: envelope.type)
def test_every_example_carries_valid_attributes(envelope: Envelope) -> None:
    attributes = envelope.model_dump()
    assert all(isinstance(value, str) for value in attributes.values())
    assert all(attributes[name] for name in CORE | {"partitionkey"})
    assert attributes["specversion"] == "1.0"
    assert attributes["source"] == f"/siku/{envelope.type.split('.')[0]}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", attributes["time"])
    assert UUID(envelope.id).version == 7
    assert envelope.recorded.tzinfo is not None


def test_an_id_and_a_subject_with_its_version_name_one_fact() -> None:
    assert len({envelope.id for envelope in EXAMPLES}) == len(EXAMPLES)
    assert len({(e.subject, e.streamversion) for e in EXAMPLES}) == len(EXAMPLES)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "7"},
        {"time": "2019-04-22T09:00:00"},
        {"time": "yesterday"},
        {"streamversion": "0"},
        {"streamversion": "01"},
        {"specversion": "0.3"},
        {"subject": ""},
        {"actoraccount": ""},
        {"correlationid": "x" * 513},
    ],
)
def test_an_envelope_that_does_not_hold_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Envelope.model_validate({**EXAMPLES[0].model_dump(), **changes})


def test_an_attribute_of_a_later_day_is_ignored() -> None:
    read = Envelope.model_validate({**EXAMPLES[0].model_dump(), "traceparent": "00-1"})
    assert read == EXAMPLES[0]


def test_an_instant_is_written_in_utc_with_microseconds() -> None:
    moment = datetime(2019, 4, 22, 1, 30, tzinfo=UTC)
    assert instant(moment) == "2019-04-22T01:30:00.000000Z"


names = st.text(st.characters(codec="ascii", categories=["Ll", "Lu", "Nd"]), max_size=8)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(names, values, max_size=6))
def test_sorted_compact_json_is_rfc_8785_for_what_facts_hold(value: dict[str, object]) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


def test_every_example_is_written_alike_by_both() -> None:
    for envelope, fact in examples():
        for document in (envelope.model_dump(), fact.model_dump(mode="json")):
            assert canonical(document) == rfc8785.dumps(document)
