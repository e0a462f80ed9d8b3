"""Settings: language, tú or usted, hours, reading or listening, signal, whose phone it is, nickname and gender."""

import itertools
import random
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot import product_languages
from bot.conversation.actions import ALSO_LEFT, Action, handles
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.participant.waiting import WAITING
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.arguments import Page, Picked
from bot.rendering.speech import rows
from bot.services import chat_cleanup, hours, phones, places
from bot.services.cohorts import FORMS, SIGNALS
from bot.services.own_time import present
from bot.services.permissions import CONFIDANT, EVERYONE
from dialogs import languages
from dialogs.model import Value
from storage.people import Person
from storage.unit import Unit

NICKNAME_LENGTH = 30
MOST_LANGUAGES = 6  # on one screen, which has eight rows including those that lead back
GENDERS = ("feminine", "masculine", "neutral", "any")
PHONES = ("mine", "shared", "checked", "unsaid")
NIGHTLY = "nightly"
TIDIED = "tidied"  # preference: when the chat was last tidied, or nightly tidying was chosen
SEEN_BY = "phone_said_at"  # preference: when it was last said, or asked, who sees the phone
SAME = "same"
JUST_NOW = timedelta(hours=1)
ASKED_EVERY = timedelta(days=91)
PREFERENCES = frozenset({"form", "phone", "hours", "signal", "register", "gender"})  # questions of the first dialog
DRAWN = 4  # random names for each number of digits


HOW = Action(targets.HOW, EVERYONE)
LANGUAGES = Action(targets.LANGUAGES, EVERYONE, (Page,), commands=("language",), states=ALSO_LEFT, offered=10)
LANGUAGE = Action("language", EVERYONE, (Picked,), states=ALSO_LEFT)
HOURS = Action(targets.HOURS, EVERYONE, (Picked,), commands=("hours",), offered=11)
VOICE = Action("voice", EVERYONE, (Picked,), commands=("voice",), offered=12)
SIGNAL = Action("signal", EVERYONE, (Picked,))
GENDER = Action("gender", EVERYONE, (Picked,))
PHONE = Action("phone", EVERYONE, (Picked,))
TIDY = Action("tidy", EVERYONE, commands=("tidy",), states=ALSO_LEFT)


