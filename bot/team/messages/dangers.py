"""The organisation's list of words of danger and its protocol, shown to admins and changed by them in chat."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from bot import product_languages
from bot.conversation.actions import Action, Begin, Next, handles
from bot.conversation.screen import Pager, Screen
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.buttons import digest
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services.danger_phrases import KEEP, decide, lower, waiting
from bot.services.danger_phrases import listed as phrases
from bot.services.notices import LoweredPhrase, words_of
from bot.services.permissions import ADMINS_OF_ALL
from bot.team.kit.feature import CompletedWizard, Feature
from bot.team.messages.alerts import ALERT
from dialogs import danger, languages
from dialogs.run import Answer
from storage.people import Person
from storage.unit import Unit

WORDS, PROTOCOL = "danger_words", "danger_protocol"
SHOWN = 3  # languages on a screen: two buttons for each
LISTED = 200  # characters of a list or a protocol on the screen


class DangerPage(Argument):
    """A page of languages."""

    layout: ClassVar[str] = "[p{page}]"
    page: int = 0


class Listed(Argument):
    """What to change: the words (`w`) or the protocol (`h`) of a language."""

    layout: ClassVar[str] = "{what}{language}"
    what: Literal["w", "h"]
    language: str


class Proposals(Argument):
    """Show the next phrase that is proposed to ring."""

    layout: ClassVar[str] = "q"


class ProposedPhrase(Argument):
    """Accept (`a`) or refuse (`r`) a proposed phrase, by its digest."""

    layout: ClassVar[str] = "{step}{phrase}.{language}"
    step: Literal["a", "r"]
    phrase: str
    language: str


DANGER = Action(
    targets.DANGER,
    ADMINS_OF_ALL,
    (DangerPage, Listed, LoweredPhrase, Proposals, ProposedPhrase),
    commands=("words",),
)


class DangerWords(Feature):
    """A screen that shows the words and the protocol, and a wizard for each."""

    wizards: ClassVar = {WORDS: DANGER, PROTOCOL: DANGER}

    @handles(DANGER)
    def danger(
        self, screen: Screen, argument: DangerPage | Listed | LoweredPhrase | Proposals | ProposedPhrase
    ) -> Next:
        """Show the words and protocols, change one in a language, propose a phrase, or lower one to marked."""
        if isinstance(argument, LoweredPhrase):
            self._lowered(screen, argument)
            return None
        if isinstance(argument, Proposals | ProposedPhrase):
            self._propose(screen, argument)
            return None
        if isinstance(argument, Listed) and argument.language in self._languages(screen.unit):
            key = WORDS if argument.what == "w" else PROTOCOL
            return Begin(key, {"language": argument.language, "key": key})
        self._show(screen, argument.page if isinstance(argument, DangerPage) else 0)
        return None

    def _propose(self, screen: Screen, argument: Proposals | ProposedPhrase) -> None:
        """Take the decision about a proposed phrase, and show the next one."""
        unit = screen.unit
        if isinstance(argument, ProposedPhrase):
            named = ((phrase, digest(phrase).hex()) for phrase in danger.proposed(argument.language))
            phrase = next((phrase for phrase, short in named if short == argument.phrase), None)
            if phrase is not None:
                record = decide(unit.organisation.get(), argument.language, phrase, rings=argument.step == "a")
                unit.organisation.set(record)
                unit.audit.add(str(screen.person.id), "organisation.changed", WORDS, {"language": argument.language})
        left = waiting(unit.organisation.get())
        if not left:
            number = sum(map(len, (unit.organisation.get().get(WORDS) or {}).values()))
            told = screen.speech.texts.count("danger.decided", screen.speech.language, number)
            screen.show(told, rows(screen.button("button.danger", DANGER), screen.menu()))
            return
        tag, phrase = left[0]
        short = digest(phrase).hex()
        text = screen.words("danger.propose", phrase=phrase, language=languages.own_name(tag), left=len(left))
        keyboard = rows(
            screen.button("button.ring", DANGER, ProposedPhrase("a", short, tag)),
            screen.button("button.not_ring", DANGER, ProposedPhrase("r", short, tag)),
            screen.button("button.danger", DANGER),
            screen.menu(),
        )
        screen.show(text, keyboard)

    def _lowered(self, screen: Screen, argument: LoweredPhrase) -> None:
        """Lower a phrase that rang too often, or let it ring, as the admin says."""
        phrase = lower(screen.unit, screen.person, argument.phrase, keep=argument.step == KEEP)
        keyboard = rows(screen.speech.button("button.danger", DANGER), screen.menu())
        if phrase is None:
            screen.speech.say("misplaced.closed", keyboard)
        else:
            screen.speech.say("danger.still" if argument.step == KEEP else "danger.lowered", keyboard, phrase=phrase)

    def _languages(self, unit: Unit) -> list[str]:
        """Return the organisation's languages, and any others that have words or a protocol."""
        record = unit.organisation.get()
        spoken = product_languages.of_organisation(record)
        return list(dict.fromkeys((*spoken, *(record.get(WORDS) or {}), *(record.get(PROTOCOL) or {}))))

    def _show(self, screen: Screen, page: int) -> None:
        record, tags = screen.unit.organisation.get(), self._languages(screen.unit)
        pager = Pager.of(len(tags), SHOWN, page)
        lines, keyboard = [screen.words("danger.shown")], []
        for tag in pager.cut(tags):
            name = languages.own_name(tag)
            words = shorten(_written(record, WORDS, tag) or screen.words("danger.none"), LISTED)
            protocol = shorten(_written(record, PROTOCOL, tag) or screen.words("danger.none"), LISTED // 2)
            lines.append(screen.words("danger.language", language=name, words=words, protocol=protocol))
            keyboard.append(screen.button("button.danger_words", DANGER, Listed("w", tag), language=name))
            keyboard.append(screen.button("button.danger_protocol", DANGER, Listed("h", tag), language=name))
        pairs = tuple(tuple(keyboard[place : place + 2]) for place in range(0, len(keyboard), 2))
        turn = pager.turns(lambda code, number: screen.button(code, DANGER, DangerPage(number)))
        propose = [screen.button("button.checklist.danger", DANGER, Proposals())] if waiting(record) else []
        last = rows(*propose, screen.button("button.alerts", ALERT), screen.menu())
        screen.show("\n\n".join(lines), pairs + turn + last)

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  no answer changes them
        """Return the language to write in, and the present text."""
        task, nothing = self.task(person), self._turns.texts.say("danger.none", language_of(person))
        tag = str(task.get("language") or "")
        record, key = unit.organisation.get(), str(task.get("key") or WORDS)
        own = [each for each in phrases(record, WORDS, tag) if each not in danger.proposed(tag)]
        now = ", ".join(own) if key == WORDS else _written(record, key, tag)
        return {
            "danger_language": languages.own_name(tag) if tag else "",
            "danger_now": shorten(now or nothing, LISTED),
        }

    def finish(self, screen: Screen, done: CompletedWizard) -> None:
        """Store what the admin wrote in the organisation's record, if they confirmed it."""
        unit, person, speech = screen.unit, screen.person, screen.speech
        keyboard = rows(speech.button("button.danger", DANGER), speech.button("button.menu", targets.HOME))
        tag, written = str(self.task(person).get("language") or ""), words_of(done.values.get("words")).strip()
        if done.values.get("confirm") != "keep" or not tag or not written:
            speech.say("danger.left" if written else "danger.in_words", keyboard)
            return
        record = unit.organisation.get()
        listed = [word for each in written.replace("\n", ",").split(",") if (word := each.strip())]
        new: Any = written
        if done.wizard == WORDS:
            # What was accepted of the proposal stays: only the organisation's own phrases are written here.
            accepted = [each for each in phrases(record, WORDS, tag) if each in danger.proposed(tag)]
            new = [*accepted, *(each for each in listed if each not in accepted)]
        unit.organisation.set({**record, done.wizard: {**(record.get(done.wizard) or {}), tag: new}})
        unit.audit.add(str(person.id), "organisation.changed", done.wizard, {"language": tag})
        alone = done.wizard == WORDS and any(" " not in each for each in listed)
        speech.say("danger.kept.alone" if alone else "danger.kept", keyboard)


def _written(record: Mapping[str, Any], key: str, tag: str) -> str:
    kept = (record.get(key) or {}).get(tag) or ""
    return kept if isinstance(kept, str) else ", ".join(kept)
