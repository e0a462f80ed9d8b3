"""Signs: by what a group can tell, in its own words, that something gets better or does harm, and how each stands.

The group's own word comes first: what it answered when it was asked, or what was typed from an assembly. The team's is
put beside it, with reasons, and never over it. Another wording is another sign: what was said by the old one stays.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bot import clock
from bot.errors import Problem
from bot.rendering import targets
from bot.rendering.texts import Texts, shorten
from bot.services import kept_back, totals
from bot.services.acts import Actor, actor_name, require
from bot.services.organisation import local_zone
from bot.services.permissions import ADMINS_OF_ALL, FACILITATORS
from bot.services.purposes import UNNAMED
from bot.services.refusals import ActRefused, AlreadyDone, NotFound
from bot.services.totals import QuestionTotal
from bot.services.versions import save_version
from dialogs import question_forms
from dialogs.model import Choice, Dialog
from storage.broadcasts import Broadcast
from storage.cohorts import Cohort
from storage.decisions import Decision
from storage.people import Person
from storage.runs import RunRow
from storage.signs import Judgement, Kind, Laid, SaidBy, Sign
from storage.unit import Unit

ON: Final = "signs"
"""Key in a cohort's context: whether an admin switched signs on for it."""
SHORTEST: Final = 3
LONGEST: Final = 160
"""Characters of a sign: a group says it in a sentence."""
SAID_LONGEST: Final = 300
MOST: Final = 12
"""Signs that a cohort has at one time: more, nobody would go by."""
VALUES: Final[dict[str, tuple[str, ...]]] = {
    "better": ("there", "begins", "same", "less", "unknown"),
    "harm": ("absent", "some", "often", "more", "unknown"),
}
"""How a sign can stand, by its kind."""
EVERY: Final = {"month": 30, "quarter": 91, "half": 182}
"""After how many days a sign of harm is looked at again."""
STANDS: Final = "stands"
"""The question that asks how a sign stands; `SEEN` asks by what one sees it."""
SEEN: Final = "seen"
DECISIONS: Final = 20
"""How many of a group's decisions are looked through for those that a sign led to."""
SLIP: Final = timedelta(hours=1)
"""How long whoever wrote something down is offered to take it back."""
_TITLE: Final = 40

DialogOf = Callable[[str], Dialog]
"""Returns the dialog of a version's hash."""


class SignError(Problem, ActRefused):
    """A sign, or a word on one, that cannot be as it was given."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The group's own word as it was asked for: the broadcast, and how many said what."""

    broadcast: Broadcast
    total: QuestionTotal


@dataclass(frozen=True, slots=True)
class GroupWord:
    """The group's own word on a sign, asked for or typed from an assembly, and the day it is of."""

    said_on: date
    beside_id: UUID
    asked: Asked | None = None
    judged: Judgement | None = None


def is_on(cohort: Cohort) -> bool:
    """Return whether signs are switched on for a cohort."""
    return bool(cohort.context.get(ON))


def switch(unit: Unit, by: Actor, cohort: Cohort, *, on: bool) -> Cohort:
    """Switch signs on or off for a cohort; what was written stays. Raises NotAllowed."""
    require(unit, by, ADMINS_OF_ALL, targets.SIGNS_ON, cohort.id)
    if is_on(cohort) == on:
        return cohort
    changed = replace(cohort, context={**cohort.context, ON: on})
    unit.cohorts.change(changed)
    unit.audit.add(actor_name(by), "group_sign.on" if on else "group_sign.off", str(cohort.id), {})
    return changed


def in_use(unit: Unit, cohorts: Collection[Cohort]) -> list[Sign]:
    """Return the signs that some cohorts go by now, those of harm last; nothing is read where none are switched on."""
    using = [each.id for each in cohorts if is_on(each)]
    found = [each for each in unit.signs.of(using) if each.ended_at is None] if using else []
    return sorted(found, key=lambda each: each.kind)


