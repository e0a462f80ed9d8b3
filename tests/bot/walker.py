"""Someone who does anything at all with the bot, and what has to hold after everything she does.

She presses buttons on her screen and buttons long gone, writes words, numbers, commands and nonsense, replies to old
messages, changes her own, sends voice notes, photos and stickers, says two things at once, blocks the bot, leaves,
comes back by a new invite, erases everything; time passes, and the team asks.
"""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from bot.conversation.actions import ARRIVING
from bot.messengers.port import Kind
from bot.services import answers_shown
from bot.services.broadcasts import OrderError
from bot.services.phones import watched
from bot.web.thread import fold
from dialogs import languages
from dialogs.run import Run
from storage.people import Person
from tests.bot import samples
from tests.bot.actions import COMMANDS
from tests.bot.phone import Phone
from tests.bot.rig import SIERRA, Rig, texts
from tests.bot.tongues import familiar, foreign, words
from tests.memory import Message

# Everything an organisation writes itself, in words of neither language.
NEUTRAL: dict[str, Any] = {
    "name": "Xyqua 77",
    "zone": "America/Mexico_City",
    "reading_days": [3],
    "retention_months": 12,
    "care_card": {"es": "☎ 555 0101 (es)", "en": "☎ 555 0101 (en)"},
    "why": {"es": "※ 1", "en": "※ 1"},
    "danger_words": {"es": ["vrrt qzzwk"]},
}
CRY = "Zzyzx vrrt QZZWK"
CARD = "☎ 555 0101"
LONG_GONE = 0.5  # hours: longer than a card stays
PURPOSE = "※ 2026 ※ 2026 ※ 2026"
NICKNAMES = ("Xochi", "Tlali", "  ", "x" * 31)
SAID = (
    "1", "2", "3", "4", "5", "1 2", "99", "0", "treinta", "mm", "Zzyzx", "xochitl qwerty", "☂", "", "9 pm", "6/5/26",
    "sí", "no", "yes", "menu", "menú", "pausa", "pause", "ya no", "stop", "saltar", "skip", "regresar", "back",
    "luego", "later", "borrar", "erase", "apoyo", "support", "mis respuestas", "my answers", "salir", "leave",
    "seguir", "resume", "equipo", "team", "idioma", "language", "horario", "voz", "quién lee", "para qué", "ayuda",
    "español", "english", "acepto", "x" * 5000,
)  # fmt: skip  # a list reads better in rows
# Of these, what is neither a command nor the words of a button: it must be found again, wherever it was said.
TELLS = frozenset(("99", "treinta", "mm", "Zzyzx", "xochitl qwerty", "☂", "9 pm", "6/5/26", "x" * 5000))
COMMANDED = (*(f"/{name}" for name in COMMANDS), "/start", "/nada", "/start zzz")
OWN = words(" ".join((*SAID, *NICKNAMES, CRY, "es en Xochi Tlali"))) | words(" ".join(COMMANDED))
HELLO = {texts().say("join.hello", tag) for tag in ("es", "en")}
TONGUES = words("Español Español (de usted) English")