class SettingsScreens:
    """Screens that change how Hilo treats a person."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    @handles(HOW)
    def how(self, screen: Screen) -> None:
        """Show the settings, with a button to change each."""
        language = language_of(screen.person)
        keyboard = rows(
            screen.button("button.languages", LANGUAGES),
            screen.button("button.hours", HOURS),
            screen.button("button.voice", VOICE),
            screen.button("button.phone", PHONE),
            screen.button("button.nickname", targets.NICKNAME),
            screen.button("button.gender", GENDER),
            *([screen.button("button.rhythms", targets.RHYTHM)] if present(screen.unit, screen.person) else []),
            *([screen.button("button.confidant", targets.CONFIDANT)] if CONFIDANT in screen.person.preferences else []),
            screen.menu(),
        )
        hour = self._told_hours(screen)
        form = screen.words(f"leader.voice.{screen.person.preferences.get('form') or 'unsaid'}")
        facts = {
            "language": screen.language(language),
            "hours": hour,
            "form": form,
        }
        screen.show(screen.words("leader.how", **facts), keyboard)

    @handles(LANGUAGES)
    def languages(self, screen: Screen, argument: Page) -> None:
        """Offer a page of languages."""
        offered, more = language_page(languages_of(screen.unit, screen.person), argument.page)
        buttons = [screen.labelled(languages.own_name(tag), LANGUAGE, Picked(tag)) for _, tag in offered]
        if more is not None:
            buttons.append(screen.button("button.more_languages", LANGUAGES, Page(more)))
        screen.show(screen.words("home.languages"), rows(*buttons, screen.button("button.return", HOW)))

    @handles(LANGUAGE)
    def language(self, screen: Screen, argument: Picked) -> None:
        """Change the language."""
        tag = argument.choice
        if tag not in languages.LANGUAGES:
            self.languages(screen, Page())
            return
        register = languages.register_of(tag)
        person = screen.unit.people.change(screen.person, language=tag)
        if register:
            person = screen.unit.people.prefer(person, register=register)
        speech = self._turns.speech(screen.unit, person)
        row = screen.unit.runs.open(person)
        if row is not None and row.status != "postponed" and person.participation == "active":
            speech.say("home.language_changed")
            self._turns.ask_again(screen.unit, person, row)
        else:
            speech.say("home.language_changed", rows(speech.button("button.menu", targets.HOME)))

    @handles(HOURS)
    def hours(self, screen: Screen, argument: Picked) -> None:
        """Toggle a part of the day, and show what is chosen; with nothing chosen, any hour is fine."""
        toggled = argument.choice
        chosen = [each for each in hours.CHOICES if each in (screen.person.preferences.get("hours") or ())]
        if toggled in hours.CHOICES:
            chosen = [each for each in hours.CHOICES if (each in chosen) is not (each == toggled)]
            screen = self._prefer(screen, hours=chosen)
        buttons = [
            _ticked(screen, f"leader.hours.{each}", HOURS, each, ticked=each in chosen) for each in hours.CHOICES
        ]
        city = places.city(self._turns.organisation.zone(screen.unit, screen.person), screen.speech.language)
        text = screen.words("leader.hours", hours=self._told_hours(screen), city=city)
        ways = (screen.button("button.zone", targets.OWN_ZONE), screen.button("button.return", HOW), screen.menu())
        screen.show(text, rows(*buttons, *ways))

    def _told_hours(self, screen: Screen) -> str:
        chosen = [each for each in hours.CHOICES if each in (screen.person.preferences.get("hours") or ())]
        if not chosen:
            return screen.words("leader.hours.any")
        told = [screen.words(f"leader.hours.{each}").lower() for each in chosen]
        return screen.speech.texts.all_of(told, screen.speech.language)

    @handles(VOICE)
    def voice(self, screen: Screen, argument: Picked) -> None:
        """Choose between reading and listening; signal and data, which decide what comes by itself, are behind it."""
        further = [screen.button("button.signal", SIGNAL)]
        self._choose(screen, "form", FORMS, argument.choice, VOICE, further)

    @handles(SIGNAL)
    def signal(self, screen: Screen, argument: Picked) -> None:
        """Say how signal and data are: with little of them, recordings come only when they are asked for."""
        self._choose(screen, "signal", SIGNALS, argument.choice, SIGNAL)

    @handles(GENDER)
    def gender(self, screen: Screen, argument: Picked) -> None:
        """Choose how the participant is addressed."""
        self._choose(screen, "gender", GENDERS, argument.choice, GENDER)

    def _choose(
        self,
        screen: Screen,
        preference: str,
        choices: Iterable[str],
        chosen: str,
        action: Action,
        further: Sequence[Button] = (),
    ) -> None:
        """Show a preference with its choices, the current one ticked; a press chooses."""
        if chosen in choices:
            screen = self._prefer(screen, **{preference: chosen})
        present = screen.person.preferences.get(preference)
        buttons = [
            _ticked(screen, f"leader.{action.name}.{each}", action, each, ticked=each == present) for each in choices
        ]
        ways = (*further, screen.button("button.return", HOW), screen.menu())
        screen.show(screen.words(f"leader.{action.name}"), rows(*buttons, *ways))

    @handles(PHONE)
    def phone(self, screen: Screen, argument: Picked) -> None:
        """Choose whose phone it is, and whether the chat is tidied at night."""
        chosen_one = argument.choice
        if chosen_one == NIGHTLY:
            nightly = screen.person.preferences.get("tidy") == NIGHTLY
            chosen = {"tidy": None if nightly else NIGHTLY, TIDIED: screen.unit.now.isoformat()}
            screen = self._prefer(screen, **chosen)
        elif chosen_one in PHONES:
            screen = self._prefer(screen, **{"phone": chosen_one, SEEN_BY: screen.unit.now.isoformat()})
        elif chosen_one == SAME:
            screen.show(screen.words("phone.same"), rows(screen.menu()))
            return
        present = screen.person.preferences.get("phone")
        buttons = [_ticked(screen, f"leader.phone.{each}", PHONE, each, ticked=each == present) for each in PHONES]
        nightly = screen.person.preferences.get("tidy") == NIGHTLY
        ways = [screen.button("button.return", HOW)]
        if screen.speech.can.takes_back:
            at_night = _ticked(screen, "button.tidy_nightly", PHONE, NIGHTLY, ticked=nightly)
            ways = [screen.button("button.tidy", TIDY), at_night, *ways]
        ways = [screen.button("button.lock_menu", targets.LOCK), *ways]
        code = "leader.phone" if present in {None, phones.OWN} else "leader.phone.discreet"
        screen.show(screen.words(code), rows(*buttons, *ways))

    def completed(self, unit: Unit, person: Person) -> None:
        """Ask every three months whether the phone is still seen by the same people, after a conversation has ended."""
        if _said_lately(unit, person):
            return
        present = unit.people.get(person.id)  # what was said in this very turn is not in `person` yet
        if present is None or present.participation != "active" or _said_lately(unit, present):
            return
        if unit.roles.of(person.id):
            return
        self._ask_again(unit, person, present)

    def came(self, unit: Unit, person: Person) -> None:
        """Ask the same of somebody who came and completed nothing; never over a question, whoever asked it."""
        if person.participation != "active" or person.damaged or _said_lately(unit, person):
            return
        present = unit.people.get(person.id)  # what was said in this very turn is not in `person` yet
        if present is None or present.participation != "active" or _said_lately(unit, present):
            return
        if unit.roles.of(person.id):
            unit.people.prefer(present, **{SEEN_BY: unit.now.isoformat()})  # so that it is not looked up in each turn
        elif present.preferences.get(SEEN_BY) is None or not is_asked(unit, present):
            self._ask_again(unit, person, present)

    def _ask_again(self, unit: Unit, person: Person, present: Person) -> None:
        said = present.preferences.get(SEEN_BY)
        present = unit.people.prefer(present, **{SEEN_BY: unit.now.isoformat()})
        if said is not None:  # else the three months begin now
            speech = self._turns.speech(unit, replace(present, messenger=person.messenger, chat=person.chat))
            same = speech.button("button.phone_same", PHONE, Picked(SAME))
            speech.say("phone.changed", rows(same, speech.button("button.phone_changed", PHONE)))

    @handles(TIDY)
    def tidy(self, screen: Screen) -> None:
        """Remove the bot's messages from the chat; what remains says nothing of their content."""
        chat_cleanup.tidy(screen.speech)
        screen.speech.say("leader.tidied", rows(screen.speech.button("button.menu", targets.HOME)))

    def _prefer(self, screen: Screen, **chosen: object) -> Screen:
        return screen.with_speech(screen.speech, screen.unit.people.prefer(screen.person, **chosen))


