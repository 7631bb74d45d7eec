"""The calendar's form as it is filled in: read, laid out, put as the service takes it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter, ValidationError
from starlette.datastructures import FormData

from services.console.pages.year_sheet import ACTS

Act = Literal["publish", "revise", "estimate"]
LONGEST_NAME = 100


class Off(BaseModel):
    """Days off in a row, as they stand in the form."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = ""
    first: str = ""
    last: str = ""


class HeldYear(BaseModel):
    """A year as the service has it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: Literal["PUBLISHED", "ESTIMATED", "NOT_ENTERED"] = "NOT_ENTERED"
    notices: tuple[str, ...] = ()
    holidays: tuple[Off, ...] = ()
    make_up_days: tuple[str, ...] = ()

    @property
    def acts(self) -> dict[str, str]:
        """What may be done with it."""
        allowed = ("revise",) if self.state == "PUBLISHED" else ("publish", "estimate")
        return {act: ACTS[act] for act in allowed}


class _Holiday(BaseModel):
    name: str
    first: date
    last: date


class Days(BaseModel):
    """Days that can be laid out."""

    year: int
    provisional: bool = False
    holidays: tuple[_Holiday, ...]
    make_up_days: tuple[date, ...]


@dataclass(frozen=True)
class Paper:
    """The form as it was filled in."""

    act: Act
    notice: str = ""
    reason: str = ""
    sheet: str = ""
    holidays: tuple[Off, ...] = ()
    make_up_days: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """Say from where the days were entered."""
        if self.sheet:
            return f"表格：{self.sheet}"
        return "按法定节日暂排" if self.act == "estimate" else "按通知录入"

    def to_check(self) -> dict[str, JsonValue]:
        """Give the body of a check."""
        return {**self._days, "act": self.act, "notice": self.notice, "reason": self.reason}

    def to_send(self) -> dict[str, JsonValue]:
        """Give the body of the command."""
        notice: dict[str, JsonValue] = {} if self.act == "estimate" else {"notice": self.notice}
        reason: dict[str, JsonValue] = {"reason": self.reason} if self.act == "revise" else {}
        return {**self._days, **notice, **reason}

    @property
    def _days(self) -> dict[str, JsonValue]:
        return {
            "source": self.source,
            "holidays": [
                {"name": one.name, "first": one.first, "last": one.last or one.first}
                for one in self.holidays
            ],
            "make_up_days": list(self.make_up_days),
        }

    @property
    def digest(self) -> str:
        """Name what was looked at, so that nothing else is sent in its place."""
        text = json.dumps(self.to_check(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def paper_of(held: HeldYear) -> Paper:
    """Begin with what is held."""
    act: Act = "revise" if held.state == "PUBLISHED" else "publish"
    return Paper(act, holidays=held.holidays, make_up_days=held.make_up_days)


def read_paper(filled: FormData) -> Paper:
    """Read the form; rows that are empty are no rows."""

    def text(name: str) -> str:
        return str(filled.get(name) or "").strip()

    def column(name: str) -> list[str]:
        return [str(value).strip() for value in filled.getlist(name)]

    rows = [
        Off(name=name, first=first, last=last)
        for name, first, last in zip(column("name"), column("first"), column("last"), strict=False)
    ]
    given = text("act")
    act: Act = next((one for one in get_args(Act) if one == given), "publish")
    return Paper(
        act=act,
        notice=text("notice"),
        reason=text("reason"),
        sheet=text("sheet")[:LONGEST_NAME],
        # In the order in which the service looks at them, so that its row is this page's row.
        holidays=tuple(
            sorted(
                (row for row in rows if row.name or row.first or row.last),
                key=lambda row: (row.first, row.last),
            )
        ),
        make_up_days=tuple(sorted(day for day in column("make_up") if day)),
    )


_DAYS: TypeAdapter[Days] = TypeAdapter(Days)


def days_of(year: int, paper: Paper) -> Days | None:
    """Give the days of a form as far as they can be laid out."""
    try:
        return _DAYS.validate_python({"year": year, **paper.to_check()})
    except ValidationError:
        return None
