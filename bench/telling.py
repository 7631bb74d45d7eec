"""Tells Kafka what a relay would have told: the facts of many projects, ten of each."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

from confluent_kafka import Producer

from contracts import examples
from contracts.envelope import Envelope, Fact, instant
from contracts.intake import (
    TOPIC,
    Level,
    Pool,
    ProjectDrafted,
    ProjectPooled,
    ProjectRevised,
    ReviewApproved,
    ReviewPassedFirst,
    ReviewReturned,
    ReviewSubmitted,
)
from deploy.embedded.launcher import Stack
from shared.journal import canonical
from shared.relay import headers_of

EACH = 10
BEGAN = datetime(2019, 4, 22, 1, tzinfo=UTC)
_NAMES = UUID("0197ffff-0000-7000-8000-000000000000")
_PLACE = UUID("0197eeee-0000-7000-8000-000000000000")
_FORM = examples.FORM.model_copy(
    update={"content": "新建标准厂房 12 万平方米，配套道路 3.2 公里、管网 8 公里。" * 4}
)


def story(project: UUID) -> list[Fact]:
    """Give ten facts of a project, 600 bytes each in the mean."""
    said = {"project_id": project}
    owner = {"owner_org": "JC-ZZ", "owner_name": "泽州县"}
    report = ReviewSubmitted(
        **said,
        owner_org="JC-ZZ",
        revision=2,
        round=1,
        report_month="2019-04",
        submitted_on=date(2019, 4, 22),
        submitted_by="account-zezhou",
    )
    opinion = "要素齐全，同意上报。" * 3
    passed = ReviewPassedFirst(**said, revision=2, reviewed_by="account-city", opinion=opinion)
    return [
        ProjectDrafted(**said, **owner, revision=1, facts=_FORM),
        report,
        ReviewReturned(
            **said, revision=1, returned_by="CITY", to=Level.REPORTER, opinion="请补充资金。" * 4
        ),
        ProjectRevised(**said, revision=2, facts=_FORM),
        report,
        passed,
        ReviewReturned(
            **said, revision=2, returned_by="PROVINCE", to=Level.CITY, opinion="请核投资。" * 4
        ),
        passed,
        ReviewApproved(**said, revision=2, opinion=opinion),
        ProjectPooled(
            **said,
            **owner,
            revision=2,
            facts=_FORM,
            pool=Pool.PLAN,
            transition="T01",
            report_month="2019-04",
            approved_on=date(2019, 4, 29),
        ),
    ]


def records(projects: int) -> Iterator[tuple[bytes, list[tuple[str, bytes]], bytes]]:
    """Give key, headers and body of every fact, stream by stream interleaved as they happen."""
    templates = []
    for number, fact in enumerate(story(_PLACE), start=1):
        envelope = Envelope(
            id=str(_PLACE),
            type=fact.kind,
            source="/siku/intake",
            subject=f"project-{_PLACE}",
            time=instant(BEGAN + timedelta(days=number)),
            partitionkey=str(_PLACE),
            streamversion=str(number),
            occurred="2019-04-22",
            actoraccount="account-zezhou",
            actorrole="county_reporter",
            actororg="JC-ZZ",
            correlationid=str(_PLACE),
            causationid=str(_PLACE),
            policy="a" * 64,
        )
        headers = headers_of(envelope.model_dump(), number, b"\7" * 32)
        templates.append((headers, canonical(fact.model_dump(mode="json"))))
    place = str(_PLACE).encode()
    ids = [str(uuid5(_NAMES, str(number))).encode() for number in range(projects)]
    for headers, body in templates:
        for key in ids:
            yield (
                key,
                [(name, value.replace(place, key)) for name, value in headers],
                body.replace(place, key),
            )


def tell(stack: Stack, projects: int, topic: str = TOPIC) -> int:
    """Put ten facts of each project into a topic; give how many."""
    return tell_records(stack, records(projects), topic)


def tell_records(
    stack: Stack, told: Iterable[tuple[bytes, list[tuple[str, bytes]], bytes]], topic: str
) -> int:
    """Put records (key, headers, body) into a topic, in order; give how many."""
    user, password = stack.kafka_login()
    producer = Producer(
        {
            "bootstrap.servers": stack.kafka,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": user,
            "sasl.password": password,
            "partitioner": "murmur2_random",
            "linger.ms": 20,
            "batch.size": 262144,
            "queue.buffering.max.messages": 200_000,
        }
    )
    count = 0
    for key, headers, body in told:
        while True:
            try:
                producer.produce(topic, value=body, key=key, headers=headers)
                break
            except BufferError:
                producer.poll(0.1)
        count += 1
        if count % 5000 == 0:
            producer.poll(0)
    producer.flush()
    return count
