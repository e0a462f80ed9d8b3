"""Acts on decisions: what the team heard and what follows is told to those who were asked, and what they say to it.

One thing makes the decision and the giving back together. What could tell who said something keeps it from going.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from bot import clock
from bot.content import wizard
from bot.errors import Problem
from bot.rendering import targets
from bot.services import exposing, freezing, own_zone, promises, quoting
from bot.services.acts import Actor, actor_name, require
from bot.services.broadcasts import TOLD, cancel
from bot.services.organisation import OrganisationFacts
from bot.services.permissions import FACILITATORS
from bot.services.refusals import ActRefused, AlreadyDone, NotAllowed, NotFound
from bot.services.versions import save_version
from dialogs import exposure, languages, wording
from dialogs.exposure import GroupFacts
from storage import quoted_words
from storage.broadcasts import Broadcast
from storage.cohorts import Cohort
from storage.decisions import Decision, DecisionKind
from storage.people import Person
from storage.quoted_words import OMITTED
from storage.quotes import Quote
from storage.tables import ALOUD, SHARE_BACK
from storage.unit import Unit

WIZARDS: Final[Mapping[DecisionKind, str]] = {"decision": "tell_back", "understood": "tell_understood"}
"""The wizard in which each is written; its title names the broadcast that gives it back."""
PARTS: Final[Mapping[DecisionKind, Mapping[str, int]]] = {
    "decision": {"heard": 140, "follows": 140, "who": 60},
    "understood": {"heard": 240},
}
"""The parts of each, and how many characters each part has at most."""
UNDERSTOOD: Final = "understood"
"""Key in a cohort's context: the broadcasts of which its people were asked whether they were understood."""
WHY_NOT: Final = "untold_why"
"""Key in a cohort's context: why its people are not told what came of a broadcast, by the broadcast's id."""
REASON: Final = range(3, 301)
"""How many characters such a reason has."""
LEAST: Final = 5
"""From how many people on a yes is counted."""
SOON: Final = timedelta(hours=1)
LOOKED_THROUGH: Final = 100
"""How many of what a cohort was told are looked through for a quote that is taken back."""


class ShareBackError(Problem, ActRefused):
    """Something that cannot be told as it is; nothing was written."""


@dataclass(frozen=True, slots=True)
class ShareBackOrder:
    """What was ordered: to how many people it goes, and the broadcast that gives it back."""

    people: int
    broadcast: Broadcast


def reached(unit: Unit, decision_id: UUID, by: Actor) -> Decision:
    """Return a decision of a cohort that the actor reaches; raises NotFound and NotAllowed."""
    decision = unit.decisions.get(decision_id)
    if decision is None:
        raise NotFound
    require(unit, by, FACILITATORS, targets.DECIDE, decision.cohort_id)
    return decision


def draft(
    unit: Unit, broadcast_id: UUID, kind: DecisionKind, words: Mapping[str, str], language: str, by: Actor, **how: bool
) -> Decision:
    """Write down what was heard in a broadcast and what follows, as a draft; raises NotFound, NotAllowed."""
    broadcast = unit.broadcasts.get(broadcast_id)
    if broadcast is None or broadcast.shares_back:
        raise NotFound
    require(unit, by, FACILITATORS, targets.DECIDE, broadcast.cohort_id)
    fitting = {part: _fitting(kind, part, words.get(part) or "") for part in PARTS[kind]}
    said = {part: quoting.named(unit, broadcast.cohort_id, each) for part, each in fitting.items()}
    body = {"language": language, "words": {language: said}, **how}
    decision_id = clock.new_id()
    made_by = by.id if by else None
    for before in unit.decisions.because_of(broadcast.id):
        if before.state == "draft" and before.kind == kind and before.made_by == made_by:
            unit.decisions.drop(before.id)
    unit.decisions.add(decision_id, kind, broadcast.cohort_id, broadcast.id, body, made_by)
    unit.audit.add(actor_name(by), "decision.drafted", str(decision_id), {})
    return reached(unit, decision_id, by)


