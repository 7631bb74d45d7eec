"""招商签约 over HTTP: parse, look up, ask, answer."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, assert_never
from uuid import UUID, uuid5

import orjson
from fastapi import Depends, FastAPI, Path, Request, Response

from contracts.intake import Evidence, SigningEvent
from services.intake.adapters.evidence import keeping, of_signing
from services.intake.doors.acting import by, ended, own_unit
from services.intake.doors.evidence import EvidenceForm, evidence_of
from services.intake.doors.files import EvidenceFile, as_saved
from services.intake.doors.forms import in_ten_thousands, yuan
from services.intake.doors.http import Door, demand_act
from services.intake.doors.signing_forms import (
    AmendmentForm,
    ContractForm,
    EndForm,
    FrameworkForm,
    LinkForm,
    NegotiationForm,
    RectificationForm,
    SigningForm,
    TransferForm,
    UnlinkForm,
)
from services.intake.policies import bounds_of, link_due_of, policy_of
from services.intake.project import decider as project_room
from services.intake.signing.answering import absent
from services.intake.signing.commands import (
    AmendContract,
    Asked,
    BeginNegotiation,
    EndSigning,
    LinkProject,
    RectifySigning,
    RegisterLead,
    SignContract,
    SignFramework,
    TransferSigning,
    UnlinkProject,
)
from services.intake.signing.decider import SIGNING, SigningCommand, row_of, stream_of
from services.intake.signing.rules import problem
from services.intake.signing.states import NotRegistered, Open, Over, Signing
from services.intake.views.working_days import WORKING_DAYS
from shared.commanding import Asking, asking, kept_reply, key_required, replied
from shared.deciding import Ask, Wrote, handle
from shared.refusals import NotFound, UnreadableInput
from shared.scope import SIGNING_SCOPES, may
from shared.service import Runtime
from shared.tokens import Actor, actor_of
from shared.wording import spoken_day

SIGNINGS = UUID("a0f1a0a5-0a38-5f0c-a4ff-6a9b6c2b4a70")
"""The name space in which a command's id names the signing that it registers."""

Asks = Annotated[Asking, Depends(asking)]
Who = Annotated[Actor, Depends(actor_of)]
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
_TAG: list[Any] = ["signing"]


