"""Who is on watch, for admins: whose phone rings when somebody cries for help, at what hours, and a drill on it."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Literal
from uuid import UUID

from bot.conversation.actions import Action, Begin, Next, handles
from bot.conversation.screen import LABEL, Screen
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import watch
from bot.services.permissions import ADMINS_OF_ALL, FACILITATORS
from bot.services.refusals import NotFound
from bot.services.watch import Watcher
from bot.team.home.care_lines import hours_of, key_of
from bot.team.kit.feature import CompletedWizard, Feature
from dialogs.fuzzy_match import folded
from dialogs.model import Choice, Value
from storage.people import Person
from storage.unit import Unit

WIZARD: Final = "watch"


class WatchShown(Argument):
    """Who is on watch; a wizard that puts somebody there (`new`); or that nobody is (`none`)."""

    layout: ClassVar[str] = "[{step}]"
    step: Literal["", "new", "none"] = ""


class OneWatcher(Argument):
    """One on watch, by the place in the list and a digest of the name: open, try the phone, take off."""

    layout: ClassVar[str] = "{step}{place}.{key}"
    step: Literal["o", "t", "r"]
    place: int
    key: str


WATCH = Action(targets.WATCH, ADMINS_OF_ALL, (WatchShown, OneWatcher), commands=("watch",))
DRILLED = Action(targets.DRILLED, FACILITATORS)


class WatchScreens(Feature):
    """The list of who is on watch, one of them, the wizard that adds one, and the answer to a drill."""

    wizards: ClassVar = {WIZARD: WATCH}

    @handles(WATCH)
    def watch(self, screen: Screen, argument: WatchShown | OneWatcher) -> Next:
        """Show who is on watch or one of them, or do what the button says."""
        if isinstance(argument, OneWatcher):
            self._about(screen, argument)
            return None
        if argument.step == "new":
            return Begin(WIZARD)
        if argument.step == "none":
            watch.nobody(screen.unit, screen.person)
        self._list(screen)
        return None

    @handles(DRILLED)
    def drilled(self, screen: Screen) -> None:
        """Note that the drill was heard, and say so."""
        watch.heard_drill(screen.unit, screen.person)
        screen.speech.say("watch.heard", rows(screen.speech.button("button.menu", targets.HOME)))

    def _list(self, screen: Screen) -> None:
        record = screen.unit.organisation.get()
        found = watch.watchers(record)
        code = "watch.shown" if found else "watch.nobody" if watch.was_asked(record) else "watch.unasked"
        lines = [screen.words(code)]
        lines += [f"· {each.name}: {each.hours.words(screen.speech)}{self._state(screen, each)}" for each in found]
        buttons = [
            screen.labelled(shorten(each.name, LABEL), WATCH, OneWatcher("o", place, key_of(each.name)))
            for place, each in enumerate(found)
        ]
        if len(found) < watch.MOST:
            buttons.append(screen.button("button.watch_add", WATCH, WatchShown("new")))
        if not found and not watch.was_asked(record):
            buttons.append(screen.button("button.watch_nobody", WATCH, WatchShown("none")))
        last = (screen.button("button.checklist", targets.CHECKLIST), screen.menu())
        screen.show("\n".join(lines), (*rows(*buttons), last))

    def _state(self, screen: Screen, one: Watcher) -> str:
        """Return the words that somebody on watch rests, and who is in their place, or that no phone rings."""
        if one.rests(screen.unit):
            return f" ({screen.words('watch.rests')})"
        return f" ({screen.words('watch.page_only')})" if watch.is_silent(one.person(screen.unit)) else ""

    def _about(self, screen: Screen, argument: OneWatcher) -> None:
        """Show one who is on watch; try the phone; or take that person off."""
        unit = screen.unit
        found = watch.watchers(unit.organisation.get())
        try:
            one = found[argument.place] if argument.place < len(found) else None
            if one is None or key_of(one.name) != argument.key:
                self._said(screen, screen.words("watch.gone"))
            elif argument.step == "r":
                watch.take_off(unit, screen.person, argument.place, one.name)
                self._list(screen)
            elif argument.step == "t":
                person = watch.drill(unit, self._turns, screen.person, one)
                self._said(screen, screen.words("watch.drill_sent", name=person.display_name))
            else:
                self._open(screen, argument, one)
        except NotFound:
            self._said(screen, screen.words("watch.unreachable"))

    def _open(self, screen: Screen, argument: OneWatcher, one: Watcher) -> None:
        person = one.person(screen.unit)
        lines = [f"{one.name}: {one.hours.words(screen.speech)}"]
        if person is None:
            lines.append(screen.words("watch.absent", name=one.name))
        elif watch.is_silent(person):
            lines.append(screen.words("watch.silent"))
        elif any(each == one for each in watch.undrilled(screen.unit, screen.unit.organisation.get())):
            lines.append(screen.words("watch.undrilled"))
        else:
            lines.append(screen.words("watch.drilled"))
        place, key = argument.place, argument.key
        ways = [screen.button("button.watch_try", WATCH, OneWatcher("t", place, key))] if person else []
        off = screen.button("button.watch_off", WATCH, OneWatcher("r", place, key))
        screen.show("\n\n".join(lines), rows(*ways, off, screen.button("button.return", WATCH), screen.menu()))

    def _said(self, screen: Screen, text: str) -> None:
        screen.show(text, rows(screen.button("button.watch", WATCH), screen.menu()))

    def choices(
        self, unit: Unit, person: Person, language: str, name: str, answers: Mapping[str, Value | None]
    ) -> Sequence[Choice]:
        """Return everybody of the team who reads."""
        if name != "watch_team":
            return super().choices(unit, person, language, name, answers)
        found = (unit.people.get(each) for each in unit.roles.who_reads())
        named = sorted(((each.display_name, each.id) for each in found if each), key=lambda each: folded(each[0]))
        return [Choice(str(id_), {language: shown}) for shown, id_ in named]

    def finish(self, screen: Screen, done: CompletedWizard) -> None:
        """Put whoever was chosen on watch, if the admin confirmed it."""
        values, speech, unit = done.values, screen.speech, screen.unit
        keyboard = rows(speech.button("button.watch", WATCH), speech.button("button.menu", targets.HOME))
        chosen = str(values.get("who") or "")
        person = unit.people.get(UUID(chosen)) if chosen else None
        if values.get("confirm") != "keep" or person is None:
            speech.say("watch.not_put", keyboard)
            return
        watch.put(unit, screen.person, Watcher(person.display_name, hours_of(values), person.id))
        lines = [speech.words("watch.put", name=person.display_name)]
        if watch.is_silent(person):
            lines.append(speech.words("watch.silent"))
        speech.send("\n\n".join(lines), keyboard)
