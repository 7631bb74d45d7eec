"""What the relay and the part ``views`` would do: let a view of intake hear what was written."""

from uuid import UUID

import orjson

from contracts.approval_tracking import TOPIC as APPROVALS
from contracts.envelope import Fact
from contracts.intake import TOPIC
from services.intake.views import permits
from shared.relay import headers_of
from shared.viewing import Record, View
from tests.intake.doors.office import Office
from tests.shared.reading import opened, record


async def hear_approvals(office: Office, project_id: str, *facts: Fact) -> None:
    """Let intake hear what the offices told of a project's approvals."""
    headers = {"ce_partitionkey": project_id.encode()}
    told = [
        record(f"approval-{project_id}", version, fact, topic=APPROVALS, headers=headers)
        for version, fact in enumerate(facts, start=1)
    ]
    await (await opened(office.pool, permits.VIEW)).take(*told)


async def hear(office: Office, view: View, *project_ids: UUID | str) -> None:
    """Let a view hear the streams of these projects; what it had heard of them is dropped."""
    rows = await office.pool.fetch(
        "select envelope, payload from journal.events where stream = any($1)"
        " order by stream, version",
        [f"project-{project_id}" for project_id in project_ids],
    )
    records = []
    for position, row in enumerate(rows, start=1):
        envelope = orjson.loads(row["envelope"])
        headers: list[tuple[str, bytes | None]] = [*headers_of(envelope, position, b"chain")]
        key = envelope["partitionkey"].encode()
        records.append(Record(TOPIC, 0, 0, key, headers, row["payload"]))
    await (await opened(office.pool, view)).take(*records)
