"""The twenty misconfigurations that `hilo doctor` names, each planted for real; and healthy installations."""

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot import clock
from bot.app import open_storage
from bot.cli.operate import doctor
from bot.cli.operate.checks import address, files, installation, known_faults, team, token
from bot.config import Config
from bot.messengers.port import Conflict
from bot.rendering.texts import catalogs
from bot.services import way_back
from storage.database import HEAD, MIGRATIONS, REVISIONS, Database
from tests.bot.operate.test_doctor import installed
from tests.bot.rig import SIERRA, Rig
from tests.bot.shell import ROOT, Shell
from tests.bot.test_loops import Scripted, polled
from tests.by_day import CASES_ALIKE
from tests.double import TOKEN, Double
from tests.storage.conftest import Databases

DAY = timedelta(days=1)
SECRET = TOKEN.rpartition(":")[2]
QUIET = frozenset({"asleep", "key_beside", "no_token", "clock_unknown", "left", "watch_unasked", "care_undialled"})
"""What may be said of a healthy installation: what it is like, and nothing that is wrong."""

Plant = Callable[["Site"], None]


class Site:
    """An installation, and what its doctor says."""

    def __init__(self, shell: Shell, double: Double, patch: pytest.MonkeyPatch, folder: Path) -> None:
        self.shell, self.double, self.patch, self.elsewhere = shell, double, patch, folder
        self.ends = contextlib.ExitStack()
        shell.folder.chmod(0o700)
        shell.settings |= {"HILO_TELEGRAM_API": double.url, "HILO_TELEGRAM_TOKEN": TOKEN}
        patch.setattr(token, "homes", lambda: [folder])
        (folder / "proc/1").mkdir(parents=True)
        (folder / "proc/1/cmdline").write_text("init", "utf-8")
        patch.setattr(token, "PROCESSES", folder / "proc")

    @property
    def home(self) -> Path:
        return self.shell.folder

    @property
    def config(self) -> Config:
        return Config.load(self.shell.settings, folder=self.home)

    @contextlib.contextmanager
    def unit(self, ago: timedelta = timedelta()) -> Iterator[Any]:
        storage = open_storage(self.config)
        try:
            with storage.unit(clock.now() - ago) as unit:
                yield unit
        finally:
            storage.database.dispose()

    def doctor(self) -> tuple[int, str]:
        ended = self.shell("doctor")
        assert ended.err == "", ended
        return ended.code, ended.out

    def codes(self) -> set[str]:
        """What is found that is not good, by code."""
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.home)
            found = (*doctor.examine(self.config), *token.traces(self.config))
            return {each.code for each in found if each.level != "good"}

    def live(self, ago: timedelta) -> Rig:
        """The same installation as of some days ago, with its leaders and its team."""
        rig = Rig(self.home, now=clock.now() - ago)
        self.ends.callback(rig.close)
        return rig


@pytest.fixture
def site(shell: Shell, double: Double, monkeypatch: pytest.MonkeyPatch, ajar: Path) -> Iterator[Site]:
    """A ready installation with a backup of today."""
    it = Site(shell, double, monkeypatch, ajar)
    installed(shell)
    shell.good("backup")
    with it.ends:
        yield it


