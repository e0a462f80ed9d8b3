"""A decision: its last look before it goes, how it was told, and what was said to it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final
from uuid import UUID

from bot.conversation.actions import Action, Begin, Next, handles
from bot.conversation.screen import LABEL, Pager, Screen
from bot.messengers.port import Button
from bot.participant import share_back, waiting
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.speech import RECORDED, media_of, rows
from bot.rendering.texts import shorten
from bot.services import aloud, freezing, hand_notices, promises, said_back, share_backs
from bot.services.permissions import FACILITATORS, cohorts_of
from bot.services.refusals import AlreadyDone, NotFound
from bot.services.share_backs import PARTS, WIZARDS, ShareBackError
from bot.team.answers import what_came
from bot.team.answers.figures import FiguresOf
from bot.team.answers.telling import TASK_BROADCAST, TOLD
from bot.team.home import today
from bot.team.kit import hand_rows
from bot.team.kit.decision_arguments import About, AloudOf, DecisionPart, DecisionsPage, MovedBy, Moves, OneDecision
from bot.team.kit.feature import CompletedWizard, Feature
from bot.team.orders import by_hand
from dialogs import languages
from dialogs.run import Answer
from dialogs.wording import plain_value
from storage.decisions import Decision, DecisionKind
from storage.people import Person
from storage.unit import Unit

VOICE: Final = "tell_voice"
MARKED: Final = "back_marked"
"""What of the words just typed could tell who said something, in a sentence; empty where nothing does."""
SHOWN: Final = 5
LANGUAGES_SHOWN: Final = 2
RUNS_SHOWN: Final = 5
NAMED: Final = 3
RUN: Final = 3  # letters of a run's id on a button
TITLE: Final = 28
WORDS_SHOWN: Final = 40
ON_BUTTON: Final = 24
HELD_SHOWN: Final = 2


DECIDE = Action(targets.DECIDE, FACILITATORS, (DecisionsPage, OneDecision, DecisionPart, MovedBy, Moves))


class Deciding(Feature):
    """The wizards in which a decision is written, and its screens."""

    wizards: ClassVar = {WIZARDS["decision"]: DECIDE, WIZARDS["understood"]: DECIDE, VOICE: DECIDE}

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  the task has them
        """Return what was asked, and of whom; of what is said aloud, its words and in which language."""
        facts = dict.fromkeys(("language_label", "words_label", "back_title", "back_group", MARKED), "")
        if (found := self._to_say(unit, person)) is not None:
            decision, language = found
            said = (decision.body.get("words") or {}).get(language) or {}
            facts["language_label"] = self._turns.texts.language(language, language_of(person))
            speech = replace(self._turns.speech(unit, person), language=language)
            figures = [share_back.figure_line(speech, each) for each in freezing.of_decision(unit, decision)]
            facts["words_label"] = " ".join((*said.values(), *figures))
            return facts
        asked = self.task(person).get(TASK_BROADCAST)
        if (broadcast := unit.broadcasts.get(UUID(str(asked))) if asked else None) is None:
            return facts
        cohort = unit.cohorts.get(broadcast.cohort_id)
        facts["back_title"] = shorten(today.title(self._turns, self._turns.speech(unit, person), broadcast), TITLE)
        facts["back_group"] = shorten(cohort.name, TITLE) if cohort else ""
        return facts

    def typed(self, unit: Unit, person: Person, given: Mapping[str, Answer], path: str, words: str) -> dict[str, str]:  # noqa: ARG002  the task has them
        """Return what of a part just typed could tell who said something: it is asked for again at once."""
        asked = self.task(person).get(TASK_BROADCAST)
        if not asked or path not in PARTS["decision"]:
            return {}
        speech = self._turns.speech(unit, person)
        found = share_backs.exposes(unit, UUID(str(asked)), languages.base(speech.language), words)
        if not found:
            return {}
        quoted = promises.quoted(speech.texts, speech.language, found)
        return {MARKED: f"{speech.words('back.marked', words=quoted)}\n\n"}

    def _to_say(self, unit: Unit, person: Person) -> tuple[Decision, str] | None:
        """Return the decision that one of the team says aloud, and in which language; None in the other wizards."""
        task = self.task(person)
        decision = unit.decisions.get(UUID(str(task[VOICE]))) if task.get(VOICE) else None
        return (decision, str(task["language"])) if decision is not None else None

    def finish(self, screen: Screen, done: CompletedWizard) -> None:
        """Keep what was written or said as a draft, and show it as it will be told."""
        if (found := self._to_say(screen.unit, screen.person)) is not None:
            voice = next(each for each in media_of(done.values.get("voice")) if each.kind == "voice")
            kept = share_backs.record(screen.unit, found[0].id, found[1], RECORDED.format(id=voice.id), screen.person)
            self._look(screen, kept)
            return
        kind: DecisionKind = "decision" if done.wizard == WIZARDS["decision"] else "understood"
        words = {part: plain_value(done.values.get(part)).strip() for part in PARTS[kind]}
        language = languages.base(language_of(screen.person))
        asked = UUID(str(self.task(screen.person)[TASK_BROADCAST]))
        how = {"cannot": done.values.get("way") == "cannot"} if kind == "decision" else {}
        self._look(screen, share_backs.draft(screen.unit, asked, kind, words, language, screen.person, **how))

    @handles(DECIDE)
    def decide(self, screen: Screen, argument: DecisionsPage | About) -> Next:
        """Show what was told, or one decision, or do something with it."""
        if isinstance(argument, DecisionsPage):
            self._list(screen, argument.page)
            return None
        try:
            decision = share_backs.reached(screen.unit, argument.decision, screen.person)
            if (language := _aloud(decision, argument)) is not None:
                return Begin(VOICE, {VOICE: decision.id.hex, "language": language})
            self._one(screen, decision, argument)
        except NotFound:
            screen.show(screen.words("back.gone"), rows(screen.menu()))
        except AlreadyDone:
            self._open(replace(screen, lead=screen.words("back.already")), argument.decision)
        except ShareBackError as error:
            self._refused(screen, argument, error)
        return None

    def _one(self, screen: Screen, decision: Decision, argument: About) -> None:
        match argument:
            case MovedBy():
                self._moved(screen, decision, argument.page)
            case Moves():
                share_backs.toggle_moved(screen.unit, decision.id, argument.place, argument.run, screen.person)
                self._moved(screen, decision, argument.place // RUNS_SHOWN)
            case DecisionPart() if decision.state != "draft" or argument.part == "voice":
                self._open(screen, decision.id)
            case DecisionPart():
                self._part(screen, decision, argument)
            case OneDecision("s"):
                self._send(screen, decision)
            case OneDecision("t"):
                self._try(screen, decision)
            case OneDecision("w"):
                self._which_words(screen, decision)
            case OneDecision("v"):
                self._which_voice(screen, decision)
            case OneDecision("x"):
                share_backs.drop(screen.unit, decision.id, screen.person)
                screen.show(screen.words("back.dropped"), rows(screen.button("button.return", TOLD), screen.menu()))
            case OneDecision("c"):
                sent = share_backs.take_back(screen.unit, decision.id, screen.person)
                count = screen.speech.texts.count
                lead = count("back.stopped", screen.speech.language, sent) if sent else screen.words("back.stopped.all")
                self._open(replace(screen, lead=lead), decision.id)
            case _:
                self._open(screen, decision.id)

    def _open(self, screen: Screen, decision_id: UUID) -> None:
        decision = share_backs.reached(screen.unit, decision_id, screen.person)
        if decision.state == "draft":
            self._look(screen, decision)
        else:
            what_came.show(self._turns, screen, decision)

    def _refused(self, screen: Screen, argument: About, error: ShareBackError) -> None:
        """Say why not, and show what can be done about it."""
        if error.code in {"back.exposes", "back.figures.changed"}:
            self._open(screen, argument.decision)
            return
        again = screen.words(error.code, **error.facts)
        if isinstance(argument, DecisionPart):
            back = screen.button("button.back.look", DECIDE, OneDecision("o", argument.decision))
            screen.show(again, rows(back, screen.menu()))
            waiting.ask(screen, DECIDE, argument)
        else:
            screen.show(again, rows(screen.button("button.return", TOLD), screen.menu()))

    # A draft.

    def _look(self, screen: Screen, decision: Decision) -> None:
        """Show a draft as it will be told, or what keeps it from going."""
        before = decision
        decision = share_backs.without_stale(screen.unit, before, screen.person)
        change = screen.button("button.back.words", DECIDE, OneDecision("w", decision.id))
        drop = screen.button("button.back.drop", DECIDE, OneDecision("x", decision.id))
        if found := share_backs.exposed(screen.unit, decision):
            quoted = "\n".join(
                f"· {screen.words(f'back.part.{part}')}: "
                f"{promises.quoted(screen.speech.texts, screen.speech.language, words)}"
                for part, words in found.items()
            )
            held = [screen.words(code, **facts) for code, facts in _held(screen.unit, decision)][:HELD_SHOWN]
            screen.show(
                "\n\n".join((*held, screen.words("back.exposes", words=quoted))), rows(change, drop, screen.menu())
            )
            waiting.ask(screen, DECIDE, OneDecision("w", decision.id))
            return
        lacking = share_backs.lacking(screen.unit, decision)
        told = [] if decision is before else [screen.words("back.figures.changed")]
        told += [self._to_whom(screen, decision), *share_back.lines(screen.speech, decision)]
        if (few := share_backs.few(screen.unit, decision)) is not None:
            told.append(screen.speech.texts.count("back.few", screen.speech.language, few))
        if lacking:
            names = screen.speech.texts.all_of([screen.language(tag) for tag in lacking], screen.speech.language)
            told.append(screen.words("back.lacking", languages=names))
        if promised := promises.quoted(screen.speech.texts, screen.speech.language, share_backs.promised(decision)[:1]):
            told.append(screen.words("promise.before", words=promised))
        if voices := decision.body.get("voice"):
            names = screen.speech.texts.all_of([screen.language(tag) for tag in voices], screen.speech.language)
            told.append(screen.words("back.voice.there", languages=names))
        further = [
            screen.button("button.back.in", DECIDE, self._next_part(decision, tag), language=screen.language(tag))
            for tag in lacking[:LANGUAGES_SHOWN]
        ]
        send = screen.button("button.back.send", DECIDE, OneDecision("s", decision.id))
        if aloud.only(screen.unit, decision):  # nobody is told by phone
            send = screen.button("button.aloud.lay_out", targets.ALOUD, AloudOf("l", decision.id))
        test = screen.button("button.ask_test", DECIDE, OneDecision("t", decision.id))
        moved = screen.button("button.back.moved", DECIDE, MovedBy(decision.id, 0))
        voice = screen.button("button.back.voice", DECIDE, OneDecision("v", decision.id))
        more = (voice, *([moved] if decision.kind == "decision" else []))
        asked = screen.unit.broadcasts.get(decision.broadcast_id)
        counts = asked is not None and freezing.has_figures(screen.unit, asked)
        figures = [screen.speech.button("button.back.figures", targets.FIGURES, FiguresOf(decision.id))]
        words = (change, *(figures if counts else []))
        keyboard = (*rows(send, test), words, *rows(*further, *more), (drop, screen.menu()))
        screen.show("\n\n".join(told), keyboard)

    def _to_whom(self, screen: Screen, decision: Decision) -> str:
        """Return to how many a draft goes, and when."""
        unit, speech = screen.unit, screen.speech
        cohort = unit.cohorts.get(decision.cohort_id)
        people = len(unit.decisions.asked(decision.broadcast_id, decision.cohort_id))
        if cohort is not None and aloud.only(unit, decision):
            return speech.words("aloud.nobody", cohort=shorten(cohort.name, TITLE))
        if cohort is None or not people:
            return speech.words("back.nobody", cohort=cohort.name if cohort else "")
        goes = self._turns.organisation.sends_from(unit, cohort, unit.now)
        zone = self._turns.organisation.zone(unit, cohort=cohort)
        when = speech.words("ask.at.now")
        if goes > unit.now:
            when = speech.words("ask.at", when=self._turns.organisation.moment(speech, zone, goes))
        told = speech.texts.count("back.look", speech.language, people, cohort=shorten(cohort.name, TITLE), when=when)
        asked = set(unit.decisions.asked(decision.broadcast_id, decision.cohort_id))
        if hand_rows.has_page(self._turns.site) and (silent := hand_notices.unrung_of(unit, cohort.id, asked)):
            told = f"{told} {speech.texts.count('hand.sent', speech.language, silent)}"
        return told

    def _next_part(self, decision: Decision, language: str) -> DecisionPart:
        """Return the first part that a language lacks."""
        said = (decision.body.get("words") or {}).get(language) or {}
        part: Any = next((each for each in PARTS[decision.kind] if not said.get(each)), "heard")
        return DecisionPart(part, decision.id, language)

    def _which_words(self, screen: Screen, decision: Decision) -> None:
        """Show the parts of a draft in each language it is written in, to choose which to change.

        Words typed there are taken: for the one part that is marked, or else for the part that is chosen then.
        """
        written: Mapping[str, Mapping[str, str]] = decision.body.get("words") or {}
        person = screen.person
        if screen.said:
            marked = list(share_backs.exposed(screen.unit, decision))
            if len(marked) == len(written) == 1:
                self._part(screen, decision, DecisionPart(_part(marked[0]), decision.id, next(iter(written))))
                return
            person = waiting.keep_words(screen.unit, person, screen.said)
        else:
            person, _ = waiting.kept_words(screen)
        screen = replace(screen, person=person)
        found: list[Button] = []
        for tag, said in written.items():
            for part in PARTS[decision.kind]:
                label = screen.words(f"back.part.{part}")
                named = f"{label} · {screen.language(tag)}" if len(written) > 1 else label
                found += [screen.labelled(named, DECIDE, DecisionPart(_part(part), decision.id, tag))] if said else []
        back = screen.button("button.back.look", DECIDE, OneDecision("o", decision.id))
        code = "back.which_for" if screen.said else "back.which_words"
        screen.show(screen.words(code), rows(*found[:6], back, screen.menu()))
        waiting.ask(screen, DECIDE, OneDecision("w", decision.id))

    def _which_voice(self, screen: Screen, decision: Decision) -> None:
        """Show the languages in which a draft can be said aloud."""
        ways = [
            screen.button(
                "button.back.in", DECIDE, DecisionPart("voice", decision.id, tag), language=screen.language(tag)
            )
            for tag in decision.body.get("words") or {}
        ]
        back = screen.button("button.back.look", DECIDE, OneDecision("o", decision.id))
        screen.show(screen.words("back.voice.which"), rows(*ways[:6], back, screen.menu()))

    def _part(self, screen: Screen, decision: Decision, argument: DecisionPart) -> None:
        """Ask for a part in other words or in a language, or take what was typed; then ask for the next it lacks."""
        part, language = argument.part, argument.language
        person, kept = waiting.kept_words(screen)
        screen = replace(screen, person=person)
        if said := screen.said or kept:
            decision = share_backs.reword(screen.unit, decision.id, language, part, said, screen.person)
            if share_backs.complete(decision, language):
                self._look(screen, decision)
                return
            argument = self._next_part(decision, language)
            part = argument.part
        written: Mapping[str, Mapping[str, str]] = decision.body.get("words") or {}
        there = share_backs.words_in(decision, screen.speech.language)
        present = (written.get(language) or {}).get(part) or there.get(part, "")
        asked = screen.words(
            "back.part.ask", part=screen.words(f"back.part.{part}"), language=screen.language(language), words=present
        )
        back = screen.button("button.back.look", DECIDE, OneDecision("o", decision.id))
        screen.show(asked, rows(back, screen.menu()))
        waiting.ask(screen, DECIDE, argument)

    def _try(self, screen: Screen, decision: Decision) -> None:
        """Send a draft to whoever writes it, as it will come; its buttons lead back."""
        for name in share_back.voices(decision, screen.speech.language):
            screen.speech.play(name)
        screen.speech.say("back.try")
        look = [
            screen.speech.button(code, DECIDE, OneDecision("o", decision.id))
            for code in (f"button.back.fine.{decision.kind}", "button.back.say")
        ]
        back = screen.speech.button("button.back.look", DECIDE, OneDecision("o", decision.id))
        screen.speech.send(share_back.text(self._turns, screen.speech, decision), rows(*look, back))

    def _send(self, screen: Screen, decision: Decision) -> None:
        told = share_backs.send(screen.unit, self._turns.organisation, decision.id, screen.person)
        count, language = screen.speech.texts.count, screen.speech.language
        stop = screen.button("button.back.stop", DECIDE, OneDecision("c", decision.id))
        see = screen.button("button.back.see", DECIDE, OneDecision("o", decision.id))
        asked = screen.unit.broadcasts.get(decision.broadcast_id)
        circle = asked is not None and aloud.asked_on_paper(screen.unit, asked)
        ways = (*([what_came.reads_aloud(screen, decision)] if circle else []), see, stop, screen.menu())
        screen.show(count(f"back.sent.{decision.kind}", language, told.people), rows(*ways))
        if told.broadcast.due_at <= screen.unit.now:
            by_hand.told_after_sending(screen, self._turns.site, told.broadcast)

    # What moved it.

    def _moved(self, screen: Screen, decision: Decision, page: int) -> None:
        """Show whose answers may have moved a draft, each to be switched; of one that was told, those that did."""
        chosen = set(said_back.what_came(screen.unit, decision).runs)
        found = screen.unit.readings.of_broadcast(decision.broadcast_id)
        pager = Pager.of(len(found), RUNS_SHOWN, page, joined=True)
        buttons = [
            screen.labelled(
                f"{'✓ ' if each.run_id in chosen else ''}{self._called(screen, each.person_id)}",
                DECIDE,
                Moves(decision.id, place, each.run_id.hex[:RUN]),
            )
            for place, each in enumerate(pager.cut(found), pager.first)
        ]
        turns = pager.turns(lambda code, number: screen.button(code, DECIDE, MovedBy(decision.id, number)))
        back = (screen.button("button.back.look", DECIDE, OneDecision("o", decision.id)), screen.menu())
        # Its words were looked at before: from here it goes without another look at them.
        goes = decision.state == "draft" and not aloud.only(screen.unit, decision)
        send = [screen.button("button.back.send", DECIDE, OneDecision("s", decision.id))] if goes else []
        screen.show(screen.words("back.moved.which"), (*rows(*buttons), *turns, *rows(*send), back))

    def _called(self, screen: Screen, person_id: UUID) -> str:
        return shorten(screen.speech.called(screen.unit.people.known(person_id)), ON_BUTTON)

    # What was told.

    def _list(self, screen: Screen, page: int) -> None:
        cohorts = [each.id for each in cohorts_of(screen.unit, screen.person)]
        found = screen.unit.decisions.told_to(cohorts, SHOWN + 1, page * SHOWN) if cohorts else []
        if not found:
            screen.show(screen.words("back.none.team"), rows(screen.button("button.return", TOLD), screen.menu()))
            return
        pager = Pager(page, page > 0, len(found) > SHOWN)
        buttons = [
            screen.labelled(self._label(screen, each), DECIDE, OneDecision("o", each.id)) for each in found[:SHOWN]
        ]
        turns = pager.turns(lambda code, number: screen.button(code, DECIDE, DecisionsPage(number)))
        last = rows(screen.button("button.return", TOLD), screen.menu())
        screen.show(screen.words("back.which"), rows(*buttons) + turns + last)

    def _label(self, screen: Screen, decision: Decision) -> str:
        day = what_came.day(self._turns, screen, decision)
        return f"{day} · {shorten(share_back.title(self._turns, screen.speech, decision), LABEL)}"


def _held(unit: Unit, decision: Decision) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield what to say of each quote that keeps a draft from going."""
    for quote in share_backs.held_by(unit, decision):
        if quote is None:
            yield "back.held.gone", {}
        else:
            yield f"back.held.{'minor' if quote.state == 'yes' else quote.state}", {"words": quote.words}


def _part(part: str) -> Any:
    return part


def _aloud(decision: Decision, argument: About) -> str | None:
    """Return in which language a draft is to be said aloud now; None if that is not asked for, or not known."""
    if decision.state != "draft":
        return None
    written = list(decision.body.get("words") or {})
    if isinstance(argument, DecisionPart) and argument.part == "voice":
        return argument.language if argument.language in written else None
    return written[0] if argument == OneDecision("v", decision.id) and len(written) == 1 else None
