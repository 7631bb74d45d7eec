"""What may happen to an uploaded workbook: it is received once and accepted once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, assert_never
from uuid import UUID

from pydantic import Field, TypeAdapter

from contracts.intake import WorkbookAccepted, WorkbookEvent, WorkbookReceived
from services.intake.workbook.commands import FinishAcceptance, ReceiveWorkbook
from shared.deciding import Decider
from shared.refusals import NotFound


@dataclass(frozen=True)
class NotReceived:
    """Nobody has sent this workbook."""


@dataclass(frozen=True)
class Received:
    """A workbook that was checked; nothing of it is taken in."""

    org: str


@dataclass(frozen=True)
class Accepted:
    """A workbook whose rows were taken in."""


Upload = NotReceived | Received | Accepted
WorkbookCommand = ReceiveWorkbook | FinishAcceptance


def decide(command: WorkbookCommand, upload: Upload) -> Sequence[WorkbookEvent]:
    """Answer a command."""
    match command:
        case ReceiveWorkbook():
            return receive(command, upload)
        case FinishAcceptance():
            return finish(command, upload)
        case _:
            assert_never(command)


def receive(ask: ReceiveWorkbook, upload: Upload) -> Sequence[WorkbookEvent]:
    """Receive a workbook once; checking it again says nothing new."""
    match upload:
        case NotReceived():
            return [
                WorkbookReceived(
                    upload_id=ask.upload_id,
                    receipt=ask.receipt,
                    org=ask.org,
                    file=ask.file,
                    rows=ask.rows,
                    acceptable=ask.acceptable,
                    wrong=ask.wrong,
                    unchanged=ask.unchanged,
                    total_investment=ask.total_investment,
                )
            ]
        case Received() | Accepted():
            return []
        case _:
            assert_never(upload)


def finish(ask: FinishAcceptance, upload: Upload) -> Sequence[WorkbookEvent]:
    """Finish an acceptance once."""
    match upload:
        case Received(org=org) if org == ask.org:
            return [
                WorkbookAccepted(
                    upload_id=ask.upload_id,
                    org=ask.org,
                    mode=ask.mode,
                    accepted=ask.accepted,
                    refused=ask.refused,
                    unchanged=ask.unchanged,
                )
            ]
        case Accepted():
            return []
        case NotReceived() | Received():
            raise NotFound("没有这次上传，或它不在你单位的范围内。")
        case _:
            assert_never(upload)


def evolve(_: Upload, event: WorkbookEvent) -> Upload:
    """Take in a fact."""
    match event:
        case WorkbookReceived():
            return Received(event.org)
        case WorkbookAccepted():
            return Accepted()
        case _:
            assert_never(event)


def stream_of(upload_id: UUID) -> str:
    """Give the stream of an upload."""
    return f"upload-{upload_id}"


UPLOAD: Decider[WorkbookCommand, Upload, WorkbookEvent] = Decider(
    initial=NotReceived(),
    decide=decide,
    evolve=evolve,
    read=TypeAdapter(Annotated[WorkbookEvent, Field(discriminator="kind")]),
)
