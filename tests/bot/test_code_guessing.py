"""Guessing invites on Telegram: nobody gets in, whoever tries gets no answer any more, and the admins are told."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from bot.pipeline.gate import Gate
from bot.services.allowances import Allowances
from tests.amounts import GUESSES, SEED
from tests.bot.phone import Phone
from tests.bot.rig import RECORD, SIERRA, Rig, texts
from tests.bot.test_cry import team

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
SLOW = texts().say("join.slow", "es")


@pytest.fixture
def hilo(tmp_path: Path) -> Iterator[Rig]:
    """A bot with an admin and a facilitator, and an invite that is open."""
    rig = Rig(tmp_path, record=RECORD)
    rig.facilitator()
    rig.facilitator(nickname="Sol", cohort=None, role="admin")
    yield rig
    rig.close()


def guess(chance: Random) -> str:
    """Make up a code."""
    return "".join(chance.choices(LETTERS, k=10))


def told(phone: Phone, part: str) -> int:
    """Count the messages of a phone that say something."""
    return sum(part in (message.text or "") for message in phone.heard)


def test_whoever_guesses_gets_no_answer_and_admins_hear_of_it(hilo: Rig) -> None:
    """After a few codes there is one sentence and then silence; every admin is told once; a good code still opens."""
    _, admin = team(hilo)
    chance, guesser = Random(7), hilo.phone()
    for _ in range(40):
        guesser.say(guess(chance))
    heard = len(guesser.heard)
    people = hilo.count("people")

    assert told(guesser, SLOW) == 1
    assert heard == 7  # six answers, and that sentence
    assert people == 2
    assert told(admin, "códigos de invitación que no abren") == 1
    assert [entry.detail for entry in hilo.audited("invites.guessed")] == [{"tries": 30}]
    guesser.say(hilo.invite())
    assert hilo.count("people") == 3


def test_used_ended_and_unknown_codes_look_alike(hilo: Rig) -> None:
    """What a stranger reads tells nothing of a code; an old one in three hands is told to the admins."""
    _, admin = team(hilo)
    used, ended = hilo.invite(), hilo.invite(expires_at=hilo.now)
    hilo.phone().say(used)
    hilo.advance(minutes=1)
    answers = []
    for code in (used, ended, "7KQ2M9ABCD"):
        phone = hilo.phone()
        phone.say(code)
        answers.append((phone.told, phone.last.labels))
    for _ in range(2):
        hilo.phone().say(used)

    assert answers[0] == answers[1] == answers[2]
    assert told(admin, "desde 3 lugares") == 1
    assert len(hilo.audited("invites.reused")) == 1


def test_one_of_ours_guesses_no_role(hilo: Rig) -> None:
    """A leader who tries codes of the team gets none, and is counted as anybody is."""
    _, admin = team(hilo)
    leader, chance = hilo.join(), Random(3)
    for _ in range(35):
        leader.say(f"/start {guess(chance)}")

    with hilo.reading() as unit:
        assert unit.roles.of(leader.person.id) == []
    assert told(admin, "códigos de invitación que no abren") == 1


@pytest.mark.proof
def test_ten_thousand_guesses_from_a_hundred_accounts(hilo: Rig) -> None:
    """Nobody gets in by guessing, the alarm rings, few rows are left, and newcomers with good codes pass in between."""
    hilo.receive.gate = Gate(hilo.turns, Allowances())
    _, admin = team(hilo)
    chance = Random(SEED.value)
    accounts = [hilo.phone() for _ in range(100)]
    spent = hilo.invite(uses=1)
    hilo.phone().say(spent)
    people, came = hilo.count("people"), 0
    for number in range(GUESSES.value):
        chance.choice(accounts).write(spent if number % 97 == 0 else f"/start {guess(chance)}")
        if number % 100 == 99:
            hilo.settle()
            hilo.advance(seconds=20)
        if number % 500 == 499:
            newcomer = hilo.phone()
            newcomer.say(f"/start {hilo.invite(cohort=SIERRA)}")
            came += newcomer.person.participation == "invited"
    hilo.settle()

    assert came == GUESSES.value // 500
    assert hilo.count("people") == people + came
    assert told(admin, "códigos de invitación que no abren") >= 1
    assert told(admin, "lugares distintos") >= 1
    assert sum(len(account.heard) for account in accounts) <= 100 * (7 + GUESSES.value * 0.2 / 60)
