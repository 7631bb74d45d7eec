"""From a Kafka record to a fact, one record at a time, so that a bad one harms no other."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

import orjson
from asyncpg import PostgresError
from pydantic import BeforeValidator, ConfigDict, ValidationError

from contracts.envelope import MARKER_KIND, Envelope, Fact
from shared.viewing.view import Owner, Told

_VERSION = re.compile(r"[1-9][0-9]{0,8}")
_LONGEST_VERSION, _LONGEST_STREAM = 9, 512
_MARKER_KIND = MARKER_KIND.encode()
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


class Marked(NamedTuple):
    """The record that names the incarnation of its partition."""

    marker: UUID


class Heard(NamedTuple):
    """A readable record. ``told`` is None when its kind is unknown or of no interest."""

    stream: str
    version: int
    kind: str
    told: Told | None


class Broken(NamedTuple):
    """A record that cannot be read. Its stream and version are given as far as they show."""

    stream: str
    version: int
    error: str


class _Headers(Envelope):
    """An envelope as the headers spell it: bytes, each attribute behind ``ce_``."""

    model_config = ConfigDict(alias_generator=lambda name: f"ce_{name}")

    specversion: Annotated[Literal["1.0"], BeforeValidator(bytes.decode)] = "1.0"  # type: ignore[pydantic-alias]


def hear(record: Record, owner: Owner[Any]) -> Heard | Marked | Broken:
    """Read one record; never raises."""
    headers = dict(record.headers)
    try:
        if headers.get("ce_type") == _MARKER_KIND:
            return Marked(UUID(_text(headers, "marker")))
        envelope = _Headers.model_validate(headers)
        position, chain = int(_text(headers, "position")), (headers.get("chain") or b"").decode()
    except (ValidationError, ValueError, KeyError) as error:
        return _broken(record, error)
    stream = envelope.subject
    if "\0" in stream or len(envelope.streamversion) > _LONGEST_VERSION:
        return _broken(record, ValueError("no stream or version that can be kept"))
    kind: type[Fact] | None = owner.kinds.get(envelope.type)
    if kind is None:
        return Heard(stream, envelope.version, envelope.type, None)
    body = record.value or b""
    try:
        fact = kind.model_validate_json(body)
    except ValidationError as error:
        return _broken(record, error)
    return Heard(
        stream, envelope.version, envelope.type, Told(envelope, fact, position, chain, body)
    )


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


def _text(headers: Mapping[str, bytes | None], name: str) -> str:
    return (headers[name] or b"").decode()


def _broken(record: Record, error: Exception) -> Broken:
    """Say what is wrong, and with which fact, where its stream and version can still be read."""
    headers = dict(record.headers)
    try:
        stream, version = _text(headers, "ce_subject"), _text(headers, "ce_streamversion")
    except (UnicodeDecodeError, KeyError):
        stream = version = ""
    if not 0 < len(stream) <= _LONGEST_STREAM or "\0" in stream or not _VERSION.fullmatch(version):
        # Nobody knows whose it is: the stream that misses it will run ahead and be held.
        return Broken(f"?{record.topic}/{record.partition}", record.offset, said(error))
    return Broken(stream, int(version), said(error))
