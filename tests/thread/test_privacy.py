"""A whole life of words, on both clients and in a browser, with everything going wrong, and none where it must not be.

Every logger is at its most talkative, and no line is left out. What a phone or a page shows is for her; all else is
looked through.
"""

import contextlib
import os
import re
import resource
import sqlite3
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.bot import samples
from tests.bot.web.page import Page
from tests.by_day import CLIENTS_ALIKE
from tests.double import Double, User
from tests.thread.bot import ROOT, Hilo
from tests.thread.test_talking import team

# Nothing of these is in the product's own words.
NICKNAME, WEB_NAME, STAFF = "Xilonenca", "Zempoalteca", "Quiahuitla"
FIRST, USERNAME = "Tlaltecuina", "ixtlilcanario"
COHORT, PURPOSE = "Grupo Huitzilapan", "Saber del tequio de Yohualichan"
ANSWER, LATER, CAPTION, TO_TEAM = "tlapehualcani", "cuauhxicalca", "nextlahualli", "mixquiahuala"
TYPED, DRAFT = "tepozteconetl", "atlacomulca"
DANGER = "quetzalhuitzin"
PIN = "90417362"
COOKIE = re.compile(r"(?<='set-cookie', ')__Host-hilo=([^;']+)")
FULL = 16_384  # bytes: less than what she says takes
SECRETS = (NICKNAME, WEB_NAME, STAFF, FIRST, USERNAME, COHORT, PURPOSE, ANSWER, LATER, CAPTION, TO_TEAM)
TALKATIVE = """
import logging
_begin = logging.basicConfig
def _all(**given):
    for handler in given.get("handlers", ()):
        handler.filters.clear()  # which leave out lines that are alike
    _begin(**given)
    logging.getLogger().setLevel(logging.DEBUG)
logging.basicConfig = _all
"""


def disguises(word: str) -> Iterator[bytes]:
    """Give the ways in which a word could be written."""
    plain = word.encode()
    yield plain
    yield plain.hex().encode()
    yield word.encode("utf-16-le")
    yield word.encode("ascii", "backslashreplace")
    for shift in range(3):
        yield b64encode(b"\0" * shift + plain)[4 if shift else 0 : -4]


def found(secrets: list[str], content: bytes) -> list[str]:
    """Tell which secrets stand in some bytes."""
    return [secret for secret in secrets if any(each in content for each in disguises(secret))]


class Web:
    """A browser, and all that travels with its pages but is no page."""

    def __init__(self, address: str) -> None:
        self.client = httpx.Client(base_url=address, headers={"accept-language": "es-MX"}, timeout=20)
        self.around: list[str] = []
        self.links: list[str] = []
        self.cookies: set[str] = set()
        self.client.event_hooks["response"] = [self._note]

    def _note(self, answer: httpx.Response) -> None:
        answer.read()
        title = re.findall(r"<title>.*?</title>|<meta[^>]*>", answer.text)
        headers = str(answer.headers.multi_items())
        # A cookie is given in its own header; what is left of it there, and all else, is looked through for it.
        self.cookies |= set(COOKIE.findall(headers))
        self.around += [COOKIE.sub("__Host-hilo=", headers), str(answer.request.url.query), *title]

    def says(self, words: str) -> str:
        """Write into the conversation."""
        composer = Page(self.client.get("/chat").text).composer
        self.client.post("/chat", data=composer.written(words))
        return self.sees("")

    def presses(self, label: str) -> str:
        """Press a button of the page."""
        form = Page(self.sees(label)).keyboard(label)
        self.client.post(form.action, data=form.pressed(label))
        return self.sees("")

    def sees(self, words: str) -> str:
        """Wait until the page holds some words."""
        end = time.monotonic() + 10
        while words not in (text := self.client.get("/chat").text):
            assert time.monotonic() < end, f"{words} not on {text}"
            time.sleep(0.1)
        return text


def came_in(hilo: Hilo, code: str) -> Web:
    """Join by the web."""
    web = Web(f"http://127.0.0.1:{hilo.port}")
    form = Page(web.client.get(f"/join/{code}").text).forms[0]
    web.client.post(form.action, data=form.fields)
    web.presses("1 · Español")
    web.presses("Sí, quiero participar")
    web.sees("apodo")
    web.says(WEB_NAME)
    web.sees("Por hoy es todo")
    return web


