"""The whole way there and back, with a real process: on Telegram, page and paper, from why to what is left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest

from storage.tables import metadata
from storage.unit import Storage, Unit
from tests.bot.asking import UNTIL
from tests.bot.ready import ready, vault_of
from tests.bot.rig import texts
from tests.by_day import LANGUAGES_ALIKE
from tests.double import Double
from tests.journeys.bot import UNFINISHED
from tests.journeys.hands import Hand, TelegramHand, WebHand
from tests.rhythm.test_killed_week import MEXICO, Rehearsal, welcomed
from tests.storage.world import opened
from tests.thread.test_thread import COHORT, PURPOSE, WORDS

T = TypeVar("T")
DAY = timedelta(days=1)
ON_TELEGRAM, ON_THE_PAGE = 5, 2
NAMES = ("Colibrí", "Nopal", "Amate", "Jacaranda", "Luciérnaga", "Tzenzontle", "Cempasúchil")
ON_PAPER = 4  # the place of who says it on paper
HERS = NAMES[-1]  # who is erased in the end; on the page
GREETING = {"es": "¿Cómo vas?", "en": "How is it going?"}
STORY = "Ya nadie baja a la junta cuando llueve en la loma."
TOGETHER = "Que el camino se pone feo."
UNDERSTOOD = "Entendimos que las reuniones quedan lejos."
SIGN = "En la asamblea también hablan las jóvenes"
ON_HER_SHEET = "Que mi hija ya va a la escuela."
GROUPS_WORD = "Mi hija tomó la palabra."
QUOTE = "Ya nadie baja a la junta cuando llueve en la loma"
HEARD = "La mayoría dijo que las reuniones quedan lejos"
FIGURE = {"es": "5 a 9 · 🙂 Bueno", "en": "5 to 9 · 🙂 Good"}
FOLLOWS = "Las reuniones van a ser en cada comunidad, por turnos."
WHO = "El equipo, desde el 6 de diciembre."
OBJECTION = "A mí me queda más lejos así."
AGAINST = "Que los domingos no se puede."
GONE = {"es": "Una más que llevó a esto ya no está.", "en": "One more that led to this is no longer there."}
REPLY = "Gracias. Lo vemos el jueves con todas."


@contextmanager
def looking(hilo: Rehearsal) -> Iterator[Unit]:
    """Look beside the bot at what is stored."""
    with opened(hilo.url) as database, Storage(database, vault_of(hilo.home)).reading(hilo.now) as unit:
        yield unit


class Beside:
    """A bot in a process of its own, as hands are put to it."""

    def __init__(self, hilo: Rehearsal) -> None:
        self._hilo = hilo

    @property
    def address(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self._hilo.port}"

    def settle(self) -> None:
        """Wait until everything that was said is handled and answered."""
        hilo = self._hilo
        hilo.until(lambda: not hilo.double.pending and not hilo.counted(UNFINISHED), "not settled")

    def read(self, work: Callable[[Unit], T]) -> T:
        """Look at the database."""
        with looking(self._hilo) as unit:
            return work(unit)


@dataclass
class Way:
    """One installation with its people, all in one language."""

    hilo: Rehearsal
    language: str
    ana: Hand  # the facilitator
    rosa: Hand  # the admin
    leaders: list[Hand] = field(default_factory=list)

    @property
    def her(self) -> Hand:
        """Who objects, and is erased in the end."""
        return self.leaders[-1]

    def say(self, code: str, **facts: object) -> str:
        """Return the sentence of a code."""
        return texts().say(code, self.language, **facts)

    def press(self, hand: Hand, *codes: str) -> None:
        """Press buttons, by their codes or labels, one after another."""
        for code in codes:
            hand.press(self.say(code) if code.startswith(("button.", "menu.", "back.")) else code)

    def begins(self, hand: Hand, *starts: str) -> None:
        """Press buttons of which the beginning is known, on the newest message that has one."""
        for start in starts:
            labels = (label for shown in reversed(hand.screen()) for label in shown.labels)
            hand.press(next(label for label in labels if label.startswith(start)))

    def newest(self, hand: Hand) -> str:
        """Return what somebody was shown last."""
        return hand.screen()[-1].text

    def labels(self, hand: Hand) -> list[str]:
        """Return what somebody can press on the newest message."""
        return [*hand.screen()[-1].labels]

    def told(self, hand: Hand) -> str:
        """Return all that somebody was told."""
        return "\n".join(shown.text for shown in hand.screen())

    def passes(self, time: timedelta) -> None:
        """Let time pass, and let what is due by then go out."""
        self.hilo.go_to(self.hilo.now + time)

    def opens(self, hand: Hand, words: str) -> None:
        """Wait until somebody was told some words, or that something is there, as on a phone that others may see."""
        label = self.say("button.told_open")
        self.hilo.until(lambda: words in self.told(hand) or label in hand.screen()[-1].labels, f"not told {words}")
        if words not in self.told(hand):
            hand.press(label)
            assert words in self.told(hand)

    def shows(self, hand: Hand, code: str) -> None:
        """Wait until somebody's newest message has a button."""
        label = self.say(code)
        self.hilo.until(lambda: label in hand.screen()[-1].labels, f"no {label}\n{self.told(hand)[-800:]}")

    def sees(self, hand: Hand, words: str) -> None:
        """Wait until somebody was told some words."""
        self.hilo.until(lambda: words in self.told(hand), f"never told: {words}\n{self.told(hand)[-800:]}")


