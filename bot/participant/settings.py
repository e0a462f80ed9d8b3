"""How she is spoken to: language, tú or usted, hours, reading or listening, the phone she shares, name and gender."""

import itertools
import random
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.conversation.writer import DISCREET_PHONES
from bot.messengers.port import Button
from bot.product_languages import LANGUAGES, language_of
from bot.rendering.speech import rows
from bot.services import hours
from bot.services.chat_cleanup import tidy
from bot.services.cohorts import FORMS
from dialogs import languages
from storage.people import Person
from storage.unit import Unit

NICKNAME_LENGTH = 30
MOST_LANGUAGES = 6  # on one screen, which has eight rows with the ways back
GENDERS = ("feminine", "masculine", "neutral", "any")
PHONES = ("mine", "shared", "checked", "unsaid")
NIGHTLY = "nightly"
TIDIED = "tidied"  # in her preferences: when that was done last, or chosen
DRAWN = 4  # names with numbers of as many digits


class Ways:
    """Screens that change how Hilo treats her."""

    def __init__(self, turns: Turns) -> None:
        """Take what plays turns."""
        self._turns = turns

    def do(self, screen: Screen, action: str, argument: str) -> None:
        """Show the screen of an action, or change what its button says."""
        match action:
            case "languages":
                self._languages(screen, int(argument) if argument.isdecimal() else 0)
            case "language":
                self._language(screen, argument)
            case "hours":
                self._hours(screen, argument)
            case "voice":
                self._choose(screen, "form", FORMS, argument, "voice")
            case "gender":
                self._choose(screen, "gender", GENDERS, argument, "gender")
            case "phone":
                self._phone(screen, argument)
            case "tidy":
                self._tidy(screen)
            case _:
                self._all(screen)

    def _all(self, screen: Screen) -> None:
        language = language_of(screen.person)
        keyboard = rows(
            screen.button("button.languages", "languages"),
            screen.button("button.hours", "hours"),
            screen.button("button.voice", "voice"),
            screen.button("button.phone", "phone"),
            screen.button("button.nickname", "nickname"),
            screen.button("button.gender", "gender"),
            screen.menu(),
        )
        hour = self._told_hours(screen)
        form = screen.words(f"hers.voice.{screen.person.preferences.get('form') or 'unsaid'}")
        facts = {"language": languages.own_name(language), "hours": hour, "form": form}
        screen.show(screen.words("hers.how", **facts), keyboard)

    def _languages(self, screen: Screen, page: int = 0) -> None:
        offered, more = shelf_of(languages_of(screen.unit, screen.person), page)
        buttons = [screen.labelled(languages.own_name(tag), "language", tag) for _, tag in offered]
        if more is not None:
            buttons.append(screen.button("button.more_languages", "languages", str(more)))
        screen.show(screen.words("home.languages"), rows(*buttons, screen.button("button.return", "how")))

    def _language(self, screen: Screen, tag: str) -> None:
        if tag not in languages.LANGUAGES:
            self._languages(screen)
            return
        register = languages.register_of(tag)
        person = screen.unit.people.change(screen.person, language=tag)
        if register:
            person = screen.unit.people.prefer(person, register=register)
        speech = self._turns.speech(screen.unit, person)
        row = screen.unit.runs.open(person)
        if row is not None and row.status != "postponed" and person.participation == "active":
            speech.say("home.language_changed")
            self._turns.again(screen.unit, person, row)
        else:
            speech.say("home.language_changed", rows(speech.button("button.menu", "home")))

    def _hours(self, screen: Screen, toggled: str) -> None:
        """Toggle a part of the day and show what is chosen; nothing chosen is any hour of the day."""
        chosen = [each for each in hours.CHOICES if each in (screen.person.preferences.get("hours") or ())]
        if toggled in hours.CHOICES:
            chosen = [each for each in hours.CHOICES if (each in chosen) is not (each == toggled)]
            screen = self._prefer(screen, hours=chosen)
        buttons = [
            _ticked(screen, f"hers.hours.{each}", "hours", each, ticked=each in chosen) for each in hours.CHOICES
        ]
        text = screen.words("hers.hours", hours=self._told_hours(screen))
        screen.show(text, rows(*buttons, screen.button("button.return", "how"), screen.menu()))

    def _told_hours(self, screen: Screen) -> str:
        chosen = [each for each in hours.CHOICES if each in (screen.person.preferences.get("hours") or ())]
        if not chosen:
            return screen.words("hers.hours.any")
        told = [screen.words(f"hers.hours.{each}").lower() for each in chosen]
        return screen.speech.texts.all_of(told, screen.speech.language)

    def _choose(self, screen: Screen, preference: str, choices: Iterable[str], chosen: str, action: str) -> None:
        """Show one preference with its choices, the present one ticked; a press chooses."""
        if chosen in choices:
            screen = self._prefer(screen, **{preference: chosen})
        present = screen.person.preferences.get(preference)
        buttons = [_ticked(screen, f"hers.{action}.{each}", action, each, ticked=each == present) for each in choices]
        screen.show(
            screen.words(f"hers.{action}"), rows(*buttons, screen.button("button.return", "how"), screen.menu())
        )

    def _phone(self, screen: Screen, argument: str) -> None:
        if argument == NIGHTLY:
            nightly = screen.person.preferences.get("tidy") == NIGHTLY
            chosen = {"tidy": None if nightly else NIGHTLY, TIDIED: screen.unit.now.isoformat()}
            screen = self._prefer(screen, **chosen)
        elif argument in PHONES:
            screen = self._prefer(screen, phone=argument)
        present = screen.person.preferences.get("phone")
        buttons = [_ticked(screen, f"hers.phone.{each}", "phone", each, ticked=each == present) for each in PHONES]
        nightly = screen.person.preferences.get("tidy") == NIGHTLY
        ways = [screen.button("button.return", "how")]
        if screen.speech.can.takes_back:
            at_night = _ticked(screen, "button.tidy_nightly", "phone", NIGHTLY, ticked=nightly)
            ways = [screen.button("button.tidy", "tidy"), at_night, *ways]
        code = "hers.phone.discreet" if present in DISCREET_PHONES else "hers.phone"
        screen.show(screen.words(code), rows(*buttons, *ways))

    def _tidy(self, screen: Screen) -> None:
        """Take what the bot said out of the chat; what says so stays, without a word about what it was."""
        tidy(screen.speech)
        screen.speech.say("hers.tidied", rows(screen.speech.button("button.menu", "home")))

    def _prefer(self, screen: Screen, **chosen: object) -> Screen:
        return screen.spoken(screen.speech, screen.unit.people.prefer(screen.person, **chosen))