def certificate(folder: Path, host: str, until: datetime) -> tuple[Path, Path]:
    """Make a real certificate that ends at a moment, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(until - timedelta(days=90))
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "certificate.pem", folder / "certificate.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return pem, secret


def https(site: Site, left: timedelta) -> None:
    """Serve the public address with a certificate that browsers trust for so long."""
    pem, secret = certificate(site.elsewhere, "localhost", clock.now() + left)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    listening = site.ends.enter_context(contextlib.closing(socket.create_server(("127.0.0.1", 0))))

    def serve() -> None:
        while True:
            try:
                line, _ = listening.accept()
                with contextlib.closing(line), contextlib.suppress(OSError):
                    context.wrap_socket(line, server_side=True).close()
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    site.patch.setenv("SSL_CERT_FILE", str(pem))
    site.shell.settings["HILO_PUBLIC_URL"] = f"https://localhost:{listening.getsockname()[1]}"


# The twenty.


def key_with_backup(site: Site) -> None:
    shutil.copy(site.home / "hilo.key", site.home / "backups/key-to-keep.txt")


def plain_address(site: Site) -> None:
    site.shell.settings["HILO_PUBLIC_URL"] = "http://hilo.example.org"


def listens_everywhere(site: Site) -> None:
    site.patch.delenv("container", raising=False)
    site.patch.setattr(address, "CONTAINERS", ())
    site.shell.settings["HILO_HOST"] = "0.0.0.0"  # noqa: S104  what is wrong


def home_open(site: Site) -> None:
    site.home.chmod(0o755)


def backups_open(site: Site) -> None:
    (site.home / "backups").chmod(0o777)


def file_open(site: Site) -> None:
    (site.home / "hilo.db").chmod(0o644)


def export_left(site: Site) -> None:
    with contextlib.closing(Rig(site.home, now=clock.now())) as rig:
        leader = rig.join()
        rig.ask(leader)
        leader.say("2")
    site.shell.good("export", "--out", str(site.elsewhere / "answers"))


def token_in_history(site: Site) -> None:
    (site.elsewhere / ".bash_history").write_text(f"ls\ncurl https://api.telegram.org/bot{TOKEN}/getMe\n", "utf-8")


def token_in_process(site: Site) -> None:
    site.patch.setattr(token, "PROCESSES", Path("/proc"))
    wait = "import time; time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", wait, TOKEN])
    site.ends.callback(process.wait)
    site.ends.callback(process.kill)


def clock_off(site: Site) -> None:
    class Late(BaseHTTPRequestHandler):
        """Telegram, by whose clock it is an hour later."""

        def do_POST(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def _answer(self) -> None:
            kind, text = ("getMe", '{"id": 7, "is_bot": true, "first_name": "Hilo", "username": "hilo_bot"}')
            body = f'{{"ok": true, "result": {text if kind in self.path else chr(123) + chr(125)}}}'.encode()
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response_only(200)
            self.send_header("Date", format_datetime(clock.now() + timedelta(hours=1), usegmt=True))
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Late)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site.ends.callback(server.server_close)
    site.ends.callback(server.shutdown)
    site.shell.settings["HILO_TELEGRAM_API"] = f"http://127.0.0.1:{server.server_port}"


def webhook(site: Site) -> None:
    elsewhere = {"url": "https://thief.example.org/hook"}
    assert httpx.post(f"{site.double.url}/bot{TOKEN}/setWebhook", json=elsewhere, trust_env=False).is_success


def older(site: Site) -> None:
    folder = site.elsewhere / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    next((folder / "versions").glob(f"{HEAD}_*.py")).unlink()
    file = site.home / "hilo.db"
    file.write_bytes(b"")
    opened = Database.open(f"sqlite:///{file}")
    opened.migrate(folder, REVISIONS[:-1])
    opened.dispose()


def backup_late(site: Site) -> None:
    with site.unit(8 * DAY) as unit:
        unit.organisation.verify_backup()


def never_tried(site: Site) -> None:
    backed_up(site, 40 * DAY)


def backed_up(site: Site, ago: timedelta) -> None:
    """Have made a backup some days ago, and another today."""
    then = clock.now() - ago
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: then)
        site.shell.good("backup")
    site.shell.good("backup")


def no_room(site: Site) -> None:
    room = shutil.disk_usage(site.home)
    site.patch.setattr(doctor, "LEAST_ROOM", room.total + 1)


def one_admin(site: Site) -> None:
    rig = site.live(timedelta())
    rig.facilitator(nickname="Ana", role="admin", cohort=None)
    rig.join()


def no_reader(site: Site) -> None:
    rig = site.live(timedelta())
    with rig.unit() as unit:
        for grant in unit.roles.grants():
            unit.roles.end(grant.id)
    rig.join()


def reading_missed(site: Site) -> None:
    rig = site.live(30 * DAY)
    rig.facilitator(nickname="Ana", cohort=SIERRA)
    leader = rig.join()
    rig.ask(leader)
    leader.say("2")


def certificate_ending(site: Site) -> None:
    https(site, 3 * DAY)


def conflict(site: Site) -> None:
    rig = site.live(timedelta())
    messenger = Scripted(Conflict("409"))
    messenger.name = "telegram"
    assert polled(rig, messenger) == 1


def damaged(site: Site) -> None:
    rig = site.live(timedelta())
    rig.join()
    rig.storage.database.dispose()
    opened = Database.open(f"sqlite:///{site.home / 'hilo.db'}")
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE people SET nickname = X'00' WHERE nickname IS NOT NULL")
    opened.dispose()


def left_long(site: Site) -> None:
    aside = site.home / f"before-restore-{clock.now() - 9 * DAY:%Y-%m-%d-%H%M%S}"
    aside.mkdir(mode=0o700)
    shutil.copy(site.home / "hilo.db", aside / "hilo.db")


def library_fault(site: Site) -> None:
    other = site.elsewhere / "site-packages"
    (other / "starlette-0.40.0.dist-info").mkdir(parents=True)
    (other / "starlette-0.40.0.dist-info/METADATA").write_text(
        "Metadata-Version: 2.1\nName: starlette\nVersion: 0.40.0\n"
    )
    site.patch.syspath_prepend(str(other))


PLANTED: dict[str, tuple[Plant, ...]] = {
    "key_with_backup": (key_with_backup,),
    "plain_address": (plain_address,),
    "listens_everywhere": (listens_everywhere,),
    "home_open": (home_open,),
    "backups_open": (backups_open,),
    "file_open": (file_open,),
    "export_left": (export_left,),
    "token_in_history": (token_in_history,),
    "token_in_process": (token_in_process,),
    "clock_off": (clock_off,),
    "webhook": (webhook,),
    "older": (older,),
    "backup_late": (backup_late,),
    "never_tried": (never_tried,),
    "no_room": (no_room,),
    "one_admin": (one_admin,),
    "no_reader": (no_reader,),
    "reading_missed": (reading_missed,),
    "certificate_ending": (certificate_ending,),
    "conflict": (conflict,),
    "damaged": (damaged,),
    "left_long": (left_long,),
    "library_fault": (library_fault,),
}
"""The twenty of the list; three of them are planted in two or three ways."""


@pytest.mark.by_day("code", why=CASES_ALIKE)
@pytest.mark.proof
@pytest.mark.parametrize("code", PLANTED)
def test_each_misconfiguration_is_found_by_name(site: Site, code: str) -> None:
    """It was not there before; afterwards it is named with its remedy, the command fails, and no secret is printed."""
    admins(site)
    before = site.codes()
    assert code not in before
    for plant in PLANTED[code]:
        plant(site)
    assert code in site.codes()
    ended, said = site.doctor()
    assert ended == 1
    sentence = said_of(code, site.shell.language)
    assert any(line.startswith("✗") and sentence in line for line in said.splitlines()), said
    assert SECRET not in said
    assert (site.home / "hilo.key").read_text("ascii").strip() not in said


def said_of(code: str, language: str) -> str:
    """Return the longest part of a sentence that has no blanks."""
    text = catalogs().say(f"cli.doctor.{code}", language, **dict.fromkeys(BLANKS, "\0"))
    return max(text.split("\0"), key=len)


BLANKS = ("path", "number", "url", "host", "day", "names", "name", "version", "fault", "until", "problem", "homes")
BLANKS += ("free", "at", "seconds", "stored", "known", "what", "codes", "paths")


def test_every_check_has_its_remedy_in_both_languages() -> None:
    """Neither is the other's, and each names a command or a place."""
    remedies = (
        "hilo ",
        "chmod",
        "rm ",
        "https",
        "HILO_",
        "Caddy",
        "caddy",
        "@BotFather",
        "/read",
        "/leer",
        "timedatectl",
    )
    for code in PLANTED:
        es, en = said_of(code, "es"), said_of(code, "en")
        assert es != en
        for language in ("es", "en"):
            whole = catalogs().say(f"cli.doctor.{code}", language, **dict.fromkeys(BLANKS, "x"))
            assert any(each in whole for each in remedies), whole