def reword(unit: Unit, decision_id: UUID, language: str, part: str, words: str, by: Actor) -> Decision:
    """Say a part of a draft in other words, or in a further language.

    Raises:
        NotAllowed, NotFound: it is out of reach.
        AlreadyDone: it was sent.
        ShareBackError: the words are none, or too many.
    """
    decision = reached(unit, decision_id, by)
    before: Mapping[str, Mapping[str, str]] = decision.written.get("words") or {}
    said = {
        **(before.get(language) or {}),
        part: quoting.named(unit, decision.cohort_id, _fitting(decision.kind, part, words)),
    }
    voice = {tag: name for tag, name in (decision.body.get("voice") or {}).items() if tag != language}
    return _kept(unit, decision, {"words": {**before, language: said}, "voice": voice}, by)


def record(unit: Unit, decision_id: UUID, language: str, recording: str, by: Actor) -> Decision:
    """Keep a draft's words in somebody's voice, until they change; raises as `reword`."""
    decision = reached(unit, decision_id, by)
    return _kept(unit, decision, {"voice": {**(decision.body.get("voice") or {}), language: recording}}, by)


def toggle_figure(unit: Unit, decision_id: UUID, key: Sequence[Any], by: Actor) -> bool:
    """Tell a figure in a draft, or do not after all; return whether it is told now.

    Raises:
        NotAllowed: it is out of reach.
        NotFound: it is out of reach, or the figure is none that may leave.
        AlreadyDone: it was sent.
        ShareBackError: it tells as many as it can already.
    """
    decision = reached(unit, decision_id, by)
    told = [list(each) for each in decision.body.get(freezing.FIGURES) or ()]
    left = [each for each in told if each != list(key)]
    there = len(left) == len(told)
    if there:
        if len(told) >= freezing.MOST:
            raise ShareBackError("back.figures.most")
        broadcast = unit.broadcasts.get(decision.broadcast_id)
        found = freezing.of_broadcast(unit, broadcast) if broadcast is not None else []
        if list(key) not in [figure.key for each in found for figure in each.figures]:
            raise NotFound
        left.append(list(key))
    _kept(unit, decision, {freezing.FIGURES: left, "voice": {}}, by)
    return there


def without_stale(unit: Unit, decision: Decision, by: Actor) -> Decision:
    """Take out of a draft the figures that are not what may leave any more; raises as `reword`."""
    gone = [each.key for each in freezing.stale(unit, decision)]
    if not gone:
        return decision
    left = [each for each in decision.body.get(freezing.FIGURES) or () if list(each) not in gone]
    return _kept(unit, decision, {freezing.FIGURES: left, "voice": {}}, by)


def _kept(unit: Unit, decision: Decision, changed: Mapping[str, Any], by: Actor) -> Decision:
    if not unit.decisions.reword(decision.id, {**decision.written, **changed}):
        raise AlreadyDone
    return reached(unit, decision.id, by)


def _fitting(kind: DecisionKind, part: str, words: str) -> str:
    """Return words without spare spaces; raise ShareBackError where they are none, or too many."""
    words, most = " ".join(words.split()), PARTS[kind][part]
    if not words:
        raise ShareBackError("back.words.none")
    if len(words) > most:
        raise ShareBackError("back.words.long", most=most, length=len(words))
    return words


def drop(unit: Unit, decision_id: UUID, by: Actor) -> None:
    """Drop a draft; raises NotAllowed, NotFound, AlreadyDone."""
    decision = reached(unit, decision_id, by)
    if not unit.decisions.drop(decision.id):
        raise AlreadyDone


# What is read before it goes.


def words_in(decision: Decision, language: str) -> Mapping[str, str]:
    """Return a decision's words in a reader's language: each part in the first language of the chain that has it."""
    written: Mapping[str, Mapping[str, str]] = decision.body.get("words") or {}
    found: dict[str, str] = {}
    for part in PARTS[decision.kind]:
        texts = {tag: said[part] for tag, said in written.items() if said.get(part)}
        if texts:
            own = str(decision.body.get("language") or "")
            there = next((tag for tag in languages.chain(language) if tag in texts), own)
            found[part] = texts.get(there) or wording.choose(texts, language)
    return found


def complete(decision: Decision, language: str) -> bool:
    """Return whether every part of a decision is said in a language."""
    said = (decision.body.get("words") or {}).get(language) or {}
    return all(said.get(part) for part in PARTS[decision.kind])


