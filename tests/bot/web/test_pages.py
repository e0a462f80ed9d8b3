"""A facilitator who reads in her browser: there a page is made of what is kept, so that is what goes."""

from dataclasses import dataclass
from typing import Any

from bot import clock
from bot.messengers.port import Incoming, Kind
from bot.web import thread
from bot.web.thread import Bubble
from tests.bot.rig import Rig
from tests.bot.test_reading import told, voice

CHAT = "w1"


@dataclass
class Browser:
    """Her side of the web chat, without its network."""

    rig: Rig

    def do(self, kind: Kind, order: int = 0, **fields: Any) -> None:
        """Hand over an update, and let everything that follows be said."""
        with self.rig.unit() as unit:
            self.rig.receive.accept(unit, [Incoming("web", clock.new_id().hex, CHAT, kind, order, **fields)])
        self.rig.handle()
        self.say()

    def say(self) -> None:
        """Accept all that is to be said at once, as the web's messenger does."""
        while True:
            with self.rig.unit() as unit:
                rows = [row for row in unit.outbox.claim(unit.now, unit.now, 9) if row.messenger == "web"]
                for row in rows:
                    unit.outbox.sent(row.seq, row.seq if row.kind == "message" else None, unit.now, keep=True)
            if not rows:
                return

    def press(self, label: str) -> None:
        """Press the newest button of this label."""
        found = [
            (bubble.seq, button.id)
            for bubble in self.bubbles()
            for row in bubble.keyboard
            for button in row
            if button.label.startswith(label)
        ]
        self.do(Kind.PRESS, found[-1][0], button=found[-1][1])

    def bubbles(self) -> list[Bubble]:
        """Return what her page shows."""
        with self.rig.reading() as unit:
            return list(thread.read(unit, CHAT).bubbles)

    def kept(self) -> str:
        """Return every word that is kept for her page."""
        with self.rig.reading() as unit:
            return "\n".join(str(row.body.get("text")) for row in unit.outbox.latest("web", CHAT, 99))


def browser(rig: Rig) -> Browser:
    """Let a facilitator open the web chat."""
    cohort_id = rig.cohort()
    with rig.unit() as unit:
        person = unit.people.create(clock.new_id(), rig.now, "active", "es")
        unit.addresses.link(person, "web", CHAT, clock.new_id())
        unit.roles.grant(clock.new_id(), person.id, "facilitator", cohort_id)
    return Browser(rig)


def test_closing_leaves_no_word_in_the_mailbox(hilo: Rig) -> None:
    """Every page that was turned goes, not only the last one; what is left says so and leads on."""
    for nickname in ("Ceiba", "Nopal"):
        told(hilo, nickname, f"Historia de {nickname}.")
    ana = browser(hilo)
    ana.do(Kind.TEXT, text="/leer")
    ana.press("Leer lo que sigue")
    ana.press("Lo que sigue")
    assert "Historia de Nopal." in ana.bubbles()[-1].text
    ana.press("Cerrar")

    assert "Historia" not in ana.kept()
    assert "Cerrado." in ana.bubbles()[-1].text
    assert [button.label for row in ana.bubbles()[-1].keyboard for button in row] == ["Leer", "Por atender", "Menú"]


def test_half_an_hour_later_pages_and_voice_notes_are_gone(hilo: Rig) -> None:
    """What was played can no longer be opened by its address either."""
    leader = hilo.join(nickname="Ceiba")
    hilo.ask(leader)
    voice(hilo, leader)
    ana = browser(hilo)
    ana.do(Kind.TEXT, text="/leer")
    ana.press("Leer lo que sigue")
    ana.press("🔊 Ceiba")
    (played,) = [bubble.media for bubble in ana.bubbles() if bubble.media]
    with hilo.reading() as unit:
        assert thread.holds(unit, CHAT, played.name) == played
    hilo.advance(minutes=31)
    with hilo.unit() as unit:
        hilo.ticking.step(unit, 9)
    ana.say()

    with hilo.reading() as unit:
        assert thread.holds(unit, CHAT, played.name) is None
        assert unit.panels.due(hilo.now, 9) == []
    assert not [bubble for bubble in ana.bubbles() if bubble.media]
    assert "nota de voz" not in ana.kept()
