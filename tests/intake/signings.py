"""A signing in stories: what happened to it, what is asked of it."""

from datetime import date
from typing import Any
from uuid import UUID

from contracts.intake import (
    ContractAmended,
    ContractSigned,
    Evidence,
    FileNoted,
    FrameworkSigned,
    LeadRegistered,
    NegotiationBegun,
    SigningEnded,
    SigningLinked,
    SigningLinkOverdue,
    SigningRectified,
    SigningTransferred,
    SigningUnlinked,
)
from services.intake.policies import bounds_of
from services.intake.project.commands import By
from services.intake.signing.commands import (
    AmendContract,
    BeginNegotiation,
    Description,
    EndSigning,
    LinkProject,
    RectifySigning,
    RegisterLead,
    SignContract,
    SignFramework,
    TellLinkOverdue,
    TransferSigning,
    UnlinkProject,
)
from services.intake.signing.decider import SIGNING
from shared.testing import Story

S = UUID("00000000-0000-7000-8000-00000000051a")
PROJECT = UUID("00000000-0000-7000-8000-000000000001")
OTHER = UUID("00000000-0000-7000-8000-000000000002")
YI = 100_000_000
APRIL_22, APRIL_25, MAY_1 = date(2019, 4, 22), date(2019, 4, 25), date(2019, 5, 1)
MAY_25 = date(2019, 5, 25)
CLERK = By(account="clerk", org="JC-ZZ")
NEIGHBOUR = By(account="neighbour", org="JC-GP")
CITY = By(account="city", org="D-INV")
SCAN = FileNoted(sha256="a" * 64, name="合同.pdf", size=1, media_type="application/pdf")
PAPER = Evidence(sort="contract", file=SCAN)

signing = Story(SIGNING)


def described(**changes: Any) -> Description:
    columns: dict[str, Any] = {
        "title": "光机电产业园",
        "investor": "深圳市光启精密有限公司",
        "investor_place": "广东省深圳市",
        "region": "140525",
        "industry": "39",
        "intended_investment": 15 * YI,
    }
    return Description(**{**columns, **changes})


# What happened.


def registered(of: Description | None = None, **changes: Any) -> LeadRegistered:
    of = of or described()
    fields = {
        **of.model_dump(),
        "signing_id": S,
        "owner_org": "JC-ZZ",
        "owner_name": "泽州县",
        "registered_on": MAY_25,
    }
    return LeadRegistered(**{**fields, **changes})


def rectified(of: Description, reason: str = "名称录错。") -> SigningRectified:
    return SigningRectified(**of.model_dump(), signing_id=S, reason=reason, rectified_on=MAY_25)


def negotiating(on: date = APRIL_22) -> NegotiationBegun:
    return NegotiationBegun(signing_id=S, begun_on=on)


def framework(on: date = APRIL_25, investment: int = 15 * YI) -> FrameworkSigned:
    return FrameworkSigned(signing_id=S, signed_on=on, intended_investment=investment)


def contract(on: date = APRIL_25, investment: int = 12 * YI, **changes: Any) -> ContractSigned:
    fields: dict[str, Any] = {
        "signing_id": S,
        "owner_org": "JC-ZZ",
        "contract_number": "ZZ-3",
        "contract_investment": investment,
        "signed_on": on,
        "link_due": MAY_25,
    }
    return ContractSigned(**{**fields, **changes})


def amended(investment: int, on: date = MAY_1) -> ContractAmended:
    return ContractAmended(
        signing_id=S, contract_investment=investment, reason="分期实施。", amended_on=on
    )


def linked(project: UUID = PROJECT) -> SigningLinked:
    return SigningLinked(
        signing_id=S, project_id=project, project_name="光机电一期", linked_on=MAY_25
    )


def unlinked(project: UUID = PROJECT) -> SigningUnlinked:
    return SigningUnlinked(
        signing_id=S, project_id=project, reason="关联错了。", unlinked_on=MAY_25
    )


def link_overdue(told_on: date) -> SigningLinkOverdue:
    return SigningLinkOverdue(signing_id=S, link_due=MAY_25, told_on=told_on)


def transferred(to: str = "Z-JC", name: str = "晋城经开区") -> SigningTransferred:
    return SigningTransferred(
        signing_id=S,
        from_org="JC-ZZ",
        to_org=to,
        to_name=name,
        reason="落户开发区。",
        transferred_on=MAY_25,
    )


def ended(on: date = MAY_25) -> SigningEnded:
    return SigningEnded(signing_id=S, reason="投资方放弃。", ended_on=on)


# What is asked, on 25 May unless said otherwise.


def asked(**changes: Any) -> dict[str, Any]:
    return {"signing_id": S, "by": CLERK, "bounds": bounds_of(MAY_25), **changes}


def register(of: Description | None = None, **changes: Any) -> RegisterLead:
    fields = {"not_secret": True, "owner_name": "泽州县", "described": of or described()}
    return RegisterLead(**asked(**{**fields, **changes}))


def rectify(of: Description, **changes: Any) -> RectifySigning:
    fields = {"not_secret": True, "described": of, "reason": "名称录错。"}
    return RectifySigning(**asked(**{**fields, **changes}))


def negotiate(on: date = APRIL_22, **changes: Any) -> BeginNegotiation:
    return BeginNegotiation(**asked(begun_on=on, **changes))


def sign_framework(on: date = APRIL_25, investment: int = 15 * YI, **changes: Any) -> SignFramework:
    return SignFramework(**asked(signed_on=on, intended_investment=investment, **changes))


def sign(on: date = APRIL_25, investment: int = 12 * YI, **changes: Any) -> SignContract:
    fields = {
        "signed_on": on,
        "contract_number": "ZZ-3",
        "contract_investment": investment,
        "link_due": MAY_25,
    }
    return SignContract(**asked(**{**fields, **changes}))


def amend(investment: int, on: date = MAY_1, **changes: Any) -> AmendContract:
    fields = {"amended_on": on, "contract_investment": investment, "reason": "分期实施。"}
    return AmendContract(**asked(**{**fields, **changes}))


def link(project: UUID = PROJECT, pool: str | None = "PLAN", **changes: Any) -> LinkProject:
    fields = {"project_id": project, "project_name": "光机电一期", "pool": pool}
    return LinkProject(**asked(**{**fields, **changes}))


def unlink(project: UUID = PROJECT, reason: str = "关联错了。", **changes: Any) -> UnlinkProject:
    return UnlinkProject(**asked(project_id=project, reason=reason, **changes))


def transfer(to: str = "Z-JC", name: str = "晋城经开区", **changes: Any) -> TransferSigning:
    fields: dict[str, Any] = {"by": CITY, "oversees": True, "reason": "落户开发区。"}
    return TransferSigning(**asked(to_org=to, to_name=name, **{**fields, **changes}))


def end(on: date = MAY_25, reason: str = "投资方放弃。", **changes: Any) -> EndSigning:
    return EndSigning(**asked(ended_on=on, reason=reason, **changes))


def tell_overdue(on: date) -> TellLinkOverdue:
    return TellLinkOverdue(signing_id=S, on=on)
