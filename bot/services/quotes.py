"""Acts on quotes: words of an answer go further than the team only with their teller's yes to exactly these words.

One of the team marks a passage or says it in other words; whoever said it is asked, may change it, and can take a yes
back at any time.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from bot import clock
from bot.content import wizard
from bot.errors import Problem
from bot.rendering import targets
from bot.services import group_record, own_zone, share_backs
from bot.services.acts import Actor, actor_name, require
from bot.services.minors import is_minor
from bot.services.organisation import OrganisationFacts
from bot.services.permissions import FACILITATORS
from bot.services.refusals import ActRefused, AlreadyDone, NotFound
from bot.services.versions import save_version
from storage.decisions import Decision
from storage.people import Person
from storage.quotes import Quote
from storage.runs import RunRow
from storage.tables import QUOTE_ASKED
from storage.unit import Unit

WIZARD: Final = "quote_new"
"""The wizard in which a quote is written; its title names the broadcast that asks for it."""
WORDS: Final = 3
"""A quote has at least so many words: fewer could be anybody's."""
LONGEST: Final = 120
"""Characters of a quote: with what is said around it, it fits the part of a decision that says what was heard."""


class QuoteError(Problem, ActRefused):
    """Words that cannot be asked for as they are."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A yes that was taken back, and what had been told with it by then.

    `copied` says that the group's record was written out since: copies of it may have these words.
    """

    quote: Quote
    told: list[Decision]
    copied: bool = False


def reached(unit: Unit, quote_id: UUID, by: Actor) -> Quote:
    """Return a quote of a cohort that the actor reaches; raises NotFound and NotAllowed."""
    quote = unit.quotes.get(quote_id)
    if quote is None:
        raise NotFound
    require(unit, by, FACILITATORS, targets.QUOTE, quote.cohort_id)
    return quote


def check(unit: Unit, by: Actor, teller: Person, row: RunRow) -> UUID:
    """Return the cohort in which somebody may be asked for a quote.

    Raises:
        NotAllowed: the actor may not, or does not reach the cohort.
        QuoteError: the teller is under eighteen, takes a break, or takes part no more.
    """
    if row.cohort_id is None:
        raise NotFound
    require(unit, by, FACILITATORS, targets.QUOTE, row.cohort_id)
    if is_minor(teller):
        raise QuoteError("quote.minor")
    if teller.participation != "active" or row.cohort_id not in unit.memberships.of(teller.id):
        raise QuoteError("quote.away")
    return row.cohort_id


def draft(unit: Unit, by: Actor, teller: Person, row: RunRow, path: str, words: str) -> Quote:
    """Write down words of an answer as they would be told; raises as `check`, and QuoteError for words that are none.

    Args:
        unit: the transaction.
        by: the actor.
        teller: whose answer it is.
        row: the run it is in.
        path: the name of its question.
        words: the words.
    """
    cohort_id = check(unit, by, teller, row)
    quote_id = clock.new_id()
    said = fitting(words)
    unit.quotes.add(quote_id, teller, cohort_id, row.id, path, said, row.language, by.id if by else None)
    return reached(unit, quote_id, by)


def fitting(words: str) -> str:
    """Return words without spare spaces and without quotation marks around them; raises QuoteError."""
    said = " ".join(words.split()).strip("«»\"\u201c\u201d' ")
    if len(said.split()) < WORDS or "{" in said:
        raise QuoteError("quote.words.few", least=WORDS)
    if len(said) > LONGEST:
        raise QuoteError("quote.words.long", most=LONGEST, length=len(said))
    return said


