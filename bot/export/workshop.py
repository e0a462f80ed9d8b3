"""Files that were ordered in chat: made beside the bot's turns, put aside sealed, and sent as any message is.

An order waits in the outbox like something to say, to a messenger that is this workshop: it outlives a restart, holds
up no chat, and is done once. What comes of it is a row to say: with the file, or with why there is none.
"""

import asyncio
import base64
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot import clock
from bot.export.order import Order, Written
from bot.export.parcel import TooMuch, pack, sweep
from bot.export.staging import NoRoom, writing
from bot.media import Shelf
from bot.messenger import WEB, Outgoing
from bot.permissions import may_export
from bot.problem import Problem
from bot.speech import REPLY, Speech, rows
from bot.texts import Texts
from bot.work import Desk
from dialogs import wording
from storage.outbox import OutboxRow
from storage.people import Person
from storage.unit import Storage, Unit

log = logging.getLogger(__name__)

WORKSHOP: Final = "workshop"
NAMED: Final = 4  # conversations that a caption names
TRIES: Final = 2  # an order during which the process died twice is not what ends it a third time
ASIDE: Final = "parked-"  # begins the name of a file that was put aside


def ask(unit: Unit, person: Person, order: Order) -> None:
    """Order a file for someone's chat; from now it is on the trail."""
    unit.audit.add(str(person.id), "answers.exported", " ".join(order.dialogs)[:64] or "*", order.told())
    body = {**Outgoing("", None).to_dict(), "order": order.to_dict(), "to": [person.messenger, person.chat]}
    unit.outbox.put(clock.new_id(), person, WORKSHOP, person.id.hex, "message", REPLY, body)


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was put aside: what a message holds of it, and what is in it."""

    held: dict[str, object]
    written: Sequence[Written]


class Workshop:
    """Makes what was ordered, one file at a time."""

    def __init__(self, texts: Texts, shelf: Shelf, home: Path) -> None:
        """Take the catalogs, the shelf, and the folder of everything the bot writes; what lies about there goes."""
        self._texts = texts
        self._shelf = shelf
        self._home = home
        self._one = asyncio.Lock()
        sweep(home)

    async def make(self, desk: Desk, row: OutboxRow) -> None:
        """Make an order's file, and put it into the outbox; never raises."""
        async with self._one:
            made = await asyncio.to_thread(self.build, desk.storage, row)
            await desk.insist(lambda unit: self.deliver(unit, row, made))
        desk.outbox.ring()

    def build(self, storage: Storage, row: OutboxRow) -> Made | str:
        """Make an order's file and put it aside; returns it, or the code that says why there is none."""
        order, now = Order.from_dict(row.body["order"]), clock.now()
        if row.attempts >= TRIES:
            return "export.failed"
        with storage.reading(now) as unit:
            person = unit.people.get(row.person_id) if row.person_id else None
            if person is None or not may_export(unit, person, order.cohort_id):
                return "staff.not_allowed"
        try:
            parcel = pack(storage, now, order, self._texts, self._shelf, self._home)
            if parcel is None:
                return "export.nothing"
            with writing(self._home):
                handle = self._shelf.set_aside(parcel.data)
            held = {"parked": handle, "kind": "document", "mime": parcel.mime, "name": parcel.name}
            return Made({**held, "size": len(parcel.data)}, parcel.written)
        except TooMuch:
            return "export.too_much.media" if order.media else "export.too_much"
        except NoRoom:
            return "export.no_room"
        except Problem as problem:
            log.error("export: %s", problem.code)  # noqa: TRY400  the trace adds nothing
        except Exception as error:  # noqa: BLE001  an order is answered, whatever happens; only the kind is logged
            log.error("export: %s", type(error).__name__)  # noqa: TRY400  a trace may hold words
        return "export.failed"

    def deliver(self, unit: Unit, row: OutboxRow, made: Made | str) -> None:
        """Say what came of an order, in the chat that it came from; the order is done in the same transaction."""
        unit.outbox.sent(row.seq, None, unit.now)
        person = unit.people.get(row.person_id) if row.person_id else None
        if person is None:
            return
        messenger, chat = row.body["to"]
        speech = Speech(unit, self._texts, person, messenger, chat, person.language or "es")
        order = Order.from_dict(row.body["order"])
        menu = speech.button("button.menu", "home")
        if isinstance(made, Made):
            file = bytes.fromhex(str(made.held["parked"]).partition(":")[0].removeprefix(ASIDE))
            written = base64.urlsafe_b64encode(file).decode().rstrip("=")  # a button has no room for more
            take_back = speech.button("button.export_take_back", "export_take_back", written)
            speech.document(made.held, caption(speech, order, made.written), rows(take_back, menu))
        else:
            speech.say(made, rows(speech.button("button.export", "export"), menu))


def caption(speech: Speech, order: Order, written: Sequence[Written]) -> str:
    """Say what is in a file, whose it is to read, and where it stays."""
    unit = speech.unit
    named = [
        speech.texts.count(
            "export.caption.part", speech.language, each.rows, title=title(unit, each.dialog, speech.language)
        )
        for each in written[:NAMED]
    ]
    more = len(written) - len(named)
    if more:
        named.append(speech.texts.count("export.caption.more", speech.language, more))
    cohort = unit.cohorts.get(order.cohort_id) if order.cohort_id else None
    group = speech.words("export.caption.group", group=cohort.name) if cohort else speech.words("export.caption.groups")
    lines = ["\n".join(f"· {each}" for each in named), group]
    media = sum(each.media for each in written)
    if media:
        lines[1] += " " + speech.texts.count("export.caption.media", speech.language, media)
    if damaged := sum(each.damaged for each in written):
        lines[1] += " " + speech.texts.count("export.caption.damaged", speech.language, damaged)
    lines.append(speech.texts.count("export.caption.readers", speech.language, unit.roles.readers(order.cohort_id)))
    lines.append(speech.words("export.caption.web" if speech.messenger == WEB else "export.caption.stays"))
    return "\n\n".join(lines)


def title(unit: Unit, name: str, language: str) -> str:
    """Return what a conversation is called on screen."""
    version = unit.versions.latest(name)
    told: dict[str, Any] = json.loads(version.source) if version else {}
    return wording.choose(told.get("title") or {}, language) or name
