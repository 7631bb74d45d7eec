"""How often a process looks for garbage that only the collector can free."""

import gc

_NEW_OBJECTS, _YOUNG, _MIDDLE = 50_000, 20, 50


def collect_seldom() -> None:
    """Leave what is loaded by now alone, and look at the rest less often.

    Facts and rows hold no cycles: they go when nobody needs them. Looking through all that a
    process has in hand every 700 objects takes a quarter of a fold's time.
    """
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _YOUNG, _MIDDLE)
