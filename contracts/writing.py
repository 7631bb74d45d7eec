"""Writes the descriptions that listeners read: golden samples, schemas, AsyncAPI, OpenAPI.

All are made from the classes and the services themselves, so they cannot tell another story than
the code. A golden sample that is once written stays: what is written differently later becomes
another edition beside it. FastStream describes a broker's subscribers; who tells which fact, under
which key and with which headers it does not know, so the AsyncAPI document is written here.
"""

import json
import pkgutil
import re
import sys
from collections.abc import Mapping
from importlib import import_module
from inspect import getdoc
from pathlib import Path
from typing import Any

from contracts.anchor import ANCHOR_KIND, ANCHORS_TOPIC, SignedAnchor
from contracts.compatibility import breaks
from contracts.envelope import Envelope, Fact
from contracts.examples import examples

ROOT = Path(__file__).parent
DIALECT = "https://json-schema.org/draft/2020-12/schema"
WITH_API = ("approval_tracking", "intake", "identity")
PARTITIONS = 12


class BreakingChange(Exception):
    """A schema would no longer hold for what is stored or heard; it needs a new version."""


def facts() -> dict[str, type[Fact]]:
    """Give every fact class that the published language knows, by kind."""
    found = {}
    for module in pkgutil.iter_modules([str(ROOT)], "contracts."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Fact) and value is not Fact:
                found[str(value.model_fields["kind"].default)] = value
    return dict(sorted(found.items()))


def services() -> dict[str, Any]:
    """Give every service's description of itself, by name."""
    packages = pkgutil.iter_modules(import_module("services").__path__)
    return {
        package.name: import_module(f"services.{package.name}.main").SERVICE
        for package in packages
        if package.ispkg and not package.name.startswith("_")
    }


def samples() -> dict[str, str]:
    """Give the golden sample of every kind: envelope and payload as we would write them today."""
    return {
        f"samples/{fact.kind}.json": _text(
            {"envelope": envelope.model_dump(), "payload": fact.model_dump(mode="json")}
        )
        for envelope, fact in examples()
    }


def schemas() -> dict[str, str]:
    """Give the JSON Schema of every kind, of the envelope and of an anchor."""
    described = {
        f"schemas/{kind}.json": _text(schema_of(kind, fact)) for kind, fact in facts().items()
    }
    envelope = {"$schema": DIALECT, "$id": "urn:siku:envelope", **Envelope.model_json_schema()}
    anchor = {"$schema": DIALECT, "$id": "urn:siku:anchor", **SignedAnchor.model_json_schema()}
    return {
        "schemas/envelope.json": _text(envelope),
        "schemas/anchor.json": _text(anchor),
        **described,
    }


def schema_of(kind: str, fact: type[Fact]) -> dict[str, Any]:
    """Give the schema that every stored fact of a kind fulfils, the oldest as well."""
    schema = fact.model_json_schema()
    # The class knows its kind by itself; what is stored or told always says it.
    schema["required"] = ["kind", *schema.get("required", ())]
    return {"$schema": DIALECT, "$id": f"urn:siku:fact:{kind}", **schema}


def asyncapi() -> dict[str, str]:
    """Give the AsyncAPI document: which topic carries which facts, under which key and headers."""
    offices = services()
    topic_of = {kind: offices[kind.partition(".")[0]].topic_of(kind) for kind in facts()}
    topics = sorted(set(topic_of.values()))
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "四库 Siku",
            "version": "1",
            "description": "Facts of the city's investment projects. CloudEvents 1.0 in binary"
            " mode: attributes as ce_ headers, the fact as canonical JSON. At least once, in order"
            " for each subject; drop what repeats by ce_subject and ce_streamversion.",
        },
        "defaultContentType": "application/json",
        "channels": {
            topic: {
                "address": topic,
                "messages": {
                    kind: {"$ref": f"#/components/messages/{kind}"}
                    for kind, of in topic_of.items()
                    if of == topic
                },
                "bindings": {"kafka": {"topic": topic, "partitions": PARTITIONS}},
            }
            for topic in topics
        },
        "operations": {
            f"tell.{topic}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{topic}"},
                "summary": f"{topic.split('.')[1]} tells what happened.",
            }
            for topic in topics
        },
        "components": {
            "messages": {kind: _message(kind, fact) for kind, fact in facts().items()},
            "schemas": {"headers": _headers()},
        },
    }
    _add_anchors(document)
    return {"asyncapi/siku.json": _text(document)}


