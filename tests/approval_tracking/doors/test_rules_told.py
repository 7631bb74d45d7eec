"""The files of rules are told when the service starts."""

from services.approval_tracking.main import SERVICE
from services.approval_tracking.policies import ROOMS
from shared.policies import policies
from tests.intake.doors.office import Office

TOLD = (
    "select stream, convert_from(payload, 'utf8')::json ->> 'sha256' as sha256"
    " from journal.events where kind = 'approval_tracking.policy.published.v1'"
)


async def test_each_file_is_told_once_however_often_the_service_starts(office: Office) -> None:
    started = SERVICE.started
    assert started is not None
    await started(office.app, office.app.state.runtime)
    told = {row["stream"]: row["sha256"] for row in await office.pool.fetch(TOLD)}
    files = {file.stream: file.sha256 for file in policies(ROOMS)}
    assert told == files
    assert len(await office.pool.fetch(TOLD)) == len(files) > 1
