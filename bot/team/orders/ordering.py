"""What can be done with a ready draft: its confirmation, preview and rehearsal, sending it, taking it back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from bot.conversation.actions import Action, handles
from bot.conversation.screen import LABEL, Screen, in_place
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Keyboard
from bot.rendering import targets
from bot.rendering.arguments import Argument, Picked
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import hand_notices, learnt, own_zone, purposes
from bot.services.broadcasts import OrderError, cancel, order
from bot.services.permissions import FACILITATORS, cohorts_of, may_reach
from bot.services.refusals import NotAllowed
from bot.services.week import WEEK, askings_a_week
from bot.team.kit import hand_rows
from bot.team.kit.arguments import OfId
from bot.team.kit.feature import Feature
from bot.team.orders import by_hand, data_cost, drafts, last_warnings, nobody_yet, preview, sent_before
from bot.team.orders.drafts import Draft
from dialogs import languages, wording
from dialogs.model import Dialog
from storage.broadcasts import Broadcast
from storage.cohorts import Cohort
from storage.people import Person
from storage.unit import Unit

A_DAY: Final = timedelta(days=1)
DAY_BEGINS, DAY_ENDS = 8, 21  # hours of the day between which sending disturbs nobody
WHY_LEAST: Final = 60  # characters of it that stand there whatever else is said
WHY_SHOWN: Final = 230  # characters: a purpose of 240 would make the last look longer than a screen
LACKING_SHOWN: Final = 2  # languages


class LookAt(Argument):
    """One message of the preview, in a language, with or without the explanation of what it is for."""

    layout: ClassVar[str] = "[{language}[.{place}[.{why:w}]]]"
    language: str = ""
    place: int = 0
    why: bool = False


class Sending(Argument):
    """The draft that was confirmed, and whether to send it although the same was sent within the hour."""

    layout: ClassVar[str] = "{draft}[.{sure:sure}]"
    draft: str
    sure: bool = False


ASK_LAST = Action("ask_last", FACILITATORS)
ASK_ORDER = Action(targets.ASK_ORDER, FACILITATORS)
ASK_LOOK = Action("ask_look", FACILITATORS, (LookAt,))
ASK_HEAR = Action("ask_hear", FACILITATORS, (LookAt,))
ASK_TEST = Action("ask_test", FACILITATORS)
ASK_SEND = Action(targets.ASK_SEND, FACILITATORS, (Sending,))
ASK_DROP = Action("ask_drop", FACILITATORS)
ASK_CANCEL = Action("ask_cancel", FACILITATORS, (OfId,))


class Ordering(Feature):
    """The screens of a ready draft."""

    @handles(ASK_ORDER)
    def order(self, screen: Screen) -> None:
        """Show the draft's confirmation, or how it stands if it was sent already."""
        if ready(self._turns, screen) is not None:
            look(self._turns, screen)

    @handles(ASK_DROP)
    def drop(self, screen: Screen) -> None:
        """Drop the draft."""
        if ready(self._turns, screen) is not None:
            drafts.save_draft(screen.unit, screen.person, None)
            _dead_end(screen, "ask.cancelled")

    @handles(ASK_SEND)
    def send(self, screen: Screen, argument: Sending) -> None:
        """Send the draft."""
        if (found := ready(self._turns, screen)) is not None:
            self._send(screen, *found, argument)

    @handles(ASK_LAST)
    def last(self, screen: Screen) -> None:
        """Make a draft from the last broadcast, and show its confirmation."""
        last = latest(screen.unit, screen.person)
        if last is None:
            _dead_end(screen, "ask.last.none")
            return
        name = self._turns.dialog(screen.unit, last.dialog_hash).name
        draft = Draft.new(
            name, version=last.dialog_hash, cohort=last.cohort_id, card=last.purpose, purpose=last.purpose_id
        )
        person = drafts.save_draft(screen.unit, screen.person, draft)
        day = last.purpose.get("day")
        if day and date.fromisoformat(day) < screen.unit.now.date():
            over = rows(screen.button("button.ask_why_new", targets.ASK_WHY, "new"), screen.menu())
            screen.show(screen.words("ask.why.over"), over)
            return
        confirm(self._turns, replace(screen, person=person))

    # Preview and rehearsal.

    @handles(ASK_LOOK)
    def look(self, screen: Screen, argument: LookAt) -> None:
        """Show one message of the preview, in one of the cohort's languages."""
        found = ready(self._turns, screen)
        if found is None:
            return
        draft, cohort, dialog = found
        tags = languages_of(cohort)
        language = argument.language if argument.language in tags else tags[0]
        shown = self._shown(screen, draft, cohort, dialog, language, why=argument.why)
        place = max(0, min(argument.place, len(shown)))
        if place == len(shown):
            confirm(self._turns, screen)
            return
        it = shown[place]
        step = screen.speech.buttons.plain
        onward = step(ASK_LOOK, in_place(LookAt(language, place + 1)))
        leads = {
            self._turns.texts.say("button.back", language): LookAt(language, max(place - 1, 0)),
            self._turns.texts.say("button.why", language): LookAt(language, place, why=True),
        }
        by_label = {label: step(ASK_LOOK, in_place(target)) for label, target in leads.items()}
        keyboard = preview.keyboard(it, by_label, onward)
        if not keyboard:
            keyboard = ((Button(screen.words("button.ask_onward"), onward),),)
        last = [screen.button("button.ask_back", ASK_ORDER)]
        if len(tags) > 1:
            other = tags[(tags.index(language) + 1) % len(tags)]
            last.append(screen.labelled(shorten(languages.own_name(other), 20), ASK_LOOK, LookAt(other, place)))
        if it.recording:
            last.append(screen.speech.button("button.hear", ASK_HEAR, LookAt(language, place)))
        screen.show(it.text, (*keyboard, tuple(last)))

    def _shown(
        self, screen: Screen, draft: Draft, cohort: Cohort, dialog: Dialog, language: str, *, why: bool = False
    ) -> list[preview.PreviewMessage]:
        zone = drafts.zone_of(self._turns, screen.unit, cohort)
        look = preview.Preview(self._turns, screen.speech, screen.person, cohort.id, language, zone)
        return look.messages(dialog, draft.card, why=why)

    @handles(ASK_HEAR)
    def hear(self, screen: Screen, argument: LookAt) -> None:
        """Play the recording of one message of the preview."""
        found = ready(self._turns, screen)
        if found is None:
            return
        shown = self._shown(screen, *found, argument.language)
        place = argument.place
        if place < len(shown) and shown[place].recording:
            screen.speech.play(shown[place].recording)

    @handles(ASK_TEST)
    def test(self, screen: Screen) -> None:
        """Begin a rehearsal of the draft's dialog for the person who makes it; nothing of it is kept."""
        found = ready(self._turns, screen)
        if found is None:
            return
        draft, _, dialog = found
        unit, person = screen.unit, screen.person
        end_rehearsal(self._turns, unit, person)
        screen.speech.say("ask.test.begins")
        self._turns.begin(unit, person, dialog, "staff", rehearsal=draft.card)

    # Sending.

    def _send(self, screen: Screen, draft: Draft, cohort: Cohort, dialog: Dialog, argument: Sending) -> None:
        """Order the broadcast; ask first if the same was sent lately or waits, confirm again if its words changed."""
        unit, person = screen.unit, screen.person
        if argument.draft != draft.id:
            screen.show(
                screen.words("ask.other_draft"), rows(screen.button("button.ask_back", ASK_ORDER), screen.menu())
            )
            return
        unit.broadcasts.alone(cohort.id)
        if (
            draft.sent is None
            and not argument.sure
            and (before := sent_before.found(self._turns, unit, cohort, dialog)) is not None
        ):
            self._ask_again(screen, draft, cohort, dialog, before)
            return
        if draft.sent is None and draft.version != dialog.version:
            # Somebody changed the words after the person saw them.
            confirm(self._turns, screen, screen.words("ask.changed"))
            return
        wished = draft.at if draft.at and draft.at > unit.now else unit.now
        try:
            done = order(
                unit,
                dialog,
                cohort,
                draft.card,
                key=draft.key,
                ordered_by=person,
                due_at=self._turns.organisation.sends_from(unit, cohort, wished),
                purpose_id=draft.purpose,
            )
        except OrderError as problem:
            _dead_end(screen, problem.code, **problem.facts)
            return
        end_rehearsal(self._turns, unit, person)
        broadcast_id = draft.sent or done.broadcast_id
        if draft.sent is None:
            drafts.change(unit, person, sent=broadcast_id)
        _sent(self._turns, screen, cohort, broadcast_id, done.people)
        if not done.again and (given := unit.broadcasts.get(broadcast_id)) is not None and given.due_at <= unit.now:
            by_hand.told_after_sending(screen, self._turns.site, given)

    def _ask_again(self, screen: Screen, draft: Draft, cohort: Cohort, dialog: Dialog, before: Broadcast) -> None:
        text = sent_before.told(self._turns, screen, before, cohort, title(screen, dialog))
        keyboard = rows(
            screen.speech.button("button.progress", targets.PROGRESS, before.id.hex),
            screen.button("button.ask_sure", ASK_SEND, Sending(draft.id, sure=True)),
            screen.button("button.ask_drop", ASK_DROP),
        )
        screen.show(text, keyboard)

    @handles(ASK_CANCEL)
    def cancel(self, screen: Screen, argument: OfId) -> None:
        """Cancel what was not sent yet, and say how many people it was sent to."""
        unit, speech = screen.unit, screen.speech
        broadcast = unit.broadcasts.get(argument.id)
        if broadcast is None or not may_reach(unit, screen.person, broadcast.cohort_id):
            raise NotAllowed(ASK_CANCEL.name)
        cancel(unit, broadcast.id, screen.person)
        gone = unit.following.progress(broadcast.id).sent
        text = speech.texts.count("ask.stopped", speech.language, gone) if gone > 0 else speech.words("ask.stopped.all")
        progress = [speech.button("button.progress", targets.PROGRESS, broadcast.id.hex)] if gone > 0 else []
        screen.show(text, rows(*progress, screen.button("button.ask", targets.ASK), screen.menu()))


