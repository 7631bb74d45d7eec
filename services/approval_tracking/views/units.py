"""Which units there are, what each is called on a day, and what became of those that ended?"""

from contracts import identity
from shared.units import units

UNITS = units(
    identity.SERVICE,
    identity.REFERENCE_TOPIC,
    identity.ORGANISATION_KINDS,
    dict.fromkeys(identity.OTHER_KINDS, "whose post it is says the token"),
)
VIEW = UNITS.view
