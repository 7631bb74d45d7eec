"""Golden samples: what we write today is what we promised; what was once written still reads."""

import json
from pathlib import Path

import pytest

from contracts import writing
from contracts.envelope import Envelope
from shared.journal import canonical

SAMPLES = sorted((writing.ROOT / "samples").glob("*.json"))


def kind_of(sample: Path) -> str:
    return sample.stem.partition("+")[0]


@pytest.mark.parametrize("kind", writing.facts())
def test_what_we_write_today_is_the_newest_sample_byte_for_byte(kind: str) -> None:
    (today,) = (text for path, text in writing.samples().items() if kind in path)
    assert today == writing.editions(writing.ROOT / "samples", kind)[-1].read_text("utf-8")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_every_sample_of_every_version_still_reads(sample: Path) -> None:
    stored = json.loads(sample.read_text("utf-8"))
    fact = writing.facts()[kind_of(sample)].model_validate_json(canonical(stored["payload"]))
    envelope = Envelope.model_validate(stored["envelope"])
    # Fields that came later are no part of what was stored then.
    again = fact.model_dump(mode="json", exclude_unset=True)
    assert canonical(again) == canonical(stored["payload"])
    assert canonical(envelope.model_dump(exclude_unset=True)) == canonical(stored["envelope"])
    assert envelope.type == fact.kind == kind_of(sample)


def test_every_kind_has_an_example_and_every_sample_a_kind() -> None:
    kinds = set(writing.facts())
    assert {Path(path).stem for path in writing.samples()} == kinds
    assert {kind_of(sample) for sample in SAMPLES} == kinds


def test_the_examples_never_change_by_themselves() -> None:
    assert writing.samples() == writing.samples()


def test_samples_hold_no_telephone_number() -> None:
    for sample in SAMPLES:
        assert "phone" not in sample.read_text("utf-8")
