"""Makes views anew from the topics, beside the live ones and without stopping anybody."""

from shared.rebuilding.one_key import rebuild_key
from shared.rebuilding.rebuild import Aborted, Busy, Progress, Rebuilt, Tell, rebuild
from shared.rebuilding.refusing import RebuildRefused, RowsDiffer

__all__ = [
    "Aborted",
    "Busy",
    "Progress",
    "RebuildRefused",
    "Rebuilt",
    "RowsDiffer",
    "Tell",
    "rebuild",
    "rebuild_key",
]
