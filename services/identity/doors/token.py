"""`POST /token`: the one place where tokens are given, by the table of grants."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from services.identity.doors.desk import Desk
from services.identity.doors.noting import address_of
from services.identity.grants import (
    authorization_code,
    client_credentials,
    password,
    refresh_token,
    token_exchange,
)
from services.identity.grants.asking import Asking, TokenAnswer
from services.identity.oauth import TokenRefused

_MOST_BYTES = 8 * 1024
_FORM = "application/x-www-form-urlencoded"

GRANTS: dict[str, Any] = {
    "authorization_code": authorization_code,
    "refresh_token": refresh_token,
    "urn:ietf:params:oauth:grant-type:token-exchange": token_exchange,
    "client_credentials": client_credentials,
    "password": password,
}


def routes(app: FastAPI, desk: Desk) -> None:
    """Add the token endpoint."""

    @app.post(
        "/token",
        tags=["openid"],
        summary="换取令牌",
        openapi_extra=_described(),
        response_model_exclude_none=True,
        responses={400: _REFUSED, 401: _REFUSED},
    )
    async def token(request: Request, response: Response) -> TokenAnswer:
        fields = await _fields(request)
        wanted = GRANTS.get(fields.get("grant_type", ""))
        if wanted is None:
            raise TokenRefused("unsupported_grant_type", "no such grant")
        try:
            form = wanted.Form.model_validate(fields)
        except ValidationError as error:
            # What was sent must not come back: it may be a password in the wrong field.
            wrong = sorted({str(one["loc"][0]) for one in error.errors(include_input=False)})
            raise TokenRefused(
                "invalid_request", f"missing or malformed: {', '.join(wrong)}"
            ) from None
        response.headers["Cache-Control"] = "no-store"
        asking = Asking(
            request.headers.get("authorization", ""), address_of(request), datetime.now(UTC)
        )
        answer: TokenAnswer = await wanted.grant(desk, form, asking)
        return answer

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, TokenRefused)  # noqa: S101
        # RFC 6749 5.2.
        challenge = {"WWW-Authenticate": 'Basic realm="siku"'} if error.status == 401 else {}
        return JSONResponse(
            {"error": error.error, "error_description": error.description},
            status_code=error.status,
            headers={"Cache-Control": "no-store", **challenge},
        )

    app.add_exception_handler(TokenRefused, refused)


async def _fields(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip() != _FORM:
        raise TokenRefused("invalid_request", f"the body must be {_FORM}")
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BYTES:
            raise TokenRefused("invalid_request", "the body is too long")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise TokenRefused("invalid_request", "the body cannot be read") from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise TokenRefused("invalid_request", "a parameter was given twice")
    # RFC 6749 3.2: what is empty was not given.
    return {name: value for name, value in fields.items() if value}


_REFUSED: dict[str, Any] = {
    "description": "没有给：OAuth 的错误说明（RFC 6749 5.2）",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["error", "error_description"],
                "properties": {
                    "error": {"type": "string"},
                    "error_description": {"type": "string"},
                },
            }
        }
    },
}


def _described() -> dict[str, object]:
    forms = [grant.Form.model_json_schema() for grant in GRANTS.values()]
    content = {_FORM: {"schema": {"oneOf": forms}}}
    return {"requestBody": {"required": True, "content": content}}
