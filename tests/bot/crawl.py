"""Walks every screen that buttons lead to, each press in a transaction that is taken back again."""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NoReturn
from uuid import UUID

from bot.messengers.port import Incoming, Kind
from bot.pipeline.router import Router
from bot.rendering.buttons import Buttons, PlainButton
from storage.unit import Unit
from tests.bot.rig import Rig

Press = tuple[str, str]  # an action and its argument


class TakenBack(Exception):
    """Ends a transaction without a trace."""


@dataclass
class Seen:
    """What one press said.

    Attributes:
        texts: to whoever pressed, words and the labels of buttons.
        others: to anybody else.
        offered: the buttons outside of runs that came with it.
        changed: whether what was watched is different afterwards.
    """

    texts: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    offered: list[Press] = field(default_factory=list)
    changed: bool = False

    @property
    def told(self) -> str:
        """All of it as one text."""
        return "\n".join((*self.texts, *self.others))


class Crawler:
    """Presses buttons for people and looks at what comes of it."""

    def __init__(self, rig: Rig, watched: Iterable[tuple[str, tuple[str, ...]]] = ()) -> None:
        self._rig = rig
        self._router = Router(rig.turns, strict=True)
        self._watched = tuple(watched)

    def press(self, person_id: UUID, action: str, argument: str = "") -> Seen:
        """Press one button, and take everything back."""
        seen = Seen()
        with contextlib.suppress(TakenBack), self._rig.unit() as unit:
            self._press(unit, seen, person_id, PlainButton(action, argument))
        return seen

    def _press(self, unit: Unit, seen: Seen, person_id: UUID, press: PlainButton) -> NoReturn:
        self._drain(unit)
        before = self._state(unit)
        person = unit.people.known(person_id)
        incoming = Incoming(person.messenger or "", "crawl", person.chat or "", Kind.PRESS, order=1)
        self._router.press(unit, person, press, incoming)
        for chat, body in self._drain(unit):
            self._note(unit, seen, body, mine=chat == person.chat, chat=chat)
        seen.changed = self._state(unit) != before
        raise TakenBack

    def walk(self, person_id: UUID, starts: Iterable[str], among: Iterable[str], most: int = 600) -> dict[Press, Seen]:
        """Press every button of some actions that can be come to, the nearest first."""
        known = frozenset(among)
        waiting: list[Press] = [(action, "") for action in starts]
        found: dict[Press, Seen] = {}
        while waiting and len(found) < most:
            press = waiting.pop(0)
            if press in found or press[0] not in known:
                continue
            found[press] = self.press(person_id, *press)
            waiting += found[press].offered
        return found

    def _note(self, unit: Unit, seen: Seen, body: dict[str, Any], *, mine: bool, chat: str) -> None:
        labels = [button for row in body.get("keyboard") or () for button in row]
        words = [body.get("text") or "", *(button[0] for button in labels)]
        (seen.texts if mine else seen.others).append("\n".join(words))
        if mine:
            read = [Buttons(unit.vault, "memory", chat).read(button[1]) for button in labels if button[1]]
            seen.offered += [(each.action, each.argument) for each in read if isinstance(each, PlainButton)]

    def _drain(self, unit: Unit) -> list[tuple[str, dict[str, Any]]]:
        found = []
        until = unit.now + timedelta(minutes=1)
        while rows := unit.outbox.claim(unit.now, until, 100):
            for row in rows:
                found.append((row.chat, row.body))
                unit.outbox.sent(row.seq, 1_000_000 + row.seq, unit.now)
        return found

    def _state(self, unit: Unit) -> list[list[tuple[Any, ...]]]:
        return [
            [tuple(row) for row in unit.connection.exec_driver_sql(query, values)] for query, values in self._watched
        ]
