"""From a Kafka record to a fact, one record at a time, so that a bad one harms no other."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from pydantic import ValidationError

from contracts.envelope import MARKER_KIND, Envelope, Fact
from shared.viewing.view import Owner, Told


class Record(NamedTuple):
    """What arrived, untouched."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    value: bytes | None

    def headers_text(self) -> bytes:
        """Write the headers so that any bytes survive."""
        return orjson.dumps(
            [
                [name, None if value is None else base64.b64encode(value).decode()]
                for name, value in self.headers
            ]
        )


def headers_from(text: bytes) -> list[tuple[str, bytes | None]]:
    """Read back what ``headers_text`` wrote."""
    return [
        (name, None if value is None else base64.b64decode(value))
        for name, value in orjson.loads(text)
    ]


@dataclass(frozen=True)
class Marked:
    """The record that names the incarnation of its partition."""

    marker: UUID


@dataclass(frozen=True)
class Heard:
    """A readable record. ``told`` is None when its kind is unknown or of no interest."""

    stream: str
    version: int
    kind: str
    told: Told | None


@dataclass(frozen=True)
class Broken:
    """A record that cannot be read. Its stream and version are given as far as they show."""

    stream: str
    version: int
    error: str


def hear(record: Record, owner: Owner[Any]) -> Heard | Marked | Broken:
    """Read one record; never raises."""
    names: dict[str, str] = {}
    try:
        for name, value in record.headers:
            names[name] = "" if value is None else value.decode()
        if names.get("ce_type") == MARKER_KIND:
            return Marked(UUID(names["marker"]))
        envelope = Envelope.model_validate(
            {name[3:]: value for name, value in names.items() if name.startswith("ce_")}
        )
        position = int(names["position"])
    except (ValidationError, ValueError, KeyError) as error:
        return _broken(record, names, error)
    kind: type[Fact] | None = owner.kinds.get(envelope.type)
    if kind is None:
        return Heard(envelope.subject, envelope.version, envelope.type, None)
    try:
        fact = kind.model_validate_json(record.value or b"")
    except ValidationError as error:
        return _broken(record, names, error)
    told = Told(envelope, fact, position, names.get("chain", ""), record.value or b"")
    return Heard(envelope.subject, envelope.version, envelope.type, told)


def _broken(record: Record, names: dict[str, str], error: Exception) -> Broken:
    version = names.get("ce_streamversion", "")
    stream = names.get("ce_subject", "")
    if not stream or not version.isdecimal():
        # Nobody knows whose it is: the stream that misses it will run ahead and be held.
        return Broken(f"?{record.topic}/{record.partition}", record.offset, repr(error)[:2000])
    return Broken(stream, int(version), repr(error)[:2000])