def signing_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the routes of signings."""
    door = _Door(runtime)

    @app.post("/signings", status_code=201, tags=_TAG, summary="登记招商线索")
    async def register(ask: Asks, body: SigningForm) -> Response:
        return await door.register(ask, body)

    @app.get("/signings/{signing_id}", tags=_TAG, summary="读取一件招商签约")
    async def read(actor: Who, signing_id: UUID, request: Request) -> Response:
        version, signing = await door.visible(actor, signing_id)
        etag = f'"{version}"'
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers={"ETag": etag})
        body = orjson.dumps(_shown(signing_id, signing, version))
        return Response(body, media_type="application/json", headers={"ETag": etag})

    @app.put("/signings/{signing_id}", tags=_TAG, summary="更正登记")
    async def rectify(ask: Asks, signing_id: UUID, body: RectificationForm) -> Response:
        command = RectifySigning(
            **await door.asked(ask, signing_id),
            not_secret=body.not_secret,
            described=body.description(),
            reason=body.reason,
        )
        return await door.handle(ask, command, "已更正登记，原来的内容留在记录里。")

    @app.post("/signings/{signing_id}/negotiation", tags=_TAG, summary="洽谈")
    async def negotiate(ask: Asks, signing_id: UUID, body: NegotiationForm) -> Response:
        command = BeginNegotiation(
            **await door.asked(ask, signing_id), begun_on=body.begun_on, note=body.note
        )
        return await door.handle(ask, command, "已记为洽谈。")

    @app.post("/signings/{signing_id}/framework", tags=_TAG, summary="框架协议")
    async def frame(ask: Asks, signing_id: UUID, body: FrameworkForm) -> Response:
        evidence = await door.evidence(ask, signing_id, body.evidence)
        command = SignFramework(
            **await door.asked(ask, signing_id),
            signed_on=body.signed_on,
            intended_investment=yuan(body.intended_investment),
            evidence=evidence,
        )
        said = "已记框架协议。框架协议不计入签约额，正式签约后再计。"
        return await door.handle(ask, command, said, evidence)

    @app.post("/signings/{signing_id}/contract", tags=_TAG, summary="正式签约")
    async def sign(ask: Asks, signing_id: UUID, body: ContractForm) -> Response:
        return await door.sign(ask, signing_id, body)

    @app.post("/signings/{signing_id}/amend", tags=_TAG, summary="合同变更")
    async def amend(ask: Asks, signing_id: UUID, body: AmendmentForm) -> Response:
        evidence = await door.evidence(ask, signing_id, body.evidence)
        command = AmendContract(
            **await door.asked(ask, signing_id),
            amended_on=body.amended_on,
            contract_investment=yuan(body.contract_investment),
            reason=body.reason,
            evidence=evidence,
        )
        said = "合同投资额已变更，以新的数计，原来的留在记录里。"
        return await door.handle(ask, command, said, evidence)

    @app.post("/signings/{signing_id}/link", tags=_TAG, summary="关联项目")
    async def link(ask: Asks, signing_id: UUID, body: LinkForm) -> Response:
        return await door.link(ask, signing_id, body.project_id)

    @app.post("/signings/{signing_id}/unlink", tags=_TAG, summary="取消关联")
    async def unlink(ask: Asks, signing_id: UUID, body: UnlinkForm) -> Response:
        command = UnlinkProject(
            **await door.asked(ask, signing_id), project_id=body.project_id, reason=body.reason
        )
        return await door.handle(ask, command, "已取消关联。")

    @app.post("/signings/{signing_id}/transfer", tags=_TAG, summary="变更责任单位")
    async def transfer(ask: Asks, signing_id: UUID, body: TransferForm) -> Response:
        return await door.transfer(ask, signing_id, body)

    @app.post("/signings/{signing_id}/end", tags=_TAG, summary="终止")
    async def end(ask: Asks, signing_id: UUID, body: EndForm) -> Response:
        command = EndSigning(
            **await door.asked(ask, signing_id), ended_on=body.ended_on, reason=body.reason
        )
        return await door.handle(ask, command, "已终止，不能再办。")

    @app.get(
        "/signings/{signing_id}/files/{sha256}",
        tags=_TAG,
        summary="一件招商签约的佐证附件",
        response_class=EvidenceFile,
    )
    async def file(actor: Who, signing_id: UUID, sha256: Sha256) -> Response:
        return await door.file(actor, signing_id, sha256)


class _Door:
    """What the routes of signings share."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._projects = Door(runtime)

    async def register(self, ask: Asking, body: SigningForm) -> Response:
        demand_act(ask.actor, "sign")
        signing_id = uuid5(SIGNINGS, key_required(ask))
        today, units = self._runtime.clock.today(), await self._projects.units()
        unit = own_unit(ask.actor, units, today)
        command = RegisterLead(
            signing_id=signing_id,
            by=by(ask.actor, units, today),
            bounds=bounds_of(today),
            not_secret=body.not_secret,
            owner_name=unit.short_name,
            ended=ended(unit, units, today),
            described=body.description(),
        )
        said = f"已登记为线索，由{unit.short_name}负责。"
        return await self.handle(ask, command, said, status=201)

    async def asked(self, ask: Asking, signing_id: UUID) -> dict[str, Any]:
        """Give what every command of a signing that is there begins with."""
        demand_act(ask.actor, "sign")
        await self.visible(ask.actor, signing_id)
        return {
            "signing_id": signing_id,
            "by": await self._projects.by(ask),
            "bounds": bounds_of(self._runtime.clock.today()),
            "oversees": may(ask.actor, "oversee_signings"),
        }

    async def evidence(
        self, ask: Asking, signing_id: UUID, papers: Sequence[EvidenceForm]
    ) -> tuple[Evidence, ...]:
        demand_act(ask.actor, "sign")
        await self.visible(ask.actor, signing_id)
        return await evidence_of(self._runtime, ask, papers, of_signing(signing_id))

    async def sign(self, ask: Asking, signing_id: UUID, body: ContractForm) -> Response:
        evidence = await self.evidence(ask, signing_id, body.evidence)
        calendar = (await WORKING_DAYS.in_force(self._runtime.pool)).calendar
        due, today = link_due_of(body.signed_on, calendar), self._runtime.clock.today()
        command = SignContract(
            **await self.asked(ask, signing_id),
            signed_on=body.signed_on,
            contract_number=body.contract_number,
            contract_investment=yuan(body.contract_investment),
            link_due=due,
            evidence=evidence,
        )
        said = f"已记正式签约，按合同额计入签约。关联入库项目的期限到 {spoken_day(due, today)}。"
        return await self.handle(ask, command, said, evidence)

    async def link(self, ask: Asking, signing_id: UUID, project_id: UUID) -> Response:
        asked = await self.asked(ask, signing_id)
        # What is linked must be there for whoever links it.
        _, dossier = await self._projects.visible(ask.actor, project_id)
        project = project_room.owned_by_anybody(dossier.project)
        command = LinkProject(
            **asked, project_id=project_id, project_name=project.facts.name, pool=project.pool
        )
        return await self.handle(ask, command, f"已关联项目“{project.facts.name}”。")

    async def transfer(self, ask: Asking, signing_id: UUID, body: TransferForm) -> Response:
        asked = await self.asked(ask, signing_id)
        unit = (await self._projects.units()).get(body.to_org, self._runtime.clock.today())
        if unit is None:
            found = problem("to_org", "unit_unknown", "不在机构名录中。", "请选现有的单位。")
            raise UnreadableInput("没有这个单位。", errors=[found])
        command = TransferSigning(
            **asked, to_org=unit.id, to_name=unit.short_name, reason=body.reason
        )
        return await self.handle(ask, command, f"责任单位已变更为{unit.short_name}。")

    async def visible(self, actor: Actor, signing_id: UUID) -> tuple[int, Signing]:
        """Give a signing that the actor may know of."""
        history = await self._runtime.journal.load(stream_of(signing_id))
        signing = SIGNING.fold(history.payloads)
        (await self._admit(actor))(signing)
        return history.version, signing

    async def file(self, actor: Actor, signing_id: UUID, sha256: str) -> Response:
        _, signing = await self.visible(actor, signing_id)
        shown = SIGNING_SCOPES.shown_to(await self._projects.reader(actor), "signing_papers")
        row, owner, now = row_of(signing), of_signing(signing_id), self._runtime.clock.now()
        known = await self._runtime.files.described([sha256], [owner], now)
        if row is None or not shown.holds(row) or sha256 not in known:
            raise NotFound("没有这个附件，或它不在你能查看的范围内。")
        return as_saved(await self._runtime.files.read(sha256, owner, now), known[sha256].name)

    async def _admit(self, actor: Actor) -> Callable[[Signing], None]:
        scope = SIGNING_SCOPES.seen_by(await self._projects.reader(actor))

        def look(signing: Signing) -> None:
            row = row_of(signing)
            if row is None or not scope.holds(row):
                raise absent()

        return look

    async def handle(
        self,
        ask: Asking,
        command: Asked,
        message: str,
        evidence: Sequence[Evidence] = (),
        *,
        status: int = 200,
    ) -> Response:
        """Carry out a command."""
        signing_id, new = command.signing_id, isinstance(command, RegisterLead)

        def reply(wrote: Wrote[Signing, SigningEvent]) -> bytes:
            shown = _shown(signing_id, wrote.state, wrote.version)
            return kept_reply(status, {**shown, "message": message}, wrote)

        asked: Ask[SigningCommand, Signing, SigningEvent] = Ask(
            stream_of(signing_id),
            stream_of(signing_id),
            command,
            reply,
            identity=ask.identity,
            if_match=ask.if_match,
            also=keeping(evidence, ask.actor.org, of_signing(signing_id), ask.cause.now),
            admit=None if new else await self._admit(ask.actor),
        )
        policy = policy_of("signing", self._runtime.clock.today()).sha256
        return replied(await handle(self._runtime.journal, SIGNING, asked, ask.under(policy)))


def _shown(signing_id: UUID, signing: Signing, version: int) -> dict[str, Any]:
    """Show a signing as forms take it, money in 万元."""
    match signing:
        case Open() as known:
            ended_on = None
        case Over(was=known, ended_on=ended_on):
            pass
        case NotRegistered():
            raise absent()
        case _:
            assert_never(signing)
    of, contract = known.described, known.contract
    return {
        "signing_id": str(signing_id),
        "version": version,
        "owner_org": known.owner_org,
        "owner_name": known.owner_name,
        **of.model_dump(mode="json", exclude={"intended_investment"}),
        "intended_investment": _wan(of.intended_investment),
        "stage": known.stage,
        "begun_on": known.begun_on,
        "framework_on": known.framework_on,
        "contract": contract
        and {
            "signed_on": contract.signed_on,
            "number": contract.number,
            "investment": _wan(contract.investment),
            "link_due": contract.link_due,
        },
        "projects": sorted(map(str, known.projects)),
        "ended_on": ended_on,
    }


def _wan(yuan_amount: int | None) -> str | None:
    return None if yuan_amount is None else in_ten_thousands(yuan_amount)
