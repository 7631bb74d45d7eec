"""How long does a token check take: the signature, the claims, the count of what was asked?

The number that is aimed at: 300 µs at the median on top of a request.
"""

import asyncio
import statistics
import time

from starlette.requests import Request

from bench.rounds import ROUNDS, note
from shared.limiting import Limits
from tests.shared.test_tokens import Publisher, new_key, signed

CHECKED = 2_000


async def once(checks: int) -> float:
    """Check different tokens of one issuer; give the median in microseconds."""
    issuer = Publisher(new_key("one"))
    verifier, limits = issuer.verifier(), Limits(reads_a_minute=1200)
    tokens = [signed(issuer.key, sub=f"account-{n}") for n in range(checks)]
    asked = Request({"type": "http", "method": "GET", "path": "/projects", "headers": []})
    taken = []
    for token in tokens:
        began = time.perf_counter()
        actor = await verifier.verify(token)
        limits.take(actor.account, asked)
        taken.append(1_000_000 * (time.perf_counter() - began))
    return statistics.median(taken)


async def main() -> None:
    """Measure."""
    medians = [await once(CHECKED) for _ in range(ROUNDS)]
    note("token check p50", statistics.median(medians), "µs", None, None)


if __name__ == "__main__":
    asyncio.run(main())
