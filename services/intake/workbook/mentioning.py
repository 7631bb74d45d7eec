"""Does a kept file speak of a person? All of a workbook is searched, not only our columns."""

import unicodedata

from services.intake.project.rules import Contact
from shared.workbook.texts import texts_in

_FEWEST_DIGITS = 7


def mentions(data: bytes, person: Contact) -> bool:
    """Tell whether the name or the telephone stands in a file, however it is spelled.

    A namesake, or a longer name around it, is taken for the person: what is kept here is a copy
    of what the unit has, and one too few does less harm than one too many.
    """
    name, digits = _plain(person.name), "".join(filter(str.isdigit, _plain(person.phone)))
    return any(
        (name and name in piece)
        or (len(digits) >= _FEWEST_DIGITS and digits in piece.replace("-", ""))
        for text in texts_in(data)
        for piece in map(_plain, text.split("\n"))
    )


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