def ready(turns: Turns, screen: Screen) -> tuple[Draft, Cohort, Dialog] | None:
    """Return the draft with its cohort and dialog; None after saying which of them is missing.

    Raises:
        NotAllowed: the person does not reach the draft's cohort.
    """
    draft = drafts.read(screen.person)
    cohort = drafts.cohort_of(screen.unit, screen.person, draft) if draft else None
    dialog = drafts.dialog_of(turns, screen.unit, draft) if draft else None
    if draft is None or not draft.card:
        _dead_end(screen, "ask.no_draft")
    elif cohort is None:
        raise NotAllowed(targets.ASK)
    elif dialog is None:
        _dead_end(screen, "ask.dialog_gone")
    else:
        return draft, cohort, dialog
    return None


def confirm(turns: Turns, screen: Screen, before: str = "") -> None:
    """Show the confirmation: what, to how many, when, minutes and data, what for; `before` is a text above it."""
    found = ready(turns, screen)
    if found is None:
        return
    draft, cohort, dialog = found
    unit, speech = screen.unit, screen.speech
    people = len(unit.memberships.active(cohort.id))
    if not people:
        paper = screen.button("button.ask_paper", targets.ASK_PAPER)
        nobody_yet.show(screen, cohort, paper, screen.button("button.ask_drop", ASK_DROP))
        return
    when, about_time = _when(turns, screen, cohort, draft)
    count, language = speech.texts.count, speech.language
    minutes = "ask.minutes" if people > 1 else "ask.minutes.one"
    told = [
        count("ask.confirm", language, people, title=title(screen, dialog), cohort=cohort.name, when=when),
        count(minutes, language, dialog.minutes, data=data_cost.data(screen, languages_of(cohort), dialog)),
        *about_time,
        *data_cost.sparing(screen, cohort, dialog),
        *_asked(turns, screen, cohort, draft),
    ]
    if hand_rows.has_page(turns.site) and (unrung := hand_notices.unrung(unit, cohort.id)):
        told.append(count("hand.sent", language, unrung))
    warned = last_warnings.of_draft(screen, cohort, draft, dialog)
    learnt_before = learnt.before(unit, cohort, dialog, draft.purpose, lambda version: turns.dialog(unit, version))
    recalled = [screen.words("learnt.before", words=learnt_before)] if learnt_before else []
    room = max(WHY_LEAST, WHY_SHOWN - sum(map(len, (*warned.told, *recalled))))
    said = shorten(str(purposes.words(speech, draft.card).get("why", "")), room)
    why = speech.words("why.purpose", purpose=said)
    lacks = missing_languages(unit, cohort, draft.card)
    if lacks:
        why = f"{why}\n{_lacking_told(screen, draft, lacks)}"
    why = "\n".join((why, *recalled, *warned.told))
    keyboard = _choices(screen, draft, people, list(lacks)[:LACKING_SHOWN], warned)
    if draft.version != dialog.version:
        drafts.change(unit, screen.person, version=dialog.version)
    screen.show("\n\n".join(filter(None, (before, " ".join(told), why))), keyboard)


