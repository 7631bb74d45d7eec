"""Within its version a fact may gain an optional field; everything else is found and named."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from contracts.compatibility import breaks


class Place(BaseModel):
    """A value inside."""

    region: str
    zone: str | None = None


class Wider(BaseModel):
    """A value inside that has gained a field."""

    region: str
    zone: str | None = None
    street: str | None = None


class Narrower(BaseModel):
    """A value inside that asks for more."""

    region: str
    zone: str


BEFORE: dict[str, Any] = {
    "kind": (Literal["a.v1"], "a.v1"),
    "name": (str, ...),
    "level": (Literal["CITY", "PROVINCE"], ...),
    "amount": (Annotated[int, Field(ge=0)], ...),
    "place": (Place, ...),
    "parts": (tuple[Place, ...], ()),
    "note": (str | None, None),
}


def schema(**changes: Any) -> dict[str, Any]:
    fields = {name: kind for name, kind in {**BEFORE, **changes}.items() if kind is not None}
    happened: type[BaseModel] = create_model("Happened", **fields)
    return happened.model_json_schema()


def test_the_same_schema_breaks_nothing() -> None:
    assert breaks(schema(), schema()) == []


def test_an_optional_field_may_be_added_also_inside() -> None:
    assert breaks(schema(), schema(why=(str | None, None), count=(int, 0))) == []
    assert breaks(schema(), schema(place=(Wider, ...), parts=(tuple[Wider, ...], ()))) == []


def test_words_of_explanation_may_change() -> None:
    told = schema(name=(Annotated[str, Field(description="项目名称", examples=["甲"])], ...))
    assert breaks(schema(), told) == []


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"name": None}, "name: is gone"),
        ({"note": None}, "note: is gone"),
        ({"why": (str, ...)}, "why: is new and required"),
        ({"note": (str | None, ...)}, "note: has become required"),
        ({"name": (str, "甲")}, "name: may now be missing"),
        ({"name": (int, ...)}, "name: type was string, is integer"),
        ({"level": (Literal["CITY"], ...)}, "level: const was None, is CITY"),
        (
            {"level": (Literal["CITY", "PROVINCE", "STATE"], ...)},
            "level: enum was ['CITY', 'PROVINCE'], is ['CITY', 'PROVINCE', 'STATE']",
        ),
        ({"amount": (Annotated[int, Field(ge=1)], ...)}, "amount: minimum was 0, is 1"),
        ({"amount": (int, ...)}, "amount: minimum was 0, is None"),
        ({"name": (Annotated[str, Field(max_length=9)], ...)}, "name: maxLength was None, is 9"),
        ({"note": (str, "")}, "note: could be one of 2 things, can be one of 0"),
        ({"note": (int | None, None)}, "note: type was string, is integer"),
        ({"kind": (Literal["a.v2"], "a.v2")}, "kind: const was a.v1, is a.v2"),
        ({"place": (Narrower, ...)}, "place.zone: has become required"),
        ({"parts": (tuple[Narrower, ...], ())}, "parts[].zone: has become required"),
        ({"parts": (str, "")}, "parts: is or was a list"),
    ],
)
def test_anything_else_is_named(changes: dict[str, Any], named: str) -> None:
    assert named in breaks(schema(), schema(**changes))
