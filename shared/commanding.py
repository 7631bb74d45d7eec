"""What every command door does the same way: who asks, under which key, on which version.

``Idempotency-Key`` makes a command safe to send again: the same key with the same body gets the
same reply. ``If-Match`` names the version that the asker saw. The reply carries ``Siku-Wrote``
(``<stream>@<version>``, for ``?after=``) and ``ETag``.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import orjson
from fastapi import Depends, Header, Request, Response

from shared.deciding import Asked, Cause, Command, Wrote
from shared.refusals import Problem, UnreadableInput
from shared.tokens import Actor, actor_of

_KEY = re.compile(r"^[\x21-\x7e]{1,128}$")
_VERSION = re.compile(r'^(W/)?"?(\d{1,9})"?$')


@dataclass(frozen=True)
class Asking:
    """A command as it stands at the door, before its body is looked at."""

    actor: Actor
    cause: Cause
    identity: Command | None
    if_match: int | None

    def spelled(self, body_hash: bytes) -> "Asking":
        """Give the same command with another hash of its body, for a body too telling to keep."""
        identity = self.identity and replace(self.identity, body_hash=body_hash)
        return replace(self, identity=identity)

    def under(self, policy: str) -> Cause:
        """Give the cause with the policy that the decision rests on."""
        return replace(self.cause, policy=policy)


async def asking(
    request: Request,
    actor: Annotated[Actor, Depends(actor_of)],
    idempotency_key: Annotated[str | None, Header()] = None,
    if_match: Annotated[str | None, Header()] = None,
) -> Asking:
    """FastAPI dependency: read the headers of a command.

    Raises:
        UnreadableInput: a header cannot be read.
    """
    clock = request.app.state.runtime.clock
    correlation = str(request.scope.get("correlation_id", ""))
    identity = None
    # An upload is remembered by its content, and its body cannot be read a second time.
    uploaded = request.headers.get("content-type", "").startswith("multipart/")
    if idempotency_key is not None and not uploaded:
        if not _KEY.match(idempotency_key):
            raise _header("Idempotency-Key", "办理编号", "应为 1–128 个可见的英文字符。")
        spelled = b"\n".join(
            [
                request.method.encode(),
                str(request.url.path).encode(),
                request.url.query.encode(),
                await request.body(),
            ]
        )
        identity = Command(f"{actor.account}:{idempotency_key}", hashlib.sha256(spelled).digest())
    version = None
    if if_match is not None and if_match != "*":
        read = _VERSION.match(if_match)
        if read is None:
            raise _header("If-Match", "所依据的版本", '应为 ETag 给出的版本号，如 "3"。')
        version = int(read[2])
    return Asking(
        actor=actor,
        cause=Cause(
            account=actor.account,
            role=actor.role,
            org=actor.org,
            now=clock.now(),
            correlation_id=correlation,
            causation_id=identity.command_id if identity else correlation,
            on_behalf_of=actor.on_behalf_of,
        ),
        identity=identity,
        if_match=version,
    )


def _header(name: str, label: str, message: str) -> UnreadableInput:
    return UnreadableInput(
        f"{label}{message}",
        errors=[Problem(name, label, "header", f"{label}{message}", f"请核对请求头 {name}。")],
    )


def key_required(asked: Asking) -> str:
    """Give the command's id, or refuse a command that could not be repeated safely.

    Raises:
        UnreadableInput: there is no ``Idempotency-Key``.
    """
    if asked.identity is None:
        raise _header("Idempotency-Key", "办理编号", "没有填写，无法保证重复提交只办一次。")
    return asked.identity.command_id


def kept_reply(status: int, body: Mapping[str, Any], wrote: Wrote[Any, Any]) -> bytes:
    """Write a reply so that it can be kept and given again."""
    return orjson.dumps({"status": status, "body": body, "wrote": wrote.token})


def replied(asked: Asked[Any, Any]) -> Response:
    """Answer with a kept or a fresh reply; the two look the same."""
    kept = orjson.loads(asked.reply)
    wrote = kept["wrote"]
    return Response(
        orjson.dumps(kept["body"]),
        status_code=kept["status"],
        media_type="application/json",
        headers={"Siku-Wrote": wrote, "ETag": f'"{wrote.rpartition("@")[2]}"'},
    )
