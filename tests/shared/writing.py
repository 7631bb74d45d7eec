"""Envelopes for tests that append without a decider."""

from datetime import UTC, datetime

from contracts.envelope import Envelope, Fact, instant
from shared.deciding import new_id


def surrounded(stream: str, first_version: int, *facts: Fact) -> list[tuple[Envelope, Fact]]:
    """Surround facts as a decision would."""
    return [
        (
            Envelope(
                id=str(new_id()),
                type=fact.kind,
                source="/siku/test",
                subject=stream,
                time=instant(datetime.now(UTC)),
                partitionkey=stream,
                streamversion=str(version),
                occurred="2019-04-22",
                actoraccount="tester",
                actorrole="tester",
                actororg="T",
                correlationid="c",
                causationid="c",
            ),
            fact,
        )
        for version, fact in enumerate(facts, start=first_version)
    ]