def _when(turns: Turns, screen: Screen, cohort: Cohort, draft: Draft) -> tuple[str, list[str]]:
    """Return in words when a draft goes out, and why then; and how many get it at that hour of a zone of their own."""
    unit, speech = screen.unit, screen.speech
    wished = draft.at if draft.at and draft.at > unit.now else unit.now
    goes = turns.organisation.sends_from(unit, cohort, wished)
    if goes == unit.now:
        return speech.words("ask.at.now"), []
    moment = turns.organisation.moment(speech, drafts.zone_of(turns, unit, cohort), goes)
    told = [speech.words("ask.hours")] if goes > wished else []
    if others := own_zone.elsewhere(unit, cohort, goes):
        told.append(speech.texts.count("ask.elsewhere", speech.language, others))
    return speech.words("ask.at", when=moment), told


def _choices(
    screen: Screen, draft: Draft, people: int, lacking: Sequence[str], warned: last_warnings.LastWarnings
) -> Keyboard:
    """Return what can be done with a draft that is ready, and goes to so many people."""
    look_at = "button.ask_look" if people > 1 else "button.ask_look.one"
    when = (("button.ask_when", targets.ASK_WHEN), ("button.ask_repeat", targets.ASK_REPEAT))
    send = "button.ask_send_anyway" if warned.told else "button.ask_send"
    return (
        *rows(screen.button(look_at, ASK_LOOK)),
        (screen.button("button.ask_test", ASK_TEST), screen.button("button.ask_paper", targets.ASK_PAPER)),
        tuple(screen.button(code, target) for code, target in when),
        *rows(
            *([screen.button("button.ask_words", targets.OWN_AGAIN)] if warned.question else []),
            screen.button("button.ask_why", targets.ASK_WHY),
            *(
                screen.button(
                    "button.ask_why_in",
                    targets.ASK_WHY_IN,
                    Picked(tag),
                    language=shorten(screen.language(tag), 24),
                )
                for tag in lacking
            ),
            screen.button(send, ASK_SEND, Sending(draft.id)),
            screen.button("button.ask_drop", ASK_DROP),
        ),
    )


