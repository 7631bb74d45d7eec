"""Schemas, AsyncAPI and OpenAPI in the tree are what the code would write, and nothing breaks."""

import json
from pathlib import Path
from typing import Any

import pytest
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema
from jsonschema import Draft202012Validator

from contracts import writing
from contracts.compatibility import breaks
from contracts.examples import examples
from deploy.stack import TOPICS
from shared.relay import headers_of

DESCRIBED = {**writing.schemas(), **writing.asyncapi(), **writing.openapi()}


def committed(path: str) -> str:
    return (writing.ROOT / path).read_text("utf-8")


@pytest.mark.parametrize("path", [path for path in DESCRIBED if path.startswith("schemas/")])
def test_no_schema_breaks_what_the_written_one_promised(path: str) -> None:
    assert breaks(json.loads(committed(path)), json.loads(DESCRIBED[path])) == []


@pytest.mark.parametrize("path", DESCRIBED)
def test_what_is_written_is_what_the_code_says_today(path: str) -> None:
    assert DESCRIBED[path] == committed(path), "run: make contracts"


def test_nothing_written_has_lost_its_origin() -> None:
    written = {
        str(path.relative_to(writing.ROOT))
        for folder in ("schemas", "asyncapi", "openapi")
        for path in (writing.ROOT / folder).rglob("*")
    }
    assert written == set(DESCRIBED)


@pytest.mark.parametrize("kind", writing.facts())
def test_every_sample_fulfils_its_schema(kind: str) -> None:
    schema = json.loads(committed(f"schemas/{kind}.json"))
    Draft202012Validator.check_schema(schema)
    envelope = Draft202012Validator(json.loads(committed("schemas/envelope.json")))
    for sample in writing.editions(writing.ROOT / "samples", kind):
        stored = json.loads(sample.read_text("utf-8"))
        Draft202012Validator(schema).validate(stored["payload"])
        envelope.validate(stored["envelope"])


def test_asyncapi_is_one_and_its_references_lead_somewhere() -> None:
    document = json.loads(committed("asyncapi/siku.json"))
    ApplicationSchema.model_validate(document)
    for reference in references(document):
        assert leads_somewhere(reference, document), reference


def test_asyncapi_names_the_topics_that_are_made() -> None:
    document = json.loads(committed("asyncapi/siku.json"))
    assert {
        name: channel["bindings"]["kafka"]["partitions"]
        for name, channel in document["channels"].items()
    } == {topic.name: topic.partitions for topic in TOPICS}


def test_asyncapi_names_the_headers_that_are_sent() -> None:
    envelope, _ = next(examples())
    sent = {name for name, _ in headers_of(envelope.model_dump(), 1, b"\0")}
    headers = json.loads(committed("asyncapi/siku.json"))["components"]["schemas"]["headers"]
    assert set(headers["properties"]) == sent
    assert set(headers["required"]) <= sent


@pytest.mark.parametrize("name", writing.WITH_API)
def test_openapi_describes_every_refusal_and_its_references_lead_somewhere(name: str) -> None:
    document = json.loads(committed(f"openapi/{name}.json"))
    assert document["openapi"].startswith("3.1")
    for reference in references(document):
        assert leads_somewhere(reference, document), reference
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert "4XX" in operation["responses"], (method, path)


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [one for value in part.values() for one in references(value)]
    if isinstance(part, list):
        return [one for value in part for one in references(value)]
    return []


def leads_somewhere(reference: str, document: Any) -> bool:
    if not reference.startswith("#"):
        return (writing.ROOT / "asyncapi" / Path(reference)).exists()
    for step in reference.removeprefix("#/").split("/"):
        if step not in document:
            return False
        document = document[step]
    return True


def test_a_breaking_schema_is_not_written(tmp_path: Path) -> None:
    kind = "intake.review.approved.v1"
    path = f"schemas/{kind}.json"
    writing.write(tmp_path, {path: committed(path)})
    changed = json.loads(committed(path))
    del changed["properties"]["opinion"]
    with pytest.raises(writing.BreakingChange, match="opinion: is gone"):
        writing.write(tmp_path, {path: json.dumps(changed), "asyncapi/siku.json": "{}"})
    assert (tmp_path / path).read_text("utf-8") == committed(path)
    assert not (tmp_path / "asyncapi").exists()


def test_a_golden_sample_is_never_written_over(tmp_path: Path) -> None:
    path = "samples/a.b.happened.v1.json"
    assert writing.write(tmp_path, {path: "1"}) == [path]
    assert writing.write(tmp_path, {path: "1"}) == []
    assert writing.write(tmp_path, {path: "2"}) == ["samples/a.b.happened.v1+2.json"]
    assert writing.write(tmp_path, {path: "2"}) == []
    for number in range(3, 13):
        writing.write(tmp_path, {path: str(number)})
    kept = writing.editions(tmp_path / "samples", "a.b.happened.v1")
    assert [edition.read_text("utf-8") for edition in kept] == [str(n) for n in range(1, 13)]