def reached(unit: Unit, by: Actor, sign_id: UUID) -> Sign:
    """Return a sign that the actor reaches.

    Raises:
        NotFound: there is none.
        NotAllowed: the actor may not, or does not reach its cohort.
    """
    sign = unit.signs.get(sign_id)
    if sign is None:
        raise NotFound
    require(unit, by, FACILITATORS, targets.SIGN, sign.cohort_id)
    return sign


def add(unit: Unit, by: Actor, cohort: Cohort, kind: Kind, words: str, every: str = "quarter") -> Sign:
    """Write down a sign of a cohort; one of harm is looked at again after `every` (of `EVERY`).

    Raises:
        NotAllowed: the actor may not, or does not reach the cohort.
        SignError: signs are not switched on, there are too many, or the words are none.
    """
    require(unit, by, FACILITATORS, targets.SIGN_NEW, cohort.id)
    if not is_on(cohort):
        raise SignError("sign.off")
    if len(in_use(unit, [cohort])) >= MOST:
        raise SignError("sign.many", most=MOST)
    sign_id = clock.new_id()
    said = _words(words)
    unit.signs.add(sign_id, cohort.id, kind, said, by.id if by else None)
    kept_back.written(unit, cohort, [(UNNAMED, said)])
    if kind == "harm":
        days = EVERY.get(every, EVERY["quarter"])
        unit.signs.look(sign_id, today(unit, cohort) + timedelta(days=days), days)
    unit.audit.add(actor_name(by), "group_sign.added", str(sign_id), {})
    return _now(unit, sign_id)


def reword(unit: Unit, by: Actor, sign_id: UUID, words: str) -> Sign:
    """Word a sign anew, as another one: what was said by the old one stays with it.

    Raises:
        NotAllowed, NotFound: as `reached`.
        AlreadyDone: it was worded anew or given up before.
        SignError: the words are none.
    """
    sign = reached(unit, by, sign_id)
    if sign.ended_at is not None:
        raise AlreadyDone
    said = _words(words)
    if said == sign.words:
        return sign
    fresh = clock.new_id()
    unit.signs.add(fresh, sign.cohort_id, sign.kind, said, by.id if by else None, former_id=sign.id)
    unit.signs.look(fresh, sign.look_on, sign.look_every)
    unit.signs.end(sign.id)
    _kept_back(unit, sign, said)
    unit.audit.add(actor_name(by), "group_sign.reworded", str(fresh), {"former": str(sign.id)})
    return _now(unit, fresh)


def give_up(unit: Unit, by: Actor, sign_id: UUID) -> Sign:
    """Go by a sign no more; what was said by it stays. Raises as `reword`."""
    sign = reached(unit, by, sign_id)
    if sign.ended_at is not None:
        raise AlreadyDone
    unit.signs.end(sign.id)
    unit.audit.add(actor_name(by), "group_sign.given_up", str(sign.id), {})
    return _now(unit, sign.id)


def take_up(unit: Unit, by: Actor, sign_id: UUID) -> Sign:
    """Go by a sign again that was given up; raises as `reword`, also for one that was worded anew."""
    sign = reached(unit, by, sign_id)
    if sign.ended_at is None or any(each.former_id == sign.id for each in unit.signs.of([sign.cohort_id])):
        raise AlreadyDone
    unit.signs.revive(sign.id)
    unit.audit.add(actor_name(by), "group_sign.taken_up", str(sign.id), {})
    return _now(unit, sign.id)


def history(unit: Unit, sign: Sign) -> list[Sign]:
    """Return a sign and its former wordings, the newest first."""
    known = {each.id: each for each in unit.signs.of([sign.cohort_id])}
    found = [sign]
    while (former := known.get(found[-1].former_id) if found[-1].former_id else None) is not None:
        found.append(former)
    return found


# Harm is looked at again.


