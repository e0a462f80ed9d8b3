"""What every screen of the menu has to hold, and how tests walk through them."""

from tests.bot.phone import Phone
from tests.bot.rig import Rig, texts
from tests.memory import Message

LONGEST = 500  # characters of a screen
RECEIPT = 636  # the same of a receipt
ROWS = 8
LANGUAGES = ("es", "en", "es-usted")


def words(phone: Phone, code: str, **facts: object) -> str:
    """Return the sentence of a code in the language she is spoken to."""
    return texts().say(code, phone.person.language or "es", **facts)


def follow(phone: Phone, *codes: str) -> Message:
    """Press buttons one after the other, each by its code; returns the last screen."""
    for code in codes:
        phone.press(words(phone, code))
        check(phone)
    return phone.last


def check(phone: Phone) -> None:
    """The newest screen is short, not too tall, and leads on."""
    screen = phone.last
    assert 0 < len(screen.text or "") <= LONGEST, screen.text
    assert len(screen.keyboard) <= ROWS, screen.labels
    assert screen.labels, f"no way on:\n{phone.screen()}"


def answered(hilo: Rig, language: str = "es", nickname: str = "Colibrí", canary: str = "agua") -> Phone:
    """Bring in a leader who answered a whole check-in, in words that can be looked for."""
    phone = hilo.join("en" if language == "en" else "es", nickname)
    if language == "es-usted":
        with hilo.unit() as unit:
            unit.people.change(phone.person, language=language)
    hilo.ask(phone)
    phone.say("2")
    phone.say(f"Hubo junta por {canary}.")
    phone.press(words(phone, "button.all"))
    phone.press("3 · Information" if language == "en" else "3 · Información")
    phone.say(f"Sobre {canary}.")
    assert phone.run.status == "completed"
    return phone
