"""Makes views anew from the topics, beside the live ones and without stopping anybody."""

from shared.rebuilding.looking import Rebuilding, ask_to_stop, prune, rebuilds
from shared.rebuilding.one_key import rebuild_key
from shared.rebuilding.rebuild import Aborted, Busy, Progress, Rebuilt, Tell, rebuild
from shared.rebuilding.refusing import RebuildRefused, RowsDiffer

__all__ = [
    "Aborted",
    "Busy",
    "Progress",
    "RebuildRefused",
    "Rebuilding",
    "Rebuilt",
    "RowsDiffer",
    "Tell",
    "ask_to_stop",
    "prune",
    "rebuild",
    "rebuild_key",
    "rebuilds",
]
