"""What may change in the schema of a fact within its version: an optional field may be added.

Anything else breaks somebody: a listener that reads a field which is gone, a stored fact that
lacks a field which is asked for, a value that nobody has heard of. It is a new version.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

# What only explains. ``default`` is here because a stored fact that lacks a field still lacks it.
_ANNOTATIONS = frozenset({"$schema", "$id", "$defs", "title", "description", "examples", "default"})
_STRUCTURE = frozenset({"properties", "required", "items", "anyOf", "oneOf", "$ref"})


def breaks(old: Schema, new: Schema) -> list[str]:
    """Name every way in which ``new`` breaks what ``old`` promised; empty when none."""
    return list(_differences("", old, new, (old, new)))


def _differences(at: str, old: Schema, new: Schema, roots: tuple[Schema, Schema]) -> Iterator[str]:
    old, new = _resolved(old, roots[0]), _resolved(new, roots[1])
    for keyword in sorted((old.keys() | new.keys()) - _ANNOTATIONS - _STRUCTURE):
        if old.get(keyword) != new.get(keyword):
            yield f"{at or 'the fact'}: {keyword} was {old.get(keyword)}, is {new.get(keyword)}"
    yield from _of_properties(at, old, new, roots)
    if "items" in old and "items" in new:
        yield from _differences(f"{at}[]", old["items"], new["items"], roots)
    elif ("items" in old) != ("items" in new):
        yield f"{at}: is or was a list"
    yield from _of_alternatives(at, old, new, roots)


def _of_properties(
    at: str, old: Schema, new: Schema, roots: tuple[Schema, Schema]
) -> Iterator[str]:
    had, has = old.get("properties", {}), new.get("properties", {})
    needed, needs = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(had.keys() | has.keys()):
        place = f"{at}.{name}".lstrip(".")
        if name not in has:
            yield f"{place}: is gone"
        elif name not in had:
            if name in needs:
                yield f"{place}: is new and required"
        else:
            yield from _differences(place, had[name], has[name], roots)
            if name in needs - needed:
                yield f"{place}: has become required"
            if name in needed - needs:
                yield f"{place}: may now be missing"


def _of_alternatives(
    at: str, old: Schema, new: Schema, roots: tuple[Schema, Schema]
) -> Iterator[str]:
    for keyword in ("anyOf", "oneOf"):
        was, now = list(old.get(keyword, ())), list(new.get(keyword, ()))
        # Alternatives are compared in their order, which pydantic keeps from the annotation.
        if len(was) != len(now):
            yield f"{at}: could be one of {len(was)} things, can be one of {len(now)}"
            continue
        for before, after in zip(was, now, strict=True):
            yield from _differences(at, before, after, roots)


def _resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        place: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            place = place[step]
        schema = place
    return schema
