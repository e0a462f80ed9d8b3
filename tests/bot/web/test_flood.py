"""A flood waits behind itself: known browsers and good codes go on, and what is refused costs nothing."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from bot import clock
from bot.rendering.texts import catalogs
from bot.runtime.fair_threads import asked_by
from bot.web import codes, flood
from bot.web.codes import fresh_links
from bot.web.files import Files
from bot.web.flood import FloodMiddleware, Guests, WaitingRoom
from bot.web.render import Renderer
from storage.unit import Unit
from tests.bot.web.conftest import CHAT, TOKEN
from tests.bot.web.rig import Rig, deaf, running

MINUTE = timedelta(minutes=1)
FRESH, LINKED = "QRSTVWXYZ2", "e1f" * 13 + "0"


@pytest.fixture
def crowded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """A site whose visitors have five requests each, of which three more wait, and none gets its turn."""
    monkeypatch.setattr(flood, "EACH", 60.0)
    monkeypatch.setattr(flood, "PATIENCE", 2.0)
    monkeypatch.setattr(flood, "WAITING", 3)
    monkeypatch.setattr(flood, "REQUESTS", (5, MINUTE, 10**9, timedelta(microseconds=1)))
    with running(tmp_path, script=deaf) as rig:
        rig.open(CHAT, TOKEN)
        rig.invite()
        yield rig


def test_a_flood_from_one_line_keeps_nobody_out_behind_it(crowded: Rig) -> None:
    """From a line with a full queue a newcomer comes in, a leader goes on, and the others read why not."""
    spanish, english = {"accept-language": "es"}, {"accept-language": "en", "accept": "application/json"}

    def guess(_number: int) -> httpx.Response:
        return httpx.get(f"{crowded.address}/cal", headers=spanish)

    with httpx.Client(base_url=crowded.address, cookies={"__Host-hilo": TOKEN}) as leader:
        before = leader.get("/chat").status_code
        free = [guess(number).status_code for number in range(4)]
        with ThreadPoolExecutor(3) as waiting:
            lines = [waiting.submit(guess, number) for number in range(3)]
            time.sleep(0.3)
            newcomer = httpx.post(f"{crowded.address}/join/7kq2m-9abcd", data={"nonce": "1"}).status_code
            looks = httpx.get(f"{crowded.address}{Files().address('hilo.css')}").status_code
            health = httpx.get(f"{crowded.address}/health").status_code
            after = leader.get("/chat").status_code
            refused, script = guess(0), httpx.get(f"{crowded.address}/cal", headers=english)
            made_up = httpx.get(f"{crowded.address}/join/ABCDEFGHJK")
            waits = [not each.done() for each in lines]
            late = [each.result().status_code for each in lines]

    assert free == [200] * 4  # her own first one counts, too
    assert (before, newcomer, looks, health, after) == (200, 303, 200, 200, 200)
    assert waits == [True] * 3
    assert {refused.status_code, script.status_code, made_up.status_code, *late} == {429}
    assert "Espera medio minuto" in refused.text
    assert "Wait half a minute" in script.json()["note"]
    assert refused.headers["retry-after"] == "30"
    assert refused.headers["content-security-policy"].startswith("default-src 'none'")


def test_whoever_has_a_code_waits_behind_nobody_of_the_same_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the place's queue full, and the code's own allowance used up too, it waits in its own line, served apart."""
    monkeypatch.setattr(flood, "EACH", 60.0)  # a turn comes when the test gives one
    monkeypatch.setattr(flood, "WAITING", 2)
    monkeypatch.setattr(flood, "REQUESTS", (1, MINUTE, 10**9, timedelta(microseconds=1)))
    served: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        served.append(asked_by.get().name)
        await PlainTextResponse("here")(scope, receive, send)

    async def good(code: str) -> str | None:
        return code if code == FRESH else None

    async def run() -> tuple[list[int], list[bool], list[int]]:
        guarded = FloodMiddleware(
            app, Guests(lambda _: None, {"/join/": good}), Renderer(catalogs(), Files(), media=False), {}
        )
        transport = httpx.ASGITransport(guarded)
        async with httpx.AsyncClient(transport=transport, base_url="http://hilo") as client:

            async def ask(path: str) -> int:
                return (await client.get(path)).status_code

            free = [await ask("/cal"), await ask(f"/join/{FRESH}")]
            crowd = [asyncio.create_task(ask("/cal")) for _ in range(2)]
            await asyncio.sleep(0.05)
            free += [await ask("/cal"), await ask("/join/ABCDEFGHJK")]
            came = asyncio.create_task(ask(f"/join/{FRESH}"))
            await asyncio.sleep(0.05)
            waits = [came.done(), *(each.done() for each in crowd)]
            guarded._room._let_in()
            guarded._room._let_in()
            late = [await came, await crowd[0]]
            waits.append(crowd[1].done())
            guarded._room._let_in()
            return free, waits, [*late, await crowd[1]]

    assert asyncio.run(run()) == ([200, 200, 429, 429], [False] * 4, [200, 200, 200])
    place, guest = "127.0.0.1", f"127.0.0.1 {FRESH}"
    assert served == [place, guest, place, guest, place]