# Healthy ones.


def admins(site: Site) -> None:
    """Two of the team are admins."""
    with contextlib.closing(Rig(site.home, now=clock.now())) as rig:
        for name in ("Ana", "Sol"):
            rig.facilitator(nickname=name, role="admin", cohort=None)


def as_it_comes(site: Site) -> None:
    """What `hilo setup` and one backup leave."""


def in_the_browser_alone(site: Site) -> None:
    del site.shell.settings["HILO_TELEGRAM_TOKEN"]


def with_https(site: Site) -> None:
    https(site, 80 * DAY)


def with_the_key_elsewhere(site: Site) -> None:
    place = site.elsewhere / "key"
    place.mkdir(mode=0o700)
    for name in ("hilo.key", "hilo.key.epochs"):
        (site.home / name).rename(place / name)
    site.shell.settings["HILO_KEY_FILE"] = str(place / "hilo.key")


def with_backups_elsewhere(site: Site) -> None:
    place = site.elsewhere / "usb"
    place.mkdir(mode=0o700)
    site.shell.good("backup", "--to", str(place))


def with_people(site: Site) -> None:
    rig = site.live(timedelta())
    for name in ("Ana", "Sol"):
        rig.facilitator(nickname=name, role="admin", cohort=None)
    rig.facilitator(nickname="Mar")
    leader = rig.join()
    rig.ask(leader)
    leader.say("2")


