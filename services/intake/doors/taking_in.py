"""Takes the rows of a workbook in, beside the requests: 500 at a time, or all in one append.

Each row is a command of its own with an id from the upload and the row, so an acceptance that was
cut off goes on where it stood and doubles nothing.
"""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from services.intake.adapters import uploads
from services.intake.adapters.contacts import keeping
from services.intake.adapters.uploads import Upload
from services.intake.doors.rows import CheckedRow, check_rows
from services.intake.dossier import DOSSIER, Dossier, DossierCommand, DossierEvent
from services.intake.dossier import stream_of as project_stream
from services.intake.policies import policy_of, terms_on
from services.intake.project.commands import By, DraftProject, ReviseProject
from services.intake.review.commands import ReportProject
from services.intake.review.terms import Terms
from services.intake.views.working_days import WORKING_DAYS
from services.intake.workbook.checking import CHECKED, Verdict, WorkbookChecked
from services.intake.workbook.commands import FinishAcceptance
from services.intake.workbook.decider import UPLOAD, WorkbookCommand, stream_of
from shared.deciding import Ask, Cause, Command, LeftUndone, handle, handle_many
from shared.journal import MOST_STREAMS, digest
from shared.refusals import Refusal
from shared.service import Runtime

_NOTHING = "核对之后有别的变动，按“全部或都不”一行也没有写入。"

log = structlog.get_logger()


class TooManyTogether(Refusal):
    """All or none was asked for more rows than are written at once."""

    code = "too_many_together"
    title = "没有接收"


def together_at_most(rows: int) -> None:
    """Refuse to promise all or none for more rows than one append takes.

    Raises:
        TooManyTogether: there are more.
    """
    if rows > MOST_STREAMS:
        raise TooManyTogether(
            f"“全部或都不”要一次写完，最多 {MOST_STREAMS} 行，这份表有 {rows:,} 行，"
            "所以一行也没有接收。请分成几份再传，或改用分批接收。"
        )


