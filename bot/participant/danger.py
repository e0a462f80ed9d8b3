"""Words of danger: everything that is typed is looked at once, before anything else decides about it.

Words that ring are answered at once, and the team is told; words that are marked add one quiet line, and the
conversation goes on. What one of the team writes for others rings nobody.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot import clock
from bot.conversation.actions import ALSO_LEFT, ARRIVING, Action, handles
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Incoming, Keyboard, Kind
from bot.participant.arguments import OwnAlert, TakeAway
from bot.participant.care_card import SupportIn
from bot.participant.consent_question import ConsentQuestion
from bot.participant.first_language import hinted, speech_to
from bot.participant.pause_leave import first_cohort
from bot.participant.plain_text import PlainText
from bot.participant.replies import Replies
from bot.participant.settings import TIDY
from bot.participant.waiting import forget, is_waiting, wait, written_for_others
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.buttons import digest
from bot.rendering.speech import Speech, rows
from bot.services import reading_pages, watch
from bot.services.chat_cleanup import take_away, take_out
from bot.services.notices import Notices
from bot.services.organisation import PARTS_OF_DAY
from bot.services.permissions import EVERYONE, told_of
from bot.services.phones import watched
from dialogs import types
from dialogs.danger import RINGS
from dialogs.run import Run
from storage.alerts import WORDS, Alert
from storage.claims import URGENT
from storage.people import Person
from storage.unit import Unit

NOTHING_SAID: Final = 0  # in place of a message: a tap was no message of hers
AGREED: Final = frozenset({"naming", "active", "paused", "unreachable"})  # whose words may be kept
TOGETHER: Final = timedelta(hours=12)  # a second cry within so long is answered in one line
QUIET: Final = timedelta(minutes=10)  # the quiet line is said once in so long

CRY = Action(targets.CRY, EVERYONE, (OwnAlert, TakeAway), states=ALSO_LEFT | ARRIVING)


@dataclass(frozen=True, slots=True)
class Heard:
    """What was found in an update.

    Attributes:
        alert: the alert that it raised.
        phrase: the phrase that rang; '' for words that are marked.
        message: the order of the message in its chat, where it is known.
        first: whether nothing rang in the last hours that was answered with all there is to say.
        alone: whether it answers nothing, so that the conversation does not go on with it.
    """

    alert: Alert
    phrase: str
    message: int | None
    first: bool
    alone: bool


class DangerScreens:
    """Looks at everything that is typed, and answers a cry for help."""

    def __init__(self, turns: Turns, talking: PlainText, replies: Replies, question: ConsentQuestion) -> None:
        self._turns = turns
        self._question = question
        self._talking = talking
        self._replies = replies
        self._notices = Notices(turns.organisation)

    # Before anything decides.

    def look(self, unit: Unit, person: Person, incoming: Incoming, echo: int | None, *, typed: bool) -> Heard | None:
        """Look at the words of an update; raise an alert for words of danger.

        Args:
            unit: the open transaction.
            person: who wrote.
            incoming: the update.
            echo: the row that shows these words in the person's own page, if any.
            typed: whether it is plain words, and no command.
        """
        found = self._turns.organisation.danger(unit, person).look(incoming.text or "")
        if found is None or self._for_others(unit, person, incoming):
            return None
        speech = speech_to(self._turns, unit, person, incoming)
        before = unit.alerts.of(person.id, unit.now - TOGETHER)
        keeps = person.participation in AGREED
        if found.strength != RINGS and before and not keeps:
            return None
        alert = self._notices.raised(speech, person, first_cohort(unit, person.id), found.strength)
        unit.alert = alert.id if keeps else None
        message = echo if speech.can.kept_here else incoming.order or None
        if found.strength != RINGS:
            # What is asked for with a press, also in a check-in, was no answer to words: the line is still to be said.
            if not any(each.source == WORDS and unit.now - each.raised_at < QUIET for each in before):
                ways = [speech.staying("button.support", targets.SUPPORT)]
                if watched(person) and message is not None:
                    ways.append(speech.staying("button.take_away", CRY, TakeAway(message)))
                speech.send(speech.words("cry.marked"), rows(*ways), quiet=True)
            return Heard(alert, "", None, first=False, alone=False)
        first = not any(map(_told_all, before))
        # After leaving, what comes with a caption is not kept either: only that somebody asks for help.
        alone = typed or (person.participation == "left" and incoming.kind is not Kind.TEXT)
        return Heard(alert, found.phrase, message, first, alone and not self._is_answer(unit, person, incoming))

    def _for_others(self, unit: Unit, person: Person, incoming: Incoming) -> bool:
        """Return whether words are what one of the team writes for others: a wizard or a screen waits, or took them."""
        if person.participation != "active":
            return False
        if incoming.kind is Kind.TEXT and written_for_others(unit, person):
            return True
        if incoming.kind is Kind.EDITED:
            recent = (row for row in unit.runs.recent(person) if Run.restore(row.state, {}).source(incoming.order))
            return any(row.typed_in or self._turns.dialog(unit, row.dialog_hash).kind == "staff" for row in recent)
        row = unit.runs.open(person)
        if row is None or row.status != "open":
            return False
        if row.typed_in:
            return True
        dialog = self._turns.dialog(unit, row.dialog_hash)
        return dialog.kind == "staff" and types.of(dialog.step(row.state["position"])).open_ended

    def _is_answer(self, unit: Unit, person: Person, incoming: Incoming) -> bool:
        """Return whether words answer what is open, or are what was asked to be written to the team."""
        if person.participation not in AGREED:
            return False
        if is_waiting(unit, person, targets.TEAM) is not None:
            return True
        return person.participation == "active" and self._replies.answers(unit, person, incoming)

    # What is kept, and what is seen.

    def answer(self, unit: Unit, person: Person, incoming: Incoming, heard: Heard) -> None:
        """Keep words that went nowhere, and answer a cry; its words are kept only of somebody who agreed to that."""
        speech = speech_to(self._turns, unit, person, incoming)
        if unit.alert is not None and heard.phrase and not unit.roles.of(person.id):
            self._talking.write(speech, person, clock.new_id(), incoming.text or "")
        unit.alert = None
        if heard.phrase:
            self._answer(speech, person, heard)

    def _answer(self, speech: Speech, person: Person, heard: Heard) -> None:
        speech = replace(speech, lane=URGENT)
        support = speech.staying("button.support", targets.SUPPORT)
        if watched(person):
            away = speech.staying("button.take_away", CRY, TakeAway(heard.message))
            speech.send(speech.words(self._watched_code(speech, person)), rows(support, away), protect=True)
            return
        alert = heard.alert.id
        call = speech.staying("button.look_for_me", CRY, OwnAlert("l", alert))
        now = speech.staying("button.turn_to", targets.SUPPORT)
        if not heard.first:
            code = "cry.again" if person.participation in AGREED else "cry.again.wordless"
            if not self.hears(speech.unit, person):
                code = "cry.heard"
            speech.send(speech.words(code), rows(now, call), protect=True)
            return
        lines = [speech.words("cry.heard"), self._when(speech, person)]
        more = []
        if person.participation not in AGREED:
            lines.append(speech.words("cry.wordless"))
            more.append(speech.button("button.tell_team", CRY, OwnAlert("w", alert)))
        told = speech.button("button.only_told", CRY, OwnAlert("t", alert))
        no = speech.button("button.not_so", CRY, OwnAlert("n", alert, digest(heard.phrase).hex()))
        speech.send(" ".join(filter(None, lines)), rows(now, call, *more, told, no), protect=True)

    def _watched_code(self, speech: Speech, person: Person) -> str:
        """Return the code of the answer on a phone that others see: before a yes it says that no words were kept."""
        if person.participation in AGREED:
            return "cry.watched"
        return "cry.watched.wordless" if self.hears(speech.unit, person) else "cry.watched.unkept"

    def telling(self, speech: Speech, person: Person) -> list[Button]:
        """Return the button by which whoever has not agreed can pass words on after a cry; none for anybody else.

        It stands below the care card: on a phone that others see, the answer to a cry has nothing of it.
        """
        if person.participation in AGREED:
            return []
        rang = [each for each in speech.unit.alerts.of(person.id, speech.unit.now - TOGETHER) if each.strength == RINGS]
        return [speech.button("button.tell_team", CRY, OwnAlert("w", each.id)) for each in rang[-1:]]

    def hears(self, unit: Unit, person: Person) -> bool:
        """Return whether what a person tells the team now would reach anybody."""
        return self._notices.hears(unit, person, first_cohort(unit, person.id))

    def _when(self, speech: Speech, person: Person) -> str:
        """Return what time it is and when the team reads; '' where nobody was told."""
        unit, organisation = speech.unit, self._turns.organisation
        cohort_id = first_cohort(unit, person.id)
        if not self._notices.hears(unit, person, cohort_id):
            return ""
        zone = organisation.zone(unit, person)
        local = unit.now.astimezone(ZoneInfo(zone))
        part = next(code for until, code in PARTS_OF_DAY if local.hour < until)
        hour = local.hour % 12 or 12
        shown = f"{hour}:{local.minute:02}" if local.minute else str(hour)
        until = watch.next_reader(unit, organisation, told_of(unit, person, cohort_id), cohort_id)
        if until is None:
            code = "cry.when.one" if hour == 1 else "cry.when"
            return speech.words(code, hour=shown, part=speech.words(part))
        code = "cry.until.one" if hour == 1 else "cry.until"
        moment = organisation.moment(speech, zone, until)
        return speech.words(code, hour=shown, part=speech.words(part), moment=moment)

    # Where nothing else can be done.

    def overheard(self, unit: Unit, person: Person, incoming: Incoming, *, answered: bool = True) -> None:
        """Raise an alert for words that cannot be handled or kept: only that somebody cries for help.

        Nothing else is read of the person: it may be what failed.
        """
        found = self._turns.organisation.danger(unit).look(incoming.text or "")
        if found is None or found.strength != RINGS:
            return
        speech = Speech(unit, self._turns.texts, None, incoming.messenger, incoming.chat, language_of(person))
        first = not any(map(_told_all, unit.alerts.of(person.id, unit.now - TOGETHER)))
        alert = self._notices.raised(speech, person, first_cohort(unit, person.id), RINGS)
        if answered:
            heard = Heard(alert, found.phrase, None, first=first, alone=True)
            self._answer(speech_to(self._turns, unit, person, incoming), person, heard)

    def stranger(self, unit: Unit, incoming: Incoming) -> bool:
        """Answer a cry of somebody who is no person here: nobody can be told; return whether it was one."""
        found = self._turns.organisation.danger(unit).look(incoming.text or "") if incoming.text else None
        if found is None or found.strength != RINGS:
            return False
        tag = hinted(incoming.language)
        speech = Speech(unit, self._turns.texts, None, incoming.messenger, incoming.chat, tag)
        speech.say("cry.stranger", rows(speech.staying("button.turn_to", targets.SUPPORT, SupportIn(tag))))
        return True

    # What is pressed then.

    @handles(CRY)
    def pressed(self, screen: Screen, argument: OwnAlert | TakeAway) -> None:
        """Do what was pressed below the answer to a cry."""
        if isinstance(argument, TakeAway):
            self._take_away(screen, argument.message)
            return
        alert = screen.unit.alerts.get(argument.alert)
        if alert is None or alert.person_id != screen.person.id:
            screen.speech.say("misplaced.closed", self._on(screen.speech))
        elif argument.step == "l":
            self.call(screen.speech, screen.person)
        elif argument.step == "w":
            wait(screen, CRY, alert.id)
            screen.speech.say("cry.write", self._on(screen.speech))
        elif argument.step == "n":
            self._not_so(screen, alert, argument.phrase)
        else:
            screen.speech.say("cry.told", self._on(screen.speech))

    def call(self, speech: Speech, person: Person) -> None:
        """Tell the team that a person wants to be looked for: a press always rings."""
        told = self._talking.note(speech, person, "")
        code = "cry.called" if told else "cry.nobody"
        reach = rows(speech.staying("button.reach", targets.REACH)) if told else ()
        if told and watched(person):
            # Neither what was asked for nor how to be reached stands there: that opens by one tap more.
            ways = [speech.staying("button.reach.watched", targets.REACH)]
            ways.append(speech.staying("button.take_away", CRY, TakeAway(NOTHING_SAID)))
            row = speech.send(speech.words("cry.called.watched"), rows(*ways) + self._on(speech))
            # Whatever takes the card away takes this with it.
            speech.unit.panels.add(
                clock.new_id(), person.id, reading_pages.MEDIA, row, until=speech.unit.now + TOGETHER
            )
        else:
            speech.say(code, rows(speech.staying("button.turn_to", targets.SUPPORT)) + reach + self._on(speech))

    def words(self, unit: Unit, person: Person, incoming: Incoming) -> bool:
        """Take the words that somebody agreed to pass on after a cry; return False when none were waited for."""
        about = is_waiting(unit, person, targets.CRY)
        alert = unit.alerts.get(about) if about else None
        if alert is None:
            return False
        person = forget(unit, person)
        unit.alert = alert.id
        speech = speech_to(self._turns, unit, person, incoming)
        self._talking.write(speech, person, clock.new_id(), incoming.text or "")
        away = [speech.staying("button.take_away", CRY, TakeAway(unit.said))] if watched(person) and unit.said else []
        speech.say("home.passed_on", rows(*away) + self._on(speech))
        return True

    def _not_so(self, screen: Screen, alert: Alert, phrase: str) -> None:
        """Lower an alert; it is never deleted, as somebody else may be holding the phone."""
        unit = screen.unit
        if unit.alerts.lower(alert.id):
            unit.audit.add(str(screen.person.id), "alerts.lowered", str(alert.id), {})
            if not alert.mistaken:  # else the team's counted
                self._notices.mistaken(unit, self._turns.texts, phrase)
        screen.speech.say("cry.lowered", self._on(screen.speech))

    def _take_away(self, screen: Screen, message: int | None) -> None:
        """Remove a cry, its answer and what was opened from there; say what could not be taken away."""
        speech, unit = screen.speech, screen.unit
        pressed = screen.incoming.order if screen.incoming else None
        self._take_opened(speech, screen.person, pressed)
        on = self._talking.go_on(speech, screen.person, unit.runs.open(screen.person))
        # What is still to be answered before anything else stood further up: its buttons would only be old ones.
        asked = self._question.keyboard(speech) if screen.person.participation == "consenting" else ()
        ways = asked + rows(*on) + self._rest(speech) + self._on(speech)
        if speech.can.kept_here:  # what is not among its rows, such as a command, does not stand there
            gone = [each for each in (message, pressed) if each]
            for row in gone:
                unit.outbox.unsay(screen.person.id, row)
            take_out(speech, gone)
            speech.say("cry.gone", ways)
        elif speech.can.takes_back and pressed:
            take_away(speech, message, pressed, ways)
        else:
            speech.say("cry.stays", asked + rows(*on) + self._on(speech))

    def _take_opened(self, speech: Speech, person: Person, pressed: int | None) -> None:
        """Take what was opened by a tap, such as the card, and what answered a call; but not what was pressed on."""
        unit = speech.unit
        here = unit.outbox.row_of(speech.messenger, speech.chat, pressed) if pressed is not None else None
        for panel in unit.panels.of(person.id, reading_pages.MEDIA):
            if here is not None and panel.outbox_seq == here:
                unit.panels.drop(panel.id)
            else:
                reading_pages.take(self._turns, unit, person, panel)

    def _rest(self, speech: Speech) -> Keyboard:
        """Return the button that clears the whole chat, since an earlier cry may stand further up."""
        person = speech.person
        allowed = person is not None and person.participation in TIDY.states
        return rows(speech.button("button.tidy", TIDY)) if allowed else ()

    def _on(self, speech: Speech) -> Keyboard:
        return rows(speech.button("button.menu", targets.HOME))


def _told_all(alert: Alert) -> bool:
    """Return whether words of danger were answered as on a phone of one's own: with all there is to say."""
    return alert.strength == RINGS and not alert.watched
