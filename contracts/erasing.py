"""Why personal data is erased: a word that every service which keeps some shares."""

from enum import StrEnum


class ErasureReason(StrEnum):
    """删除事由, after 个人信息保护法 第四十七条."""

    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"
    PURPOSE_ENDED = "PURPOSE_ENDED"
    TERM_OVER = "TERM_OVER"
    UNLAWFUL = "UNLAWFUL"
