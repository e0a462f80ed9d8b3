"""Telegram brings the same update again, at once and late, side by side with others: it has one effect.

And words and a tap of one person that come side by side are handled one after the other, in either order.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httpx
import pytest

from bot.app import open_storage
from bot.clock import now
from bot.config import Config
from bot.services import week
from tests import amounts
from tests.bot.ready import ready
from tests.by_day import CLIENTS_ALIKE
from tests.double import Double, User
from tests.journeys.bot import UNFINISHED
from tests.thread.bot import Hilo
from tests.thread.test_thread import COHORT, PURPOSE, WORDS, exported
from tests.thread.test_webhook import HEADER, PATIENCE, SECRET, until

pytestmark = pytest.mark.proof

SEED = amounts.SEED.value
LINES = 8
MOST = 50
TOGETHER = 10  # people who go the way in together, with five updates each
TIMES, TRIALS = amounts.REDELIVERED.value, amounts.TRIALS.value
ES = WORDS["es"]
FIRST_TIME = "Es mi primera vez"
TOLD = "Vino por la tarde."
COLUMNS = ("came", "came.beside", "more", "status")
DIALOG = """
spec: 1
name: water
kind: check_in
languages: [es]
title: { es: El agua }
why: { es: Para saber del agua. }
minutes: 2
steps:
  - type: select_one
    name: came
    label: { es: "¿Llegó el agua?" }
    choices:
      - { name: "yes", label: { es: Llegó } }
      - { name: "no", label: { es: Faltó } }
  - type: text
    name: more
    label: { es: "¿Algo más?" }
