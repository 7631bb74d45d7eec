"""One spelling for one value: the bytes that are stored, hashed, signed and told.

For what our facts hold (text, whole numbers below 2**53, booleans, null, lists and objects with
ASCII names) sorted compact JSON is exactly RFC 8785; a test compares the two.
"""

import hashlib
from collections.abc import Mapping

import orjson


def canonical(value: Mapping[str, object]) -> bytes:
    """Write a JSON object in canonical form (UTF-8, sorted names, no blanks)."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(data: bytes) -> bytes:
    """Give the SHA-256 of the bytes."""
    return hashlib.sha256(data).digest()