@contextlib.contextmanager
def full_disk(hilo: Hilo) -> Iterator[None]:
    """Let no file of the bot's be longer than a few pages, as a quota would; the log is kept short enough to go on.

    The log of the database's writes would not do as a measure: once it was long, it begins anew at its start.
    """
    assert hilo.process is not None
    earlier = hilo.log.read_bytes()
    hilo.log.write_bytes(b"")
    before = resource.prlimit(hilo.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(hilo.process.pid, resource.RLIMIT_FSIZE, (FULL, before[1]))
    yield
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(hilo.process.pid, resource.RLIMIT_FSIZE, before)
    hilo.log.write_bytes(earlier + hilo.log.read_bytes())


@contextlib.contextmanager
def locked(hilo: Hilo) -> Iterator[None]:
    """Hold the database for longer than the bot waits."""
    with contextlib.closing(sqlite3.connect(hilo.home / "hilo.db", isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        time.sleep(7)
        database.execute("ROLLBACK")


def spoke(hilo: Hilo, double: Double, secrets: list[str]) -> tuple[User, Web]:
    """Let everybody say everything, while everything goes wrong; `secrets` grows by what only then is known."""
    leader, ana = double.user(FIRST, "es", username=USERNAME), double.user(STAFF, "es")
    codes = [hilo.invite(COHORT), hilo.invite(COHORT, role="facilitator"), hilo.invite(COHORT)]
    secrets += [*codes, str(leader.id), str(ana.id)]
    leader.start(codes[0])
    leader.sees("1 · Español")
    leader.press("1 · Español")
    leader.sees("Sí, quiero participar")
    leader.press("Sí, quiero participar")
    leader.sees("apodo")
    leader.say(NICKNAME)
    leader.sees("Por hoy es todo")
    team(ana, codes[1])
    web = came_in(hilo, codes[2])
    token = web.client.cookies["__Host-hilo"]
    secrets.append(token)

    double.refuse("sendMessage", status=500, times=1)
    double.lose("sendMessage", accepted=False)
    hilo.command("broadcast", "check_in", "--to", COHORT, "--purpose", PURPOSE)
    leader.sees("Sí, ahora", 15)
    leader.press("Sí, ahora")
    leader.sees("1 de 4")
    leader.press("2 · 🙁 Bajo")
    leader.sees("2 de")
    double.garble("sendMessage")
    leader.say(f"{ANSWER} y {DANGER}")
    leader.sees("Ya lo guardé", 70)
    leader.photo(samples.jpeg(), caption=CAPTION)
    leader.sees("Ya lo guardé", 15)
    leader.voice(samples.ogg(), seconds=4)
    leader.sees("Ya lo guardé", 15)
    leader.press("Listo")
    leader.sees("3 de")
    leader.press("1 · Nada por ahora")
    leader.sees("Contestaste")
    leader.say(TO_TEAM)
    leader.sees("Si me dices que sí, se lo paso.")
    leader.press("Sí")
    leader.sees("Ya se lo pasé")
    refused = f"Bad Request: inline keyboard button URL 'https://x.example/{CAPTION}' is invalid: Wrong HTTP URL"
    double.refuse("sendMessage", status=400, description=refused, chat=ana.id)
    ana.say("/leer")
    ana.say("/mensajes")
    ana.sees("Esto está por atender")
    return leader, web


def wrote(web: Web) -> None:
    """Let somebody in a browser answer, lock her page, and try a PIN that is wrong."""
    web.presses("Sí, ahora")
    web.presses("2 · 🙁 Bajo")
    web.sees("2 de")
    web.says(TYPED)
    web.sees("Ya lo guardé")
    choose = Page(web.client.get("/chat/pin").text).forms[-1]
    kept = web.client.post(choose.action, data=choose.fields | {"pin": PIN, "again": PIN})
    web.links = re.findall(r"/l/([0-9A-Z]{20})", kept.text)
    web.client.post("/chat/lock", data={"text": DRAFT})
    form = next(form for form in Page(web.client.get("/chat").text).forms if "unlock" in form.action)
    web.client.post(form.action, data=form.fields | {"pin": "86420975"})
    web.client.post(form.action, data=form.fields | {"pin": PIN})


def suffered(hilo: Hilo, double: Double, web: Web, leader: User) -> None:
    """Let updates be odd, the database be locked and the disk be full, while people go on speaking."""
    assert hilo.process is not None
    double.allow("wrong file_id")
    for odd in (
        {"text": [ANSWER]},
        {"text": ANSWER, "reply_to_message": ANSWER},
        {"voice": {"file_id": ANSWER, "duration": ANSWER}},
    ):
        chat = {"id": leader.id, "type": "private", "first_name": FIRST}
        message = {"message_id": 9_000, "date": 1, "chat": chat, "from": leader.person.to_api(), **odd}
        double.world.tell(double.account, "message", message, ("chat", leader.id))
    for trouble in (full_disk, locked):
        with trouble(hilo):
            leader.say(LATER)
            for _ in range(3):
                with contextlib.suppress(httpx.HTTPError):
                    web.client.post("/chat", data={"nonce": "a1", "seen": "0", "text": LATER}, timeout=2)
        with contextlib.suppress(subprocess.TimeoutExpired):
            hilo.process.wait(1)  # what cannot go on ends, for its supervisor to start it anew
            hilo.start()
        double.wait_confirmed(20)


def told(hilo: Hilo) -> bytes:
    """Return what is told of a running bot beside it: to whoever lists processes, asks for health, or operates it."""
    assert hilo.process is not None
    listed = Path(f"/proc/{hilo.process.pid}/cmdline").read_bytes()
    health = httpx.get(f"http://127.0.0.1:{hilo.port}/health")
    doctor = hilo.command("doctor", fails=True)
    (amiss,) = (line for line in doctor.splitlines() if line.startswith("✗"))
    assert "There is only one admin" in amiss
    commands = hilo.command("status") + doctor + hilo.command("backup")
    return b"\n".join((listed, health.content, str(health.headers).encode(), commands.encode()))


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.proof
@pytest.mark.timeout(600)  # on a busy machine the bot takes half a minute for each of its starts
def test_nothing_of_anybody_is_where_it_must_not_be(
    install: Callable[..., Hilo], double: Double, client: str, tmp_path: Path
) -> None:
    """Whatever goes wrong, no name, word, link, code, number, PIN or token is in a log, a file, a header or a title."""
    talkative, scratch = tmp_path / "talkative", tmp_path / "tmp"
    talkative.mkdir()
    scratch.mkdir()
    (talkative / "sitecustomize.py").write_text(TALKATIVE)
    hilo = install(client, PYTHONPATH=f"{talkative}{os.pathsep}{ROOT}", TMPDIR=str(scratch))
    hilo.environment["HILO_PUBLIC_URL"] = f"http://127.0.0.1:{hilo.port}"
    file = tmp_path / "answers.yaml"
    file.write_text(f"name: la Escuela\ndanger_words: {{es: [{DANGER}]}}\n", "utf-8")
    hilo.command("setup", "--from", str(file))
    file.unlink()
    hilo.command("cohort", "add", COHORT)
    hilo.start()
    secrets = [*SECRETS, TYPED, DRAFT, DANGER, PIN, double.token]

    leader, web = spoke(hilo, double, secrets)
    wrote(web)
    assert web.links
    suffered(hilo, double, web, leader)
    beside = told(hilo)
    hilo.stop()
    assert web.client.cookies["__Host-hilo"] in web.cookies
    web.client.close()
    secrets += [*web.links, *web.cookies]

    # Afterwards: what lies on the disk, and what went beside the pages.
    log, files = hilo.log.read_bytes(), [path for path in tmp_path.rglob("*") if path.is_file()]
    around = "\n".join(web.around).encode()
    assert log.count(b" DEBUG ") > 100
    assert b"rejected: Bad Request: inline keyboard button URL" in log
    assert b"nothing can be written, since the disk" in log
    assert b"nothing can be written, since another process" in log
    assert b"__Host-hilo=" in around
    assert {path.name: leaks for path in files if (leaks := found(secrets, path.read_bytes()))} == {}
    assert found(secrets, around) == []
    assert found(secrets, beside) == []
