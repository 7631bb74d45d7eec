"""The envelope of a record, written from its headers byte for byte as the journal holds it."""

import re

from shared.journal import canonical

_NAME = re.compile(r"[a-z0-9_-]+")
_SPECIAL = bytes(range(0x20)) + b'"\\'
"""What JSON writes with a backslash."""


class Shape:
    """Where a record with these header names has what, and how its envelope is written.

    Writing the envelope as text takes six tenths of the time of making JSON of a dict, for every
    record there is; it is the same bytes unless a value holds what JSON writes with a backslash.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        at = {name: number for number, name in enumerate(names)}
        if len(at) != len(names) or not all(map(_NAME.fullmatch, names)):
            raise ValueError("a header stands there twice, or its name is none")
        self.position, self.chain = at["position"], at["chain"]
        self.id, self.kind = at["ce_id"], at["ce_type"]
        self.version, self.stream = at["ce_streamversion"], at["ce_subject"]
        self.partition_key = at["ce_partitionkey"]
        self._names = {name[3:]: place for name, place in at.items() if name.startswith("ce_")}
        attributes = sorted([*self._names, "datacontenttype"])
        self._order = [self._names[name] for name in attributes if name in self._names]
        told = [
            f'"{name}":"{"%b" if name in self._names else "application/json"}"'
            for name in attributes
        ]
        self._text = f"{{{','.join(told)}}}".encode()
        self._specials = len(self._text) - len(self._text.translate(None, _SPECIAL))
        self._in_order = self._order == list(range(len(self._order)))

    def envelope(self, values: tuple[bytes, ...]) -> bytes:
        """Write the envelope as the journal does.

        Raises:
            ValueError, TypeError: a value is no text.
        """
        count = len(self._order)
        chosen = values[:count] if self._in_order else tuple(values[n] for n in self._order)
        text = self._text % chosen
        if len(text) - len(text.translate(None, _SPECIAL)) == self._specials:
            return text
        said = {name: values[place].decode() for name, place in self._names.items()}
        return canonical({**said, "datacontenttype": "application/json"})
