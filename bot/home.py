"""Where a person stands when no question holds the floor: the menu, support, language, words for the team."""

from uuid import UUID

from bot import clock
from bot.buttons import PlainButton
from bot.joining import ALWAYS, FIRST_DIALOG
from bot.messenger import Button, Incoming
from bot.permissions import allowed
from bot.speech import Speech, rows
from bot.staff.asking import Asking
from bot.staff.reading import Reading
from bot.turns import Turns
from dialogs import languages
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

PREFERENCES = ("form", "phone", "signal", "register", "gender")


class Home:
    """Everything a person can do outside of a run, by buttons or commands."""

    def __init__(self, turns: Turns) -> None:
        """Take what plays turns."""
        self._turns = turns
        self._reading = Reading(turns)
        self._asking = Asking(turns)

    def do(self, unit: Unit, person: Person, press: PlainButton, incoming: Incoming) -> None:
        """Do what a button or a command outside of a run asks for; what is not allowed leads home."""
        speech = self._turns.speech(unit, person)
        if not allowed(unit, person, press.action):
            unit.audit.add(str(person.id), "refused", press.action, {})
            speech.say("staff.not_allowed", rows(self._menu(speech)))
            return
        match press.action:
            case "support":
                self.support(speech)
            case "languages":
                self._languages(speech, person)
            case "language":
                self._change_language(unit, person, press.argument)
            case "who":
                self._who(speech, person)
            case "help":
                speech.say("help.staff" if unit.roles.of(person.id) else "help", rows(self._menu(speech)))
            case "pass_on":
                self._pass_on(speech, person, press.argument)
            case "ask":
                self._asking.start(unit, person)
            case "read" | "progress":
                self._reading.do(speech, person, press, incoming)
            case action if action in RUN_WORDS:
                speech.say("misplaced.closed", rows(self._menu(speech)))
            case _:
                self.show(unit, person)

    def show(self, unit: Unit, person: Person) -> None:
        """Show the menu: what is open first, then what the person's role allows."""
        speech = self._turns.speech(unit, person)
        buttons: list[Button] = []
        row = unit.runs.open(person)
        if row is not None:
            action = "resume" if row.status == "postponed" else "start"
            if row.status == "open":
                buttons.append(speech.button("button.go_on", "again"))
            else:
                identity = speech.buttons.run(row.id, row.prompt, action)
                buttons.append(Button(speech.words("button.go_on"), identity))
        if allowed(unit, person, "read"):
            buttons.append(speech.button("button.read", "read"))
            buttons.append(speech.button("button.ask", "ask"))
            buttons.append(speech.button("button.progress", "progress"))
        elif row is None and not person.preferences.get("form"):
            buttons.append(speech.button("button.welcome", FIRST_DIALOG))
        buttons.append(speech.button("button.support", "support"))
        buttons.append(speech.button("button.who", "who"))
        buttons.append(speech.button("button.languages", "languages"))
        speech.say("home.staff" if unit.roles.of(person.id) else "home.open" if row else "home", rows(*buttons))

    def support(self, speech: Speech) -> None:
        """Show the organisation's own care card."""
        card = self._turns.organisation.care_card(speech)
        menu = rows(self._menu(speech))
        if card:
            speech.send(card, menu)
        else:
            speech.say("support.none", menu)

    def nothing_open(self, unit: Unit, person: Person, text: str) -> None:
        """Words when nothing is open: kept, and passed to the team only if she says so."""
        speech = self._turns.speech(unit, person)
        cohorts = unit.memberships.of(person.id)
        if not cohorts:
            self.show(unit, person)
            return
        message_id = clock.new_id()
        unit.messages.add(message_id, person, "held", text, unit.now, cohorts[0])
        keyboard = (
            (
                speech.button("button.yes", "pass_on", f"y{message_id.hex}"),
                speech.button("button.no", "pass_on", f"n{message_id.hex}"),
            ),
            (self._menu(speech),),
        )
        speech.say("home.pass_on", keyboard)

    def completed(self, unit: Unit, person: Person, row: RunRow) -> None:
        """A run reached its end: do what its answers ask for."""
        dialog = self._turns.dialog(unit, row.dialog_hash)
        answers = self._turns.answers(unit, person, row)
        values = {path: answer.value for path, answer in answers.items()}
        if dialog.kind == "staff":
            self._asking.finish(unit, person, row, values)
        elif dialog.name == FIRST_DIALOG:
            wished = {name: values[name] for name in PREFERENCES if values.get(name)}
            language = "es-usted" if values.get("register") == "usted" else person.language
            if values.get("register") == "tu" and person.language == "es-usted":
                language = "es"
            unit.people.change(person, preferences={**person.preferences, **wished}, language=language)

    def _menu(self, speech: Speech) -> Button:
        return speech.button("button.menu", "home")

    def _who(self, speech: Speech, person: Person) -> None:
        cohorts = speech.unit.memberships.of(person.id)
        organisation = self._turns.organisation
        readers = organisation.readers_line(speech, cohorts[0] if cohorts else None)
        lines = [readers or speech.words("who.nobody"), organisation.kept_line(speech)]
        speech.send(" ".join(lines), rows(self._menu(speech)))

    def _languages(self, speech: Speech, person: Person) -> None:
        cohorts = (speech.unit.cohorts.get(cohort_id) for cohort_id in speech.unit.memberships.of(person.id))
        own = [tag for cohort in cohorts if cohort for tag in cohort.languages]
        offered = dict.fromkeys((*own, *ALWAYS))
        speech.say(
            "home.languages",
            rows(*(Button(languages.own_name(tag), speech.buttons.plain("language", tag)) for tag in offered)),
        )

    def _change_language(self, unit: Unit, person: Person, tag: str) -> None:
        if tag not in languages.LANGUAGES:
            self._languages(self._turns.speech(unit, person), person)
            return
        person = unit.people.change(person, language=tag)
        self._turns.speech(unit, person).say("home.language_changed")
        row = unit.runs.open(person)
        if row is not None and row.status != "postponed":
            self._turns.again(unit, person, row)
        else:
            self.show(unit, person)

    def _pass_on(self, speech: Speech, person: Person, argument: str) -> None:
        message_id, messages = UUID(argument[1:]), speech.unit.messages
        if argument.startswith("y"):
            code = "home.passed_on" if messages.pass_on(message_id, person.id) else "home.decided"
        else:
            code = "home.not_passed_on" if messages.drop(message_id, person.id) else "home.decided"
        speech.say(code, rows(self._menu(speech)))


RUN_WORDS = frozenset({"why", "back", "skip", "later", "stop", "resume"})
