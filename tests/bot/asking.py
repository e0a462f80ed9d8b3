"""How a facilitator asks from her phone: the steps that most tests take in one go."""

from tests.bot.leader import words
from tests.bot.phone import Phone
from tests.bot.rig import PURPOSE, texts

UNTIL = {"es": "5 · Hasta que se cumpla", "en": "5 · Until it's done"}


def base(phone: Phone) -> str:
    """Return her language without its register."""
    return (phone.person.language or "es")[:2]


def group(phone: Phone, name: str, people: int) -> str:
    """Return what the button of a group says."""
    return texts().count("ask.group", base(phone), people, name=name)


def say_why(phone: Phone, purpose: str = PURPOSE) -> None:
    """Write a purpose card: why, and until when."""
    phone.say(purpose)
    for _ in range(2):
        phone.press(words(phone, "button.skip"))
    phone.press(UNTIL[base(phone)])


def prepare(phone: Phone, title: str = "¿Cómo vas?", purpose: str = PURPOSE, at: str = "") -> None:
    """Prepare an order up to its last look; `at` is the label of a group, where she has several."""
    phone.say("/preguntar")
    phone.press(title)
    if at:
        phone.press(at)
    if words(phone, "button.ask_why_new") in phone.last.labels:
        phone.press(words(phone, "button.ask_why_new"))
    say_why(phone, purpose)


def send(phone: Phone, title: str = "¿Cómo vas?") -> None:
    """Give a whole order."""
    prepare(phone, title)
    phone.press(words(phone, "button.ask_send"))