def lacking(unit: Unit, decision: Decision) -> list[str]:
    """Return the members' languages that a decision is not said in, as they are called without a register."""
    there = frozenset(tag for tag in decision.body.get("words") or {} if complete(decision, tag))
    spoken = unit.memberships.languages(decision.cohort_id)
    return sorted({languages.base(tag) for tag in spoken if not languages.covers(tag, there)})


def exposed(unit: Unit, decision: Decision) -> dict[str, list[str]]:
    """Return the words that could tell who said something, by the part they stand in, in whichever language."""
    facts = _facts(unit, decision.broadcast_id)
    written: Mapping[str, Mapping[str, str]] = decision.written.get("words") or {}
    found: dict[str, list[str]] = {}
    said = [(tag, *each) for tag, parts in (decision.body.get("words") or {}).items() for each in parts.items()]
    marked = exposing.in_each(facts, [(tag, words) for tag, _, words in said])
    for (tag, part, words), exposing_words in zip(said, marked, strict=True):
        missing = [words] if quoting.missing(unit, {part: written[tag][part]}) else []
        if exposing_words or missing:
            found[part] = list(dict.fromkeys((*found.get(part, ()), *exposing_words, *missing)))
    return found


def held_by(unit: Unit, decision: Decision) -> list[Quote | None]:
    """Return the quotes that keep a decision from going: asked for and not agreed to; None for one that is gone."""
    texts = [words for said in (decision.body.get("words") or {}).values() for words in said.values()]
    withheld = quoting.of_cohort(unit, decision.cohort_id).withheld
    standing = [each for each in withheld if any(exposure.where(text, each.words) for text in texts)]
    return [*quoting.missing(unit, decision.written), *standing]


def whole(decision: Decision) -> bool:
    """Return whether nothing that a decision quotes is missing from it."""
    return str(decision.body).count(OMITTED) == str(decision.written).count(OMITTED)


def exposes(unit: Unit, broadcast_id: UUID, language: str, words: str) -> list[str]:
    """Return what of words about a broadcast, just written, could tell who said something."""
    return exposing.in_texts(_facts(unit, broadcast_id), {language: words})


def _facts(unit: Unit, broadcast_id: UUID) -> GroupFacts:
    broadcast = unit.broadcasts.get(broadcast_id)
    cohort = unit.cohorts.get(broadcast.cohort_id) if broadcast is not None else None
    if broadcast is None or cohort is None:
        return GroupFacts()
    return exposing.of_broadcast(unit, cohort, broadcast)


def few(unit: Unit, decision: Decision) -> int | None:
    """Return how many answered, where they are so few that anybody guesses who said what; None otherwise."""
    asked = unit.broadcasts.get(decision.broadcast_id)
    answered = exposing.answered(unit, asked) if asked is not None else 0
    return answered if answered < LEAST else None


def draft_of(unit: Unit, broadcast_id: UUID, by: Person) -> Decision | None:
    """Return the newest draft that somebody of the team left of a broadcast; None for none."""
    written = unit.decisions.because_of(broadcast_id)
    return next((each for each in written if each.state == "draft" and each.made_by == by.id and each.body), None)


def promised(decision: Decision) -> list[str]:
    """Return the words of a decision that promise what nobody may be able to keep."""
    said = decision.body.get("words") or {}
    return [each for tag, parts in said.items() for part in parts.values() for each in promises.words(part, tag)]


# It goes.


def send(unit: Unit, organisation: OrganisationFacts, decision_id: UUID, by: Actor) -> ShareBackOrder:
    """Tell whoever was asked and still takes part, at once or when the hours of the cohort begin.

    Raises:
        NotAllowed, NotFound: it is out of reach.
        AlreadyDone: it was sent or dropped before.
        ShareBackError: it could tell who said something, a figure is another one by now, or nobody is left to be told.
    """
    decision, asked, cohort = fit_to_go(unit, decision_id, by)
    people = unit.decisions.asked(asked.id, cohort.id)
    if not people:
        raise ShareBackError("back.nobody", cohort=cohort.name)
    told = order_back(unit, organisation, decision, asked, cohort, people, by)
    asks, number = decision.kind == "understood", len(people)
    note(unit, cohort.id, UNDERSTOOD if asks else TOLD, asked.id, there=True)
    unit.audit.add(actor_name(by), "understood.told" if asks else "decision.told", str(decision.id), {"people": number})
    return ShareBackOrder(number, told)