def code_in(printed: str) -> str:
    """Return the code of an invite that was printed."""
    return next(line.removeprefix("code: ") for line in printed.splitlines() if line.startswith("code: "))


@pytest.fixture(params=["es", "en"])
def way(request: pytest.FixtureRequest, tmp_path: Path, double: Double) -> Iterator[Way]:
    """At ten in the morning of the next day; half of the languages with each client, in the long form all."""
    language = str(request.param)
    double.allow("message is not modified")
    double.allow("message to edit not found")  # a page that named whom is erased was taken out of the chat
    hilo = Rehearsal(tmp_path / "home", double, {"es": "aiogram", "en": "ptb"}[language])
    ready(hilo.home, url=hilo.url)
    local = (hilo.now + DAY).astimezone(MEXICO).replace(hour=10, minute=0, second=0, microsecond=0)
    hilo.go_to(local.astimezone(UTC))
    hilo.command("cohort", "add", COHORT)
    hilo.start()
    bot = Beside(hilo)
    rosa, ana = (TelegramHand(bot, double.user(name, language)) for name in ("Rosa", "Ana"))
    for hand, code in (
        (rosa, code_in(hilo.command("invite", "--role", "admin"))),
        (ana, hilo.invite(COHORT, role="facilitator")),
    ):
        hand.start(code)
        hand.press(WORDS[language]["language"])
        hand.say({rosa: "Rosa", ana: "Ana"}[hand])
    made = Way(hilo, language, ana, rosa)
    pages = [WebHand(bot, language) for _ in range(ON_THE_PAGE)]
    made.leaders += [TelegramHand(bot, double.user(name, language)) for name in NAMES[:ON_TELEGRAM]]
    made.leaders += pages
    for hand, name in zip(made.leaders, NAMES, strict=True):
        hand.start(hilo.invite(COHORT))
        made.press(hand, WORDS[language]["language"], "button.agree")
        hand.say(name)
    hilo.stop()
    welcomed(hilo)
    hilo.start()
    yield made
    for page in pages:
        page.close()
    hilo.stop()


def codes(way: Way) -> set[str]:
    """Read the codes that stand on the group's sheets."""
    with looking(way.hilo) as unit:
        cohort = unit.cohorts.by_name(COHORT)
        assert cohort is not None
        return {str(each.body["code"]) for each in unit.sheets.of([cohort.id])}


def asks(way: Way) -> list[str]:
    """Say what for, have sheets printed, and ask whoever has a phone; return the sheets' codes."""
    ana = way.ana
    ana.say("/preguntar" if way.language == "es" else "/ask")
    way.press(ana, GREETING[way.language])
    ana.say(PURPOSE)
    way.press(ana, "button.skip", "button.skip", UNTIL[way.language], "button.ask_paper")
    if way.language == "en":  # the group's first language is Spanish
        way.press(ana, "English")
    way.press(ana, texts().count("button.ask_paper_copies", way.language, 5))
    way.sees(ana, way.say("paper.then"))
    way.press(ana, "button.ask_back", "button.ask_send")
    return sorted(codes(way))