def look_again(unit: Unit, by: Actor, sign_id: UUID, every: str) -> Sign:
    """Set when a sign of harm is looked at again; raises as `reached`."""
    sign = reached(unit, by, sign_id)
    days = EVERY.get(every, EVERY["quarter"])
    unit.signs.look(sign.id, _today(unit, sign) + timedelta(days=days), days)
    unit.audit.add(actor_name(by), "group_sign.looked", str(sign.id), {"days": days})
    return _now(unit, sign.id)


def to_look_at(unit: Unit, cohorts: Collection[Cohort]) -> list[Sign]:
    """Return the signs of some cohorts whose day to be looked at again has come, the longest waiting first."""
    found = [each for each in in_use(unit, cohorts) if each.look_on is not None and each.look_on <= _today(unit, each)]
    return sorted(found, key=lambda each: each.look_on or date.max)


def today(unit: Unit, cohort: Cohort | None) -> date:
    """Return the day it is where a cohort lives."""
    return unit.now.astimezone(ZoneInfo(local_zone(unit, cohort=cohort))).date()


def _today(unit: Unit, sign: Sign) -> date:
    return today(unit, unit.cohorts.get(sign.cohort_id))


# The group's own word.


def question(texts: Texts, sign: Sign) -> Dialog:
    """Return what asks a group how one of its signs stands, and by what one sees it."""
    tags = texts.languages

    def said(code: str) -> dict[str, str]:
        return {tag: texts.say(code, tag, words=sign.words) for tag in tags}

    choices = [Choice(value, said(f"sign.value.{value}")) for value in VALUES[sign.kind]]
    return Dialog(
        name=name_of(sign),
        kind="check_in",
        title=dict.fromkeys(tags, shorten(sign.words, _TITLE)),
        why=said("sign.card.why"),
        minutes=1,
        languages=tags,
        steps=(
            question_forms.make_choice(STANDS, said(f"sign.ask.{sign.kind}"), {}, choices),
            question_forms.make_open_question(SEEN, said("sign.ask.seen"), {}),
        ),
    )


def name_of(sign: Sign) -> str:
    """Return the name of the dialog that asks how a sign stands: another wording has another one."""
    return f"sign_{sign.id.hex[-12:]}"


def card(texts: Texts, language: str) -> dict[str, Any]:
    """Return the purpose card with which a group is asked, in every language of the product."""
    further = {tag: _card_in(texts, tag) for tag in texts.languages if tag != language}
    return {**_card_in(texts, language), "language": language, "in": further, "until": "once"}


def _card_in(texts: Texts, tag: str) -> dict[str, str]:
    return {key: texts.say(f"sign.card.{key}", tag) for key in ("why", "use")}


def to_ask(unit: Unit, by: Person, texts: Texts, sign_id: UUID) -> tuple[Sign, Dialog]:
    """Store what asks the group for its own word, so that it can be ordered like any dialog; raises as `reword`."""
    sign = reached(unit, by, sign_id)
    if sign.ended_at is not None:
        raise AlreadyDone
    dialog = question(texts, sign)
    known = unit.own_dialogs.find(dialog.name)
    if known is None or known.hash != dialog.version:
        save_version(unit, dialog)
        unit.own_dialogs.save(dialog.name, dialog.version, None, by.id, sign.cohort_id)
        unit.audit.add(str(by.id), "dialog.changed", dialog.name, {"version": dialog.version})
    return sign, dialog


def asked(unit: Unit, sign: Sign, dialog_of: DialogOf) -> list[Asked]:
    """Return when the group was asked about a sign in its own words, the newest first, and how many said what.

    A question that somebody worded anew in the library asks about something else.
    """
    found = []
    for broadcast in unit.broadcasts.list([sign.cohort_id]):
        dialog = dialog_of(broadcast.dialog_hash)
        if dialog.name != name_of(sign) or not any(sign.words in each for each in dialog.steps[0].label.values()):
            continue
        total = next((each for each in totals.of_broadcast(unit, broadcast, dialog) if each.step.name == STANDS), None)
        if total is not None and broadcast.cancelled_at is None:
            found.append(Asked(broadcast, total))
    return found


