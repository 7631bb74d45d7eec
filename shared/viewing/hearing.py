"""From a Kafka record to a fact, one record at a time, so that a bad one harms no other."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from asyncpg import PostgresError
from pydantic import ValidationError

from contracts.envelope import MARKER_KIND, Envelope, Fact
from shared.viewing.view import Owner, Told

_VERSION = re.compile(r"[1-9][0-9]{0,8}")
_ARGUMENT = re.compile(r"(argument \$\d+): .* (\([^()]*\))$", re.DOTALL)
_LONGEST = 2000


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
    names, unreadable = _names(record)
    if unreadable is not None:
        return _broken(record, names, unreadable)
    try:
        if names.get("ce_type") == MARKER_KIND:
            return Marked(UUID(names["marker"]))
        envelope = Envelope.model_validate(
            {name[3:]: value for name, value in names.items() if name.startswith("ce_")}
        )
        position = int(names["position"])
    except (ValidationError, ValueError, KeyError) as error:
        return _broken(record, names, error)
    if not _says_whose(names):
        return _broken(record, names, ValueError("no stream or version that can be kept"))
    kind: type[Fact] | None = owner.kinds.get(envelope.type)
    if kind is None:
        return Heard(envelope.subject, envelope.version, envelope.type, None)
    try:
        fact = kind.model_validate_json(record.value or b"")
    except ValidationError as error:
        return _broken(record, names, error)
    told = Told(envelope, fact, position, names.get("chain", ""), record.value or b"")
    return Heard(envelope.subject, envelope.version, envelope.type, told)


def is_nameless(stream: str) -> bool:
    """Tell whether this is the name for records that do not say whose they are."""
    return stream.startswith("?")


def said(error: Exception) -> str:
    """Describe an error without the values that libraries quote: they may be confidential."""
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_context=False, include_input=False)
        text = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or '.'}: {one['msg']} [{one['type']}]"
            for one in found
        )
    elif isinstance(error, UnicodeDecodeError):
        text = f"bytes {error.start}-{error.end} are no UTF-8"
    elif isinstance(error, PostgresError):
        # Only the message: the detail quotes rows, and so does the driver about an argument.
        text = _ARGUMENT.sub(r"\1 \2", str(error.args[0] if error.args else ""))
    else:
        return repr(error)[:_LONGEST]
    return f"{type(error).__name__}: {text}"[:_LONGEST]


def _names(record: Record) -> tuple[dict[str, str], UnicodeDecodeError | None]:
    """Decode each header by itself: a bad one must not hide the stream that stands behind it."""
    names: dict[str, str] = {}
    unreadable = None
    for name, value in record.headers:
        try:
            names[name] = "" if value is None else value.decode()
        except UnicodeDecodeError as error:
            unreadable = unreadable or error
    return names, unreadable


def _says_whose(names: dict[str, str]) -> bool:
    """Tell whether stream and version are there, in a form that the database can keep."""
    stream, version = names.get("ce_subject", ""), names.get("ce_streamversion", "")
    return 0 < len(stream) <= 512 and "\0" not in stream and bool(_VERSION.fullmatch(version))


def _broken(record: Record, names: dict[str, str], error: Exception) -> Broken:
    if not _says_whose(names):
        # Nobody knows whose it is: the stream that misses it will run ahead and be held.
        return Broken(f"?{record.topic}/{record.partition}", record.offset, said(error))
    return Broken(names["ce_subject"], int(names["ce_streamversion"]), said(error))