def phone_due(unit: Unit, person: Person) -> bool:
    """Return whether three months have passed since a person was asked, or said, who sees the phone."""
    return person.preferences.get(SEEN_BY) is not None and not _said_lately(unit, person)


def _said_lately(unit: Unit, person: Person) -> bool:
    said = person.preferences.get(SEEN_BY)
    return said is not None and unit.now - datetime.fromisoformat(said) < ASKED_EVERY


def is_asked(unit: Unit, person: Person) -> bool:
    """Return whether a person is being asked something: by a run, for words, or whether words go to the team."""
    row = unit.runs.open(person)
    # Whoever has just put it off is being asked until when.
    if row is not None and (row.status != "postponed" or unit.now - row.active_at < JUST_NOW):
        return True
    if person.preferences.get(WAITING):
        return True
    return any(each.direction == "held" for each in unit.messages.of(person.id))


def heed(unit: Unit, person: Person, given: Mapping[str, Value | None]) -> None:
    """Save preferences from each answer to the first dialog, so that they count even if it is left half-way."""
    wished: dict[str, object] = {name: value for name, value in given.items() if name in PREFERENCES and value}
    if "phone" in wished:
        wished[SEEN_BY] = unit.now.isoformat()
    present = unit.people.get(person.id)
    if not wished or present is None:
        return
    register = wished.get("register")
    language = present.language
    if isinstance(register, str):
        language = languages.in_register(language or languages.DEFAULT, register)
    unit.people.change(unit.people.prefer(present, **wished), language=language)


def languages_of(unit: Unit, person: Person) -> list[str]:
    """List the languages a person may choose: those of their cohorts first, each followed by its registers."""
    cohorts = (unit.cohorts.get(cohort_id) for cohort_id in unit.memberships.of(person.id))
    own = [tag for cohort in cohorts if cohort for tag in cohort.languages]
    return list(languages.with_registers(dict.fromkeys((*own, *product_languages.LANGUAGES))))


def language_page(tags: Sequence[str], page: int) -> tuple[list[tuple[int, str]], int | None]:
    """Return the languages of one screen, each with its number in the whole list, and the number of the next screen.

    After the last screen comes the first; None where all fit on one.
    """
    if len(tags) <= MOST_LANGUAGES:
        return list(enumerate(tags, 1)), None
    size = MOST_LANGUAGES - 1  # one row leads to the next screen
    last = (len(tags) - 1) // size
    page = page if 0 <= page <= last else 0
    shown = list(enumerate(tags, 1))[page * size : (page + 1) * size]
    return shown, 0 if page == last else page + 1


def clean_name(said: str) -> str:
    """Return a name on one line, without control characters or marks that turn the writing direction."""
    kept = (letter for letter in said if unicodedata.category(letter) not in {"Cc", "Cf", "Co", "Cs"})
    return " ".join("".join(kept).split())


def pick_name(unit: Unit, person: Person, names: list[str]) -> str:
    """Pick a nickname that nobody in the person's cohorts has; when all are taken, one with a number."""
    cohort_ids = unit.memberships.of(person.id)
    first = person.id.int % len(names)
    turned = names[first:] + names[:first]
    return next(unit.people.free(_names(turned), cohort_ids, person.id))


def _names(names: list[str]) -> Iterator[str]:
    """Yield names without end: plain first, then a few random ones with a number of one digit, of two, of three.

    However many are taken, a free one is found among two dozen.
    """
    yield from names
    for digits in itertools.count(1):
        for _ in range(DRAWN):
            number = random.randrange(max(2, 10 ** (digits - 1)), 10**digits)  # noqa: S311  no secret
            yield f"{random.choice(names)} {number}"  # noqa: S311  no secret


def _ticked(screen: Screen, code: str, action: Action, choice: str, *, ticked: bool) -> Button:
    words = screen.words(code)
    return screen.labelled(f"✓ {words}" if ticked else words, action, Picked(choice))
