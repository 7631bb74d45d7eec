"""The bodies that intake's doors accept, in the units that clerks use (万元)."""

import re
import unicodedata
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from contracts.intake import (
    Builder,
    Category,
    Funding,
    FundingSource,
    LeadSide,
    Level,
    Location,
    ProjectFacts,
    Remark,
    Track,
)
from services.intake.project.rules import Contact
from services.intake.review.commands import Verdict

YUAN_PER_TEN_THOUSAND = 10_000
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def blank_is_open(value: object) -> object:
    """Take an empty cell for one that nobody filled in."""
    return None if isinstance(value, str) and not value.strip() else value


def _trimmed(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _half_width(value: object) -> object:
    """Take codes, months and telephones as people type them: in full width, with blanks."""
    if isinstance(value, str):
        return "".join(unicodedata.normalize("NFKC", value).split())
    return value


def capitals(value: object) -> object:
    """Take letters of a code in either case."""
    return value.upper() if isinstance(value, str) else value


def _month(value: str) -> str:
    if not _MONTH.fullmatch(value):
        raise PydanticCustomError("month", "not a month")
    return value


def plain_number(value: object) -> object:
    """Take full-width digits and thousands separators as people type them."""
    if isinstance(value, str):
        wide = str.maketrans("０１２３４５６７８９．，", "0123456789.,")
        return value.translate(wide).replace(",", "").strip() or None
    return value


Line = Annotated[str, StringConstraints(max_length=500), BeforeValidator(_trimmed)]
OpenLine = Annotated[Line | None, BeforeValidator(blank_is_open)]
OpenText = Annotated[
    Annotated[str, StringConstraints(max_length=5000), BeforeValidator(_trimmed)] | None,
    BeforeValidator(blank_is_open),
]
Code = Annotated[str, StringConstraints(max_length=50), BeforeValidator(_half_width)]
OpenCode = Annotated[Code | None, BeforeValidator(blank_is_open)]
OpenMonth = Annotated[
    Annotated[Code, AfterValidator(_month), WithJsonSchema({"type": "string", "format": "YYYY-MM"})]
    | None,
    BeforeValidator(blank_is_open),
]
Amount = Annotated[
    Decimal, BeforeValidator(plain_number), Field(ge=0, max_digits=13, decimal_places=2)
]
OpenAmount = Annotated[
    Annotated[Decimal, Field(ge=0, max_digits=13, decimal_places=2)] | None,
    BeforeValidator(plain_number),
]


class Body(BaseModel):
    """A body at a door: nothing that is not in the form."""

    model_config = ConfigDict(extra="forbid")


class LocationForm(Body):
    """建设地点."""

    region: OpenCode = None
    address: OpenLine = None
    zone_id: OpenCode = None


class BuilderForm(Body):
    """建设单位."""

    name: OpenLine = None
    uscc: Annotated[OpenCode, BeforeValidator(capitals)] = None


class FundingForm(Body):
    """One source of money, in 万元."""

    source: FundingSource
    amount: Amount


class ContactForm(Body):
    """项目负责人 and 联系电话."""

    name: Line = ""
    phone: Code = ""


class ColumnsForm(Body):
    """附件1 谋划项目基本情况表 but for whom to call, money in 万元 with at most two decimals."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=500), BeforeValidator(_trimmed)]
    project_code: OpenCode = None
    content: OpenText = None
    location: LocationForm = LocationForm()
    builder: BuilderForm = BuilderForm()
    total_investment: OpenAmount = None
    funding: Annotated[list[FundingForm], Field(max_length=12)] = []
    planned_start: OpenMonth = None
    category: Annotated[Category | None, BeforeValidator(blank_is_open)] = None
    track: Annotated[Track | None, BeforeValidator(blank_is_open)] = None
    lead_side: Annotated[LeadSide | None, BeforeValidator(blank_is_open)] = None
    industry: OpenCode = None
    preparation: OpenText = None
    build_from: OpenMonth = None
    build_until: OpenMonth = None
    annual_plan: OpenText = None
    needs: OpenText = None
    remarks: OpenText = None
    not_secret: bool = False

    def facts(self, contact_id: UUID | None) -> ProjectFacts:
        """Give the facts of the form, money in yuan, the contact behind its id."""
        total = self.total_investment
        return ProjectFacts(
            name=self.name,
            project_code=self.project_code,
            content=self.content,
            location=Location(
                region=self.location.region,
                address=self.location.address,
                zone_id=self.location.zone_id,
            ),
            builder=Builder(name=self.builder.name, uscc=self.builder.uscc),
            total_investment=None if total is None else yuan(total),
            funding=tuple(Funding(source=f.source, amount=yuan(f.amount)) for f in self.funding),
            planned_start=self.planned_start,
            contact_id=contact_id,
            category=self.category,
            track=self.track,
            lead_side=self.lead_side,
            industry=self.industry,
            preparation=self.preparation,
            build_from=self.build_from,
            build_until=self.build_until,
            annual_plan=self.annual_plan,
            needs=self.needs,
            remarks=self.remarks,
        )


class ProjectForm(ColumnsForm):
    """附件1 with 项目负责人 and 联系电话."""

    contact: ContactForm | None = None

    def contact_as_typed(self) -> Contact | None:
        """Give the contact, or None when both its columns are open."""
        if self.contact is None or not (self.contact.name or self.contact.phone):
            return None
        return Contact(self.contact.name, self.contact.phone)


class NewProjectForm(ProjectForm):
    """The form of a new project; the hints count when it is reported at once."""

    accepted_hints: list[str] = []


class ReportForm(Body):
    """报送."""

    not_secret: bool = False
    accepted_hints: list[str] = []


class WithdrawForm(Body):
    """撤回."""

    reason: Line = ""


class DiscardForm(Body):
    """撤销草稿."""


class RemarkForm(Body):
    """A remark on one column."""

    field: Line
    text: Annotated[str, StringConstraints(min_length=1, max_length=500)]

    def remark(self) -> Remark:
        """Give the remark."""
        return Remark(field=self.field, text=self.text)


class FirstReviewForm(Body):
    """市级初审."""

    verdict: Verdict
    on_revision: int
    opinion: Line = ""
    remarks: Annotated[list[RemarkForm], Field(max_length=40)] = []


class FinalReviewForm(FirstReviewForm):
    """省级审核."""

    to: Level = Level.REPORTER
    document_number: OpenLine = None


class TakeForm(Body):
    """领取."""


class HandOverForm(Body):
    """转办: to a colleague's account, or back to the queue."""

    handed_to: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,64}$")] | None = None
    reason: Line = ""


class ReviewedProject(Body):
    """One project of a bulk review, on the edition that was looked at."""

    project_id: UUID
    on_revision: int


class BulkReviewForm(Body):
    """批量初审、批量审核: one verdict for several projects."""

    projects: Annotated[list[ReviewedProject], Field(min_length=1, max_length=500)]
    verdict: Verdict
    opinion: Line = ""
    to: Level = Level.REPORTER


def yuan(amount: Decimal) -> int:
    """Give whole yuan for 万元 with at most two decimals."""
    return int(amount * YUAN_PER_TEN_THOUSAND)


def in_ten_thousands(amount: int) -> str:
    """Give 万元 as the form writes it."""
    return f"{Decimal(amount) / YUAN_PER_TEN_THOUSAND:.2f}"