class TakingIn:
    """The acceptances that run in this process."""

    def __init__(self, runtime: Runtime) -> None:
        """Bind to the running process."""
        self._runtime = runtime
        self._running: dict[UUID, asyncio.Task[None]] = {}

    def start(self, upload_id: UUID) -> None:
        """Take the rows of an upload in, unless it is being done."""
        if upload_id not in self._running:
            task = asyncio.create_task(self._take_in(upload_id))
            self._running[upload_id] = task
            task.add_done_callback(lambda _: self._running.pop(upload_id, None))

    async def resume(self) -> None:
        """Go on with every acceptance that a stop cut off."""
        for upload_id in await uploads.accepting(self._runtime.pool):
            log.info("acceptance_goes_on", upload=str(upload_id))
            self.start(upload_id)

    async def checked(self, upload: Upload) -> WorkbookChecked:
        """Give what the check of an upload found.

        Raises:
            FileExpired: the term of the upload's files is over.
        """
        now = self._runtime.clock.now()
        return CHECKED.validate_json(
            await self._runtime.files.read(upload.check_sha256, upload.org, now)
        )

    async def _take_in(self, upload_id: UUID) -> None:
        while True:
            try:
                upload = await uploads.find(self._runtime.pool, upload_id)
                if upload.state == "accepting":
                    await self._take_in_once(upload)
                return
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("acceptance_waits", upload=str(upload_id), error=repr(error))
                await asyncio.sleep(2)
            except Refusal as refusal:
                await self._fail(upload_id, refusal.detail)
                return

    async def _take_in_once(self, upload: Upload) -> None:
        checked = await self.checked(upload)
        journal, today = self._runtime.journal, self._runtime.clock.today()
        rows = await check_rows(self._runtime.pool, journal, checked.read, upload.actor, today)
        wanted = [row for row in rows if row.verdict is Verdict.ACCEPTABLE]
        there = [row for row in rows if row.verdict is Verdict.UNCHANGED]
        # What is there already may be this very upload's, from before it was cut off.
        own = await journal.replies_to([_command_id(upload, row) for row in there])
        offered = {row.number for row in checked.rows if row.verdict is not Verdict.WRONG}
        spoilt = [
            _refused(row, _why(row))
            for row in rows
            if row.verdict is Verdict.WRONG and row.read.number in offered
        ]
        together = upload.mode == "all"
        if together:
            together_at_most(len(wanted))
        if together and spoilt:
            await self._fail(upload.upload_id, _NOTHING, spoilt)
            return
        refused: list[dict[str, Any]] = []
        for begin in range(0, len(wanted), MOST_STREAMS):
            chunk = wanted[begin : begin + MOST_STREAMS]
            refused += await self._append(upload, chunk, together=together)
            if together and refused:
                await self._fail(upload.upload_id, _NOTHING, refused)
                return
            done = len(own) + begin + len(chunk)
            await uploads.note_done(self._runtime.pool, upload.upload_id, done)
        accepted = len(own) + len(wanted) - len(refused)
        unchanged = len(there) - len(own)
        stream = stream_of(upload.upload_id)
        command: WorkbookCommand = FinishAcceptance(
            upload_id=upload.upload_id,
            org=upload.org,
            mode=upload.mode or "valid",
            accepted=accepted,
            refused=len(rows) - accepted - unchanged,
            unchanged=unchanged,
        )
        await handle(
            journal,
            UPLOAD,
            Ask(stream, stream, command, lambda wrote: wrote.token.encode()),
            self._cause(upload),
        )
        refused = [*spoilt, *refused]
        result = {"accepted": accepted, "refused": refused, "unchanged": unchanged}
        await uploads.end(self._runtime.pool, upload.upload_id, "accepted", result)

    async def _fail(
        self, upload_id: UUID, why: str, refused: Sequence[dict[str, Any]] = ()
    ) -> None:
        result = {"why": why, "refused": list(refused)}
        await uploads.end(self._runtime.pool, upload_id, "failed", result)

    async def _append(
        self, upload: Upload, rows: Sequence[CheckedRow], *, together: bool
    ) -> list[dict[str, Any]]:
        today = self._runtime.clock.today()
        terms = terms_on(today, await WORKING_DAYS.in_force(self._runtime.pool))
        outcomes = await handle_many(
            self._runtime.journal,
            DOSSIER,
            [self._ask(upload, row, today, terms) for row in rows],
            self._cause(upload),
            together=together,
        )
        return [
            _refused(row, outcome.detail)
            for row, outcome in zip(rows, outcomes, strict=True)
            if isinstance(outcome, Refusal) and not isinstance(outcome, LeftUndone)
        ]

    def _ask(
        self, upload: Upload, row: CheckedRow, today: date, terms: Terms
    ) -> Ask[Sequence[DossierCommand], Dossier, DossierEvent]:
        if row.project_id is None or row.owner is None or row.facts is None or row.form is None:
            raise AssertionError("only a complete row is taken in")
        by = By(account=upload.account, org=row.owner.id)
        # Who sends a file in declares all of it, or it is not kept.
        begin: DossierCommand = (
            ReviseProject(
                project_id=row.project_id,
                by=by,
                not_secret=True,
                facts=row.facts,
                form=row.form,
            )
            if row.begun
            else DraftProject(
                project_id=row.project_id,
                by=by,
                not_secret=True,
                owner_name=row.owner.short_name,
                ended=row.ended,
                facts=row.facts,
                form=row.form,
            )
        )
        report = ReportProject(
            project_id=row.project_id,
            by=by,
            on=today,
            form=row.form,
            terms=terms,
            not_secret=True,
            accepted_hints=row.hints,
            ended=row.ended,
        )
        also = None
        if row.new_contact and row.contact is not None and row.contact_id is not None:
            now = self._runtime.clock.now()
            also = keeping(row.contact_id, row.contact, row.project_id, now)
        return Ask(
            project_stream(row.project_id),
            str(row.project_id),
            (begin, report),
            lambda wrote: wrote.token.encode(),
            identity=Command(
                _command_id(upload, row),
                digest(f"{upload.file_sha256}:{row.read.number}".encode()),
            ),
            on_behalf_of="" if row.owner.id == upload.org else row.owner.id,
            also=also,
        )

    def _cause(self, upload: Upload) -> Cause:
        upload_id = str(upload.upload_id)
        return Cause(
            account=upload.account,
            role=upload.role,
            org=upload.org,
            now=self._runtime.clock.now(),
            correlation_id=upload_id,
            causation_id=upload_id,
            policy=policy_of("project", self._runtime.clock.today()).sha256,
        )


def _command_id(upload: Upload, row: CheckedRow) -> str:
    return f"{upload.account}:{upload.upload_id}:{row.read.number}"


def _refused(row: CheckedRow, why: str) -> dict[str, Any]:
    return {"number": row.read.number, "why": why}


def _why(row: CheckedRow) -> str:
    return "".join(f"{one.message}{one.remedy}" for one in row.problems if not one.hint)
