"""The key gets new words while the bot is awake and people come in, and whoever does it is killed again and again.

How often, and at which moments: tests/amounts.py.
"""

import gc
import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from bot import clock
from bot.cli.operate import rotating, words
from bot.config import Config
from storage import rotation
from storage.damage_scan import scan
from storage.key_ring import RetiredKey, open_vault
from storage.unit import Storage
from storage.vault import KeyFile, load_key
from tests import amounts
from tests.bot.ready import ready, vault_of
from tests.by_day import DATABASES_ALIKE
from tests.double import Double
from tests.storage.conftest import Databases, databases  # noqa: F401  a fixture is known where it is imported
from tests.storage.world import opened
from tests.thread.bot import Hilo
from tests.thread.test_thread import COHORT, join
from tests.thread.test_thread import WORDS as ALL_WORDS

KILLS, SEED = amounts.KILLS.value, amounts.SEED.value
CROWD = 800  # people whose keys are wrapped again, so that it takes a while
WORDS = ALL_WORDS["es"]


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest) -> dict[str, str]:
    """Where it keeps its data: in a file, or on a server."""
    if request.param == "sqlite":
        return {}
    found: Databases = request.getfixturevalue("databases")
    return {"HILO_DATABASE_URL": found.create()}


def crowd(hilo: Hilo) -> None:
    """Add people whom nobody sees."""
    with opened(hilo.url) as database:
        storage = Storage(database, vault_of(hilo.home))
        with storage.unit(clock.now()) as unit:
            for _ in range(CROWD):
                unit.people.create(clock.new_id(), unit.now, "active", "es")


def typed(hilo: Hilo) -> str:
    """Return what somebody types who has the words before her."""
    path = hilo.home / "hilo.key"
    config = Config.load({"HILO_HOME": str(hilo.home), "HILO_DATABASE_URL": hilo.url}, folder=hilo.home)
    new = words.of_key(rotating.propose(config), "en")
    assert KeyFile(path).proposed.exists()
    return "\n".join(["yes", "", new[3], new[16], "no"]) + "\n"


def rotate(hilo: Hilo, said: str, seconds: float) -> bool:
    """Rotate in a process that is killed so many seconds after it began to; return whether it was."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "key", "rotate"],
        cwd=hilo.home.parent,
        env={**hilo.environment, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.write(said)
        process.stdin.close()
    assert process.stdout is not None
    while not process.stdout.readline().startswith("✓") and process.poll() is None:
        pass  # from here on the new words hold
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    finally:
        process.stdout.close()
    return False


def under_way(hilo: Hilo, key: bytes) -> bool:
    """Return whether a rotation is begun and not finished."""
    with (
        opened(hilo.url) as database,
        Storage(database, open_vault(database, key, None, hilo.home / "hilo.key.epochs")).reading(clock.now()) as unit,
    ):
        return rotation.begun_at(unit) is not None


def opens_alone(hilo: Hilo, key: bytes) -> list[str]:
    """Check that a key opens everything and the trail is whole; return who is there by name."""
    with (
        opened(hilo.url) as database,
        Storage(database, open_vault(database, key, None, hilo.home / "hilo.key.epochs")).reading(clock.now()) as unit,
    ):
        assert scan(unit) == []
        assert unit.audit.verify() is None
        assert rotation.begun_at(unit) is None
        assert rotation.left(unit) == 0
        return [person.nickname for person in unit.people.list() if person.nickname]


@pytest.mark.by_day("settings", why=DATABASES_ALIKE)
@pytest.mark.proof
@pytest.mark.timeout(0)  # on a busy machine each commit takes long, and there are many
def test_killed_while_the_key_gets_new_words(
    install: Callable[..., Hilo], double: Double, settings: dict[str, str]
) -> None:
    """Nobody who came in meanwhile is lost, the bot answers all the time, and the old words open nothing at the end."""
    chance = random.Random(SEED)
    hilo = install("ptb", **settings)
    ready(hilo.home, url=hilo.url)
    hilo.command("cohort", "add", COHORT)
    crowd(hilo)
    hilo.start()
    key = hilo.home / "hilo.key"
    came, retired, killed = [], [], 0
    while killed < KILLS:
        retired.append(load_key(key))
        said, cut = typed(hilo), True
        while cut and killed < KILLS:
            cut = rotate(hilo, said, chance.uniform(0, 2.5))
            said = ""
            killed += cut
            name = f"Persona {len(came)}"
            user = double.user(name, "es")
            join(user, hilo.invite(COHORT, as_it_is=True), WORDS)
            came.append(name)
            if chance.random() < 0.3:
                hilo.kill()
                hilo.start()
            user.say("/menu")
            user.sees("Por ahora no hay nada que contestar.")
        if cut and under_way(hilo, load_key(key)):  # the kill may have come after its last step
            hilo.command("key", "rotate")
        assert load_key(key) not in retired
        assert set(came) <= set(opens_alone(hilo, load_key(key)))
    hilo.stop()

    with opened(hilo.url) as database:
        for old in retired:
            with pytest.raises(RetiredKey):
                open_vault(database, old)
        newest = open_vault(database, load_key(key))
    assert list(newest.former) == retired
    keys_files = list(Path(hilo.home / "backups").glob("*.keys"))
    assert keys_files
    gc.collect()  # here and not in the next test