"""


class Lines:
    """Eight lines to a webhook, or to several receivers in turn, on which updates are brought side by side."""

    def __init__(self, *urls: str) -> None:
        self.urls = urls
        self.clients = [httpx.Client(headers={HEADER: SECRET}, trust_env=False, timeout=PATIENCE) for _ in range(LINES)]
        self.statuses: Counter[int] = Counter()

    def bring(self, updates: Sequence[dict[str, Any]]) -> None:
        """Bring updates, each line its share of them in their order; all begin together."""
        begin = threading.Barrier(LINES)

        def share(place: int) -> None:
            begin.wait()
            for update in updates[place::LINES]:
                self.statuses[self.clients[place].post(self.urls[place % len(self.urls)], json=update).status_code] += 1

        threads = [threading.Thread(target=share, args=(place,)) for place in range(LINES)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def close(self) -> None:
        """Hang up."""
        for client in self.clients:
            client.close()


def taken(double: Double) -> list[dict[str, Any]]:
    """Take what waits at Telegram, which brings nothing by itself meanwhile."""
    with double.world.changed:
        found = [update.to_api() for update in double.account.updates]
        double.account.updates.clear()
    return found


def settled(hilo: Hilo) -> None:
    """Wait until everything is handled and said."""
    until(lambda: hilo.rows(UNFINISHED) == [(0,)], hilo)


def enter(users: Sequence[User], code: str) -> None:
    """Let people go the way in together, by an invite for many, which may ask whether they were here before."""
    for user in users:
        user.start(code)
    for user in users:
        if FIRST_TIME in user.sees("?", PATIENCE).labels:
            user.press(FIRST_TIME)
    for step in (ES["language"], ES["agree"]):
        for user in users:
            user.sees(step, PATIENCE)
            user.press(step)
    for user in users:
        user.sees(ES["name?"], PATIENCE)
        user.say(user.person.first_name)
    for user in users:
        user.sees(ES["joined"], PATIENCE)


def began(install: Callable[..., Hilo], double: Double, client: str, people: int) -> tuple[Hilo, list[User], Lines]:
    """An installation with a webhook and so many leaders; from then on Telegram brings nothing by itself."""
    hilo = install(client, HILO_SEND_RATE="1000")
    url = hilo.hook()
    ready(hilo.home)
    storage = open_storage(Config.load(hilo.environment, folder=hilo.home.parent))
    with storage.unit(now()) as unit:
        unit.organisation.note(**{week.ASKINGS_LIMIT: 1_000})
    storage.database.dispose()
    (hilo.home / "dialogs").mkdir(exist_ok=True)
    (hilo.home / "dialogs" / "water.yaml").write_text(DIALOG, "utf-8")
    hilo.command("cohort", "add", COHORT)
    code = hilo.invite(COHORT, uses=str(people))
    hilo.start()
    until(lambda: double.account.webhook.url == url, hilo)
    users = [double.user(f"Persona {place}", "es") for place in range(people)]
    begun = time.monotonic()
    for place in range(0, people, TOGETHER):
        # All who are nobody yet share an allowance: 120 at once, and five a second.
        time.sleep(max(begun + place + TOGETHER - 20 - time.monotonic(), 0))
        enter(users[place : place + TOGETHER], code)
    settled(hilo)
    double.account.held = True
    return hilo, users, Lines(url)


def copies(updates: Iterable[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    """Return each update one to fifty times, all in another order."""
    found = [update for update in updates for _ in range(chance.randint(1, MOST))]
    chance.shuffle(found)
    return found


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.timeout(0 if amounts.REDELIVERED.extended else 180)
def test_each_update_comes_up_to_fifty_times(install: Callable[..., Hilo], double: Double, client: str) -> None:
    """Shuffled over eight lines, and again with later ones: one row, one turn, one answer, and nothing said twice."""
    chance = random.Random(SEED)
    hilo, users, lines = began(install, double, client, TIMES)
    double.account.held = False
    hilo.command("broadcast", "water", "--to", COHORT, "--purpose", PURPOSE)
    for user in users:
        user.sees(ES["start"], PATIENCE)
    settled(hilo)
    double.account.held = True
    before = hilo.rows("SELECT count(*) FROM inbox")[0][0]
    said = {user.id: len(user.said) for user in users}
    acts: list[tuple[Callable[[int, User], object], str]] = [
        (lambda _place, user: user.press(ES["start"]), "¿Llegó el agua?"),
        (lambda place, user: user.press(user.last.labels[place % 2]), "¿Algo más?"),
        (lambda place, user: user.say(f"Lo dijo {place}."), "Contestaste 2 de 2"),
    ]
    brought: list[dict[str, Any]] = []
    for act, follows in acts:
        for place, user in enumerate(users):
            act(place, user)
        new = taken(double)
        assert len(new) == TIMES
        lines.bring(copies(new + chance.sample(brought, len(brought) // 10), chance))
        brought += new
        for user in users:
            user.sees(follows, PATIENCE)
    lines.bring(copies(chance.sample(brought, len(brought) // 3), chance))
    settled(hilo)
    lines.close()

    print(dict(lines.statuses), "brought for", len(brought), "updates")
    assert set(lines.statuses) == {200}
    assert hilo.rows("SELECT count(*), count(DISTINCT update_key) FROM inbox") == [(before + len(brought),) * 2]
    assert hilo.rows("SELECT count(*) FROM inbox WHERE state <> 'done' OR attempts > 0") == [(0,)]
    assert hilo.rows("SELECT count(*), max(revision) FROM answers") == [(2 * TIMES, 1)]
    kept = Counter((row["came"], row["more"], row["status"]) for row in exported(hilo, "water"))
    assert kept == Counter(
        ("yes" if place % 2 == 0 else "no", f"Lo dijo {place}.", "completed") for place in range(TIMES)
    )
    assert {len(user.said) - said[user.id] for user in users} == {len(acts)}
    assert f"each counts once: {sum(lines.statuses.values()) - len(brought)} " in hilo.command("status")


def asked(hilo: Hilo, double: Double, users: Sequence[User], lines: Lines) -> None:
    """Ask everybody once more, and bring them to the first question."""
    marks = [user.seen() for user in users]
    hilo.command("broadcast", "water", "--to", COHORT, "--purpose", PURPOSE)
    for user, mark in zip(users, marks, strict=True):
        user.sees(ES["start"], PATIENCE, since=mark)
        user.press(ES["start"])
    lines.bring(taken(double))
    for user, mark in zip(users, marks, strict=True):
        user.sees("¿Llegó el agua?", PATIENCE, since=mark)
    settled(hilo)


def both(double: Double, user: User) -> tuple[dict[str, Any], dict[str, Any]]:
    """Let one write and tap before either has led to anything; returns the words and the tap."""
    user.say(TOLD)
    user.press("1 · Llegó")
    words, tap = taken(double)
    return words, tap


def finished(hilo: Hilo, double: Double, users: Sequence[User], lines: Lines) -> None:
    """Let everybody answer what is still open."""
    settled(hilo)
    for user in users:
        user.say("Fin.")
    lines.bring(taken(double))
    settled(hilo)


def outcomes(hilo: Hilo) -> Counter[tuple[str, ...]]:
    """Count what the runs came to: what was chosen, what stands beside it, what was told at the end."""
    return Counter(tuple(row[name] for name in COLUMNS) for row in exported(hilo, "water"))


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.timeout(0 if amounts.TRIALS.extended else 240)
def test_words_and_a_tap_side_by_side_have_one_of_two_orders(
    install: Callable[..., Hilo], double: Double, client: str
) -> None:
    """Whichever comes first, it ends as if the other had come long after; neither is lost, neither counts twice."""
    chance = random.Random(SEED)
    people = 100 if amounts.TRIALS.extended else 30
    hilo, users, lines = began(install, double, client, people)
    asked(hilo, double, users, lines)
    for place, user in enumerate(users):
        pair = both(double, user)
        for update in pair if place % 2 else reversed(pair):
            lines.bring([update])
            if place < 4:  # enough to see both orders at their slowest
                settled(hilo)
    finished(hilo, double, users, lines)
    legal = outcomes(hilo)
    rounds = -(-TRIALS // people)
    for _ in range(rounds):
        asked(hilo, double, users, lines)
        pairs = [chance.sample(both(double, user), 2) for user in users]
        lines.bring([update for pair in pairs for update in pair])
        finished(hilo, double, users, lines)
    lines.close()
    came = outcomes(hilo) - legal

    print(rounds * people, "trials:", dict(came))
    assert sorted(legal.values()) == [people // 2, people - people // 2]
    assert came.keys() == legal.keys()
    assert came.total() == rounds * people
    assert set(lines.statuses) == {200}
    assert hilo.rows("SELECT count(*) FROM inbox WHERE state <> 'done' OR attempts > 0") == [(0,)]
    assert hilo.rows("SELECT count(*) FROM asides") == [((rounds + 1) * people,)]
