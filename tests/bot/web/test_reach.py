"""Every page of a conversation, asked for by whoever's it is not: nothing of it is shown, said in it, or changed."""

from collections.abc import Iterator

import httpx
import pytest

from bot.services.permissions import BROWSER, PAGES
from storage.unit import Unit
from tests import media_rows
from tests.bot.web.conftest import CHAT, TOKEN
from tests.bot.web.rig import Rig, deaf
from tests.bot.web.test_album import png

SAID, NOTE = "Junta en el ojo de agua", "Para el jueves"
OTHER, THEIRS = "d0" * 20, "ab12" * 10
FORM = {"nonce": "a1", "seen": "0", "text": "hola", "pin": "9041", "again": "9041", "kind": "digits", "message": "1"}
STATE = (
    "SELECT * FROM web_sessions WHERE address = (SELECT address FROM web_sessions ORDER BY opened_at LIMIT 1)",
    "SELECT * FROM web_pins",
    "SELECT * FROM web_links",
    "SELECT count(*) FROM outbox",
    "SELECT count(*) FROM media",
)


@pytest.fixture
def told(rig: Rig) -> Rig:
    """Somebody's conversation with words, a photo and a PIN; and another's."""
    rig.script = deaf
    rig.person(CHAT, "es")
    rig.say(CHAT, SAID, "Sí#tap")
    rig.lock(CHAT, *"9041")
    rig.open(OTHER, THEIRS)
    rig.person(OTHER, "es")
    return rig


def shelved(rig: Rig) -> str:
    """Put a photo into the conversation; returns its name."""

    def keep(unit: Unit) -> str:
        person = unit.people.at("web", CHAT)
        assert person is not None
        return media_rows.keep(rig.media_store, unit, person, png()).hex

    name = rig.write_in(keep)
    rig.say(CHAT, NOTE, media={"id": name, "kind": "photo"})
    return name


def state(rig: Rig) -> list[list[tuple[object, ...]]]:
    """Read what whoever has no business here could change."""
    return rig.read(lambda unit: [[*map(tuple, unit.connection.exec_driver_sql(each))] for each in STATE])


@pytest.fixture(params=["nobody", "made up", "another's", "closed", "locked"])
def intruder(told: Rig, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """By no cookie, a made-up one, one of another conversation, one that was closed, or a locked one."""
    cookies = {"made up": "f" * 40, "another's": THEIRS, "closed": TOKEN, "locked": TOKEN}
    if request.param == "closed":
        told.write_in(lambda unit: unit.web_sessions.close_all(CHAT))
    elif request.param == "locked":
        told.write_in(lambda unit: unit.web_sessions.lock(unit.web_sessions.find(TOKEN).id))  # type: ignore[union-attr]  # it is there
    cookie = cookies.get(request.param)
    with httpx.Client(base_url=told.address, cookies={"__Host-hilo": cookie} if cookie else {}, timeout=10) as it:
        yield it


@pytest.mark.parametrize("script", [False, True])
def test_no_page_of_hers_opens_to_another(told: Rig, intruder: httpx.Client, script: bool) -> None:
    """Whatever the page and whichever way it is asked for."""
    name = shelved(told)
    paths = [path.format(name=name) for path, who in PAGES.items() if who == BROWSER]
    headers = {"accept": "application/json"} if script else {}
    before = state(told)
    assert len(paths) >= 10
    # Leaving and locking are asked for last: they are about the browser that asks.
    for path in sorted(paths, key=lambda path: path.endswith(("/leave", "/lock", "/unlock", "/pin"))):
        for method in ("GET", "POST"):
            if path.endswith("/unlock"):
                continue  # that one needs the PIN: what it takes is tested with the locks
            form = FORM if method == "POST" else None
            with intruder.stream(method, path, headers=headers, params={"after": "0"}, data=form) as answer:
                seen = next(answer.iter_bytes(), b"") if path.endswith("/events") else answer.read()
            assert SAID.encode() not in seen, (method, path)
            assert NOTE.encode() not in seen, (method, path)
            assert b"PNG" not in seen, (method, path)
    hers = [kept for kept in told.kept if kept.chat == CHAT]
    assert hers == []
    after = state(told)
    if intruder.cookies.get("__Host-hilo") != TOKEN:
        assert after[0] == before[0]
    assert after[2:] == before[2:]
    assert [row for row in after[1] if row in before[1]] == before[1]
