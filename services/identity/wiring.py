"""Identity's tables: which room tells on which topic, and who decides. No logic."""

from collections.abc import Mapping

from contracts.identity import REFERENCE_TOPIC
from services.identity.account.decider import ACCOUNT
from services.identity.machine.decider import MACHINE
from services.identity.organisation.decider import ORGANISATION
from services.identity.substitute.decider import SUBSTITUTE

TELLS: Mapping[str, str] = {
    "organisation": REFERENCE_TOPIC,
    "account": REFERENCE_TOPIC,
    "substitute": REFERENCE_TOPIC,
    "machine": REFERENCE_TOPIC,
}
DECISIONS = {
    "organisation": ORGANISATION,
    "account": ACCOUNT,
    "substitute": SUBSTITUTE,
    "machine": MACHINE,
}
