"""The catalogue of approvals as it is on a day: items, flows, questions, procedures that pause."""

from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import Depends, FastAPI, Query, Response

from services.approval_tracking.approval_plan.catalogue import (
    Catalogue,
    CatalogueItem,
    Edge,
    Question,
)
from services.approval_tracking.approval_plan.circumstances import questions_of
from services.approval_tracking.policies import catalogue_of
from shared.service import Runtime
from shared.tokens import Actor, actor_of

Who = Annotated[Actor, Depends(actor_of)]
OnDay = Annotated[date | None, Query(ge=date(2000, 1, 1), le=date(2099, 12, 31))]


def catalogue_routes(app: FastAPI, runtime: Runtime) -> None:
    """Add the route of the catalogue."""

    @app.get("/catalogue", tags=["approval_plan"], summary="某日适用的审批事项目录")
    async def read(_: Who, day: OnDay = None) -> Response:
        document = document_of(catalogue_of(day or runtime.clock.today()))
        return Response(orjson.dumps(document), media_type="application/json")


def document_of(catalogue: Catalogue) -> dict[str, Any]:
    """Give the whole of an edition as it is told to whoever asks."""
    return {
        "valid_from": catalogue.valid_from,
        "policy": catalogue.sha256,
        "total_limit": catalogue.total_limit,
        "receipt_days": catalogue.receipt_days,
        "commitment_days": catalogue.commitment_days,
        "follow_up_days": catalogue.follow_up_days,
        "stages": [{"stage": stage, "name": name} for stage, name in catalogue.stages.items()],
        "flows": [
            {
                "flow": flow.code,
                "name": flow.name,
                "managements": sorted(flow.managements),
                "land_mode": flow.land_mode,
                "limits": {stage.value: days for stage, days in flow.limits.items()},
                "questions": list(questions_of(flow, catalogue)),
            }
            for flow in catalogue.flows.values()
        ],
        "questions": [_question(*one) for one in catalogue.questions.items()],
        "procedures": [
            {"procedure": code, "name": one.name, "basis": one.basis}
            for code, one in catalogue.procedures.items()
        ],
        "items": [_item(one, catalogue) for one in catalogue.items.values()],
    }


def _question(name: str, question: Question) -> dict[str, Any]:
    return {
        "name": name,
        "question": question.name,
        "kind": question.kind,
        "unit": question.unit,
        "choices": dict(question.choices or {}),
        "source": question.source,
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {"item": edge.item, "only": edge.only}


def _item(item: CatalogueItem, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "item": item.id,
        "name": item.name,
        "stage": item.stage,
        "track": item.track,
        "competent": catalogue.offices[item.competent],
        "handling": catalogue.handling_of(item, item.competent),
        "statutory": item.terms.statutory and item.terms.statutory.model_dump(mode="json"),
        "promised": item.terms.promised and item.terms.promised.model_dump(mode="json"),
        "extension": item.extension,
        "gate": item.gate,
        "after": [_edge(one) for one in item.after],
        "beside": [_edge(one) for one in item.beside],
        "needs": dict(item.needs),
        "questions": [name for name in item.when.questions if name in catalogue.questions],
        "source": item.source,
    }
