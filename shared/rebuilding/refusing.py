"""Why a rebuild does not go on, in words for an operator."""


class RebuildRefused(Exception):
    """A rebuild cannot begin or go on; the live view is as it was."""


class RowsDiffer(RebuildRefused):
    """The new generation does not equal the live one."""