def fit_to_go(unit: Unit, decision_id: UUID, by: Actor) -> tuple[Decision, Broadcast, Cohort]:
    """Return a draft that may leave the team, what had been asked and of whom; raises as `send`."""
    decision = reached(unit, decision_id, by)
    asked, cohort = unit.broadcasts.get(decision.broadcast_id), unit.cohorts.get(decision.cohort_id)
    if decision.state != "draft":
        raise AlreadyDone
    if asked is None or cohort is None or not decision.body:
        raise NotFound
    unit.broadcasts.alone(cohort.id)
    unit.frozen_totals.alone()
    decision = _with_quotes(unit, decision)
    if words := exposed(unit, decision):
        raise ShareBackError("back.exposes", words=[each for marked in words.values() for each in marked])
    if freezing.stale(unit, decision):
        raise ShareBackError("back.figures.changed")
    return decision, asked, cohort


def _with_quotes(unit: Unit, decision: Decision) -> Decision:
    """Name in a draft what was agreed to since it was written."""
    before: Mapping[str, Mapping[str, str]] = decision.written.get("words") or {}
    words = {
        tag: {part: quoting.named(unit, decision.cohort_id, each) for part, each in said.items()}
        for tag, said in before.items()
    }
    if words != before:
        unit.decisions.reword(decision.id, {**decision.written, "words": words})
    return unit.decisions.get(decision.id) or decision


def hold_back(unit: Unit, quote: Quote) -> list[Decision]:
    """Stop what quotes somebody who takes it back, and was not sent to everybody yet; return what had been told.

    What was sent to nobody is a draft again, and owed.
    """
    found = unit.decisions.told_to([quote.cohort_id], LOOKED_THROUGH)
    told = [each for each in found if quote.id in quoted_words.named(each.written)]
    return [each for each in told if not _stopped(unit, each)]


def stop_incomplete(unit: Unit, decision: Decision) -> bool:
    """Stop a decision on its way that quotes what may not be told any more; return whether it was."""
    if not quoting.missing(unit, decision.written):
        return False
    _stopped(unit, decision)
    return True


def _stopped(unit: Unit, decision: Decision) -> bool:
    """Stop what is still to be sent of a decision; return whether it had been sent to nobody, and is a draft again."""
    back = decision.share_back_id
    if back is None:
        return False
    if unit.broadcasts.cancel(back):
        unit.following.withdraw(back)
    unit.decisions.withdraw(back)
    told = unit.broadcasts.get(back)
    if unit.following.progress(back).sent or (told is not None and told.aloud and told.closed_at):  # or read aloud
        return False
    unit.decisions.untell(decision.id)
    note(unit, decision.cohort_id, TOLD if decision.kind == "decision" else UNDERSTOOD, decision.broadcast_id)
    return True


def order_back(
    unit: Unit,
    organisation: OrganisationFacts,
    decision: Decision,
    asked: Broadcast,
    cohort: Cohort,
    people: Sequence[UUID],
    by: Actor,
) -> Broadcast:
    """Order that a draft is given back, by phones or to nobody's: what it tells is fixed."""
    freezing.freeze(unit, decision, by.id if by else None)
    named = wizard(WIZARDS[decision.kind])
    save_version(unit, named)
    moment = organisation.sends_from(unit, cohort, unit.now)
    broadcast_id = clock.new_id()
    unit.broadcasts.order(
        broadcast_id,
        f"{SHARE_BACK if people else ALOUD}{decision.id.hex}:{broadcast_id.hex}",
        named.version,
        cohort.id,
        purpose={},  # it is told for what it was asked: that card is stored
        purpose_id=asked.purpose_id,
        ordered_by=by.id if by else None,
        due_at=moment,
        people=[(clock.new_id(), each, at) for each, at in own_zone.moments(unit, cohort, people, moment).items()],
    )
    found = unit.broadcasts.get(broadcast_id)
    assert found is not None
    unit.decisions.tell(decision.id, found.id)
    return found


def take_back(unit: Unit, decision_id: UUID, by: Actor) -> int:
    """Stop what was not sent yet; return to how many people it was sent. Of nobody: it is a draft again.

    Raises:
        NotAllowed, NotFound: it is out of reach.
        AlreadyDone: it was stopped before, or never sent.
    """
    decision = reached(unit, decision_id, by)
    if decision.share_back_id is None or not cancel(unit, decision.share_back_id, by):
        raise AlreadyDone
    unit.decisions.withdraw(decision.share_back_id)
    sent = unit.following.progress(decision.share_back_id).sent
    if not sent:
        unit.decisions.untell(decision.id)
        note(unit, decision.cohort_id, TOLD if decision.kind == "decision" else UNDERSTOOD, decision.broadcast_id)
    return sent


