"""Signing in and out, tokens for one audience each, the keys to check them with."""

import json
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError

from contracts import reference
from services.identity import passwords
from services.identity.accounts import Attempt, Holder
from services.identity.beginning import EXAMPLE_PASSWORD
from services.identity.doors import accounts, audit, organisations, own, substitutes
from services.identity.doors.desk import Desk
from services.identity.doors.forms import LABELS as FORM_LABELS
from services.identity.doors.noting import address_of
from services.identity.refusals import SessionEnded
from services.identity.register import Register
from services.identity.sessions import Session
from services.identity.signing import LIFETIME
from shared.refusals import NotFound, UnreadableInput
from shared.service import Runtime
from shared.wording import problems_of

LABELS = {
    **FORM_LABELS,
    "grant_type": "登录方式",
    "username": "用户名",
    "password": "密码",
    "session": "会话凭证",
    "audience": "访问对象",
    "acting_for": "代理谁",
}

_MOST_BYTES = 8 * 1024
_FORM = "application/x-www-form-urlencoded"

_GRANTS = {("password",), ("session",)}

InputT = TypeVar("InputT")

Audience = Literal["identity", "approval_tracking", "intake", "console"]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=passwords.LONGEST)]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class PasswordGrant(_Input):
    """Sign in with a user name and a password, and with a new one where it must be changed."""

    grant_type: Literal["password"]
    username: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
    password: Secret
    new_password: Secret | None = None
    audience: Audience


class SessionGrant(_Input):
    """Ask for another token within a session."""

    grant_type: Literal["session"]
    session: Secret
    audience: Audience
    acting_for: UUID | None = None


class SignOut(_Input):
    """End a session."""

    session: Secret


class ActorAnswer(BaseModel):
    """Who the token speaks for."""

    account: str
    username: str
    name: str
    role: str
    org: str
    org_name: str


class TokenAnswer(BaseModel):
    """An access token; a sign-in also brings a session, whose secret is told this once."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    session: str | None = None
    session_expires_in: int
    actor: ActorAnswer


class ExampleAnswer(BaseModel):
    """An account that everybody may try."""

    username: str
    name: str
    role: str
    role_name: str
    org: str
    org_name: str


class ExamplesAnswer(BaseModel):
    """The example accounts and the one password of them all."""

    password: str
    accounts: list[ExampleAnswer]


_grant: TypeAdapter[PasswordGrant | SessionGrant] = TypeAdapter(
    Annotated[PasswordGrant | SessionGrant, Field(discriminator="grant_type")]
)
_sign_out: TypeAdapter[SignOut] = TypeAdapter(SignOut)


def add_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add identity's addresses to the application."""
    desk = Desk(runtime)
    _tokens(app, desk)
    # The examples have their address before any account has one.
    for doors in (accounts, substitutes, organisations, own, audit):
        doors.routes(app, desk)


