"""The admin's first hour, whole: from an empty folder to an answer that stands in a backup restored elsewhere."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from bot import clock
from bot.cli.operate import words
from storage.vault import load_key
from tests.by_day import CLIENTS_ALIKE
from tests.double import Double, User
from tests.thread.bot import Hilo

ANSWERS = {
    "name": "Casa Raíz",
    "languages": ["es", "en"],
    "zone": "America/Mexico_City",
    "reading_days": ["jueves"],
    "retention_months": 12,
    "minors": {"anybody": False},
    "care_card": {"es": "Llama a Rosa.", "en": "Call Rosa."},
    "why": "Para acompañar entre talleres.",
    "stop_when": "Si trae problemas.",
    "cohorts": ["Sierra Norte"],
    "key_kept": True,
}
WEEK = "Hubo junta del agua."
LOW, NOTHING = "2 · 🙁 Bajo", "1 · Nada por ahora"


def install(hilo: Hilo, double: Double) -> str:
    """Set the installation up from a file, token and all; returns what was printed."""
    hilo.home.mkdir(parents=True)
    file = hilo.home.parent / "answers.yaml"
    file.write_text(yaml.safe_dump({**ANSWERS, "token": double.token}, allow_unicode=True), "utf-8")
    return hilo.command("setup", "--from", str(file))


def enter(user: User, link: str) -> None:
    """Open the admin's link, and choose a language and a name."""
    user.start(link.partition("start=")[2])
    user.sees("1 · Español")
    user.press("1 · Español")
    user.sees("¿Cómo te digo?")
    user.say("Ana")
    user.sees("Lo que falta")


def practise(user: User) -> None:
    """Go through practice on the admin's own phone."""
    user.press("Lo que falta")
    user.sees("Antes de invitar")
    user.press("Practicar")
    user.sees(LOW)
    user.press(LOW)
    user.sees("2 de")
    user.say(WEEK)
    user.sees("Listo")
    user.press("Listo")
    user.sees(NOTHING)
    user.press(NOTHING)
    user.sees("Así lo vive quien contesta")
    user.press("Verla como la ve el equipo")
    user.sees("Esto es lo que el equipo lee")


def exported(hilo: Hilo, out: Path) -> dict[str, bytes]:
    """Export everything, and read the files."""
    hilo.command("export", "--out", str(out), "--format", "csv", "--language", "es")
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def copied(hilo: Hilo) -> tuple[Path, Path]:
    """Make a backup; returns both files."""
    printed = hilo.command("backup")
    data, keys = (Path(line) for line in printed.splitlines() if line.endswith((".data", ".keys")))
    return data, keys


def answered(hilo: Hilo, double: Double) -> None:
    """Let a real leader in, and let her answer."""
    leader = double.user("Colibrí", "es")
    leader.start(hilo.invite("Sierra Norte", as_it_is=True))
    leader.sees("1 · Español")
    leader.press("1 · Español")
    leader.sees("Sí, quiero participar")
    leader.press("Sí, quiero participar")
    leader.sees("apodo")
    leader.say("Colibrí")
    leader.sees("Por hoy es todo")
    hilo.command("broadcast", "check_in", "--to", "Sierra Norte", "--purpose", "Para saber cómo va la semana")
    leader.sees("Sí, ahora")
    leader.press("Sí, ahora")
    leader.sees(LOW)
    leader.press(LOW)
    leader.sees("2 de")
    leader.say(WEEK)
    leader.sees("Listo")
    leader.press("Listo")
    leader.sees(NOTHING)
    leader.press(NOTHING)
    leader.sees("Contestaste")


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.proof
def test_the_first_hour(double: Double, tmp_path: Path, client: str) -> None:
    """Setup, service file, first link, practice, first answer, backup, restore elsewhere: the exports are equal."""
    hilo = Hilo(tmp_path / "here/var", None, client, HILO_TELEGRAM_API=double.url)
    told = install(hilo, double)
    link = re.search(r"https://t\.me/\S+\?start=\w+", told)
    assert link is not None, told
    assert "ExecStart=" in (tmp_path / "here").joinpath(_service(hilo)).read_text("utf-8")
    refused = hilo.command("invite", "--cohort", "Sierra Norte", fails=True)
    assert "hilo backup" in refused
    hilo.start()
    try:
        assert "Hilo is running" in hilo.command("status")
        ana = double.user("Ana", "es")
        enter(ana, link[0])
        practise(ana)
        ana.press("Borrarla")
        ana.sees("Sí, bórralo")
        ana.press("Sí, bórralo")
        ana.sees("Listo")
        copied(hilo)
        answered(hilo, double)
        data, keys = copied(hilo)
        here = exported(hilo, tmp_path / "out-here")
    finally:
        hilo.stop()
    there = Hilo(tmp_path / "there/var", None, client, HILO_TELEGRAM_API=double.url)
    there.home.mkdir(parents=True)
    assert "hilo key restore" in there.command("restore", str(data), fails=True)
    shutil.copy(hilo.home / "hilo.key", there.home)
    there.command("restore", str(data), "--keys", str(keys))

    assert exported(there, tmp_path / "out-there") == here
    assert "check_in.csv" in here
    assert WEEK.encode() in here["check_in.csv"]


def _service(hilo: Hilo) -> str:
    """Write the service's files, and return where the bot's is."""
    hilo.command("service", "install", "--root", "image")
    return "image/etc/systemd/system/hilo.service"


@pytest.mark.proof
@pytest.mark.parametrize("way", ["words", "none"])
def test_a_lost_key(double: Double, tmp_path: Path, way: str) -> None:
    """Without its key the bot does not start and says how it comes back; with its words it does."""
    hilo = Hilo(tmp_path / "var", None, HILO_TELEGRAM_API=double.url)
    install(hilo, double)
    key = hilo.home / "hilo.key"
    paper = words.of_key(load_key(key), "es")
    key.unlink()
    assert "hilo key restore" in hilo.command("run", fails=True)
    if way == "words":
        hilo.typed = " ".join(paper) + "\n"
        hilo.command("key", "restore")
        hilo.typed = ""
        hilo.start()
        hilo.stop()

    assert key.exists() is (way == "words")


@pytest.mark.proof
def test_a_second_bot_on_the_same_token(double: Double, tmp_path: Path) -> None:
    """Whoever of two finds the other says so with the remedy, goes on, and `hilo doctor` knows it afterwards."""
    double.allow("terminated by other getUpdates request")
    first, second = (Hilo(tmp_path / name / "var", None, HILO_TELEGRAM_API=double.url) for name in "ab")
    for hilo in (first, second):
        install(hilo, double)
        hilo.start()
    try:
        end = clock.now().timestamp() + 20
        told = ""
        while "/revoke" not in told and clock.now().timestamp() < end:
            told = first.log.read_text() + second.log.read_text()
    finally:
        first.stop()
        second.stop()

    assert "/revoke" in told
    assert "Traceback" not in told
    doctored = [hilo.command("doctor", fails=True) for hilo in (first, second)]
    assert any("/revoke" in each for each in doctored)
