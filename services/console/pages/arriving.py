"""Has what was just written arrived? Of a write that the asker may not know of: never."""

from services.console.pages.reading import Reading
from shared.scope import APPROVAL_SCOPES, MONTH_SCOPES, PROJECT_SCOPES, SIGNING_SCOPES
from shared.seeing import Reader
from shared.viewing import parse_token


async def may_know(reading: Reading, reader: Reader, after: str) -> bool:
    """Tell whether a reader may learn that a stream has come to a version.

    He may of what he sees, and of what his own organisation wrote: a draft that it gave up is in
    nobody's sight any more.
    """
    stream, version = parse_token(after) or ("", 0)
    word, _, rest = stream.partition("-")
    match word:
        case "project":
            scope = PROJECT_SCOPES.seen_by(reader)
            return await reading.project(scope, rest) is not None or await reading.was_written_by(
                reader.org, rest, version
            )
        case "progress":
            return await reading.project(PROJECT_SCOPES.seen_by(reader), rest) is not None
        case "approval":
            return await reading.project(APPROVAL_SCOPES.seen_by(reader), rest) is not None
        case "month":
            return MONTH_SCOPES.seen_by(reader).holds({"org": rest.rsplit("-", 2)[0]})
        case "signing":
            found = await reading.signings.one(SIGNING_SCOPES.seen_by(reader), rest)
            return found is not None
        case "promotion":
            return await reading.was_written_by(reader.org, f"promotion-{rest}", version)
        case _:
            # Nobody waits for anything else but the calendar, which everybody sees.
            return True
