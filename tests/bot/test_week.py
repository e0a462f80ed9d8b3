"""A group's week on the phone of its facilitator, counted: what is sent, waited for, heard, answered and given back."""

from bot.messengers.port import Kind
from tests.bot import samples
from tests.bot.leader import words
from tests.bot.orders import finish, say
from tests.bot.rig import PURPOSE, Phone, Rig

LEADERS, SPOKEN, WRITTEN, MESSAGES = 14, 6, 3, 3
LONG = 120  # seconds of a voice note: six of them are twelve minutes
TAPS, SCREENS = 60, 25


class Counted:
    """The facilitator's phone; counts what she presses, types and sends, and what comes newly into her chat.

    A screen that changes in place is the same screen; a voice note is what somebody said, and no screen.
    """

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.taps = 0
        self._orders = {message.order for message in phone.heard}
        self._seen = len(self._orders)

    @property
    def screens(self) -> int:
        """How many messages in words have come into the chat."""
        self._look()
        return len(self._orders) - self._seen

    def _look(self) -> None:
        self._orders |= {message.order for message in self.phone.heard if message.attachment is None}

    def say(self, text: str) -> None:
        """Write something."""
        self.taps += 1
        self.phone.say(text)
        self._look()  # each time: a page may go again

    def press(self, *labels: str) -> None:
        """Press buttons, each by its whole label or how it begins."""
        for label in labels:
            self.taps += 1
            newest = reversed(self.phone.heard)
            found = [each for message in newest for each in sorted(message.labels, key=len) if each.startswith(label)]
            self.phone.press(found[0])
            self._look()

    def code(self, *codes: str) -> None:
        """Press buttons by their codes."""
        self.press(*(words(self.phone, code) for code in codes))


def asks(ana: Counted) -> None:
    """Send a ready check-in for a purpose that is written now."""
    ana.say("/menu")
    ana.code("menu.ask")
    ana.press("¿Cómo vas?")
    ana.say(PURPOSE)
    ana.code("button.skip", "button.skip")
    ana.press("5 · ")
    ana.code("button.ask_send")


def answers(hilo: Rig, leader: Phone, *, spoken: bool) -> None:
    """Answer the check-in by voice, or in words."""
    leader.press("Sí, ahora")
    if not spoken:
        finish(leader)
        return
    leader.say("2")
    hilo.messenger.give_file(leader.chat, Kind.VOICE, samples.ogg(), seconds=LONG)
    hilo.settle()
    leader.press("Listo")
    leader.press("1 · Nada por ahora")


def attends(ana: Counted, names: list[str]) -> None:
    """See to who asked for support, and answer everybody who wrote."""
    ana.code("button.alert_open", "button.alert_mine", "button.alerts")
    ana.press(names[-1])
    ana.code("button.asked_done")
    ana.code("button.alerts")
    for name in names[:-1]:
        ana.press(name)
        ana.code("button.mail_reply")
        ana.say("Gracias por avisar. Lo vemos el jueves.")
        ana.press("1 · ")
        ana.code("button.mail_close")
    assert say("attend.none") in (ana.phone.last.text or "")


def reads(ana: Counted) -> None:
    """Read every answer, and hear every voice note."""
    ana.code("menu.read")
    assert "(12 min de audio)" in (ana.phone.last.text or "")
    ana.code("button.read_next")
    for left in range(SPOKEN + WRITTEN, 0, -1):
        shown = next(message for message in reversed(ana.phone.heard) if message.attachment is None)
        if voices := [label for label in shown.labels if label.startswith("🔊")]:
            ana.press(*voices)
        if left > 1:
            ana.press(words(ana.phone, "button.read_next_of", left=left - 1))
    ana.code("button.close")


def gives_back(ana: Counted) -> None:
    """Close what was sent, and note that people were told what came of it."""
    ana.code("button.menu", "menu.more", "menu.progress")
    ana.press("¿Cómo vas?")
    ana.code("button.order_end", "button.order_end_yes", "menu.told", "button.told")
    ana.phone.say("/menu")  # only to look: nothing waits any more
    assert say("today.nothing", hello="").strip() in (ana.phone.last.text or "")


def test_a_week_is_sixty_taps_at_most(hilo: Rig) -> None:
    """Fourteen leaders, nine answers with twelve minutes of voice, three messages, one support, one broadcast."""
    ana = Counted(hilo.facilitator())
    leaders = [hilo.join(nickname=f"Luna {place:02d}") for place in range(LEADERS)]
    asks(ana)
    hilo.tick()
    for place, leader in enumerate(leaders[: SPOKEN + WRITTEN]):
        answers(hilo, leader, spoken=place < SPOKEN)
    hilo.advance(hours=26)
    ana.code("button.progress", "button.order_nudge", "button.order_nudge_yes")
    for leader in (writing := leaders[SPOKEN + WRITTEN :][:MESSAGES]):
        leader.say("Se cayó el puente, hoy no se puede pasar.")
        leader.press("Sí")
    leaders[-1].say("/apoyo")
    leaders[-1].press("Que me busquen")
    hilo.advance(hours=20)
    attends(ana, [*(leader.person.nickname or "" for leader in writing), leaders[-1].person.nickname or ""])
    reads(ana)
    gives_back(ana)

    assert ana.taps <= TAPS, ana.taps
    assert ana.screens <= SCREENS, ana.screens
