"""The bodies that identity's administrative doors accept."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from contracts.erasing import ErasureReason
from contracts.identity import OrganisationKind, ReportingPath
from services.identity import passwords
from services.identity.accounts import plain
from shared.free_text import fit


def _trimmed(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


Line = Annotated[
    str, Field(min_length=1, max_length=100), BeforeValidator(_trimmed), AfterValidator(fit)
]
Basis = Annotated[str, Field(max_length=100), BeforeValidator(_trimmed), AfterValidator(fit)]
Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9-]{1,15}$"), BeforeValidator(_trimmed)]
Region = Annotated[str, Field(pattern=r"^(\d{6})?$"), BeforeValidator(_trimmed)]
Zone = Annotated[str, Field(pattern=r"^([A-Z][A-Z0-9-]{1,15})?$"), BeforeValidator(_trimmed)]
OptionalCode = Annotated[Code | None, BeforeValidator(_empty_is_none)]
OptionalDay = Annotated[date | None, BeforeValidator(_empty_is_none)]
Username = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9._-]{2,31}$"), BeforeValidator(lambda name: plain(str(name)))
]
Scopes = Annotated[
    frozenset[Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]], Field(max_length=10)
]
LONGEST_OVERLAP = 7 * 24
Secret = Annotated[SecretStr, Field(min_length=1, max_length=passwords.LONGEST)]

LABELS = {
    "username": "账号",
    "name": "账号名称",
    "short_name": "简称",
    "role": "角色",
    "organisation": "机构",
    "organisation_id": "机构编号",
    "organisation_kind": "机构类别",
    "path": "报送路径",
    "planning_body": "谋划主体",
    "region": "所辖行政区划",
    "zone_id": "所辖开发区",
    "aliases": "别名",
    "uscc": "统一社会信用代码",
    "valid_from": "生效日期",
    "valid_to": "最后一日",
    "into": "承接机构",
    "accounts_to": "账号转到",
    "basis": "依据",
    "scopes": "权限",
    "purpose": "用途",
    "overlap_hours": "旧密钥继续有效",
    "reason": "原因",
    "document_number": "文号",
    "substitute": "代理人",
    "new_password": "新密码",
    "password": "原密码",
}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class PostForm(_Body):
    """任职: a role in a unit, from a day on."""

    role: Annotated[str, Field(min_length=1, max_length=32)]
    organisation: Code
    uscc: Annotated[
        str | None, Field(max_length=18), BeforeValidator(_trimmed), BeforeValidator(_empty_is_none)
    ] = None
    valid_from: OptionalDay = None
    valid_to: OptionalDay = None


class OpenForm(PostForm):
    """开通: an account with its first post. Its name is a post, such as 泽州县报送员."""

    username: Username
    name: Line


class MachineForm(PostForm):
    """开通机器账号. Its name is what the system is called, such as 泽州县政务服务平台."""

    name: Line
    scopes: Scopes
    purpose: Line
    basis: Basis = ""


class ScopesForm(_Body):
    """调整权限."""

    scopes: Scopes


class RotateForm(_Body):
    """密钥轮换: for how many hours more the last secret holds; 0 ends it at once."""

    overlap_hours: Annotated[int, Field(ge=0, le=LONGEST_OVERLAP)] = 24


class ReasonForm(_Body):
    """停用, 注销: why."""

    reason: Line


class EraseForm(_Body):
    """删除账号信息: why, and under which document."""

    reason: ErasureReason
    document_number: Line


class NothingForm(_Body):
    """An act that needs no more than its address."""


class SubstituteForm(_Body):
    """请假代理: who acts for the account of the address."""

    substitute: Username
    valid_from: date
    valid_to: date


class OwnPasswordForm(_Body):
    """修改密码."""

    password: Secret
    new_password: Secret


class EstablishForm(_Body):
    """设立."""

    organisation_id: Code
    name: Line
    short_name: Line
    organisation_kind: OrganisationKind
    path: ReportingPath
    planning_body: bool = False
    region: Region = ""
    zone_id: Zone = ""
    aliases: Annotated[list[Line], Field(max_length=5)] = []
    valid_from: date
    basis: Basis = ""


class RenameForm(_Body):
    """更名."""

    name: Line
    short_name: Line
    valid_from: date
    basis: Basis = ""


class EndForm(_Body):
    """并入、拆分、撤销: the last day, who takes over, where the accounts go."""

    into: Annotated[list[Code], Field(max_length=10)] = []
    accounts_to: OptionalCode = None
    valid_to: date
    basis: Basis = ""