def answers(way: Way) -> None:
    """Each on her phone: with buttons and words, and two by voice, one of them on the page."""
    for place, hand in enumerate(way.leaders):
        way.shows(hand, "button.start")
        if place == ON_PAPER:
            continue
        way.press(hand, "button.start")
        hand.say("2" if hand is way.her else "4")
        if place in {0, ON_TELEGRAM}:
            hand.record()
        else:
            hand.say(STORY if hand is way.her else "Todo bien por acá.")
        way.press(hand, "button.all")
        hand.say("1")
        assert way.say("button.menu") in hand.screen()[-1].labels, way.newest(hand)


def at_sheet(way: Way, code: str, whose: str) -> None:
    """Come to a sheet by its code, and say whose it is."""
    way.ana.say("/menu")
    way.press(way.ana, "menu.more", "menu.sheets")
    way.ana.say(code.lower())
    way.press(way.ana, whose)


def types_in(way: Way, circles: str, own: str) -> None:
    """Type in what a circle said, and what one leader said, who sees it when she comes and says that it is so."""
    ana, leader = way.ana, way.leaders[ON_PAPER]
    at_sheet(way, circles, "button.paper_circle")
    way.begins(ana, "1 · ", "3 · ")
    for said in ("Ana, del equipo", "14", "Que casi nadie viene de noche.", "2", TOGETHER):
        ana.say(said)
    way.press(ana, "button.all")
    ana.say("1")
    assert way.newest(ana) == way.say("paper.kept")

    at_sheet(way, own, "button.paper_person")
    way.press(ana, NAMES[ON_PAPER])
    for said in ("1", "1", "Ana, del equipo", "0", "Que es muy tarde.", "4", ON_HER_SHEET):
        ana.say(said)
    way.press(ana, "button.all")
    ana.say("1")
    assert way.newest(ana) == way.say("paper.own.kept", name=NAMES[ON_PAPER])
    leader.say("/menu")
    way.press(leader, "button.told_open", "button.answers_yes")  # nobody has asked yet who sees this phone
    assert ON_HER_SHEET in way.newest(leader)
    way.press(leader, "button.on_paper.agree")


def adds_up(way: Way) -> None:
    """Look at the totals in two taps, and end the asking; a circle is in no number."""
    ana = way.ana
    ana.say("/avance" if way.language == "es" else "/progress")
    way.begins(ana, GREETING[way.language])
    way.press(ana, "button.totals")
    assert texts().count("totals.answered", way.language, len(way.leaders)) in way.newest(ana)
    ana.say("/leer" if way.language == "es" else "/read")
    way.press(ana, "button.by_question")
    way.press(ana, ana.screen()[-1].labels[0])
    way.press(ana, ana.screen()[-1].labels[1])  # the open one
    assert TOGETHER in way.newest(ana)
    assert texts().count("circle.who", way.language, 14) in way.newest(ana)
    ana.say("/avance" if way.language == "es" else "/progress")
    way.begins(ana, GREETING[way.language])
    way.press(ana, "button.order_end", "button.order_end_yes")


def to_tell(way: Way, *codes: str) -> None:
    """Open what is still to be told, and choose."""
    way.ana.say("/menu")
    way.press(way.ana, "menu.told")
    way.begins(way.ana, GREETING[way.language])
    way.press(way.ana, *codes)


def newest_told(way: Way) -> str:
    """Open the newest thing that was told."""
    way.ana.say("/menu")
    way.press(way.ana, "menu.told", "button.told_before")
    way.press(way.ana, way.ana.screen()[-1].labels[0])
    return way.newest(way.ana)


