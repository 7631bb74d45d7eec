"""No field takes text unseen: it is searched for personal numbers and secrets, or says why."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from contracts.erasing import ErasureReason
from contracts.writing import ROOT
from services.approval_tracking.calendar.rules import findings
from services.approval_tracking.doors import item_forms, plan_forms
from services.approval_tracking.doors.calendar_forms import CheckForm
from services.approval_tracking.doors.result_forms import ResultForm
from services.approval_tracking.result.reading import read_row
from services.identity.doors import forms as identity_forms
from shared.refusals import UnreadableInput

_COLUMNS = (
    *("name", "content", "location.address", "builder.name", "preparation", "annual_plan"),
    *("needs", "remarks"),
)
TELLING = (
    "请拨 0356-2198345",
    "请拨 139 0356 0088",
    "证号 11010519491231002X",
    "机密★10年",
)
TOLD = {"personal_data", "marked_secret"}
SEARCHED = {
    "approval_tracking": {
        *("holidays.name", "reason", "source", "basis", "corrections", "notice", "approver"),
        *("document_number", "note", "follow_up", "findings"),
        *("rows.platform", "rows.project_name", "rows.item", "rows.document_number"),
        *("rows.reason", "rows.basis", "rows.procedure"),
    },
    "identity": {
        *("name", "short_name", "aliases", "basis", "reason", "document_number", "purpose"),
    },
    "intake": {
        *_COLUMNS,
        *(f"parts.{column}" for column in _COLUMNS),
        *("contact.name", "reason", "opinion", "remarks.text", "resume_when"),
        *("document_number", "evidence.document_number", "evidence.note", "text", "problems.text"),
        *("rows.name", "rows.content", "rows.location.address", "rows.builder.name"),
        *("rows.preparation", "rows.annual_plan", "rows.needs", "rows.remarks"),
        *("rows.contact.name", "rows.evidence.document_number", "rows.evidence.note"),
        *("title", "investor", "investor_place", "note", "contract_number", "place"),
    },
}
"""Fields of free text that a body may have, by service; tests try each of them."""

_PERSON = "whom is looked up: it is kept nowhere"
_LIST = "must be of a list of ours"
_NUMBER = "must be a number"
NOT_SEARCHED: Mapping[str, Mapping[str, str]] = {
    "approval_tracking": {
        "notice": "must be spelt like a document's number",
        "file": "nothing of a sheet is kept, and its texts are searched as the form's are",
        **dict.fromkeys(("rows.project_code", "project_code"), "must be spelt like one, or known"),
        **dict.fromkeys(("rows.happened_on", "rows.valid_until"), "must be a day"),
        **dict.fromkeys(("rows.step", "item"), _LIST),
        "rows.expected_days": _NUMBER,
    },
    "identity": {
        "role": _LIST,
        "uscc": "its check character must hold",
        "scope": "must be among those given, or it is refused",
        **dict.fromkeys(
            ("audience", "redirect_uri"), "must be one of those registered, or it is refused"
        ),
        **dict.fromkeys(
            ("code", "refresh_token", "subject_token", "client_id", "client_secret"),
            "a secret: of what is given out only a hash is kept",
        ),
    },
    "intake": {
        **dict.fromkeys(("accepted_hints", "remarks.field"), "compared with names of ours"),
        **dict.fromkeys(
            ("location.region", "location.zone_id", "industry", "problems.asks"), _LIST
        ),
        **dict.fromkeys(("region", "zone_id"), _LIST),
        **dict.fromkeys(("total_investment", "funding.amount", "funds.amount"), _NUMBER),
        **dict.fromkeys(("invested_in_all", "invested_this_year"), _NUMBER),
        **dict.fromkeys(
            (f"invested.{use}" for use in ("construction", "installation", "equipment", "other")),
            _NUMBER,
        ),
        **dict.fromkeys(
            (f"parts.{place}" for place in ("location.region", "location.zone_id", "industry")),
            _LIST,
        ),
        **dict.fromkeys(("parts.total_investment", "parts.funding.amount"), _NUMBER),
        "parts.builder.uscc": "its check character must hold",
        "parts.project_code": "must be spelt like a project's code",
        **dict.fromkeys(
            (f"rows.{one}" for one in ("owner", "location.region", "location.zone_id", "industry")),
            _LIST,
        ),
        **dict.fromkeys(
            (
                f"rows.{one}"
                for one in (
                    *("total_investment", "funding.amount"),
                    *("invested_in_all", "invested_this_year"),
                )
            ),
            _NUMBER,
        ),
        "rows.builder.uscc": "its check character must hold",
        "rows.project_code": "must be spelt like a project's code",
        "rows.contact.phone": "the column of the telephone itself",
        **dict.fromkeys(("intended_investment", "contract_investment"), _NUMBER),
        "investor_uscc": "its check character must hold",
        "builder.uscc": "its check character must hold",
        "project_code": "must be spelt like a project's code",
        **dict.fromkeys(("contact.phone", "phone"), "the column of the telephone itself"),
        "file": "its name is searched, of a workbook its cells too, as the form's columns are",
    },
}
# The same name means something else here.
OF_ONE_ROUTE = {
    ("intake", "post /erasures", "name"): _PERSON,
    ("intake", "post /erasures", "phone"): _PERSON,
    ("intake", "post /erasures/search", "name"): _PERSON,
    ("intake", "post /erasures/search", "phone"): _PERSON,
}
_CLOSED = ("enum", "const", "format", "pattern")


def fields_of(service: str) -> list[tuple[str, str]]:
    """Give (route, field) of everything that takes text of any kind, from the document."""
    document = json.loads((ROOT / "openapi" / f"{service}.json").read_text("utf-8"))
    schemas = document.get("components", {}).get("schemas", {})

    def walk(schema: Mapping[str, Any], place: tuple[str, ...]) -> Iterator[str]:
        if "$ref" in schema:
            yield from walk(schemas[schema["$ref"].rpartition("/")[2]], place)
        for group in ("anyOf", "oneOf", "allOf"):
            for one in schema.get(group, ()):
                yield from walk(one, place)
        if schema.get("type") == "array":
            yield from walk(schema.get("items", {}), place)
        for name, part in schema.get("properties", {}).items():
            yield from walk(part, (*place, name))
        if schema.get("type") == "string" and not any(key in schema for key in _CLOSED):
            yield ".".join(place)

    found = {
        (f"{method} {path}", field)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        for field in walk(content.get("schema", {}), ())
    }
    return sorted(found)


def test_every_field_of_every_body_is_searched_or_says_why_not() -> None:
    unthought = [
        (service, route, field)
        for service in SEARCHED
        for route, field in fields_of(service)
        if field not in SEARCHED[service] | NOT_SEARCHED[service].keys()
        and (service, route, field) not in OF_ONE_ROUTE
    ]
    assert unthought == []
    assert {path.stem for path in (ROOT / "openapi").glob("*.json")} == set(SEARCHED)


def test_what_is_searched_still_stands_in_a_body() -> None:
    for service, searched in SEARCHED.items():
        assert searched - {field for _, field in fields_of(service)} == set(), service


def _identity_forms() -> Iterator[tuple[type[BaseModel], str]]:
    for form in vars(identity_forms).values():
        if isinstance(form, type) and issubclass(form, BaseModel):
            for name in sorted(SEARCHED["identity"] & form.model_fields.keys()):
                # Of an erasure the reason is one of a list.
                if form.model_fields[name].annotation is not ErasureReason:
                    yield form, name


@pytest.mark.parametrize(
    ("form", "name"), list(_identity_forms()), ids=lambda one: getattr(one, "__name__", one)
)
@pytest.mark.parametrize("text", TELLING)
def test_identity_refuses_it_and_names_the_field(
    form: type[BaseModel], name: str, text: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        form.model_validate({name: [text] if name == "aliases" else text})
    assert name in {one["loc"][0] for one in refused.value.errors() if one["type"] == "unfit_text"}


def _approval_forms() -> Iterator[tuple[type[BaseModel], str]]:
    for form in (*vars(item_forms).values(), *vars(plan_forms).values()):
        if isinstance(form, type) and issubclass(form, item_forms.Body):
            for name in sorted(SEARCHED["approval_tracking"] & form.model_fields.keys()):
                yield form, name


@pytest.mark.parametrize(
    ("form", "name"), list(_approval_forms()), ids=lambda one: getattr(one, "__name__", one)
)
@pytest.mark.parametrize("text", TELLING)
def test_approvals_refuse_it_and_name_the_field(
    form: type[BaseModel], name: str, text: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        form.model_validate({name: [text] if name == "corrections" else text})
    assert name in {one["loc"][0] for one in refused.value.errors() if one["type"] == "unfit_text"}


@pytest.mark.parametrize("text", TELLING)
def test_a_row_of_results_is_wrong_for_it_at_each_of_its_fields(text: str) -> None:
    fields = {name.removeprefix("rows.") for name in SEARCHED["approval_tracking"]}
    fields &= set(ResultForm.model_fields)
    said = {
        "project_code": "2019-140525-34-03-002187",
        "step": "停表",
        "happened_on": "2019-04-22",
        "expected_days": "3",
        **dict.fromkeys(fields, text),
    }
    with pytest.raises(UnreadableInput) as refused:
        read_row(said, date(2019, 4, 22))
    assert {one.field for one in refused.value.errors if one.rule in TOLD} == fields


@pytest.mark.parametrize("text", TELLING)
def test_the_calendar_refuses_it_and_names_the_field(text: str) -> None:
    body = {
        "act": "revise",
        "notice": "国办发明电〔2019〕3号",
        "reason": text,
        "source": text,
        "holidays": [{"name": text, "first": "2019-05-01", "last": "2019-05-04"}],
    }
    found = findings(CheckForm.model_validate(body).command(2019))
    assert {one.field for one in found if one.rule in TOLD} == {
        *("reason", "source"),
        "holidays.0.name",
    }
