"""The table in contracts/README.md says what the code does."""

import re

from contracts import writing
from contracts.envelope import Envelope
from contracts.examples import examples

ROW = re.compile(r"^\| `([^`]+)` \| (\w+) \| `([^`]+)` \| (\w+) \| ([\d.]+) \| ([\w, ]*?) ?\|$")
README = (writing.ROOT / "README.md").read_text("utf-8")
CHANGELOG = (writing.ROOT.parent / "CHANGELOG.md").read_text("utf-8")


def written() -> list[tuple[str, ...]]:
    return [match.groups() for line in README.splitlines() if (match := ROW.match(line))]


def listeners(kind: str) -> list[str]:
    return [
        name
        for name, service in sorted(writing.services().items())
        if any(kind in owner.kinds for view in service.views for owner in view.owners)
    ]


def key_of(envelope: Envelope) -> str:
    match envelope.partitionkey:
        case envelope.subject:
            return "stream"
        case "calendar" | "organisations" as together:
            return together
        case _:
            return "project_id"


def test_every_fact_has_its_row_in_order() -> None:
    assert [row[0] for row in written()] == list(writing.facts())


def test_each_row_names_owner_topic_key_and_listeners() -> None:
    offices = writing.services()
    keys = {envelope.type: key_of(envelope) for envelope, _ in examples()}
    assert [(*row[:4], row[5]) for row in written()] == [
        (
            kind,
            kind.split(".")[0],
            offices[kind.split(".")[0]].topic_of(kind),
            keys[kind],
            ", ".join(listeners(kind)),
        )
        for kind in writing.facts()
    ]


def test_since_names_a_release() -> None:
    releases = set(re.findall(r"^## \[([\d.]+)\]", CHANGELOG, re.MULTILINE))
    assert {row[4] for row in written()} <= releases


def test_every_event_class_says_what_it_means() -> None:
    for kind, fact in writing.facts().items():
        assert fact.__doc__, kind
        assert fact.__doc__.rstrip().endswith((".", "。", ").")), kind


def test_a_kind_is_service_room_participle_version() -> None:
    for kind in writing.facts():
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+\.[a-z_]+\.v[1-9]\d*", kind), kind
        service, room, *_ = kind.split(".")
        assert room in writing.services()[service].tells, kind