def test_every_place_has_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks once waits for one request of each other place, and not for all of the one that floods."""
    monkeypatch.setattr(flood, "EACH", 0.01)

    async def order() -> list[str]:
        room, went = WaitingRoom(), []

        async def come(name: str) -> None:
            if await room.turn(name):
                went.append(name)

        await asyncio.gather(*(come(name) for name in ["flood"] * 20 + ["her"] + ["other"] * 3))
        return went

    went = asyncio.run(order())

    assert went.index("her") <= 2
    assert len(went) == 24


def test_a_full_room_turns_away_who_has_most_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody more fits, the newest of the longest line leaves, and whoever asks once stays."""
    monkeypatch.setattr(flood, "EACH", 0.02)
    monkeypatch.setattr(flood, "WAITING_IN_ALL", 10)

    async def through() -> tuple[list[bool], bool]:
        room = WaitingRoom()
        many = [asyncio.create_task(room.turn("flood")) for _ in range(15)]
        await asyncio.sleep(0)
        her = await room.turn("her")
        return list(await asyncio.gather(*many)), her

    many, her = asyncio.run(through())

    assert her
    assert many.count(True) == 9
    assert many[:9] == [True] * 9


def test_whoever_leaves_the_room_holds_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that was cancelled, or waited in vain, gives its place back."""
    monkeypatch.setattr(flood, "EACH", 60.0)
    monkeypatch.setattr(flood, "PATIENCE", 0.05)

    async def left() -> tuple[bool, int, int]:
        room = WaitingRoom()
        gone = asyncio.create_task(room.turn("a"))
        await asyncio.sleep(0)
        gone.cancel()
        return await room.turn("b"), room._number, len(room._lines)

    assert asyncio.run(left()) == (False, 0, 0)


def test_made_up_codes_are_known_from_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are asked for, all codes are read a few times; one that was made a moment ago opens at once."""
    monkeypatch.setattr(codes, "EVERY", 0.2)
    read = []
    with running(tmp_path, script=deaf) as rig:
        found = rig.app.state.codes

        async def ask(many: list[str]) -> list[object]:
            whole = rig.workers.read

            def counting(work: object) -> object:
                read.append(work)
                return whole(work)  # type: ignore[arg-type]  # whatever it is

            monkeypatch.setattr(rig.workers, "read", counting)
            return list(await asyncio.gather(*(found.find(code) for code in many)))

        rig.person(LINKED, "es")
        rig.write_in(_link)
        links = fresh_links(rig.workers)
        fresh = rig.call(links.opening(FRESH)), rig.call(links.opening("0123456789"))
        rig.write_in(_opened)
        used = rig.call(fresh_links(rig.workers).opening(FRESH))
        made_up = rig.call(ask([f"ABCDEFGH{number:02}" for number in range(100)]))
        rig.invite()
        opening = rig.call(found.opening("7kq2m 9abcd"))
        rig.write_in(_revoke)
        rig.call(found.find("ABCDEFGHJK"))
        ended = rig.call(found.opening("7KQ2M9ABCD")), rig.call(found.find("7KQ2M9ABCD"))

    assert made_up == [None] * 100
    assert (fresh, used) == ((FRESH, None), None)
    assert len(read) <= 3
    assert opening == "7KQ2M9ABCD"
    assert ended[0] is None
    assert ended[1] is not None


def _link(unit: Unit) -> None:
    person = unit.people.at("web", LINKED)
    assert person is not None
    unit.web_links.add(clock.new_id(), person.id, FRESH, unit.now + timedelta(days=1))


def _opened(unit: Unit) -> None:
    link = unit.web_links.find(FRESH)
    assert link is not None
    assert unit.web_links.open(link.id)


def _revoke(unit: Unit) -> None:
    unit.invites.revoke(unit.invites.list()[0].id)