def a_year_old(site: Site) -> None:
    backed_up(site, 300 * DAY)
    newest = max((site.home / "backups").glob("*.data"))
    site.shell.good("restore", "--try", str(newest))


def restored_today(site: Site) -> None:
    site.shell.good("backup")
    newest = max((site.home / "backups").glob("*.data"))
    site.shell.good("restore", str(newest), "--yes")


def after_an_update(site: Site) -> None:
    site.shell.good("backup", "--before-update", str(site.home / f"{way_back.PREFIX}{clock.now():{way_back.STAMP}}"))


def in_a_network_of_its_own(site: Site) -> None:
    site.shell.settings["HILO_HOST"] = "10.0.0.7"


HEALTHY = (
    as_it_comes,
    in_the_browser_alone,
    with_https,
    with_the_key_elsewhere,
    with_backups_elsewhere,
    with_people,
    a_year_old,
    restored_today,
    after_an_update,
    in_a_network_of_its_own,
)


@pytest.mark.proof
@pytest.mark.parametrize("healthy", HEALTHY, ids=lambda each: each.__name__)
def test_nothing_is_said_in_vain(site: Site, healthy: Plant) -> None:
    """Of a healthy installation nothing is wrong, and nothing is noted that nobody has to do anything about."""
    admins(site)
    healthy(site)
    ended, said = site.doctor()

    assert ended == 0, said
    assert said.splitlines()[-1] == site.shell.says("cli.doctor.well")
    assert site.codes() - QUIET == set()


@pytest.mark.proof
def test_a_healthy_installation_on_a_database_server(shell: Shell, databases: Databases) -> None:
    """The same on PostgreSQL."""
    url = databases.take()
    shell.folder.chmod(0o700)
    shell.settings["HILO_DATABASE_URL"] = url
    with contextlib.closing(Rig(shell.folder, now=clock.now(), url=url)):
        assert shell("doctor").code == 0
    databases.give(url)