def group_words(unit: Unit, sign: Sign, dialog_of: DialogOf) -> list[GroupWord]:
    """Return the group's own words on a sign, asked for or typed, the newest first.

    What fewer than three answered is no group's word.
    """
    zone = ZoneInfo(local_zone(unit, cohort=unit.cohorts.get(sign.cohort_id)))
    found = [
        GroupWord(each.broadcast.due_at.astimezone(zone).date(), each.broadcast.id, asked=each)
        for each in asked(unit, sign, dialog_of)
        if each.total.told
    ]
    typed = (each for each in unit.signs.judgements([sign.id]) if each.said_by == "group")
    found += [GroupWord(each.said_on, each.id, judged=each) for each in typed]
    return sorted(found, key=lambda each: each.said_on, reverse=True)


def said_by_group(
    unit: Unit, by: Actor, sign_id: UUID, value: str, words: str, against: str, present: int
) -> Judgement:
    """Write down what a group said together on how a sign stands: what for, what against, how many were there.

    Raises:
        NotAllowed, NotFound: as `reached`.
        SignError: nobody was there, or it cannot stand so.
    """
    if present < 1:
        raise SignError("sign.nobody")
    sign = reached(unit, by, sign_id)
    return _judged(unit, by, sign, "group", value, words, against=against, present=present)


# The team's, beside it.


def judged_by_team(unit: Unit, by: Actor, sign_id: UUID, value: str, reasons: str, dialog_of: DialogOf) -> Judgement:
    """Put the team's word beside the group's newest one, with its reasons.

    Raises:
        NotAllowed, NotFound: as `reached`.
        SignError: the group has not said anything yet, no reasons are given, or it cannot stand so.
    """
    sign = reached(unit, by, sign_id)
    said = group_words(unit, sign, dialog_of)
    if not said:
        raise SignError("sign.group_first")
    if not reasons.strip():
        raise SignError("sign.reasons")
    return _judged(unit, by, sign, "team", value, reasons, beside_id=said[0].beside_id)


def judged(unit: Unit, sign: Sign, said_by: SaidBy) -> list[Judgement]:
    """Return what the group, or the team, was noted to say on a sign, the newest first."""
    return [each for each in unit.signs.judgements([sign.id]) if each.said_by == said_by]


def slip_of(unit: Unit, by: Person, sign: Sign) -> Judgement | None:
    """Return the newest judgement on a sign where somebody wrote it so lately that it may be a slip."""
    newest = max(unit.signs.judgements([sign.id]), key=lambda each: each.written_at, default=None)
    if newest is None or newest.written_by != by.id or unit.now - newest.written_at > SLIP:
        return None
    return newest


def take_back(unit: Unit, by: Actor, judgement_id: UUID) -> Sign:
    """Take back what was judged, as a slip; raises as `reached`, and AlreadyDone."""
    found = unit.signs.judgement(judgement_id)
    if found is None:
        raise NotFound
    sign = reached(unit, by, found.sign_id)
    if not unit.signs.take_back(found.id):
        raise AlreadyDone
    unit.audit.add(actor_name(by), "group_sign.taken_back", str(sign.id), {"judgement": str(found.id)})
    return sign


def _judged(
    unit: Unit,
    by: Actor,
    sign: Sign,
    said_by: SaidBy,
    value: str,
    words: str,
    *,
    against: str = "",
    present: int | None = None,
    beside_id: UUID | None = None,
) -> Judgement:
    if sign.ended_at is not None:
        raise AlreadyDone
    if value not in VALUES[sign.kind]:
        raise SignError("sign.value.none")
    day = _today(unit, sign)
    said = (" ".join(words.split())[:SAID_LONGEST], " ".join(against.split())[:SAID_LONGEST])
    who = by.id if by else None
    found = Judgement(
        *(clock.new_id(), sign.id, said_by, value, *said, present, day, beside_id, who),
        written_at=unit.now,
        taken_back_at=None,
    )
    unit.signs.judge(found)
    _kept_back(unit, sign, *said)
    if sign.look_every is not None and sign.look_on is not None and sign.look_on <= day:
        unit.signs.look(sign.id, day + timedelta(days=sign.look_every), sign.look_every)
    own = present is not None
    noted = {"judgement": str(found.id)}
    unit.audit.add(actor_name(by), "group_sign.said" if own else "group_sign.judged", str(sign.id), noted)
    return found