def _add_anchors(document: dict[str, Any]) -> None:
    """Add what every journal tells about itself; it is no fact of anybody's business."""
    message = {"$ref": f"#/components/messages/{ANCHOR_KIND}"}
    document["channels"][ANCHORS_TOPIC] = {
        "address": ANCHORS_TOPIC,
        "messages": {ANCHOR_KIND: message},
        "bindings": {"kafka": {"topic": ANCHORS_TOPIC, "partitions": PARTITIONS}},
    }
    document["operations"][f"tell.{ANCHORS_TOPIC}"] = {
        "action": "send",
        "channel": {"$ref": f"#/channels/{ANCHORS_TOPIC}"},
        "summary": "Each service with a journal tells once a day how it stands.",
    }
    document["components"]["messages"][ANCHOR_KIND] = {
        "name": ANCHOR_KIND,
        "title": SignedAnchor.__name__,
        "summary": (getdoc(SignedAnchor) or "").partition("\n")[0],
        "contentType": "application/json",
        "payload": {"$ref": "../schemas/anchor.json"},
        "bindings": {"kafka": {"key": {"type": "string", "description": "the service's name"}}},
    }


def _message(kind: str, fact: type[Fact]) -> dict[str, Any]:
    return {
        "name": kind,
        "title": fact.__name__,
        "summary": (getdoc(fact) or "").partition("\n")[0],
        "contentType": "application/json",
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "headers": {"$ref": "#/components/schemas/headers"},
        "payload": {"$ref": f"../schemas/{kind}.json"},
        "bindings": {
            "kafka": {"key": {"type": "string", "description": "the envelope's partitionkey"}}
        },
    }


def _headers() -> dict[str, Any]:
    envelope = Envelope.model_json_schema()
    attributes = {
        f"ce_{name}": schema
        for name, schema in envelope["properties"].items()
        if name != "datacontenttype"
    }
    beside = {
        "content-type": {"const": "application/json"},
        "position": {"type": "string", "description": "place in the service's journal, from 1"},
        "chain": {"type": "string", "description": "sha256 over the journal up to here, in hex"},
    }
    required = {f"ce_{name}" for name in envelope["required"]} | {"position", "chain"}
    return {
        "type": "object",
        "properties": {**attributes, **beside},
        "required": sorted(required),
    }


def openapi() -> dict[str, str]:
    """Give the OpenAPI document of every service that others may call."""
    web_app = import_module("shared.service").web_app
    settings = import_module("shared.settings").Settings(home=Path("unused"))
    offices = services()
    return {
        f"openapi/{name}.json": _text(web_app(offices[name], settings).openapi())
        for name in WITH_API
        if name in offices
    }


def everything() -> dict[str, str]:
    """Give every description with its path under ``contracts/``."""
    return samples() | schemas() | asyncapi() | openapi()


def editions(folder: Path, kind: str) -> list[Path]:
    """Give the golden samples of a kind, oldest first: ``<kind>.json``, ``<kind>+2.json`` …."""
    named = re.compile(re.escape(kind) + r"(\+(\d+))?\.json")
    found = [(match, path) for path in folder.iterdir() if (match := named.fullmatch(path.name))]
    return [path for match, path in sorted(found, key=lambda pair: int(pair[0][2] or 1))]


def write(root: Path, described: Mapping[str, str]) -> list[str]:
    """Write what differs and give its paths; golden samples are only ever added.

    Raises:
        BreakingChange: a schema breaks what the written one promised; nothing is written.
    """
    broken = [
        f"{path}: {difference}"
        for path, text in described.items()
        if path.startswith("schemas/") and (root / path).exists()
        for difference in breaks(json.loads((root / path).read_text("utf-8")), json.loads(text))
    ]
    if broken:
        raise BreakingChange("\n".join(broken))
    written = []
    for path, text in described.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.startswith("samples/") and (known := editions(place.parent, place.stem)):
            if known[-1].read_text("utf-8") == text:
                continue
            place = place.with_name(f"{place.stem}+{len(known) + 1}.json")
        elif place.exists() and place.read_text("utf-8") == text:
            continue
        place.write_text(text, encoding="utf-8")
        written.append(str(place.relative_to(root)))
    return written


def write_command() -> None:
    """Write every description; say what changed, or why nothing was written."""
    try:
        written = write(ROOT, everything())
    except BreakingChange as broken:
        sys.exit(f"这些改动会使已有事件或接收方读不懂，请另立新版本（v2）并写升级函数：\n{broken}")
    sys.stdout.write("".join(f"contracts/{path}\n" for path in written) or "没有变化。\n")


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
