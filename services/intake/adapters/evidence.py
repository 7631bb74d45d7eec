"""The files that facts name: described for the fact, and kept for good with it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from contracts.intake import Evidence, FileNoted
from shared.files import Files, hand_on
from shared.postgres import Connection
from shared.refusals import Problem, UnreadableInput


def of_project(project_id: UUID) -> str:
    """Give whose the files are that facts about a project name."""
    return f"project:{project_id}"


def of_signing(signing_id: UUID) -> str:
    """Give whose the files are that facts about a signing name."""
    return f"signing:{signing_id}"


def of_promotion(promotion_id: UUID) -> str:
    """Give whose the files are that facts about an event name."""
    return f"promotion:{promotion_id}"


async def noted(
    files: Files, hashes: Sequence[str], org: str, owner: str, now: datetime
) -> tuple[FileNoted, ...]:
    """Give what a fact says of files: those that the unit uploaded, or that the owner has already.

    Raises:
        UnreadableInput: one of them was never uploaded by the unit, or is gone.
    """
    known = await files.described(hashes, [owner, org], now)
    if missing := [sha256 for sha256 in hashes if sha256 not in known]:
        raise UnreadableInput(
            "有附件不在你单位上传的文件里，没有办理。",
            errors=[
                Problem(
                    "evidence",
                    "佐证附件",
                    "not_uploaded",
                    f"没有编号以 {sha256[:8]} 开头的附件，或它已到期删除。",
                    "请重新上传后再提交。",
                )
                for sha256 in missing
            ],
        )
    return tuple(
        FileNoted(sha256=one.sha256, name=one.name, size=one.size, media_type=one.media_type)
        for one in (known[sha256] for sha256 in dict.fromkeys(hashes))
    )


def keeping(
    evidence: Sequence[Evidence], org: str, owner: str, now: datetime
) -> Callable[[Connection], Awaitable[None]] | None:
    """Give what keeps files for good in the transaction of the fact that names them."""
    hashes = [one.file.sha256 for one in evidence if one.file]
    if not hashes:
        return None
    return partial(hand_on, hashes=hashes, org=org, to=owner, now=now)
