"""Does a file bear a mark of secrecy anywhere? All of it is searched before any of it is kept."""

from shared.free_text import is_marked_secret
from shared.workbook.refusals import MarkedSecret
from shared.workbook.texts import texts_in


def refuse_marked(data: bytes) -> None:
    """Refuse a file with a mark of secrecy in any cell, comment or property.

    Raises:
        MarkedSecret: it has one.
    """
    if any(map(is_marked_secret, texts_in(data))):
        raise MarkedSecret(
            "文件里有密级标志，没有保存任何内容。本系统不处理涉密项目，请按保密规定另行报送。"
        )