def _kept_back(unit: Unit, sign: Sign, *said: str) -> None:
    """Note what could expose somebody of words on a sign."""
    cohort = unit.cohorts.get(sign.cohort_id)
    if cohort is not None:
        kept_back.written(unit, cohort, [(UNNAMED, words) for words in said])


# What was told, beside it.


def lay(unit: Unit, by: Actor, sign_id: UUID, row: RunRow, path: str) -> bool:
    """Lay an answer of a run beside a sign; return False when it lies there.

    Raises:
        NotAllowed, NotFound: as `reached`.
        SignError: the run is of another group: the same answer may mean something else there.
    """
    sign = reached(unit, by, sign_id)
    if row.cohort_id != sign.cohort_id:
        raise SignError("sign.other_group")
    if not unit.signs.lay(clock.new_id(), sign.id, row.person_id, row.id, path, by.id if by else None):
        return False
    unit.audit.add(actor_name(by), "group_sign.laid", str(sign.id), {"run": str(row.id)})
    return True


def lift(unit: Unit, by: Actor, sign_id: UUID, run_id: UUID, path: str) -> bool:
    """Lift an answer from beside a sign; return False when it does not lie there. Raises as `reached`."""
    sign = reached(unit, by, sign_id)
    if not unit.signs.lift(sign.id, run_id, path):
        return False
    unit.audit.add(actor_name(by), "group_sign.lifted", str(sign.id), {"run": str(run_id)})
    return True


def beside(unit: Unit, sign: Sign) -> tuple[list[Laid], int]:
    """Return what lies beside a sign, and how much that was laid there is not there any more."""
    found = unit.signs.beside(sign.id)
    return found, max(0, sign.laid - len(found))


def decided(unit: Unit, sign: Sign, dialog_of: DialogOf) -> list[Decision]:
    """Return what was decided and told because of what lies beside a sign, or of what the group said of it."""
    runs = {each.run_id for each in unit.signs.beside(sign.id)}
    asked_in = {each.broadcast.id for each in asked(unit, sign, dialog_of)}
    if not runs and not asked_in:
        return []
    return [
        each
        for each in unit.decisions.told_to([sign.cohort_id], DECISIONS)
        if each.kind == "decision"
        and (each.broadcast_id in asked_in or runs & {link.run_id for link in unit.decisions.links(each.id)})
    ]


def to_understand(unit: Unit, sign: Sign, dialog_of: DialogOf) -> Broadcast | None:
    """Return the newest broadcast by which one judges a sign: that asked about it, or of what was laid beside it."""
    found = [each.broadcast for each in asked(unit, sign, dialog_of) if each.total.people][:1]
    laid = (_asked_in(unit, each) for each in unit.signs.beside(sign.id))
    found += islice(filter(None, laid), 1)
    return max(found, key=lambda each: each.due_at, default=None)


def _asked_in(unit: Unit, laid: Laid) -> Broadcast | None:
    teller = unit.people.get(laid.person_id)
    row = unit.runs.read(laid.run_id, teller) if teller is not None else None
    return unit.broadcasts.get(row.broadcast_id) if row is not None and row.broadcast_id is not None else None


def _words(words: str) -> str:
    said = " ".join(words.split())
    if not SHORTEST <= len(said) <= LONGEST or "${" in said:  # a blank of a dialog
        raise SignError("sign.words", most=LONGEST)
    return said


def _now(unit: Unit, sign_id: UUID) -> Sign:
    found = unit.signs.get(sign_id)
    if found is None:
        raise NotFound
    return found
