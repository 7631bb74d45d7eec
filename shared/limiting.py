"""How often somebody may ask: so many times a minute on each route, all of them at once if need be.

Counted in the memory of one process: several instances of a part each allow as much.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import Request

from shared.refusals import Refusal

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_REMEMBERED = 20_000


class TooManyRequests(Refusal):
    """The same account, or the same address, asked for the same thing too often."""

    code = "too_many_requests"
    status = 429
    title = "办理太频繁"


@dataclass
class Limits:
    """What each account may ask of each route; ``especially`` names routes that cost more.

    A limit of 0 is none.
    """

    reads_a_minute: int = 0
    writes_a_minute: int = 0
    especially: Mapping[str, int] = field(default_factory=dict)
    _left: OrderedDict[tuple[str, str], tuple[float, float]] = field(default_factory=OrderedDict)

    def take(self, who: str, request: Request) -> None:
        """Count a request of an account or an address.

        Raises:
            TooManyRequests: it was one too many; ``retry_after`` says in how many seconds one
                more is answered.
        """
        route = f"{request.method} {_path(request)}"
        self.count(who, route, time.monotonic())

    def count(self, who: str, route: str, now: float) -> None:
        """Count a request at a moment; see ``take``."""
        method = route.partition(" ")[0]
        usual = self.reads_a_minute if method in _READS else self.writes_a_minute
        if not usual:
            return
        most = self.especially.get(route, usual)
        left, since = self._left.get((who, route), (float(most), now))
        left = min(most, left + (now - since) * most / 60)
        if left < 1:
            wait = math.ceil((1 - left) * 60 / most)
            raise TooManyRequests(
                f"同一操作一分钟内太多次，请在 {wait} 秒后再试；已经办完的不受影响。",
                retry_after=wait,
            )
        self._left[who, route] = (left - 1, now)
        self._left.move_to_end((who, route))
        while len(self._left) > _REMEMBERED:
            self._left.popitem(last=False)


def _path(request: Request) -> str:
    route = request.scope.get("route")
    return f"{request.scope.get('root_path', '')}{getattr(route, 'path', request.url.path)}"
