"""Open pages hear what is new, each from the last row it heard."""

import contextlib
import http.client
import json
import queue
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import update

from bot import clock
from bot.services.allowances import Counts, Rate
from bot.web import stream
from storage.tables import outbox
from tests.bot.web.conftest import CHAT, TOKEN
from tests.bot.web.rig import Rig


@dataclass(frozen=True)
class Event:
    """One server-sent event, or a comment of kind `:`."""

    kind: str
    data: str
    id: int | None = None


class Heard:
    """An open stream, read in a thread of its own."""

    def __init__(self, port: int, path: str, headers: dict[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._connection.request("GET", path, headers=headers)
        self._response = self._connection.getresponse()
        self.headers = self._response.headers
        self._events: queue.Queue[Event | None] = queue.Queue()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def next(self, seconds: float = 5) -> Event | None:
        """Wait for the next event; None when the stream has ended."""
        return self._events.get(timeout=seconds)

    def quiet(self, seconds: float = 0.3) -> bool:
        """Tell whether nothing comes for a while."""
        try:
            self._events.get(timeout=seconds)
        except queue.Empty:
            return True
        return False

    def close(self) -> None:
        """Leave, as a closed page does."""
        if self._connection.sock:
            with contextlib.suppress(OSError):
                self._connection.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._response.close()
        self._connection.close()

    def _read(self) -> None:
        kind, data, number = "message", [], None
        with contextlib.suppress(OSError, http.client.HTTPException):
            for raw in self._response:
                line = raw.decode().removesuffix("\n")
                name, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if name in {"", "retry"} and line:
                    self._events.put(Event(name or ":", value))
                elif name == "event":
                    kind = value
                elif name == "id":
                    number = int(value)
                elif name == "data":
                    data.append(value)
                elif data:
                    self._events.put(Event(kind, "\n".join(data), number))
                    kind, data, number = "message", [], None
        self._events.put(None)


OTHER, THEIRS = "d0" * 20, "ab12" * 10


@contextmanager
def listening(
    rig: Rig, after: int = 0, *, last: int | None = None, language: str = "es", token: str = TOKEN
) -> Iterator[Heard]:
    """Open a stream as a page does."""
    headers = {"cookie": f"__Host-hilo={token}"} | ({} if last is None else {"last-event-id": str(last)})
    heard = Heard(rig.port, f"/chat/events?after={after}&language={language}", headers)
    try:
        assert heard.next() == Event("retry", "2000")
        yield heard
    finally:
        heard.close()


def test_what_is_new_is_heard_at_once(rig: Rig) -> None:
    """A row said while a page is open arrives as the bubble the page itself would show, with its number."""
    with listening(rig) as heard:
        started = time.monotonic()
        seq = rig.say(CHAT, "¿Cómo andas?\n\nDime.", "1 · Bajo")
        event = heard.next()
        took = time.monotonic() - started

    assert event is not None
    assert (event.kind, event.id) == ("bubble", seq)
    assert f'id="m{seq}"' in event.data
    assert "¿Cómo andas?\n\nDime." in event.data
    assert 'value="id:1 · Bajo"' in event.data
    assert took < 0.8
    assert heard.headers["content-type"].startswith("text/event-stream")
    assert heard.headers["cache-control"] == "no-store"


def test_a_page_resumes_from_the_last_row_it_heard(rig: Rig) -> None:
    """`Last-Event-ID` says where to go on, and wins over where the page began."""
    first, second, third = (rig.say(CHAT, word) for word in ("uno", "dos", "tres"))

    with listening(rig, after=0, last=first) as heard:
        told = [heard.next(), heard.next()]
        quiet = heard.quiet()

    assert [event and event.id for event in told] == [second, third]
    assert quiet


def test_what_was_erased_goes_from_an_open_page(rig: Rig) -> None:
    """Rows that were blanked, or taken back by the bot, are named to the page, which takes them away."""
    erased, taken, kept = (rig.say(CHAT, word) for word in ("uno", "dos", "tres"))
    with listening(rig, after=kept) as heard:
        time.sleep(0.3)  # until the page has been looked at once
        rig.write_in(
            lambda unit: unit.connection.execute(update(outbox).where(outbox.c.seq == erased).values(body=None))
        )
        rig.write_in(
            lambda unit: unit.outbox.put(
                clock.new_id(), None, "web", CHAT, "delete", 0, {"text": None, "messages": [taken]}
            )
        )
        rig.write_in(lambda unit: unit.outbox.sent(kept + 1, None, unit.now, keep=True))
        last = rig.say(CHAT, "listo")
        told = [heard.next() for _ in range(3)]

    assert [(event.kind, event.data if event.kind == "gone" else event.id) for event in told if event] == [
        ("gone", str(erased)),
        ("gone", str(taken)),
        ("bubble", last),
    ]


def test_an_edit_is_heard_as_the_message_it_changes(rig: Rig) -> None:
    """The event carries the edit's number and the whole message as it now stands, however old it is."""
    asked = rig.say(CHAT, "¿Cómo andas?", "1 · Bajo", "2 · Alto")
    last = rig.say(CHAT, "Otra cosa")

    with listening(rig, after=last) as heard:
        edit = rig.say(CHAT, None, "✓ Anotado", edits=asked)
        event = heard.next()

    assert event is not None
    assert (event.kind, event.id) == ("bubble", edit)
    assert f'id="m{asked}"' in event.data
    assert "¿Cómo andas?" in event.data
    assert "✓ Anotado" in event.data
    assert "1 · Bajo" not in event.data


def test_what_another_process_wrote_is_heard_within_two_seconds(rig: Rig) -> None:
    """A row that nobody in this process told of is found by looking."""
    with listening(rig) as heard:
        rig.call(rig.workers.write(lambda unit: rig.write(unit, CHAT, "desde la consola")))
        event = heard.next(2)

    assert event is not None
    assert "desde la consola" in event.data


def test_a_long_absence_is_caught_up_in_order(rig: Rig) -> None:
    """Everything missed arrives, once, in order, however much it is."""
    rig.call(rig.workers.write(lambda unit: [rig.write(unit, CHAT, f"n{number}") for number in range(450)]))

    with listening(rig) as heard:
        told = [heard.next() for _ in range(450)]

    assert [event and event.id for event in told] == list(range(1, 451))


def test_the_page_follows_her_into_another_language(rig: Rig) -> None:
    """When she chooses another language the page is told its words once, before what is said in it."""
    rig.person(CHAT, "es")

    with listening(rig, language="es") as heard:
        rig.speak(CHAT, "en")
        rig.say(CHAT, "Good.")
        told = [heard.next(), heard.next()]
        rig.say(CHAT, "More.")
        third = heard.next()

    assert [event and event.kind for event in (*told, third)] == ["language", "bubble", "bubble"]
    assert told[0] is not None
    words = json.loads(told[0].data)
    assert (words["lang"], words["write"]) == ("en", "Write here")


def test_nobody_hears_another_chat(rig: Rig) -> None:
    """A stream tells of its own conversation only."""
    with listening(rig) as heard:
        rig.say("f" * 40, "de otra persona")
        assert heard.quiet(1.5)


def test_a_quiet_line_is_kept_open(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment goes out now and then, so that nothing between closes the line."""
    monkeypatch.setattr(stream, "HEARTBEAT", 0.1)
    rig.workers.patience = 0.05

    with listening(rig) as heard:
        beats = [heard.next(), heard.next()]

    assert [beat and beat.kind for beat in beats] == [":", ":"]


def test_the_seventh_page_lets_the_first_one_rest(rig: Rig) -> None:
    """Six streams of a chat stay open, the newest ones; who is let go is told, and does not come back by itself."""
    rig.person(CHAT, "es")
    with contextlib.ExitStack() as pages:
        first, second, *_ = (pages.enter_context(listening(rig)) for _ in range(stream.LIMIT + 1))
        ended = first.next()
        count = len(rig.app.state.streams._oldest)
        rig.say(CHAT, "hola")
        event = second.next()

    assert ended == Event("rest", "")
    assert count == 6
    assert event is not None
    assert event.kind == "bubble"


def test_a_stranger_has_one_page(rig: Rig) -> None:
    """Who has agreed to nothing yet hears on the newest page alone: a made-up visitor holds no six lines."""
    with listening(rig) as first, listening(rig) as second:
        ended = first.next()
        count = len(rig.app.state.streams._oldest)
        rig.say(CHAT, "hola")
        event = second.next()

    assert ended == Event("rest", "")
    assert count == 1
    assert event is not None
    assert event.kind == "bubble"


def test_strangers_make_room(rig: Rig) -> None:
    """Where all streams are taken, a stranger's ends and not a person's; then one of who has several pages open."""
    rig.app.state.streams._most = 2
    rig.open(OTHER, THEIRS)
    rig.person(OTHER, "es")
    with listening(rig) as stranger, listening(rig, token=THEIRS) as first, listening(rig, token=THEIRS) as second:
        ended = stranger.next()
        with listening(rig) as again:
            turned_away = again.next()
        rig.person(CHAT, "es")
        with listening(rig) as known:
            rested = first.next()
            rig.say(CHAT, "hola")
            heard = known.next()
        in_all = len(rig.app.state.streams._oldest)
        open_still = second.quiet()

    assert ended == turned_away == rested == Event("rest", "")
    assert heard is not None
    assert heard.kind == "bubble"
    assert in_all <= 2
    assert open_still


def test_a_closed_page_leaves_nothing_behind(rig: Rig) -> None:
    """A stream ends when its page does, not at the next heartbeat."""
    streams, waiting = rig.app.state.streams._oldest, rig.workers.watchers._waiting
    with listening(rig):
        assert len(streams) == 1
    deadline = time.monotonic() + stream.HEARTBEAT / 2
    while (streams or waiting) and time.monotonic() < deadline:
        time.sleep(0.02)

    assert not streams
    assert not waiting


def test_the_server_stops_at_once_with_pages_open(rig: Rig) -> None:
    """Open streams end cleanly when the server stops, and go on from where they were when it is back."""
    last = rig.say(CHAT, "antes")
    with listening(rig, after=last) as heard:
        started = time.monotonic()
        rig.stop()
        took = time.monotonic() - started
        ended = heard.next()
    rig.start()
    missed = rig.say(CHAT, "mientras tanto")
    with listening(rig, last=last) as heard:
        event = heard.next()
    rig.say(CHAT, "después")

    assert took < 1.5
    assert ended is None
    assert event is not None
    assert event.id == missed


def test_an_event_survives_any_line_end() -> None:
    """Line ends inside the data become data lines; nothing said can begin an event of its own."""
    text = stream.event("bubble", "a\r\nb\rdata: c\u2028d\n\nevent: x", 7)

    assert text == "id: 7\nevent: bubble\ndata: a\ndata: b\ndata: data: c\u2028d\ndata: \ndata: event: x\n\n"
    assert len(re.findall(r"^event", text, re.MULTILINE)) == 1


def test_a_page_that_is_opened_over_and_over_is_asked_to_wait(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each opening reads the whole conversation: beyond what a hand does, a page is told to come back later."""
    monkeypatch.setattr(stream, "OPENED", Rate(3, 3600))
    rig.app.state.streams._opened = Counts(stream.OPENED)
    for _ in range(3):
        with listening(rig):
            pass
    heard = Heard(rig.port, "/chat/events?after=0", {"cookie": f"__Host-hilo={TOKEN}"})
    told = [heard.next(), heard.next()]
    heard.close()

    assert told == [Event("retry", "15000"), None]
