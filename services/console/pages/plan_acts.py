"""The acts on an item as forms: what each asks for, and the body that goes to approval_tracking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from starlette.datastructures import FormData

Kind = Literal[
    "date", "line", "text", "lines", "number", "yes_no", "procedure", "officer", "office"
]
ITEM_OF_DESK = ""
"""Stands in a form for nobody: the item goes back to its office's desk."""


@dataclass(frozen=True)
class Field:
    """One field of an act."""

    key: str
    label: str
    kind: Kind = "line"
    must: bool = True
    hint: str = ""


@dataclass(frozen=True)
class Act:
    """An act: what it asks for; ``grave`` where it takes something away from an applicant."""

    fields: tuple[Field, ...] = ()
    grave: bool = False


_DAY = Field("happened_on", "日期", "date", must=False, hint="空着就是今天。")
_REASON, _BASIS = Field("reason", "理由"), Field("basis", "依据", hint="法律法规的条款。")
_NUMBER = Field("document_number", "文号", must=False)

ACTS: Mapping[str, Act] = {
    "receive": Act((_DAY,)),
    "accept": Act((_DAY,)),
    "ask-corrections": Act(
        (
            Field(
                "corrections",
                "需要补正的全部内容",
                "lines",
                hint="每行一项。依行政许可法第三十二条一次性告知，一件只能告知一次。",
            ),
            _DAY,
        )
    ),
    "correct": Act((_DAY,)),
    "decline": Act((_REASON, _BASIS, _DAY), grave=True),
    "grant": Act(
        (
            _NUMBER,
            Field("valid_until", "有效期至", "date", must=False, hint="长期有效的空着。"),
            Field("note", "说明", must=False),
            Field("follow_up", "容缺内容", must=False, hint="还缺什么，容缺办结时填。"),
            _DAY,
        )
    ),
    "pause": Act(
        (
            Field("procedure", "特别程序", "procedure"),
            Field("reason", "理由"),
            Field("expected_days", "预计停表工作日", "number"),
            Field(
                "notice", "告知书文号", must=False, hint="依行政许可法第四十五条书面告知申请人。"
            ),
            _DAY,
        )
    ),
    "resume": Act((Field("happened_on", "停表的最后一天", "date", False, "空着就是今天。"),)),
    "extend": Act(
        (
            Field(
                "length",
                "延长天数",
                "number",
                hint="行政许可法第四十二条：一般不超过 10 个工作日，只能一次。",
            ),
            Field("approver", "批准的负责人职务", hint="写职务，不写姓名。"),
            _REASON,
            _DAY,
        )
    ),
    "refuse": Act((_REASON, _BASIS, _DAY), grave=True),
    "follow-up": Act((Field("note", "说明", must=False), _DAY)),
    "commit": Act((Field("happened_on", "签订日期", "date", False, "空着就是今天。"), _NUMBER)),
    "check-commitment": Act(
        (Field("kept", "核查结果", "yes_no"), Field("findings", "核查情况"), _DAY)
    ),
    "withdraw": Act((_REASON, _DAY), grave=True),
    "revoke": Act((_REASON, _BASIS, _DAY), grave=True),
    "rectify": Act(
        (
            Field("granted_on", "办结日期", "date"),
            _NUMBER,
            Field("valid_until", "有效期至", "date", must=False),
            _REASON,
        )
    ),
    "take": Act(),
    "hand-over": Act((Field("officer", "转给", "officer", must=False), _REASON)),
    "waive": Act((_REASON, _BASIS)),
    "transfer": Act((Field("handling", "新的实施机构", "office"), _REASON)),
}
"""By the last part of their address at approval_tracking."""


class Offer(BaseModel):
    """An act of the asker's on an item, as approval_tracking offers it; ``needs`` says why not."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    act: str
    name: str
    open: bool
    needs: str | None = None


class _Item(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    item: str
    acts: tuple[Offer, ...] = ()


class _Offers(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    items: tuple[_Item, ...] = ()


class Procedure(BaseModel):
    """What may stop a clock."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    procedure: str
    name: str
    basis: str


class _Procedures(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    procedures: tuple[Procedure, ...] = ()


def offers_of(document: Mapping[str, JsonValue], item: str) -> tuple[Offer, ...]:
    """Read the acts on an item that a plan's document offers; those without a form are left out."""
    try:
        known = _Offers.model_validate(document)
    except ValidationError:
        return ()
    found = next((one.acts for one in known.items if one.item == item), ())
    return tuple(one for one in found if one.act in ACTS)


def procedures_of(document: Mapping[str, JsonValue]) -> tuple[Procedure, ...]:
    """Read what may stop a clock from the catalogue's document."""
    try:
        return _Procedures.model_validate(document).procedures
    except ValidationError:
        return ()


def typed_in(form: FormData, fields: Sequence[Field]) -> dict[str, str]:
    """Give what was typed into the fields of an act."""
    return {field.key: str(form.get(field.key) or "").strip() for field in fields}


def body_of(typed: Mapping[str, str], fields: Sequence[Field]) -> dict[str, JsonValue]:
    """Give the body of an act; an empty field is left out, a list has one line for each part."""
    body: dict[str, JsonValue] = {}
    for field in fields:
        text = typed[field.key]
        if field.kind == "lines":
            lines = [line.strip() for line in text.splitlines()]
            body[field.key] = [line for line in lines if line]
        elif text:
            body[field.key] = text
    return body