def _tokens(app: FastAPI, desk: Desk) -> None:
    runtime = desk.runtime

    @app.post(
        "/token",
        openapi_extra=_described(PasswordGrant, SessionGrant),
        response_model_exclude_none=True,
    )
    async def token(request: Request, response: Response) -> TokenAnswer:
        grant = await _read(request, _grant)
        response.headers["Cache-Control"] = "no-store"
        now = datetime.now(UTC)
        if isinstance(grant, PasswordGrant):
            account = await desk.accounts.sign_in(
                Attempt(
                    grant.username,
                    grant.password.get_secret_value(),
                    address=address_of(request),
                    now=now,
                    business_now=runtime.clock.now(),
                    new_password=(
                        grant.new_password.get_secret_value() if grant.new_password else None
                    ),
                )
            )
            secret, session = await desk.sessions.begin(account.account, now)
            return await _token_of(desk, account, session, grant.audience, secret, now)
        session = await desk.sessions.use(grant.session.get_secret_value(), now)
        # The post is read anew each time: whoever lost it gets no further token.
        found = await desk.accounts.find(session.account, runtime.clock.today())
        if found is None:
            raise SessionEnded("账号已停用，请联系系统管理员。")
        if grant.acting_for is not None:
            found = await desk.accounts.in_place_of(found, grant.acting_for, runtime.clock.today())
        return await _token_of(desk, found, session, grant.audience, None, now)

    @app.post("/sign-out", openapi_extra=_described(SignOut), status_code=204)
    async def sign_out(request: Request) -> None:
        asked = await _read(request, _sign_out)
        await desk.sessions.end(asked.session.get_secret_value())

    @app.get("/jwks")
    async def jwks(response: Response) -> dict[str, list[dict[str, object]]]:
        response.headers["Cache-Control"] = "public, max-age=60"
        return {"keys": await desk.keys.published(datetime.now(UTC))}

    @app.get("/accounts/examples")
    async def examples() -> ExamplesAnswer:
        if not runtime.clock.demonstration:
            raise NotFound("没有这个地址。")
        today = runtime.clock.today()
        names = {role.code: role.name for role in reference.roles()}
        units = await Register(runtime.pool).names(today)
        return ExamplesAnswer(
            password=EXAMPLE_PASSWORD,
            accounts=[
                ExampleAnswer(
                    username=example.username,
                    name=example.name,
                    role=example.role,
                    role_name=names[example.role],
                    org=example.organisation,
                    org_name=units.get(example.organisation, example.organisation),
                )
                for example in reference.example_accounts()
            ],
        )


async def _token_of(
    desk: Desk,
    account: Holder,
    session: Session,
    audience: str,
    secret: str | None,
    now: datetime,
) -> TokenAnswer:
    """Sign a token for an account as it is now."""
    actor = ActorAnswer(
        account=str(account.account),
        username=account.username,
        name=account.name,
        role=account.role,
        org=account.organisation,
        org_name=account.organisation_name,
    )
    claims = {
        "sub": actor.account,
        "name": actor.name,
        "role": actor.role,
        "org": actor.org,
        "org_name": actor.org_name,
        **({"act_for": account.on_behalf_of} if account.on_behalf_of else {}),
    }
    return TokenAnswer(
        access_token=await desk.keys.sign(claims, audience, now),
        token_type="Bearer",  # noqa: S106
        expires_in=int(LIFETIME.total_seconds()),
        session=secret,
        session_expires_in=int((session.ends_at - now).total_seconds()),
        actor=actor,
    )


async def _read(request: Request, form: TypeAdapter[InputT]) -> InputT:
    body = await _body(request)
    try:
        if request.headers.get("content-type", "").partition(";")[0].strip() == _FORM:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=10)
            fields: object = dict(pairs)
            if len(dict(pairs)) < len(pairs):
                raise UnreadableInput("同一栏填了两次。")
        else:
            fields = json.loads(body)
    except ValueError as error:
        raise UnreadableInput("内容读不出来，请按JSON或表单格式提交。") from error
    try:
        return form.validate_python(fields)
    except ValidationError as error:
        # What was typed must not come back: it may be a password in the wrong field.
        errors = [
            {**one, "loc": _place(one["type"], one["loc"])}
            for one in error.errors(include_input=False)
        ]
        found = problems_of(errors, LABELS)
        raise UnreadableInput("登录内容有误，请检查后再提交。", errors=found) from None


async def _body(request: Request) -> bytes:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BYTES:
            raise UnreadableInput("内容过长。")
    return body


def _place(rule: str, place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    if rule.startswith("union_tag"):
        return ("grant_type",)
    return place[1:] if place[:1] in _GRANTS else place


def _described(*forms: type[_Input]) -> dict[str, object]:
    schema = {"oneOf": [form.model_json_schema() for form in forms]}
    kinds = ("application/json", _FORM)
    return {"requestBody": {"required": True, "content": {k: {"schema": schema} for k in kinds}}}