def understands(way: Way) -> None:
    """Ask whether it was understood; everybody says so."""
    way.passes(2 * DAY)
    to_tell(way, "button.told_ask")
    way.ana.say(UNDERSTOOD)
    way.press(way.ana, "button.back.send")
    for hand in way.leaders:
        way.opens(hand, UNDERSTOOD)
        way.press(hand, "button.back.fine.understood")
    assert str(len(way.leaders)) in newest_told(way).partition("👍")[2]


def judges(way: Way) -> None:
    """An admin switches signs and the record on; the group is asked in three taps how it stands."""
    rosa, ana = way.rosa, way.ana
    rosa.say("/personas" if way.language == "es" else "/people")
    way.press(rosa, "button.people_group", "button.signs", "button.signs_on")
    rosa.say("/personas" if way.language == "es" else "/people")
    way.press(rosa, "button.people_group", "button.group_record", "button.group_record_on")
    ana.say("/senales" if way.language == "es" else "/signs")
    way.press(ana, "button.sign_new")
    for said in (SIGN, "1", "1"):
        ana.say(said)
    way.passes(8 * DAY)  # as much reaches her in a week as she can bear
    ana.say("/senales" if way.language == "es" else "/signs")
    way.press(ana, SIGN, "button.sign_ask", "button.ask_send")
    for hand in way.leaders:
        way.shows(hand, "button.start")
        way.press(hand, "button.start")
        assert SIGN in way.newest(hand)
        hand.say("2" if hand is way.her else "1")
        hand.say(GROUPS_WORD)
        way.press(hand, "button.all")
    ana.say("/senales" if way.language == "es" else "/signs")
    way.press(ana, SIGN)
    told = (f"{len(way.leaders) - 1} {way.say('sign.value.there')}", way.say("totals.fewer"))
    assert all(words in way.newest(ana) for words in told), way.newest(ana)


def held(way: Way) -> None:
    """Copy somebody's words, which are held back."""
    way.passes(2 * DAY)
    to_tell(way, "button.told_say")
    way.ana.say(STORY)
    assert way.say("back.marked", words="").strip(" .") in way.told(way.ana)


def quotes(way: Way) -> None:
    """She is asked whether her words may be told; the notice names nothing, and her yes is to exactly these."""
    ana, her = way.ana, way.her
    ana.say("/leer" if way.language == "es" else "/read")
    way.press(ana, "button.by_person")
    if HERS not in ana.screen()[-1].labels:
        way.press(ana, "button.next")
    way.press(ana, HERS)
    way.press(ana, "button.quote")
    ana.say(QUOTE)
    way.press(ana, "button.quote.ask")
    way.shows(her, "button.told_open")
    way.press(her, "button.told_open", "button.answers_yes")
    assert QUOTE in way.newest(her)
    way.press(her, "button.quote.yes")


def decides(way: Way) -> None:
    """Quote what may be told, put a number to it, say whose answers led to it, and tell all."""
    ana = way.ana
    to_tell(way, "button.told_say")
    ana.say(f"{HEARD}: «{QUOTE}».")
    way.begins(ana, "1 · ")
    ana.say(FOLLOWS)
    ana.say(WHO)
    way.press(ana, "button.back.figures", FIGURE[way.language], "button.back.look", "button.back.moved")
    if HERS not in ana.screen()[-1].labels:
        way.press(ana, "button.next")
    way.press(ana, HERS)
    assert f"✓ {HERS}" in ana.screen()[-1].labels
    way.press(ana, "button.back.look", "button.back.send")
    for hand in way.leaders:
        way.opens(hand, HEARD)
        assert QUOTE in way.told(hand)
        assert figure(way) in way.told(hand)
        assert STORY not in way.told(hand) or hand is way.her


def figure(way: Way) -> str:
    """Return how the number was told."""
    band, _, option = FIGURE[way.language].partition(" · ")
    question = {"es": "¿Cómo andas de ánimo esta semana?", "en": "How are you feeling this week?"}[way.language]
    least, most = (int(each) for each in band.split() if each.isdecimal())
    return way.say("back.figure.chose", question=question, option=option, least=least, most=most)


