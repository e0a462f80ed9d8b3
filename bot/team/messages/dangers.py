"""The organisation's list of words of danger and its protocol, shown to admins and changed by them in chat."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final, Literal

from bot import product_languages
from bot.conversation.actions import Action, Begin, Next, handles
from bot.conversation.screen import Pager, Screen
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.buttons import digest
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services.danger_phrases import (
    KEEP,
    Treated,
    accept,
    choose,
    is_marked,
    known,
    lower,
    mark,
    together,
    undecided,
    waiting,
)
from bot.services.danger_phrases import listed as phrases
from bot.services.notices import LoweredPhrase, words_of
from bot.services.permissions import ADMINS_OF_ALL
from bot.team.kit.feature import CompletedWizard, Feature
from bot.team.kit.page import SCREEN_LENGTH
from bot.team.messages.alerts import ALERT
from dialogs import danger, languages
from dialogs.run import Answer
from storage.people import Person
from storage.unit import Unit

WORDS, PROTOCOL = "danger_words", "danger_protocol"
SHOWN = 3  # languages on a screen: two buttons for each
PHRASES = 5  # phrases on a screen
TOGETHER = 370  # characters of the phrases that are proposed together
PHRASE = 36  # characters of a phrase on a button
LISTED = 200  # characters of a list or a protocol on the screen


LABELS: Final[Mapping[Treated, str]] = {
    "rings": "danger.rings",
    "marked": "danger.rings_not",
    "unmarked": "danger.not_marked",
}


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
    """Show the phrases that are proposed to ring, of the first language in which any waits."""

    layout: ClassVar[str] = "q"


class OneByOne(Argument):
    """Show the next phrase that is proposed to ring, by itself."""

    layout: ClassVar[str] = "i"


class AllOfThese(Argument):
    """Accept every phrase that stood on the screen, by the digest of all of them."""

    layout: ClassVar[str] = "t{phrases}.{language}"
    phrases: str
    language: str


class ProposedPhrase(Argument):
    """Accept (`a`) or refuse (`r`) a proposed phrase, by its digest, and show the next one."""

    layout: ClassVar[str] = "{step}{phrase}.{language}"
    step: Literal["a", "r"]
    phrase: str
    language: str


class Phrases(Argument):
    """A page of the phrases that were decided about."""

    layout: ClassVar[str] = "f[{page}]"
    page: int = 0


class OnePhrase(Argument):
    """One of these, by its digest: shown (`s`), let ring (`y`), taken back (`x`), or marked again (`m`)."""

    layout: ClassVar[str] = "{step}{phrase}.{language}"
    step: Literal["s", "y", "x", "m"]
    phrase: str
    language: str


DANGER = Action(
    targets.DANGER,
    ADMINS_OF_ALL,
    (DangerPage, Listed, LoweredPhrase, Proposals, OneByOne, AllOfThese, ProposedPhrase, Phrases, OnePhrase),
    commands=("words",),
)


class DangerWords(Feature):
    """A screen that shows the words and the protocol, and a wizard for each."""

    wizards: ClassVar = {WORDS: DANGER, PROTOCOL: DANGER}

    @handles(DANGER)
    def danger(
        self,
        screen: Screen,
        argument: DangerPage
        | Listed
        | LoweredPhrase
        | Proposals
        | OneByOne
        | AllOfThese
        | ProposedPhrase
        | Phrases
        | OnePhrase,
    ) -> Next:
        """Show the words and protocols, change one in a language, propose or list phrases, or lower one to marked."""
        match argument:
            case LoweredPhrase():
                self._lowered(screen, argument)
                return None
            case Proposals() | AllOfThese():
                self._propose_all(screen, argument)
                return None
            case OneByOne() | ProposedPhrase():
                self._propose(screen, argument)
                return None
            case Phrases():
                self._phrases(screen, argument.page)
                return None
            case OnePhrase():
                self._phrase(screen, argument)
                return None
        if isinstance(argument, Listed) and argument.language in self._languages(screen.unit):
            key = WORDS if argument.what == "w" else PROTOCOL
            return Begin(key, {"language": argument.language, "key": key})
        self._show(screen, argument.page if isinstance(argument, DangerPage) else 0)
        return None

    def _propose_all(self, screen: Screen, argument: Proposals | AllOfThese) -> None:
        """Accept what was read on the screen, and show the phrases of the next language to be read."""
        unit, changed = screen.unit, ""
        if isinstance(argument, AllOfThese):
            shown = self._next_phrases(unit, argument.language)
            if digest("\n".join(shown)).hex() == argument.phrases:
                accept(unit, screen.person, argument.language, shown)
            else:  # somebody else decided about some of them meanwhile
                changed = screen.words("misplaced.closed")
        left = waiting(unit.organisation.get())
        if not left:
            self._decided(screen)
            return
        tag = left[0][0]
        shown = self._next_phrases(unit, tag)
        listed = "".join(f"\n· {phrase}" for phrase in shown)
        text = screen.words("danger.propose.all", language=screen.language(tag), phrases=listed)
        keyboard = rows(
            screen.button("button.ring_all", DANGER, AllOfThese(digest("\n".join(shown)).hex(), tag)),
            screen.button("button.ring_each", DANGER, OneByOne()),
            screen.button("button.danger", DANGER),
            screen.menu(),
        )
        screen.show("\n\n".join(filter(None, (changed, text))), keyboard)

    def _next_phrases(self, unit: Unit, tag: str) -> list[str]:
        """Return the phrases of a language that are proposed together on a screen."""
        return together(undecided(unit.organisation.get(), tag), TOGETHER)

    def _decided(self, screen: Screen) -> None:
        """Say that every proposed phrase is decided about; each can still be changed."""
        number = sum(map(len, (screen.unit.organisation.get().get(WORDS) or {}).values()))
        told = screen.speech.texts.count("danger.decided", screen.speech.language, number)
        ways = (screen.button("button.phrases", DANGER, Phrases()), screen.button("button.danger", DANGER))
        screen.show(told, rows(*ways, screen.menu()))

    def _propose(self, screen: Screen, argument: OneByOne | ProposedPhrase) -> None:
        """Take the decision about a proposed phrase, and show the next one."""
        unit = screen.unit
        if isinstance(argument, ProposedPhrase):
            choose(unit, screen.person, argument.language, argument.phrase, rings=argument.step == "a")
        left = waiting(unit.organisation.get())
        if not left:
            self._decided(screen)
            return
        tag, phrase = left[0]
        short = digest(phrase).hex()
        text = screen.words(
            "danger.propose",
            phrase=phrase,
            language=screen.language(tag),
            left=len(left),
        )
        keyboard = rows(
            screen.button("button.ring", DANGER, ProposedPhrase("a", short, tag)),
            screen.button("button.not_ring", DANGER, ProposedPhrase("r", short, tag)),
            screen.button("button.danger", DANGER),
            screen.menu(),
        )
        screen.show(text, keyboard)

    def _known(self, screen: Screen) -> list[tuple[str, str, Treated]]:
        """Return the phrases that were decided about, those in the reader's language first."""
        own = languages.base(screen.speech.language)
        return sorted(known(screen.unit.organisation.get()), key=lambda each: languages.base(each[0]) != own)

    def _phrases(self, screen: Screen, page: int, lead: str = "") -> None:
        """List the phrases that were decided about, those that ring with a tick; each opens by a tap."""
        found = self._known(screen)
        pager = Pager.of(len(found), PHRASES, page, joined=True)
        keyboard = []
        for tag, phrase, treated in pager.cut(found):
            label = screen.words(LABELS[treated], phrase=shorten(phrase, PHRASE))
            keyboard.append(screen.labelled(label, DANGER, OnePhrase("s", digest(phrase).hex(), tag)))
        turn = pager.turns(lambda code, number: screen.button(code, DANGER, Phrases(number)))
        text = screen.words("danger.phrases" if found else "danger.phrases.none")
        last = rows(screen.button("button.danger", DANGER), screen.menu())
        screen.show("\n\n".join(filter(None, (lead, text))), rows(*keyboard) + turn + last)

    def _phrase(self, screen: Screen, argument: OnePhrase) -> None:
        """Show one phrase, change how it is treated; from what was done the other way is one tap."""
        unit, tag, short = screen.unit, argument.language, argument.phrase
        lead = screen.words("misplaced.closed")
        if argument.step == "m":
            lead = screen.words("danger.marked_again", phrase=mark(unit, screen.person, short, marked=True) or "")
        elif argument.step != "s":
            choose(unit, screen.person, tag, short, rings=argument.step == "y")
        found = self._known(screen)
        named = [(of, digest(phrase).hex()) for of, phrase, _ in found]
        place = named.index((tag, short)) if (tag, short) in named else None
        if place is None:
            self._phrases(screen, 0, lead)
            return
        _, phrase, treated = found[place]
        keyboard = rows(
            *(screen.button(code, DANGER, OnePhrase(step, short, tag)) for code, step in _ways(tag, phrase, treated)),
            screen.button("button.return", DANGER, Phrases(place // PHRASES)),
            screen.menu(),
        )
        screen.show(
            screen.words(
                f"danger.phrase.{treated}",
                phrase=phrase,
                language=screen.language(tag),
            ),
            keyboard,
        )

    def _unmarked(self, screen: Screen, argument: LoweredPhrase) -> None:
        """Stop marking an entry that was not so too often, or go on marking it, as the admin says."""
        unit = screen.unit
        if argument.step == "u":
            phrase = mark(unit, screen.person, argument.phrase, marked=False)
        else:
            phrase = is_marked(unit.organisation.get(), argument.phrase)
        ways = [screen.speech.button("button.phrases", DANGER, Phrases())] if argument.step == "u" else []
        keyboard = rows(*ways, screen.speech.button("button.danger", DANGER), screen.menu())
        if phrase is None:
            screen.speech.say("misplaced.closed", keyboard)
        else:
            code = "danger.unmarked" if argument.step == "u" else "danger.still_marked"
            screen.speech.say(code, keyboard, phrase=phrase)

    def _lowered(self, screen: Screen, argument: LoweredPhrase) -> None:
        """Lower a phrase that rang too often, or let it ring, as the admin says."""
        if argument.step in {"u", "m"}:
            self._unmarked(screen, argument)
            return
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
        pager = Pager.of(len(tags), SHOWN, page, joined=True)
        text = _listed(screen, record, pager.cut(tags))
        if len(text) > SCREEN_LENGTH and not (pager.before or pager.after):
            pager = Pager.of(len(tags), SHOWN, page)
            text = _listed(screen, record, pager.cut(tags))
        keyboard = []
        for tag in pager.cut(tags):
            name = screen.language(tag, first=True)
            keyboard.append(screen.button("button.danger_words", DANGER, Listed("w", tag), language=name))
            keyboard.append(screen.button("button.danger_protocol", DANGER, Listed("h", tag), language=name))
        pairs = tuple(tuple(keyboard[place : place + 2]) for place in range(0, len(keyboard), 2))
        turn = pager.turns(lambda code, number: screen.button(code, DANGER, DangerPage(number)))
        propose = [screen.button("button.checklist.danger", DANGER, Proposals())] if waiting(record) else []
        propose += [screen.button("button.phrases", DANGER, Phrases())] if known(record) else []
        last = rows(*propose, screen.button("button.alerts", ALERT), screen.menu())
        screen.show(text, pairs + turn + last)

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  no answer changes them
        """Return the language to write in, and the present text."""
        task, nothing = self.task(person), self._turns.texts.say("danger.none", language_of(person))
        tag = str(task.get("language") or "")
        record, key = unit.organisation.get(), str(task.get("key") or WORDS)
        own = [each for each in phrases(record, WORDS, tag) if each not in danger.proposed(tag)]
        now = ", ".join(own) if key == WORDS else _written(record, key, tag)
        return {
            "danger_language": self._turns.texts.language(tag, language_of(person), first=True) if tag else "",
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


def _listed(screen: Screen, record: Mapping[str, Any], tags: Iterable[str]) -> str:
    """Return the words and what to do of some languages, below what they are for."""
    lines = [screen.words("danger.shown")]
    for tag in tags:
        words = shorten(_written(record, WORDS, tag) or screen.words("danger.none"), LISTED)
        protocol = shorten(_written(record, PROTOCOL, tag) or screen.words("danger.none"), LISTED // 2)
        facts = {"language": screen.language(tag, first=True), "words": words, "protocol": protocol}
        lines.append(screen.words("danger.language", **facts))
    return "\n\n".join(lines)


def _written(record: Mapping[str, Any], key: str, tag: str) -> str:
    kept = (record.get(key) or {}).get(tag) or ""
    return kept if isinstance(kept, str) else ", ".join(kept)


def _ways(tag: str, phrase: str, treated: Treated) -> list[tuple[str, Literal["x", "y", "m"]]]:
    """Return what can be done with a phrase: the codes of buttons, and their steps."""
    if treated == "rings":
        return [("button.stop_ringing", "x")]
    # What only the table that ships marks is a word of every day as well: it is not offered to ring.
    ring: list[tuple[str, Literal["x", "y", "m"]]] = [] if phrase in danger.marks(tag) else [("button.ring", "y")]
    return ring if treated == "marked" else [("button.mark_again", "m"), *ring]