def look(turns: Turns, screen: Screen) -> None:
    """Show the draft's confirmation, or how it stands if it was sent already."""
    found = ready(turns, screen)
    if found is None:
        return
    draft, cohort, _ = found
    if draft.sent is not None:
        _sent(turns, screen, cohort, draft.sent, len(screen.unit.memberships.active(cohort.id)))
    else:
        confirm(turns, screen)


def _sent(turns: Turns, screen: Screen, cohort: Cohort, broadcast_id: UUID, people: int) -> None:
    """Say that a broadcast is on its way, or when it will be, with a button to take it back."""
    unit, speech = screen.unit, screen.speech
    given = unit.broadcasts.get(broadcast_id)
    count = speech.texts.count
    if given is not None and given.due_at > unit.now:
        when = turns.organisation.moment(speech, drafts.zone_of(turns, unit, cohort), given.due_at)
        text = count("ask.scheduled", speech.language, people, cohort=cohort.name, when=when)
    else:
        text = count("ask.sent", speech.language, people, cohort=cohort.name)
    silent = len(hand_notices.silent(unit, given).left) if given is not None else 0
    if silent and hand_rows.has_page(turns.site):
        text = f"{text} {count('hand.sent', speech.language, silent)}"
    keyboard = rows(
        speech.button("button.progress", targets.PROGRESS, broadcast_id.hex),
        screen.button("button.ask_cancel", ASK_CANCEL, OfId(broadcast_id)),
        speech.button("button.menu", targets.HOME),
    )
    screen.show(text, keyboard)


