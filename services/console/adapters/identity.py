"""Knocks at identity: sign in, exchange a session for a token, sign out, example accounts."""

from collections.abc import Mapping

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.refusals import Unavailable


class Signer(BaseModel):
    """Whose token it is."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account: str = ""


class SignedIn(BaseModel):
    """What a sign-in or an exchange gives; ``session`` comes with a sign-in only."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    access_token: str
    expires_in: int
    session: str | None = None
    session_expires_in: int | None = None
    actor: Signer = Signer()


class Example(BaseModel):
    """One example account of a demonstration home."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    username: str
    name: str
    role: str
    role_name: str
    org: str
    org_name: str


class Examples(BaseModel):
    """The example accounts and the one password that they share."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    password: str
    accounts: tuple[Example, ...]


class SignInRefused(Exception):
    """Identity said no. ``tries_left`` and ``until`` are given where they apply."""

    def __init__(
        self, code: str, detail: str, tries_left: int | None = None, until: str | None = None
    ) -> None:
        """Keep what identity said."""
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.tries_left = tries_left
        self.until = until


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore")

    code: str = "refused"
    detail: str = "没有登录。"
    tries_left: int | None = None
    until: str | None = None


class Identity:
    """The identity service over HTTP."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        """Bind to a client whose base address is identity's."""
        self._http = http

    async def sign_in(
        self, username: str, password: str, audience: str, new_password: str | None = None
    ) -> SignedIn:
        """Open a session, with a new password where the old one holds once only.

        Raises:
            SignInRefused: wrong credentials, a lock, or a password that must be changed.
            Unavailable: identity does not answer.
        """
        asked = {
            "grant_type": "password",
            "username": username,
            "password": password,
            "audience": audience,
        }
        return await self._token(asked | ({"new_password": new_password} if new_password else {}))

    async def exchange(self, session: str, audience: str, acting_for: str = "") -> SignedIn:
        """Get a token for one service out of a session, for oneself or for somebody absent.

        Raises:
            SignInRefused: the session ended, or nobody is stood in for today.
            Unavailable: identity does not answer.
        """
        asked = {"grant_type": "session", "session": session, "audience": audience}
        return await self._token(asked | ({"acting_for": acting_for} if acting_for else {}))

    async def sign_out(self, session: str) -> None:
        """End a session; one that ended already is as good."""
        await self._post("/sign-out", {"session": session})

    async def examples(self) -> Examples | None:
        """Give the example accounts; a real home has none, and nor has one that is silent."""
        try:
            answer = await self._http.get("/accounts/examples")
        except httpx.HTTPError:
            return None
        if answer.status_code != httpx.codes.OK:
            return None
        return Examples.model_validate(answer.json())

    async def _token(self, form: Mapping[str, str]) -> SignedIn:
        answer = await self._post("/token", form)
        if answer.status_code == httpx.codes.OK:
            return SignedIn.model_validate(answer.json())
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unavailable("身份服务暂时没有回应。")
        try:
            said = _Said.model_validate(answer.json())
        except (ValidationError, ValueError):
            said = _Said()
        raise SignInRefused(said.code, said.detail, said.tries_left, said.until)

    async def _post(self, path: str, form: Mapping[str, str]) -> httpx.Response:
        try:
            return await self._http.post(path, json=form)
        except httpx.HTTPError as error:
            raise Unavailable("身份服务暂时没有回应。") from error
