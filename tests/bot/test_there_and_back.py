"""The whole way there and back, walked from the purpose to what is left after somebody is erased, in both languages."""

import pytest

from storage.erasure import erase
from storage.tables import metadata
from tests.bot.asking import send
from tests.bot.leader import check, words
from tests.bot.orders import TITLES, panel
from tests.bot.rig import Phone, Rig
from tests.bot.test_share_backs import FOLLOWS, HEARD, WHO

pytestmark = pytest.mark.proof

PEOPLE = 6
HER = "Ceiba 5"
STORY = "Ya nadie baja a la junta cuando llueve en la loma."
QUOTE = STORY.rstrip(".")
QUOTED = f"{HEARD.rstrip('.')}: «{QUOTE}»."
FIGURE = {"es": "5 a 9 · 🙂 Bueno", "en": "5 to 9 · 🙂 Good"}
MOOD = {"es": "¿Cómo andas de ánimo esta semana?", "en": "How are you feeling this week?"}
UNDERSTOOD = "Entendimos que las reuniones quedan lejos."
OBJECTION = "A mí me queda más lejos así."
REPLY = "Gracias. Lo vemos el jueves con todas."
GREETING = {"es": "¿Cómo vas?", "en": "How is it going?"}


def answer(phone: Phone, mood: str) -> None:
    """Answer a whole check-in."""
    phone.press(words(phone, "button.start"))
    phone.say(mood)
    phone.say(STORY if mood == "2" else "Todo bien por acá.")
    phone.press(words(phone, "button.all"))
    phone.say("1")


def to_tell(ana: Phone, language: str, *codes: str) -> None:
    """Open what is still to be told, and choose."""
    ana.say("/menu")
    ana.press(words(ana, "menu.told"))
    ana.press(f"{GREETING[language]} · Sierra Norte")
    for code in codes:
        ana.press(words(ana, code))


def newest(ana: Phone) -> str:
    """Open the newest thing that was told."""
    ana.say("/menu")
    ana.press(words(ana, "menu.told"))
    ana.press(words(ana, "button.told_before"))
    ana.press(ana.last.labels[0])
    check(ana)
    return ana.last.text or ""


def asks(hilo: Rig, ana: Phone, phones: list[Phone], language: str) -> None:
    """Write a purpose, ask, look at the totals, and close."""
    send(ana, GREETING[language])
    hilo.tick()
    for number, phone in enumerate(phones):
        answer(phone, "2" if number == PEOPLE - 1 else "4")
    panel(ana, TITLES[language])
    ana.press(words(ana, "button.totals"))
    assert "5 · 🙂" in (ana.last.text or "")
    panel(ana, TITLES[language])
    ana.press(words(ana, "button.order_end"))
    ana.press(words(ana, "button.order_end_yes"))


def understands(hilo: Rig, ana: Phone, phones: list[Phone], language: str) -> None:
    """Ask whether it was understood; everybody says so."""
    to_tell(ana, language, "button.told_ask")
    ana.say(UNDERSTOOD)
    ana.press(words(ana, "button.back.send"))
    hilo.tick()
    for phone in phones:
        assert UNDERSTOOD in phone.told
        phone.press(words(phone, "button.back.fine.understood"))
    assert str(PEOPLE) in newest(ana).partition("👍")[2]


def held(ana: Phone, language: str) -> None:
    """Copy somebody's words, which are held back."""
    to_tell(ana, language, "button.told_say")
    ana.say(STORY)
    assert words(ana, "back.marked", words="").strip(" .") in ana.told


def quotes(hilo: Rig, ana: Phone, her: Phone) -> None:
    """Ask whether some of somebody's words may be told; the yes is to exactly these."""
    ana.say(f"/{words(ana, 'command.read.name')}")
    ana.press(words(ana, "button.by_person"))
    ana.press(HER)
    ana.press(words(ana, "button.quote"))
    ana.say(QUOTE)
    ana.press(words(ana, "button.quote.ask"))
    hilo.tick()
    her.press(words(her, "button.quote.yes"))


def figure(phone: Phone, language: str) -> str:
    """Return how the number is told."""
    option = FIGURE[language].partition(" · ")[2]
    return words(phone, "back.figure.chose", question=MOOD[language], option=option, least=5, most=9)


def decides(hilo: Rig, ana: Phone, language: str) -> None:
    """Quote what may be told, put a number to it, say whose answers led to it, and tell everybody."""
    to_tell(ana, language, "button.told_say")
    ana.say(QUOTED)
    ana.press("1 · Por eso…" if language == "es" else "1 · So we will…")
    ana.say(FOLLOWS)
    ana.say(WHO)
    for each in (words(ana, "button.back.figures"), FIGURE[language], words(ana, "button.back.look")):
        ana.press(each)
    ana.press(words(ana, "button.back.moved"))
    ana.press(HER)
    assert f"✓ {HER}" in ana.last.labels
    ana.press(words(ana, "button.back.look"))
    ana.press(words(ana, "button.back.send"))
    hilo.tick()


def objects(hilo: Rig, ana: Phone, her: Phone) -> None:
    """Say something back, which the team reads beside the decision and answers from the messages."""
    her.press(words(her, "button.back.say"))
    her.say(OBJECTION)
    newest(ana)
    ana.press(words(ana, "button.back.message", name=HER))
    assert OBJECTION in (ana.last.text or "")
    assert words(ana, "mail.about_decision") in (ana.last.text or "")
    ana.press(words(ana, "button.mail_reply"))
    ana.say(REPLY)
    ana.press(ana.last.labels[0])
    hilo.tick()
    assert REPLY in her.screen()


@pytest.mark.parametrize("language", ["es", "en"])
def test_there_and_back(hilo: Rig, language: str) -> None:
    """Purpose, answers, totals, understood, decision, objection, its answer, an erasure: no link gives her away."""
    told = walk(hilo, language)
    assert FOLLOWS in told
    assert not any(each in told for each in (HER, QUOTE, "…»", "ya no está", "no longer"))  # no mark at all


def walk(hilo: Rig, language: str) -> str:
    """Walk it; return what whoever is left reads of it."""
    phones = [hilo.join(language, f"Ceiba {number}") for number in range(PEOPLE)]
    her, ana = phones[-1], hilo.facilitator(language)
    asks(hilo, ana, phones, language)
    hilo.advance(days=2)
    understands(hilo, ana, phones, language)
    hilo.advance(days=8)  # no more reaches her in a week than she can bear
    held(ana, language)
    quotes(hilo, ana, her)
    decides(hilo, ana, language)
    for phone in phones:
        assert QUOTED in phone.told
        assert figure(phone, language) in phone.told
    objects(hilo, ana, her)

    erased = her.person.id
    with hilo.unit() as unit:
        erase(unit, erased)
    text = newest(ana)
    assert HER not in text + "".join(ana.last.labels)
    gone = {"es": "Una más que llevó a esto ya no está.", "en": "One more that led to this is no longer there."}
    assert gone[language] in text
    assert QUOTE not in text
    rows = {table.name: hilo.rows(f"SELECT * FROM {table.name}") for table in metadata.sorted_tables}  # noqa: S608  names of ours
    named = {
        name for name, found in rows.items() if any({erased.hex, str(erased)} & set(map(str, row)) for row in found)
    }
    assert named <= {"audit"}
    phones[0].say(f"/{words(phones[0], 'command.decisions.name')}")
    phones[0].press(phones[0].last.labels[0])
    assert figure(phones[0], language) in (phones[0].last.text or "")  # as it left, and no finer
    return phones[0].last.text or ""
