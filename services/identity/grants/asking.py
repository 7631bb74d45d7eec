"""What every grant is given, and what it answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from services.identity.accounts import Accounts
from services.identity.clients import Clients
from services.identity.codes import Codes
from services.identity.families import Families
from services.identity.issuing import Issuing
from services.identity.machines import Machines
from shared.clock import Clock


class TokenForm(BaseModel):
    """A form of the token endpoint; what it does not know is ignored (RFC 6749 3.2)."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class TokenAnswer(BaseModel):
    """What a grant gives (RFC 6749 5.1, OpenID Connect Core 3.1.3.3, RFC 8693 2.2)."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105
    expires_in: int
    refresh_token: str | None = None
    id_token: str | None = None
    issued_token_type: str | None = None
    scope: str | None = None


@dataclass(frozen=True)
class Asking:
    """Who asks: the header that shows which client it is, from where, in real time."""

    authorization: str
    address: str
    now: datetime


class Desk(Protocol):
    """What the grants work with."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def clients(self) -> Clients: ...
    @property
    def codes(self) -> Codes: ...
    @property
    def families(self) -> Families: ...
    @property
    def machines(self) -> Machines: ...
    @property
    def issuing(self) -> Issuing: ...
    @property
    def clock(self) -> Clock: ...
    def count(self, who: str, grant_type: str) -> None: ...
