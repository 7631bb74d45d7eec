"""Stories: given what happened, when this is asked, then that follows. No mocks, no database."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from contracts.envelope import Fact
from shared.deciding import Decider
from shared.refusals import Refusal

CommandT = TypeVar("CommandT")
StateT = TypeVar("StateT")
EventT = TypeVar("EventT", bound=Fact)
RefusalT = TypeVar("RefusalT", bound=Refusal)


@dataclass(frozen=True)
class Story(Generic[CommandT, StateT, EventT]):
    """A decider with a past: ``Story(DECIDER).given(opened()).when(grant()).then(granted())``."""

    decider: Decider[CommandT, StateT, EventT]
    facts: tuple[EventT, ...] = ()

    def given(self, *facts: EventT) -> "Story[CommandT, StateT, EventT]":
        """Go on from these facts, after those already given."""
        return replace(self, facts=self.facts + facts)

    def when(self, command: CommandT) -> "Outcome[EventT]":
        """Ask; the answer is judged by one of the outcome's ``then`` sentences."""
        try:
            return Outcome(tuple(self.decider.decide(command, self.state)))
        except Refusal as refusal:
            return Outcome((), refusal)

    @property
    def state(self) -> StateT:
        """What the given facts add up to; for what a state holds, not for asserting on."""
        state = self.decider.initial
        for fact in self.facts:
            state = self.decider.evolve(state, fact)
        return state


@dataclass(frozen=True)
class Outcome(Generic[EventT]):
    """What a command came to: facts, or a refusal."""

    facts: Sequence[EventT]
    refusal: Refusal | None = None

    def then(self, *expected: EventT) -> None:
        """Expect exactly these facts."""
        if self.refusal is not None:
            raise AssertionError(f"refused: {self.refusal.code}: {self.refusal}") from self.refusal
        if tuple(self.facts) != expected:
            raise AssertionError(f"happened: {self.facts}\nexpected: {expected}")

    def then_nothing(self) -> None:
        """Expect that it had already happened: no fact and no refusal."""
        self.then()

    def then_refused(self, kind: type[RefusalT], *, code: str | None = None) -> RefusalT:
        """Expect a refusal of exactly this kind, of this code if given; give it for a look."""
        if self.refusal is None or type(self.refusal) is not kind:
            raise AssertionError(f"not {kind.__name__}: {self.refusal or self.facts}")
        if code not in {None, self.refusal.code}:
            raise AssertionError(f"not {code}: {self.refusal.code}")
        return self.refusal