# What cannot be looked at is said.


def test_a_check_that_cannot_be_done_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Histories of others, processes that do not show, a certificate out of reach, libraries without a lock."""
    given = {"HILO_TELEGRAM_TOKEN": TOKEN, "HILO_PUBLIC_URL": "https://127.0.0.1:1"}
    config = Config.load(given, folder=tmp_path)
    monkeypatch.setattr(token, "homes", lambda: [tmp_path])
    monkeypatch.setattr(token, "PROCESSES", tmp_path / "nothing")
    monkeypatch.setattr(installation, "LOCKED", tmp_path / "nothing")

    def forbid(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", forbid)
        found = {each.code for each in token.traces(config)}
    found |= {each.code for each in address.address(config, clock.now())}
    found |= {each.code for each in installation.libraries()}
    assert found == {"histories_unread", "processes_unread", "certificate_unknown", "libraries_unlocked"}


def test_the_libraries_here_have_no_known_fault_and_are_as_locked() -> None:
    """Every library of the list is one that is locked, and none is at fault."""
    assert [each for each in installation.libraries() if each.level == "bad"] == []
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    assert {name for name, *_ in known_faults.FAULTS} <= {line.partition("==")[0] for line in lines}


def test_open_to_others_and_kept_aside_are_told_with_what_to_do(tmp_path: Path) -> None:
    """Folder, file and copy; a folder kept before a restore is a note for a week, and wrong from then on."""
    home = tmp_path / "var"
    home.mkdir(mode=0o755)
    (home / "hilo.db").touch(0o644)
    config = Config.load({"HILO_HOME": str(home)}, folder=tmp_path)
    assert [each.code for each in files.open_to_others(config, [])] == ["home_open", "file_open"]
    (home / "before-restore-2026-12-06-120000").mkdir()
    found = [
        [each.code for each in files.kept_aside(config, datetime(2026, 12, day, 13, tzinfo=UTC))] for day in (12, 14)
    ]
    assert found == [["left"], ["left_long"]]


def test_a_reading_day_counts_only_once_it_is_over(tmp_path: Path) -> None:
    """Three Thursdays that passed: what was there before the first of them, and nobody read, is missed."""
    with contextlib.closing(Rig(tmp_path, now=datetime(2026, 12, 1, 18, tzinfo=UTC))) as rig:
        rig.facilitator(nickname="Ana", cohort=SIERRA)
        leader = rig.join()
        rig.ask(leader)
        leader.say("2")
        found = []
        for day in (3, 17, 18, 19):
            rig.now = datetime(2026, 12, day, 18, tzinfo=UTC)
            with rig.reading() as unit:
                found.append("reading_missed" in {each.code for each in team.team(unit)})
        assert found == [False, False, True, True]


def test_a_backup_is_tried_with_the_words_on_paper(shell: Shell) -> None:
    """It comes back beside what is here, which stays; with other words it does not; nothing is left over."""
    from bot.cli.operate import words  # noqa: PLC0415  how a key is said
    from storage.vault import load_key  # noqa: PLC0415  the same

    installed(shell)
    shell.good("backup")
    newest = max((shell.folder / "backups").glob("*.data"))
    of_key = words.of_key(load_key(shell.folder / "hilo.key"), shell.language)
    told = shell.good("restore", "--try", "--words", str(newest), typed=" ".join(of_key) + "\n")
    assert catalogs().count("cli.restore.tried", shell.language, 0, at="").split(":")[0] in told
    other = words.of_key(os.urandom(32), shell.language)
    assert shell("restore", "--try", "--words", str(newest), typed=" ".join(other) + "\n").code == 1
    assert [path.name for path in shell.folder.iterdir() if path.name.startswith((".restore", "before"))] == []
