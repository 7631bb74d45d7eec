"""What the clock may say of a step of review: its term was over, or a new calendar moved it."""

from collections.abc import Sequence
from dataclasses import replace

from contracts.intake import ReviewEvent, ReviewOverdue, ReviewTermMoved, Term
from services.intake.project.decider import Dossier, Project
from services.intake.review.commands import RecountTerm, TellOverdue, TermCommand
from services.intake.review.states import Review, open_term, with_running


def tell_overdue(ask: TellOverdue, project: Project, review: Review) -> Sequence[ReviewEvent]:
    """Tell once that a term was over; what moved on, is not red yet or was told stays quiet."""
    term = _running(ask, project, review)
    if term is None or ask.on < term.red_from:
        return []
    return [ReviewOverdue(project_id=ask.project_id, level=ask.level, due=term.due, told_on=ask.on)]


def recount_term(ask: RecountTerm, project: Project, review: Review) -> Sequence[ReviewEvent]:
    """Move a running term to the days of a newer calendar; what is over stays over."""
    old = _running(ask, project, review)
    if old is None or old.red_from <= ask.on or old.start != ask.new.start:
        return []
    # Who comes late with an older calendar would move it back.
    if ask.new.calendar <= old.calendar or _same_days(old, ask.new):
        return []
    return [ReviewTermMoved(project_id=ask.project_id, level=ask.level, old=old, new=ask.new)]


def _running(ask: TermCommand, project: Project, review: Review) -> Term | None:
    """Give the term that is asked about, unless its step is over or it was told overdue."""
    running = open_term(review)
    if running is None or running.holder is not ask.level or running.overdue_told:
        return None
    return (running.term or ask.counted) if isinstance(project, Dossier) else None


def _same_days(old: Term, new: Term) -> bool:
    return old == new.model_copy(update={"calendar": old.calendar})


def with_overdue_told(review: Review) -> Review:
    """Take in that a term was over."""
    running = open_term(review)
    return with_running(review, replace(running, overdue_told=True)) if running else review


def with_days(review: Review, term: Term) -> Review:
    """Take in the new days of a term."""
    running = open_term(review)
    return with_running(review, replace(running, term=term)) if running else review