def ask(unit: Unit, organisation: OrganisationFacts, quote_id: UUID, by: Actor) -> Quote:
    """Ask whoever said it, at once or when the hours begin.

    It goes as what is given back does: within the hours and the week of whoever it is for.

    Raises:
        NotAllowed, NotFound: it is out of reach.
        AlreadyDone: it was asked before.
        QuoteError: as `check`.
    """
    quote = reached(unit, quote_id, by)
    teller, cohort = unit.people.get(quote.person_id), unit.cohorts.get(quote.cohort_id)
    row = unit.runs.read(quote.run_id, teller) if teller is not None else None
    if teller is None or row is None or cohort is None:
        raise NotFound
    check(unit, by, teller, row)
    if quote.state != "draft":
        raise AlreadyDone
    asked = unit.broadcasts.get(row.broadcast_id) if row.broadcast_id else None
    named, broadcast_id = wizard(WIZARD), clock.new_id()
    save_version(unit, named)
    moment = organisation.sends_from(unit, cohort, unit.now)
    people = own_zone.moments(unit, cohort, [teller.id], moment)
    unit.broadcasts.order(
        broadcast_id,
        f"{QUOTE_ASKED}{quote.id.hex}",
        named.version,
        cohort.id,
        purpose={},
        purpose_id=asked.purpose_id if asked is not None else clock.new_id(),
        ordered_by=by.id if by else None,
        due_at=moment,
        people=[(clock.new_id(), each, at) for each, at in people.items()],
    )
    unit.quotes.ask(quote.id, broadcast_id)
    unit.audit.add(actor_name(by), "quoting.asked", str(quote.run_id), {"quote": str(quote.id)})
    return reached(unit, quote.id, by)


def of_answer(unit: Unit, row: RunRow, path: str) -> Quote | None:
    """Return the newest quote that somebody was asked for of an answer; None for none."""
    hashed = unit.signs.path_of(row.id, path)
    return next((each for each in unit.quotes.of_run(row.id) if each.path == hashed and each.state != "draft"), None)


# What its teller says.


def own(unit: Unit, person: Person, quote_id: UUID) -> Quote:
    """Return a quote of somebody's own that they were asked for; raises NotFound."""
    quote = unit.quotes.get(quote_id)
    if quote is None or quote.person_id != person.id or quote.state == "draft" or not quote.words:
        raise NotFound
    return quote


def all_own(unit: Unit, person: Person) -> list[Quote]:
    """Return what somebody was asked for, the newest first."""
    return [each for each in unit.quotes.of(person.id) if each.state != "draft" and each.words]


def reword(unit: Unit, person: Person, quote_id: UUID, words: str) -> Quote:
    """Let its teller say it in other words, to which nothing is agreed yet.

    Raises:
        NotFound: it is not theirs.
        AlreadyDone: it was agreed to or taken back.
        QuoteError: the words are none, or too many.
    """
    quote = own(unit, person, quote_id)
    if not unit.quotes.reword(quote, person, fitting(words)):
        raise AlreadyDone
    return own(unit, person, quote_id)


def agree(unit: Unit, person: Person, quote_id: UUID) -> Quote:
    """Keep its teller's yes to exactly these words; raises NotFound, and QuoteError for whoever is under eighteen."""
    quote = own(unit, person, quote_id)
    if is_minor(person):
        raise QuoteError("quote.minor.own")
    if unit.quotes.answer(quote.id, "yes"):
        unit.audit.add(str(person.id), "quoting.agreed", str(quote.run_id), {"quote": str(quote.id)})
    return own(unit, person, quote_id)


def refuse(unit: Unit, person: Person, quote_id: UUID) -> Quote:
    """Keep its teller's no; raises NotFound."""
    quote = own(unit, person, quote_id)
    if unit.quotes.answer(quote.id, "no"):
        unit.audit.add(str(person.id), "quoting.refused", str(quote.run_id), {"quote": str(quote.id)})
    return own(unit, person, quote_id)


def take_back(unit: Unit, person: Person, quote_id: UUID) -> TakenBack:
    """Take a yes back: what quotes it and was not sent yet is held back. Raises NotFound and AlreadyDone."""
    quote = own(unit, person, quote_id)
    if not unit.quotes.answer(quote.id, "back"):
        raise AlreadyDone
    told = share_backs.hold_back(unit, quote)
    unit.audit.add(str(person.id), "quoting.taken_back", str(quote.run_id), {"quote": str(quote.id)})
    since = min((each.told_at or each.made_at for each in told), default=None)
    copied = since is not None and bool(unit.audit.done(group_record.WRITTEN, since, [str(quote.cohort_id)]))
    return TakenBack(own(unit, person, quote_id), told, copied)


def hold_back_all(unit: Unit, person: Person) -> None:
    """Hold back whatever quotes somebody who is being erased and was not sent yet."""
    for quote in unit.quotes.of(person.id):
        if quote.state == "yes":
            share_backs.hold_back(unit, quote)