def objects(way: Way) -> None:
    """She says something back, which the team reads beside the decision and answers from the messages."""
    her, ana = way.her, way.ana
    way.press(her, "button.back.say")
    her.say(OBJECTION)
    newest_told(way)
    way.press(ana, way.say("button.back.message", name=HERS))
    assert OBJECTION in way.newest(ana)
    way.press(ana, "button.mail_reply")
    ana.say(REPLY)
    way.press(ana, ana.screen()[-1].labels[0])
    way.opens(her, REPLY)


def read_aloud(way: Way) -> None:
    """The circle hears it, too, from a sheet in large type, and what it answers is typed in by the sheet's code."""
    ana, before = way.ana, codes(way)
    newest_told(way)
    way.press(ana, "button.aloud")
    assert HEARD in way.newest(ana)
    way.press(ana, "button.aloud.paper")
    [code] = codes(way) - before
    at_sheet(way, code, "button.paper_circle")
    for said in ("2", "12", AGAINST):
        ana.say(said)
    assert AGAINST in newest_told(way)


def remembered(way: Way, name: str) -> str:
    """Write out the group's record, and return all its words."""
    out = way.hilo.home.parent / name
    way.hilo.command("record", "--out", str(out))
    return "\n".join(each.read_text("utf-8") for each in sorted(out.rglob("*")) if each.is_file())


def leaves(way: Way) -> None:
    """She has everything erased that is hers, from the page."""
    her = way.her
    her.say("/menu")
    way.press(her, "button.mine")
    if way.say("button.answers_yes") in way.labels(her):  # whether others may see this page is asked once a while
        way.press(her, "button.answers_yes")
    way.press(her, "button.erase", "button.erase_all", "button.erase_all_sure")


def decision_of(way: Way, hand: Hand) -> str:
    """Open what the group was told, as one of its people; return it."""
    hand.say(f"/{way.say('command.decisions.name')}")
    way.press(hand, way.labels(hand)[0])
    return way.newest(hand)


def nowhere(way: Way, id_: UUID) -> None:
    """No row names her any more but the trail, which says what was done and not whose it was."""
    with looking(way.hilo) as unit:
        named = [
            table.name
            for table in metadata.sorted_tables
            for row in unit.connection.execute(table.select())
            if {id_.hex, str(id_)} & set(map(str, row))
        ]
    assert set(named) <= {"audit"}


@pytest.mark.by_day("way", why=LANGUAGES_ALIKE)
@pytest.mark.proof
@pytest.mark.timeout(900)
def test_there_and_back_on_every_way(way: Way) -> None:
    """Asked, answered, understood, judged, decided, objected to, answered, remembered; and then she is erased."""
    circles, own, *_ = asks(way)
    answers(way)
    types_in(way, circles, own)
    adds_up(way)
    understands(way)
    judges(way)
    held(way)
    quotes(way)
    decides(way)
    objects(way)
    read_aloud(way)
    before = remembered(way, "before")
    assert HEARD in before
    assert FOLLOWS in before
    assert QUOTE in before
    chat = way.her.chat
    with looking(way.hilo) as unit:
        person = unit.people.at(way.her.messenger, chat)
    assert person is not None
    leaves(way)

    nowhere(way, person.id)
    told = newest_told(way)
    assert HEARD in told
    assert GONE[way.language] in told  # inside the team
    assert figure(way) in told
    assert not any(words in told for words in (HERS, OBJECTION, QUOTE))
    after = remembered(way, "after")
    band = way.say("group_record.band", least=5, most=9)
    assert before.count(band) == after.count(band) > 0  # as it left, and no finer
    shown = [decision_of(way, hand) for hand in (way.leaders[0], way.leaders[ON_TELEGRAM])]  # on Telegram, on the page
    assert all(figure(way) in words for words in shown)
    for words in (*shown, after):
        assert FOLLOWS in words
        assert not any(each in words for each in (HEARD, QUOTE, "«…»", GONE[way.language]))  # nor any mark
    for words in (before, after):
        assert not any(each in words for each in (*NAMES, STORY, OBJECTION, ON_HER_SHEET, TOGETHER, GROUPS_WORD))
    double = way.hilo.double
    assert all(press.answered for press in double.account.presses.values())
