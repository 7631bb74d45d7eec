"""Lays down once a day what a journal's chains came to, where the journal's owner cannot reach."""

from shared.anchoring.signing import (
    ForgedAnchor,
    UnreadableAnchor,
    published_fingerprint,
    read_anchor,
)

__all__ = ["ForgedAnchor", "UnreadableAnchor", "published_fingerprint", "read_anchor"]
