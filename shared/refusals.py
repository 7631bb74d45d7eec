"""Everything that can be answered with "no", and how it is said (RFC 9457, in Chinese).

::

    Refusal                    a rule says no                                409
    ├── UnreadableInput        the input cannot be read or breaks a column   422
    ├── NotSignedIn            no token, or one that does not hold           401
    ├── NotAllowed             signed in, but this act is not for this role  403
    ├── NotFound               not there, or not in this account's scope     404
    ├── StaleVersion           If-Match names an older version               412
    ├── AlreadyClaimed         what must be unique is taken                  409
    ├── CommandReused          same Idempotency-Key, other body              409
    └── TooManyRequests        too often (shared/limiting.py)                429
    StreamMoved                somebody was faster; retried, then 409
    Unavailable                something outside is down                     503

A request against the rules is refused and not stored; an outcome that the office would write
down (returned, rejected) is a fact instead.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Problem:
    """What is wrong with one column: its name, the rule, the sentence and the way out."""

    field: str
    label: str
    rule: str
    message: str
    remedy: str


class Refusal(Exception):
    """A rule says no. The message is a sentence that a clerk understands.

    ``code`` is stable and machine-readable; extra keyword arguments become members of the
    problem document.
    """

    code: ClassVar[str] = "refused"
    status: int = 409
    title: ClassVar[str] = "没有办理"

    def __init__(self, detail: str, *, errors: Sequence[Problem] = (), **more: object) -> None:
        """Keep the sentence, the columns it concerns and whatever else the reader can use."""
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.more = more

    def document(self, instance: str = "") -> dict[str, object]:
        """Give the RFC 9457 problem document."""
        document: dict[str, object] = {
            "type": f"urn:siku:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "instance": instance,
            **self.more,
        }
        if self.errors:
            document["errors"] = [asdict(problem) for problem in self.errors]
        return document


class UnreadableInput(Refusal):
    """The input cannot be read, or a column of it breaks its rule."""

    code = "unreadable_input"
    status = 422
    title = "填报内容有误"


class NotSignedIn(Refusal):
    """No token came along, or it does not hold (any longer)."""

    code = "not_signed_in"
    status = 401
    title = "请先登录"


class NotAllowed(Refusal):
    """The account is known, but this act is not for its role."""

    code = "not_allowed"
    status = 403
    title = "没有这项权限"


class NotFound(Refusal):
    """It does not exist, or lies outside the account's scope: both look the same."""

    code = "not_found"
    status = 404
    title = "没有找到"


class StaleVersion(Refusal):
    """The reader decided on an older version (``If-Match``)."""

    code = "stale_version"
    status = 412
    title = "这件已被改过"


class AlreadyClaimed(Refusal):
    """Something that must be unique is taken by another stream."""

    code = "already_claimed"
    title = "已被占用"


class CommandReused(Refusal):
    """The same ``Idempotency-Key`` came with another body."""

    code = "command_reused"
    title = "同一办理编号内容不同"


class BusyStream(Refusal):
    """Others kept changing the same stream; asking again is safe."""

    code = "busy_stream"
    title = "同时有人在办理"


class StreamMoved(Exception):
    """Streams were not at the version that the decision rested on."""

    def __init__(self, streams: Sequence[str]) -> None:
        """Name the streams that moved."""
        super().__init__(", ".join(streams))
        self.streams = tuple(streams)


class ClaimTaken(Exception):
    """Claims are held by other streams; ``taken`` lists (stream asking, scope, value)."""

    def __init__(self, taken: Sequence[tuple[str, str, str]]) -> None:
        """Name who asked for what."""
        super().__init__(", ".join(f"{scope}={value}" for _, scope, value in taken))
        self.taken = tuple(taken)


class Unavailable(Refusal):
    """Something outside this service is down; the same request may succeed later."""

    code = "unavailable"
    status = 503
    title = "暂时不能办理"