class Roads(Rig):
    """An installation of an organisation that wrote everything in words of neither language."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, record=NEUTRAL)


Shown = dict[int, tuple[str | None, tuple[str, ...]]]  # messages by their order: words and buttons


def _spoken(person: Person) -> str:
    """Return how she is spoken to: `en`, `es` or `es-usted`."""
    language = person.language or "es"
    return "en" if languages.base(language) == "en" else language if language == "es-usted" else "es"


class Stuck(AssertionError):
    """Something does not hold that must hold after every step."""


class Walker:
    """One person on her way, step by step; each step checks everything."""

    def __init__(self, roads: Roads, begin: int = 0, messenger: str = "", seen_by: str = "") -> None:
        """Begin a walk: on a messenger and a phone that are named, or on what the number says."""
        self.roads = roads
        self._named = messenger, seen_by
        self._seen_by: set[object] = set()  # what she ever said of who sees her phone
        self.trace: list[str] = []
        self._passed = 0.0
        self._old: list[tuple[str, int, str]] = []  # every button there ever was
        self._mine: list[int] = []
        self._sent: Shown = {}
        self._revisions: set[tuple[Any, ...]] = set()
        self.phone = self._begun(begin)
        self._sent = {m.order: (m.text, tuple(m.labels)) for m in self.phone.heard}
        self._put = roads.count("outbox")

    def _begun(self, n: int) -> Phone:
        """Begin anywhere: before anyone asked her, just let in, or with a conversation on her screen; here or there."""
        messenger, seen_by = self._named
        if messenger == "web" or (not messenger and n // 36 % 3 == 0):
            self.roads.messenger.name = "web"  # whose mailbox keeps the words, and where nothing is fetched
        if n % 3 == 0:
            phone = self.roads.phone((None, "es", "en")[n // 3 % 3])
            phone.say(f"/start {self.roads.invite()}")
            if seen_by:
                with self.roads.unit() as unit:
                    unit.people.prefer(phone.person, phone=seen_by)
            return phone
        phone = self.roads.join("en" if n // 3 % 2 else "es", nickname="Xochi", seen_by=seen_by or "mine")
        if n // 6 % 4 == 0 and phone.person.language == "es":
            with self.roads.unit() as unit:
                unit.people.change(phone.person, language="es-usted")
        if n % 3 == 2:
            self.roads.order(DIALOGS[n // 9 % len(DIALOGS)], purpose=PURPOSE)
            self.roads.tick()
        return phone

    # What she can do. `n` is any number, which chooses.

    def step(self, kind: int, n: int) -> None:
        """Do one thing, and see that everything holds."""
        act = ACTS[kind % len(ACTS)]
        shown, before = self._shown(), self._language()
        self._note_buttons()
        called = f"{act.__name__.strip('_')} {n}"
        self.trace.append(called)
        spoke, answered = self._person(), self.roads.count("answers")
        told = act(self, n)
        if told is None:
            self.trace[-1] = f"({called})"
            return
        self.trace[-1] = f"{called}: {told[:60]!r}"
        double = act in {Walker._twice, Walker._press_and_say, Walker._press_twice}
        if double and (before != self._language() or words(told) & TONGUES):
            before = "any"  # it changed on the way
        self._check(act, shown, before)
        tells = act is Walker._tell or (act in {Walker._say, Walker._reply} and told in TELLS)
        if tells and spoke is not None:
            self._kept(spoke, told, understood=self.roads.count("answers") > answered)

    def _press(self, n: int) -> str | None:
        """Press a button of the newest message that has any."""
        message = next((each for each in reversed(self.phone.heard) if each.keyboard), None)
        return self._press_one(_buttons(message) if message else [], n)

    def _press_any(self, n: int) -> str | None:
        """Press any button on the screen."""
        return self._press_one([button for message in self.phone.heard for button in _buttons(message)], n)

    def _press_old(self, n: int) -> str | None:
        """Press a button that may be long gone."""
        return self._press_one(self._old, n)

    def _press_one(self, buttons: list[tuple[str, int, str]], n: int) -> str | None:
        if not buttons:
            return None
        identity, order, label = buttons[n % len(buttons)]
        self.phone.press_id(identity, order)
        return label

    def _say(self, n: int) -> str:
        said = SAID[n % len(SAID)]
        self._mine.append(self.phone.say(said))
        return said

    def _tell(self, n: int) -> str:
        """Tell something, in words that nobody said before, wherever she is."""
        said = f"Zzyzx qwerty {n} zzz"
        self._mine.append(self.phone.say(said))
        return said

    def _cry(self, n: int) -> str:
        """Cry for help, wherever she is: it is heard, or is itself the words that she wanted to pass on."""
        person = self._person()
        heard, before = self._heard_by_the_team(), {each.order for each in self.phone.heard}
        self._mine.append(self.phone.say(CRY))
        if person is not None and self._heard_by_the_team()[0] > heard[0]:
            self._answered_cry(person, before)
        if person is not None and self._heard_by_the_team() == heard:
            self._fail("she cried, and nobody heard it")
        if person is not None and person.participation in {"invited", "consenting", "declined", "left"}:
            with self.roads.reading() as unit:
                if any(not each.wordless and each.source == "words" for each in unit.alerts.of(person.id, unit.now)):
                    self._fail("words are kept of somebody who has not agreed")
        return CRY

    def _answered_cry(self, person: Person, before: set[int]) -> None:
        """On a phone that others see the answer names nothing; on her own it says what this is, and leads on."""
        said = [each for each in self.phone.heard if each.order not in before]
        told = "\n".join(each.text or "" for each in said)
        labels = {label for each in said for label in each.labels}
        tag = person.language or "es"
        open_ones = {texts().say(code, tag) for code in ("button.look_for_me", "button.turn_to", "button.not_so")}
        if watched(person):
            if texts().say("cry.heard", tag) in told or CARD in told or labels & open_ones:
                self._fail("a phone that others see names danger")
        elif not labels & open_ones:
            self._fail("her own phone leads nowhere after a cry")

    def _heard_by_the_team(self) -> tuple[int, int]:
        told = self.roads.rows("SELECT count(*) FROM messages WHERE direction = 'to_team'")
        return self.roads.count("alerts"), int(told[0][0])

    def _command(self, n: int) -> str:
        said = COMMANDED[n % len(COMMANDED)]
        self.phone.say(said)
        return said

    def _answer(self, n: int) -> str:
        """Say a digit, as most do."""
        said = str(1 + n % 5)
        self._mine.append(self.phone.say(said))
        return said

    def _reply(self, n: int) -> str | None:
        heard = self.phone.heard
        if not heard:
            return None
        said = SAID[n % len(SAID)]
        self._mine.append(self.phone.say(said, reply_to=heard[-1 - n % min(len(heard), 8)].order))
        return said

    def _twice(self, n: int) -> str:
        """Say two things before the first is heard."""
        first, second = SAID[n % len(SAID)], SAID[n // len(SAID) % len(SAID)]
        self._mine.append(self.phone.write(first))
        self._mine.append(self.phone.write(second))
        self.roads.settle()
        return f"{first} + {second}"

    def _press_and_say(self, n: int) -> str | None:
        message = next((each for each in reversed(self.phone.heard) if each.keyboard), None)
        if message is None:
            return None
        buttons = [b for row in message.keyboard for b in row]
        button = buttons[n % len(buttons)]
        self.phone.look()
        self.roads.messenger.press_id(self.phone.chat, button.id, message.order)
        said = SAID[n % len(SAID)]
        self._mine.append(self.phone.write(said))
        self.roads.settle()
        return f"{button.label} + {said}"

    def _press_twice(self, n: int) -> str | None:
        message = next((each for each in reversed(self.phone.heard) if each.keyboard), None)
        if message is None:
            return None
        buttons = [b for row in message.keyboard for b in row]
        first, second = buttons[n % len(buttons)], buttons[n // 7 % len(buttons)]
        self.phone.look()
        for button in (first, second):
            self.roads.messenger.press_id(self.phone.chat, button.id, message.order)
        self.roads.settle()
        return f"{first.label} + {second.label}"

    def _edit(self, n: int) -> str | None:
        mine = [m.order for m in self.phone.thread if m.mine and m.text and m.order in self._mine]
        if not mine:
            return None
        said = SAID[n // 8 % len(SAID)]
        self.phone.edit(mine[-1 - n % min(len(mine), 8)], said)
        return said

    def _send(self, n: int) -> str:
        kind, data, more = SENT[n % len(SENT)]
        self.phone.look()
        if data is None:
            self._mine.append(self.roads.messenger.give(self.phone.chat, kind))
        else:
            self._mine.append(self.roads.messenger.give_file(self.phone.chat, kind, data, **more))
        self.roads.settle()
        return kind.value

    def _time(self, n: int) -> str:
        """Let time pass, and let the bot do what is due; two ticks, since the second finds what the first freed."""
        hours = (0.02, 0.5, 5, 14, 25, 24 * 8, 24 * 40)[n % 7]
        self._passed = hours
        self.phone.look()
        self.roads.advance(hours=hours)
        self.roads.tick()
        with self.roads.unit() as unit:
            self.roads.ticking.tidy(unit)
        self.roads.advance(seconds=1)
        self.roads.tick()
        return f"{hours} h"

    def _asked(self, n: int) -> str:
        """The team asks."""
        dialog = DIALOGS[n % len(DIALOGS)]
        self.phone.look()
        with contextlib.suppress(OrderError):  # nobody takes part now
            self.roads.order(dialog, purpose=PURPOSE)
        self.roads.tick()
        return dialog

    def _invited(self, n: int) -> str:
        """Open an invite: to her group, to another one, or one that is used up."""
        code = self.roads.invite(cohort=(SIERRA, "※ 2")[n % 2])
        self.phone.say(f"/start {code}")
        return "invite"

    def _terms(self, n: int) -> str:
        """The organisation changes what it promises."""
        with self.roads.unit() as unit:
            unit.organisation.set({**unit.organisation.get(), "retention_months": (12, 24, 36)[n % 3]})
        self.phone.look()
        self.roads.advance(minutes=1)
        return "terms"

    def _blocked(self, n: int) -> str:
        self.phone.block()
        self.roads.advance(minutes=1)
        self.roads.tick()
        self.phone.unblock()
        return "blocked"

    # What has to hold.

    def _check(self, act: Callable[..., object], shown: set[tuple[str, str]], before: str | None) -> None:
        person = self._person()
        now = {m.order: (m.text, tuple(m.labels)) for m in self.phone.heard}
        before_that, self._sent = self._sent, now
        fresh = {order: said for order, said in now.items() if before_that.get(order) != said}
        self._answers(person, shown)
        self._discreet(act, person, fresh, before_that)
        self._words(person, before, fresh, before_that)
        put, self._put = self._put, self.roads.count("outbox")  # an edit may change nothing that can be seen
        self._way_on(act, person, answered=self._put > put)

    def _fail(self, what: str) -> None:
        told = "\n".join(f"{place}. {each}" for place, each in enumerate(self.trace, 1))
        raise Stuck(f"{what}\n\n{told}\n\n{self.phone.screen()[-3000:]}")

    def _answers(self, person: Person | None, shown: set[tuple[str, str]]) -> None:
        """Nothing is answered before a yes, nor under a question she had not seen."""
        rows = set(self.roads.rows("SELECT run_id, path, revision FROM answers"))
        fresh, self._revisions = rows - self._revisions, rows
        if person is None:
            if rows or self.roads.count("runs"):
                self._fail("something is kept of nobody")
            return
        with self.roads.reading() as unit:
            given = [each.action for each in unit.consents.of(person)]
        if (rows or self.roads.count("runs") or self.roads.count("media")) and "given" not in given:
            self._fail("asked or answered before a yes")
        if fresh and given[-1] != "given":
            self._fail(f"answered after {given[-1]}: {fresh}")
        unseen = {(run, path) for run, path, _ in fresh} - shown
        if unseen:
            self._fail(f"answered unseen: {unseen}")

    def _discreet(self, act: Callable[..., object], person: Person | None, fresh: Shown, before_that: Shown) -> None:
        """On a phone that others always saw nothing is quoted without a yes, and no card stands after two minutes."""
        self._seen_by.add(person.preferences.get("phone") if person is not None else None)
        if person is None or self._seen_by & {"mine"}:
            return
        before = texts().say("prompt.previous", person.language or "es", answer="")
        if any(before in (text or "") for text, _ in fresh.values()):
            self._fail("an earlier answer is quoted")
        heads = [texts().say(code, person.language or "es") for code in ("review.heading", "spoken.you", "spoken.team")]
        known = {text for text, _ in before_that.values()}
        shown = [text for text, _ in fresh.values() if text and "\n→ " in text and text.startswith((*heads,))]
        if set(shown) - known and not person.preferences.get(answers_shown.UNTIL):
            self._fail("what she answered or wrote to the team is shown unasked")
        # After so long, and two ticks.
        long = act is Walker._time and self._passed >= LONG_GONE
        if long and person.participation in {"active", "paused"} and any(CARD in text for text in self._on_screen()):
            self._fail("the card still stands there")

    def _on_screen(self) -> list[str]:
        """Return what stands in her chat; of one that is kept here, what her page would show."""
        if self.roads.messenger.name != "web":
            return [each.text or "" for each in self.phone.heard]
        with self.roads.reading() as unit:
            rows = unit.outbox.latest("web", self.phone.chat, 200)
        return [bubble.text for bubble in fold(rows).values()]

    def _kept(self, spoke: Person, said: str, *, understood: bool) -> None:
        """What she said is an answer, stands beside a question, or is a message; nothing she told is dropped."""
        waiting = spoke.preferences.get("waiting") or {}
        with self.roads.reading() as unit:
            if understood or waiting.get("for") == "nickname" or not unit.memberships.of(spoke.id):
                return
            if spoke.participation in ARRIVING:
                return
            found = [each.body for each in unit.messages.of(spoke.id)]
            for row in unit.runs.of(spoke):
                found += [text for _, text in unit.answers.of(row.id, spoke).values()]
                found += [str(each.pieces) for each in unit.asides.of(row.id, spoke)]
        if not any(said in each for each in found):
            self._fail(f"lost: {said[:40]!r}")

    def _words(self, person: Person | None, before: str | None, fresh: Shown, known: Shown) -> None:
        """Everything said or changed just now is in her language."""
        if person is None or person.participation == "invited" or not person.language:
            return
        after = _spoken(person)
        if before not in {None, after}:
            return  # two things at once, of which one changed the language
        with self.roads.reading() as unit:
            agreed = [each.text or "" for each in unit.consents.of(person)]
        allowed = OWN | TONGUES | words(person.nickname or "")
        for order, (text, labels) in fresh.items():
            lines = [] if known.get(order, ("", ()))[0] == text else (text or "").split("\n")
            for line in (*lines, *labels):
                if any(line in each for each in agreed) or line in HELLO:
                    continue
                wrong = foreign(line, languages.base(after), allowed)
                if after == "es-usted" and "De tú" not in line:  # one of the two to choose from
                    wrong |= (words(line) & familiar()) - allowed
                if wrong:
                    self._fail(f"not {after}: {sorted(wrong)} in {line!r}")

    def _way_on(self, act: Callable[..., object], person: Person | None, *, answered: bool) -> None:
        """She is answered, and the newest message has a button."""
        if person is None:
            return
        if not self.phone.heard:
            self._fail("nothing on the screen")
        if not self.phone.last.labels:
            self._fail("the newest message leads nowhere")
        quiet = {Walker._time, Walker._asked, Walker._blocked, Walker._edit, Walker._terms}
        if act not in quiet and not answered:
            self._fail("no answer")

    # What there is.

    def _person(self) -> Person | None:
        with self.roads.reading() as unit:
            return unit.people.at(self.roads.messenger.name, self.phone.chat)

    def _language(self) -> str | None:
        person = self._person()
        return _spoken(person) if person and person.language else None

    def _shown(self) -> set[tuple[str, str]]:
        """Return the questions she has seen, as (run, hash of the path)."""
        person = self._person()
        if person is None:
            return set()
        asked = self.roads.rows(
            "SELECT run_id, prompt FROM outbox WHERE prompt IS NOT NULL AND message_id IS NOT NULL AND kind = 'message'"
        )
        with self.roads.reading() as unit:
            runs = {row.id.hex: Run.restore(row.state, {}) for row in unit.runs.of(person)}
            hashed = unit.vault.path_hash
            return {
                (run, hashed(UUID(run), runs[run].question_of(prompt) or "")) for run, prompt in asked if run in runs
            }

    def _note_buttons(self) -> None:
        known = {(identity, order) for identity, order, _ in self._old}
        shown = [button for message in self.phone.heard for button in _buttons(message)]
        self._old += [button for button in shown if button[:2] not in known]


def _buttons(message: Message) -> list[tuple[str, int, str]]:
    """List a message's buttons: the id each carries, the message's order, the label."""
    return [(button.id, message.order, button.label) for row in message.keyboard for button in row]


DIALOGS = ("check_in", "welcome", "reflection_practice", "reflection_signs", "significant_change", "reflection_chat")
SENT: tuple[tuple[Kind, bytes | None, dict[str, Any]], ...] = (
    (Kind.VOICE, samples.ogg(), {"seconds": 3}),
    (Kind.PHOTO, samples.jpeg(), {}),
    (Kind.PHOTO, samples.jpeg(), {"text": "Zzyzx"}),
    (Kind.VOICE, b"OggS", {"seconds": 1}),
    (Kind.STICKER, None, {}),
    (Kind.OTHER, None, {}),
)
ACTS: tuple[Callable[[Walker, int], str | None], ...] = (
    *[Walker._press] * 10,
    *[Walker._answer] * 4,
    *[Walker._say] * 4,
    *[Walker._press_any] * 3,
    *[Walker._press_old] * 2,
    *[Walker._command] * 3,
    *[Walker._asked] * 2,
    *[Walker._time] * 2,
    *[Walker._send] * 2,
    *[Walker._tell] * 3,
    Walker._cry,
    Walker._reply,
    Walker._twice,
    Walker._press_and_say,
    Walker._press_twice,
    Walker._edit,
    Walker._invited,
    Walker._blocked,
    Walker._terms,
)
