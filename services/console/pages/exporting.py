"""导出: any list as a file, with exactly the rows that its filter leaves; each file is noted."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import count
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import Request, Response

from services.console.adapters.export_log import Taken
from services.console.pages import words
from services.console.pages.frame import Site
from services.console.pages.moment import Moment
from services.console.pages.session import Visit
from services.console.pages.sheet_file import MEDIA, Column, RowT, table, written
from shared.deciding import new_id
from shared.redacting import redacted
from shared.refusals import UnreadableInput

MOST_ROWS = 20_000
"""More is no list that somebody reads; it would keep the process from its other visitors."""

# What an address says beside the filter.
_NO_FILTER = frozenset({"export", "page", "after", "token", "key", "seen"})


class NoSuchFormat(UnreadableInput):
    """Lists are given as xlsx and csv."""

    code = "no_such_format"
    title = "没有导出"


class TooManyToExport(UnreadableInput):
    """The filter leaves more rows than one file holds."""

    code = "too_many_to_export"
    title = "没有导出"


def not_too_many(rows: int) -> int:
    """Give the number of rows that may be asked for.

    Raises:
        TooManyToExport: one file does not hold them.
    """
    if rows > MOST_ROWS:
        raise TooManyToExport(
            f"筛选后还有 {rows:,} 行，一次最多导出 {MOST_ROWS:,} 行。请缩小筛选范围，分几次导出。"
        )
    return rows


async def every_page(page: Callable[[int], Awaitable[tuple[Sequence[RowT], bool]]]) -> list[RowT]:
    """Give the rows of all pages of another office's list; ``page`` gives one, and if more follow.

    Raises:
        TooManyToExport: one file does not hold them.
    """
    rows: list[RowT] = []
    for number in count(1):
        found, more = await page(number)
        rows += found
        not_too_many(len(rows))
        if not more or not found:
            break
    return rows


async def give(
    site: Site,
    request: Request,
    visit: Visit,
    when: Moment,
    name: str,
    columns: Sequence[Column[RowT]],
    rows: Iterable[RowT],
    said: Sequence[str] = (),
    form: str = "",
) -> Response:
    """Give the rows as the file that ``?export=`` asks for, after it was noted.

    ``rows`` are all that the filter of the page leaves, in its order; ``said`` is the filter in
    words. ``form`` is for what is given in one form alone.

    Raises:
        NoSuchFormat: neither xlsx nor csv is asked for.
        TooManyToExport: one file does not hold them.
    """
    form = form or request.query_params.get("export", "")
    if form not in MEDIA:
        raise NoSuchFormat("清单可以导出为 xlsx 或 csv。请从清单页点“导出”。")
    export_id = new_id()
    laid = list(rows)
    not_too_many(len(laid))
    about = {
        "名称": name,
        "筛选": "；".join(said) or "全部",
        "截至": f"{when.asked} 24:00" if when.past else words.full_moment(when.now),
        "行数": str(len(laid)),
        "导出": f"{visit.actor.name}（{visit.actor.org_name}）",
        "编号": str(export_id),
    }
    laid_out = table(name, columns, laid, about)
    content = await asyncio.to_thread(written, laid_out, form)
    await site.exports.note(
        visit.actor,
        Taken(
            export_id=export_id,
            list=name,
            asked=_asked(request),
            format=form,
            rows=len(laid),
            sha256=hashlib.sha256(content).hexdigest(),
            correlation=str(request.scope.get("correlation_id", "")),
        ),
    )
    file = quote(f"{name}_{when.today:%Y-%m-%d}.{form}")
    return Response(
        content,
        media_type=MEDIA[form],
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{file}",
            "Siku-Export": str(export_id),
        },
    )


def _asked(request: Request) -> str:
    """Give the address with its filter; what may be a telephone is not kept."""
    asked = [
        (name, redacted(value))
        for name, value in parse_qsl(request.url.query)
        if name not in _NO_FILTER
    ]
    return f"{request.url.path}?{urlencode(asked)}" if asked else request.url.path