def languages_of(unit: Unit, person: Person) -> list[str]:
    """List the languages a person may choose: those of their groups first, each followed by its registers."""
    cohorts = (unit.cohorts.get(cohort_id) for cohort_id in unit.memberships.of(person.id))
    own = [tag for cohort in cohorts if cohort for tag in cohort.languages]
    return list(languages.with_registers(dict.fromkeys((*own, *LANGUAGES))))


def shelf_of(tags: Sequence[str], page: int) -> tuple[list[tuple[int, str]], int | None]:
    """Return the languages of one screen, each with its number in the whole list, and which screen comes next.

    After the last one the first comes again; None where all fit on one.
    """
    if len(tags) <= MOST_LANGUAGES:
        return list(enumerate(tags, 1)), None
    size = MOST_LANGUAGES - 1  # one row leads on
    last = (len(tags) - 1) // size
    page = page if 0 <= page <= last else 0
    shown = list(enumerate(tags, 1))[page * size : (page + 1) * size]
    return shown, 0 if page == last else page + 1


def clean_name(said: str) -> str:
    """Return a name on one line, without control characters or marks that turn the writing direction."""
    kept = (letter for letter in said if unicodedata.category(letter) not in {"Cc", "Cf", "Co", "Cs"})
    return " ".join("".join(kept).split())


def pick_name(unit: Unit, person: Person, names: list[str]) -> str:
    """Pick a nickname that nobody in her groups has; when all are taken, one with a number."""
    cohort_ids = unit.memberships.of(person.id)
    first = person.id.int % len(names)
    turned = names[first:] + names[:first]
    return next(unit.people.free(_names(turned), cohort_ids, person.id))


def _names(names: list[str]) -> Iterator[str]:
    """Give names without end: plain, then a few of each with a number of one digit, of two, of three, drawn by lot.

    However many are taken, a free one is found among two dozen.
    """
    yield from names
    for digits in itertools.count(1):
        for _ in range(DRAWN):
            number = random.randrange(max(2, 10 ** (digits - 1)), 10**digits)  # noqa: S311  no secret
            yield f"{random.choice(names)} {number}"  # noqa: S311  no secret


def _ticked(screen: Screen, code: str, action: str, argument: str, *, ticked: bool) -> Button:
    words = screen.words(code)
    return screen.labelled(f"✓ {words}" if ticked else words, action, argument)