def stop(unit: Unit, broadcast_id: UUID, by: Actor) -> None:
    """Cancel a broadcast, whether it asks or gives back; raises NotAllowed, and AlreadyDone if it was cancelled."""
    decision = unit.decisions.given_by(broadcast_id)
    if decision is not None:
        take_back(unit, decision.id, by)
    elif not cancel(unit, broadcast_id, by):
        raise AlreadyDone


def note(unit: Unit, cohort_id: UUID, key: str, broadcast_id: UUID, *, there: bool = False) -> None:
    """Note in a cohort's context that its people were told of a broadcast, or that they were not after all."""
    cohort = unit.cohorts.get(cohort_id)
    if cohort is not None:
        kept = [name for name in cohort.context.get(key) or () if name != broadcast_id.hex]
        kept += [broadcast_id.hex] if there else []
        unit.cohorts.change(replace(cohort, context={**cohort.context, key: kept}))


def say_why_not(unit: Unit, broadcast_id: UUID, reason: str, by: Actor) -> str:
    """Write down why people are not told what came of a broadcast; raises NotAllowed, NotFound, ShareBackError."""
    broadcast = unit.broadcasts.get(broadcast_id)
    cohort = unit.cohorts.get(broadcast.cohort_id) if broadcast is not None else None
    if broadcast is None or cohort is None:
        raise NotFound
    require(unit, by, FACILITATORS, targets.TOLD, cohort.id)
    reason = " ".join(reason.split())
    if len(reason) not in REASON:
        raise ShareBackError("back.why_not.words")
    why = {**(cohort.context.get(WHY_NOT) or {}), broadcast_id.hex: reason}
    unit.cohorts.change(replace(cohort, context={**cohort.context, WHY_NOT: why}))
    unit.audit.add(actor_name(by), "broadcast.not_told", str(broadcast_id), {})
    return reason


def take_back_why_not(unit: Unit, broadcast_id: UUID, by: Actor) -> None:
    """Take such a reason back, so that the people are to be told after all; raises NotAllowed."""
    broadcast = unit.broadcasts.get(broadcast_id)
    cohort = unit.cohorts.get(broadcast.cohort_id) if broadcast is not None else None
    if cohort is None:
        raise NotAllowed(targets.TOLD)
    require(unit, by, FACILITATORS, targets.TOLD, cohort.id)
    why = {name: words for name, words in (cohort.context.get(WHY_NOT) or {}).items() if name != broadcast_id.hex}
    unit.cohorts.change(replace(cohort, context={**cohort.context, WHY_NOT: why}))
    unit.audit.add(actor_name(by), "broadcast.untold", str(broadcast_id), {})


# What ties it to what was said.


def toggle_moved(unit: Unit, decision_id: UUID, place: int, run: str, by: Actor) -> bool:
    """Say that somebody's answers moved a decision, or did not after all.

    Args:
        unit: the transaction.
        decision_id: the decision.
        place: which of the answers to what was asked.
        run: how the id of their run begins: somebody may have been erased since.
        by: the actor.

    Returns:
        Whether they do now.

    Raises:
        NotAllowed, NotFound: it is out of reach.
        AlreadyDone: it was sent.
    """
    decision = reached(unit, decision_id, by)
    if decision.state != "draft":
        raise AlreadyDone
    answered = unit.readings.of_broadcast(decision.broadcast_id)
    found = answered[place] if place < len(answered) else None
    if found is None or not found.run_id.hex.startswith(run):
        raise NotFound
    if unit.decisions.unlink(decision.id, found.person_id, "moved"):
        return False
    unit.decisions.link(clock.new_id(), decision.id, found.person_id, "moved", run_id=found.run_id)
    return True


def settled(context: Mapping[str, Any], broadcast_id: UUID) -> bool:
    """Return whether something was given back of a broadcast, or it was written down why not."""
    return any(broadcast_id.hex in (context.get(key) or ()) for key in (TOLD, UNDERSTOOD, WHY_NOT))
