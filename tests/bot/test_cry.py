"""A cry for help is heard in every state and in every way of asking, reached by talking, pressing and sending."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.messengers.port import Kind
from dialogs import danger
from tests.bot import samples
from tests.bot.phone import Phone
from tests.bot.rig import AGREE, RECORD, Rig, texts

SAID = "Mi marido me pegó anoche."
RINGING = {"danger_words": {"es": [*danger.proposed("es")], "en": [*danger.proposed("en")]}}


def say(code: str, **facts: object) -> str:
    """Return a sentence in Spanish."""
    return texts().say(code, "es", **facts)


@pytest.fixture
def hilo(tmp_path: Path) -> Iterator[Rig]:
    """One installation that accepted every phrase that is proposed, with a facilitator and an admin."""
    it = Rig(tmp_path, record={**RECORD, **RINGING})
    it.facilitator()
    it.facilitator(nickname="Sol", cohort=None, role="admin")
    yield it
    it.close()


def team(hilo: Rig) -> tuple[Phone, Phone]:
    """Return the phones of the facilitator and the admin, with all seen so far."""
    found = tuple(Phone(hilo, f"{5_000_000_000 + place}") for place in (1, 2))
    for phone in found:
        phone.look()
    return found[0], found[1]


# States, each reached as people reach it.


def invited(hilo: Rig) -> Phone:
    """She opened the link."""
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite()}")
    return phone


def consenting(hilo: Rig) -> Phone:
    """She was told what this is, and asked."""
    phone = invited(hilo)
    phone.say("Español")
    return phone


def doubting(hilo: Rig) -> Phone:
    """She has doubts."""
    phone = consenting(hilo)
    phone.press(say("button.doubts"))
    return phone


def declined(hilo: Rig) -> Phone:
    """She said no."""
    phone = consenting(hilo)
    phone.press(say("button.decline"))
    return phone


def naming(hilo: Rig) -> Phone:
    """She agreed, and is asked for a nickname."""
    phone = consenting(hilo)
    phone.press(AGREE["es"])
    return phone


def idle(hilo: Rig) -> Phone:
    """Nothing is open."""
    return hilo.join()


def welcomed(hilo: Rig) -> Phone:
    """The first questions are open."""
    phone = hilo.join()
    phone.press("Mejor ahora")
    return phone


def offered(hilo: Rig) -> Phone:
    """Questions are offered."""
    phone = hilo.join()
    hilo.order()
    hilo.tick()
    return phone


def choosing(hilo: Rig) -> Phone:
    """A choice question is open."""
    phone = hilo.join()
    hilo.ask(phone)
    return phone


def telling(hilo: Rig) -> Phone:
    """A question in words is open."""
    phone = choosing(hilo)
    phone.say("2")
    return phone


def adding(hilo: Rig) -> Phone:
    """She answered in words, and may add to it."""
    phone = telling(hilo)
    phone.say("Lo del agua.")
    return phone


def finished(hilo: Rig) -> Phone:
    """She answered everything."""
    phone = adding(hilo)
    phone.press("Es todo")
    phone.press("1 · Nada por ahora")
    phone.press("Saltar")
    return phone


def postponed(hilo: Rig) -> Phone:
    """She put the questions off."""
    phone = choosing(hilo)
    phone.press("Más tarde")
    return phone


def holding(hilo: Rig) -> Phone:
    """She is asked whether something goes to the team."""
    phone = hilo.join()
    phone.say("Hola a todas.")
    return phone


def writing(hilo: Rig) -> Phone:
    """She is about to write to the team."""
    phone = hilo.join()
    phone.say("/equipo")
    return phone


def renaming(hilo: Rig) -> Phone:
    """She is asked for another nickname."""
    phone = hilo.join()
    phone.say("/menu")
    phone.press(say("button.how"))
    phone.press(say("button.nickname"))
    return phone


def paused(hilo: Rig) -> Phone:
    """She takes a break."""
    phone = hilo.join()
    phone.say("/pausa")
    phone.press(say("button.pause_open"))
    return phone


def left(hilo: Rig) -> Phone:
    """She left."""
    phone = hilo.join()
    phone.say("/salir")
    phone.press(say("button.leave_sure"))
    return phone


def returning(hilo: Rig) -> Phone:
    """She left, and is about to come back."""
    phone = left(hilo)
    phone.press(say("button.come_back"))
    return phone


WORDLESS = (invited, consenting, doubting, declined, left, returning)
KEPT = (
    naming,
    idle,
    welcomed,
    offered,
    choosing,
    telling,
    adding,
    finished,
    postponed,
    holding,
    writing,
    renaming,
    paused,
)

# Ways of asking for help.


def typed(hilo: Rig, phone: Phone) -> None:
    """Write it."""
    phone.say(SAID)


def commanded(hilo: Rig, phone: Phone) -> None:
    """Write it in one line with a command."""
    phone.say(f"/ayuda {SAID}")


def pictured(hilo: Rig, phone: Phone) -> None:
    """Write it below a picture."""
    hilo.messenger.give_file(phone.chat, Kind.PHOTO, samples.jpeg(), text=SAID)
    hilo.settle()


def spoken(hilo: Rig, phone: Phone) -> None:
    """Write it below a voice note."""
    hilo.messenger.give_file(phone.chat, Kind.VOICE, samples.ogg(), seconds=3, text=SAID)
    hilo.settle()


def filed(hilo: Rig, phone: Phone) -> None:
    """Write it below a file that is not taken."""
    phone.send(Kind.OTHER, text=SAID)


def edited(hilo: Rig, phone: Phone) -> None:
    """Change something written before into it."""
    order = phone.say("Hola.")
    phone.edit(order, SAID)


def replied(hilo: Rig, phone: Phone) -> None:
    """Write it in reply to an old message."""
    phone.say(SAID, reply_to=phone.heard[0].order)


WAYS = (typed, commanded, pictured, spoken, filed, edited, replied)


def told(hilo: Rig) -> int:
    """Count what went to the team."""
    return int(hilo.rows("SELECT count(*) FROM messages WHERE direction = 'to_team'")[0][0])


Reach = Callable[[Rig], Phone]
Ask = Callable[[Rig, Phone], None]


@pytest.mark.parametrize("ask", WAYS)
@pytest.mark.parametrize("reach", KEPT)
def test_whoever_agreed_is_heard_with_her_words(hilo: Rig, reach: Reach, ask: Ask) -> None:
    """Whatever is open and however it is said: the team is told once, and reads her words; she is answered."""
    phone = reach(hilo)
    ana, sol = team(hilo)
    ask(hilo, phone)

    notice = say("notice.danger", cohort="Sierra Norte")
    assert [said for said in ana.news if said.startswith(notice)] == [notice]
    assert sol.news == []
    assert phone.last.text == say("cry.watched")
    assert phone.last.labels[0] == say("button.support")
    ana.press(say("button.alert_open"))
    assert SAID in (ana.last.text or "")
    assert (ana.last.text or "").startswith(say("alert.watched"))


@pytest.mark.parametrize("ask", WAYS)
@pytest.mark.parametrize("reach", WORDLESS)
def test_of_whoever_has_not_agreed_only_that_is_kept(hilo: Rig, reach: Reach, ask: Ask) -> None:
    """Before a yes and after leaving the team hears that somebody asks for help, and none of her words is anywhere."""
    phone = reach(hilo)
    before = told(hilo)
    ana, sol = team(hilo)
    ask(hilo, phone)

    notice = say("notice.danger", cohort="Sierra Norte")
    assert [said for said in ana.news if said.startswith(notice)] == [notice]
    assert sol.news == []
    assert phone.last.text == say("cry.watched")
    ana.press(say("button.alert_open"))
    assert say("alert.only_that") in (ana.last.text or "")
    assert SAID not in ana.screen()
    assert told(hilo) == before
    with hilo.reading() as unit:
        assert all(each.wordless for each in unit.alerts.open())
