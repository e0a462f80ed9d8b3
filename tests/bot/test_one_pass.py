"""One pass down: an update goes from receiving to the router, to one handler, and nothing below calls back up."""

import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from bot.conversation.actions import Action, Next, Then, handles
from bot.conversation.screen import Screen
from bot.messengers.port import Incoming, Kind
from bot.participant.main_menu import HOME
from bot.pipeline.router import Router, SecondHop
from bot.rendering.buttons import PlainButton
from bot.services.permissions import EVERYONE
from tests.bot.rig import Phone, Rig, texts

ROOT = Path(__file__).parents[2]
LAYERS = next(
    each["layers"]
    for each in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    if each["name"] == "The floors of bot"
)
FLOORS = {room.strip(): -place for place, layer in enumerate(LAYERS) for room in layer.split("|")}
# A wizard asks its part for lists and facts through a port: the part is above, and is only asked. And what was handed
# down is used below: the class of an argument that is read, a generator that is run through.
HANDED_DOWN = {"facts", "choices", "wizards", "__init__", "<genexpr>", "<lambda>"}


class Walk:
    """Every call from one room of `bot` into another, in their order."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, str]] = []

    def __call__(self, frame: FrameType, event: str, arg: Any) -> None:
        """Note a call."""
        below = frame.f_back
        if event != "call" or below is None:
            return
        to, of = frame.f_globals.get("__name__", ""), below.f_globals.get("__name__", "")
        if to.startswith("bot.") and of.startswith("bot.") and to != of:
            self.calls.append((of, to, frame.f_code.co_name))

    @property
    def climbs(self) -> list[tuple[str, str, str]]:
        """Calls from a lower floor to a higher one, but for what was handed down."""
        return [
            call
            for call in self.calls
            if FLOORS[call[0].split(".")[1]] < FLOORS[call[1].split(".")[1]] and call[2] not in HANDED_DOWN
        ]

    @property
    def routed(self) -> list[tuple[str, str, str]]:
        """Calls into the router from any other module."""
        return [call for call in self.calls if call[1] == "bot.pipeline.router"]


@contextmanager
def walked(hilo: Rig) -> Iterator[Walk]:
    """Trace the step of every update that is handled meanwhile."""
    walk, step = Walk(), hilo.receive.step

    def traced(*args: Any) -> Any:
        sys.setprofile(walk)
        try:
            return step(*args)
        finally:
            sys.setprofile(None)

    hilo.receive.step = traced  # type: ignore[method-assign]  # the step itself is unchanged
    try:
        yield walk
    finally:
        hilo.receive.step = step  # type: ignore[method-assign]  # as it was


def asked(hilo: Rig) -> Phone:
    """Bring a participant to a question."""
    phone = hilo.join()
    hilo.ask(phone)
    return phone


REPLIES: dict[str, Callable[[Phone], object]] = {
    "an answer": lambda phone: phone.say("2"),
    "a press": lambda phone: phone.press("Saltar"),
    "a plain word": lambda phone: phone.say("menú"),
    "a command": lambda phone: phone.say("/misdatos"),
    "a run's own word": lambda phone: phone.say("/saltar"),
    "a word that may be an answer": lambda phone: (phone.say("2"), phone.say("pausa"), phone.press("Es mi respuesta")),
    "what nobody knows": lambda phone: phone.say("/nada"),
}


@pytest.mark.parametrize("what", REPLIES)
def test_a_reply_goes_down_once(hilo: Rig, what: str) -> None:
    """Whatever is said to an open question: the router is entered once for each, and nothing calls back up."""
    phone = asked(hilo)
    with walked(hilo) as walk:
        REPLIES[what](phone)

    assert walk.calls
    assert walk.climbs == []
    assert {call[:2] for call in walk.routed} == {("bot.pipeline.receive", "bot.pipeline.router")}
    assert len(walk.routed) == (3 if what == "a word that may be an answer" else 1)


def test_what_the_team_does_goes_down_once(hilo: Rig) -> None:
    """A wizard from its first button to its end, and the screens about it: no climb either."""
    hilo.join(nickname="Ceiba")
    ana = hilo.facilitator()
    with walked(hilo) as walk:
        ana.say("/preguntar")
        ana.press(ana.last.labels[0])
        ana.say("/menu")
        ana.say("/personas")
        ana.say("/leer")
        ana.say("/mensajes")

    assert len(walk.calls) > 100
    assert walk.climbs == []
    assert {call[0] for call in walk.routed} == {"bot.pipeline.receive"}


class Circling:
    """A screen whose action leads to itself."""

    @handles(round_ := Action("round", EVERYONE))
    def round(self, screen: Screen) -> Next:
        """Lead on to the same again."""
        return Then(self.round_, screen=screen)


def turning(hilo: Rig, *, strict: bool) -> tuple[Router, PlainButton, Incoming, Phone]:
    """Return a router with a screen that leads on and on, and a press of its button."""
    phone = hilo.join()
    router = Router(hilo.turns, strict=strict)
    router._registry = type(router._registry)(
        {**router._registry.actions, "round": Circling.round_},
        router._registry.handlers,
        router._registry.commands,
        router._registry.wizards,
    )
    router._handlers["round", "active"] = Circling().round
    incoming = Incoming(hilo.messenger.name, "u", phone.chat, Kind.PRESS, order=1)
    return router, PlainButton("round", ""), incoming, phone


def test_a_second_hop_is_a_mistake(hilo: Rig) -> None:
    """What a handler leads to is followed once: in tests a second time raises."""
    router, press, incoming, phone = turning(hilo, strict=True)
    with pytest.raises(SecondHop), hilo.unit() as unit:
        router.press(unit, unit.people.known(phone.person.id), press, incoming)


def test_a_second_hop_ends_at_the_menu(hilo: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """In a running bot it is logged, and whoever pressed is at the menu."""
    router, press, incoming, phone = turning(hilo, strict=False)
    with hilo.unit() as unit:
        router.press(unit, unit.people.known(phone.person.id), press, incoming)
    hilo.send()

    assert "second hop" in caplog.text
    assert texts().say("button.know", "es") in phone.last.labels
    assert HOME.name == "home"