def missing_languages(unit: Unit, cohort: Cohort, card: Mapping[str, Any]) -> dict[str, int]:
    """Return the members' languages that a purpose card has no words in, with the number of members of each."""
    there = purposes.written(card)
    found = unit.memberships.languages(cohort.id) if there else {}
    short: dict[str, int] = {}
    for tag, number in found.items():
        if not languages.covers(tag, there):
            plain = languages.base(tag)
            short[plain] = short.get(plain, 0) + number
    return short


def _lacking_told(screen: Screen, draft: Draft, lacks: Mapping[str, int]) -> str:
    texts, language = screen.speech.texts, screen.speech.language
    spoken = texts.all_of([screen.language(tag) for tag in lacks], language)
    written = texts.all_of([screen.language(tag) for tag in sorted(purposes.written(draft.card))], language)
    return texts.count("ask.why.lacking", language, sum(lacks.values()), languages=spoken, language=written)


def _asked(turns: Turns, screen: Screen, cohort: Cohort, draft: Draft) -> list[str]:
    """Return what speaks against sending: it is night there, or so many were asked something yesterday or today."""
    unit, speech = screen.unit, screen.speech
    today = drafts.midnight(unit.now, drafts.zone_of(turns, unit, cohort))
    told = []
    at_once = draft.at is None and turns.organisation.sends_from(unit, cohort, unit.now) == unit.now
    if at_once and not DAY_BEGINS <= unit.now.astimezone(today.tzinfo).hour < DAY_ENDS:
        when = turns.organisation.moment(speech, str(today.tzinfo), unit.now)
        told.append(speech.words("ask.late", when=when))
    for code, since, until in (
        ("ask.asked.yesterday", today - A_DAY, today),
        ("ask.asked.today", today, unit.now + timedelta(minutes=1)),
    ):
        number = unit.broadcasts.asked(cohort.id, since, until)
        if number:
            told.append(speech.texts.count(code, speech.language, number))
    record = turns.organisation.record(unit)
    wished = max(draft.at or unit.now, unit.now)
    if (away := turns.organisation.away(unit, wished)) is not None:
        told.append(speech.words("ask.away", day=speech.texts.day_of(away.back, speech.language)))
    most = askings_a_week(record)
    if often := unit.reached.often(cohort.id, wished - WEEK, most):
        told.append(speech.texts.count("ask.asked.week", speech.language, often, times=most))
    return told


def languages_of(cohort: Cohort) -> list[str]:
    """Return a cohort's languages in its order, or the default."""
    return list(cohort.languages) or [languages.DEFAULT]


def latest(unit: Unit, person: Person) -> Broadcast | None:
    """Return the last broadcast to a cohort the person reaches: their own, else anybody's."""
    reached = {cohort.id for cohort in cohorts_of(unit, person)}
    found = unit.broadcasts.list(list(reached)) if reached else []
    given = [each for each in found if each.cancelled_at is None and not (each.shares_back or each.on_paper)]
    return next((each for each in given if each.ordered_by == person.id), given[0] if given else None)


def end_rehearsal(turns: Turns, unit: Unit, person: Person) -> None:
    """End a person's rehearsal that is still open."""
    row = unit.runs.open(person)
    if row is not None and row.rehearsal:
        turns.expire(unit, person, row)


def title(screen: Screen, dialog: Dialog) -> str:
    """Return a dialog's title, shortened."""
    return shorten(wording.choose(dialog.title, screen.speech.language), LABEL * 2)


def _dead_end(screen: Screen, code: str, **facts: object) -> None:
    """Say why one cannot go on, with a button back to the beginning."""
    screen.show(screen.words(code, **facts), rows(screen.button("button.ask", targets.ASK), screen.menu()))
