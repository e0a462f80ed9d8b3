"""A facilitator's week, whole: asked, followed, reminded, read, answered, exported; over HTTP, with a real process."""

import contextlib
import io
import sqlite3
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
import yaml

from bot import clock
from tests.bot import samples
from tests.bot.ready import RECORD
from tests.bot.rig import texts
from tests.bot.tongues import foreign
from tests.by_day import CLIENTS_ALIKE
from tests.double import Double, User
from tests.thread.bot import Hilo
from tests.thread.test_exporting import documents
from tests.thread.test_following import facilitate
from tests.thread.test_reading import PATIENCE, until
from tests.thread.test_thread import COHORT, PURPOSE, WORDS, alone, join

WEEKS = [("ptb", "es"), ("aiogram", "en"), ("ptb", "en"), ("aiogram", "es")]
OPEN = {"es": "1 · Con sus palabras o su voz", "en": "1 · In words or by voice"}
ONCE = {"es": "1 · Nada más esta vez", "en": "1 · Just this once"}
TEAM = {"es": "1 · Mandar a nombre del equipo", "en": "1 · Send in the team's name"}
ASKED = {"es": "¿Qué les dejó la asamblea?", "en": "What did the assembly leave you with?"}
WHY = {"es": PURPOSE, "en": "To know how your week is going"}
STORY = {"es": "Que somos muchas.", "en": "That we are many."}
LATE = {"es": "Apenas pude ver esto.", "en": "I could only look at this now."}
BRIDGE = {"es": "Se cayó el puente.", "en": "The bridge fell down."}
THANKS = {"es": "Gracias por avisar.", "en": "Thank you for telling us."}
NOT_OURS = {"sierra", "norte", "ceiba", "nopal", "amate", "ana", "eva", "rosa", "english", "español"}


def noon() -> str:
    """Return a zone in which it is the middle of the day now: nobody is disturbed at night, whenever this runs."""
    ahead = 12 - clock.now().hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


class Week:
    """One installation with its people, all in one language."""

    def __init__(self, hilo: Hilo, double: Double, language: str) -> None:
        self.hilo, self.double, self.language = hilo, double, language
        record = {**RECORD, "name": "Xochitl", "zone": noon(), "care_card": {"es": "Rosa.", "en": "Rosa."}}
        file = hilo.home.parent / "answers.yaml"
        file.write_text(yaml.safe_dump(record, allow_unicode=True), "utf-8")
        hilo.command("setup", "--from", str(file))
        for name in (COHORT, "Costa"):
            hilo.command("cohort", "add", name)
        hilo.start()
        # The admin comes first: who reads is part of what leaders agree to.
        self.ana, self.eva, self.rosa = (double.user(name, language) for name in ("Ana", "Eva", "Rosa"))
        printed = hilo.command("invite", "--role", "admin").splitlines()
        code = next(line.removeprefix("code: ") for line in printed if line.startswith("code: "))
        facilitate(self.rosa, code, language)
        facilitate(self.ana, hilo.invite(COHORT, role="facilitator"), language)
        facilitate(self.eva, hilo.invite("Costa", role="facilitator"), language)
        self.leaders = [double.user(name, language) for name in ("Ceiba", "Nopal", "Amate")]
        for leader in self.leaders:
            join(leader, hilo.invite(COHORT), WORDS[language])
            alone(leader, language)
        self.began = {user.id: len(user.said) for user in self.everybody}

    @property
    def everybody(self) -> list[User]:
        """Return everyone who talks with the bot."""
        return [self.ana, self.eva, self.rosa, *self.leaders]

    def say(self, code: str, **facts: Any) -> str:
        """Return the sentence of a code."""
        return texts().say(code, self.language, **facts)

    def count(self, code: str, number: int, **facts: Any) -> str:
        """Return the sentence of a code for a number."""
        return texts().count(code, self.language, number, **facts)

    def tap(self, user: User, *steps: tuple[str, str]) -> None:
        """Press buttons by their codes (or labels), each until something is seen."""
        for label, then in steps:
            user.press(self.say(label) if label.startswith(("button.", "menu.")) else label)
            user.sees(then)

    def new(self, user: User) -> list[str]:
        """Return what the bot has said to someone since she had come in."""
        return [message.words for message in user.said[self.began[user.id] :]]

    def four_hours_later(self) -> None:
        """End the process without warning, and begin again when whoever has not answered was silent for so long."""
        with contextlib.closing(sqlite3.connect(self.hilo.home / "hilo.db", isolation_level=None)) as database:
            end = time.monotonic() + PATIENCE
            while database.execute("SELECT 1 FROM outbox WHERE state IN ('queued', 'sending')").fetchone():
                assert time.monotonic() < end
                time.sleep(0.05)
            self.hilo.kill()
            long_ago = (clock.now() - timedelta(hours=4, minutes=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
            database.execute("UPDATE runs SET active_at = ?1, resume_at = ?1 WHERE resume_at IS NOT NULL", [long_ago])
        self.hilo.start()


def asks(week: Week) -> None:
    """Write a question, say what for, look at it, try it, send it."""
    ana, say, tap = week.ana, week.say, week.tap
    ana.say("/preguntar" if week.language == "es" else "/ask")
    ana.sees(say("ask.what"))
    ana.say(ASKED[week.language])  # typed where one chooses: a question of her own
    ana.sees(OPEN[week.language])
    ana.press(OPEN[week.language])
    ana.sees(say("own.ready", words=ASKED[week.language]))
    tap(ana, ("button.own_done", COHORT))
    ana.say(WHY[week.language])
    ana.sees(say("button.skip"))
    tap(ana, ("button.skip", say("button.skip")), ("button.skip", ONCE[week.language]))
    tap(ana, (ONCE[week.language], say("button.ask_look")), ("button.ask_look", say("button.ask_back")))
    tap(ana, ("button.ask_back", say("button.ask_test")), ("button.ask_test", say("button.start")))
    tap(ana, ("button.start", ASKED[week.language]))
    ana.say(STORY[week.language])
    ana.sees(WORDS[week.language]["saved"])
    tap(ana, (WORDS[week.language]["all"], say("ask.test.over")), ("button.ask_back", say("button.ask_send")))
    assert week.new(week.leaders[0]) == []
    tap(ana, ("button.ask_send", week.count("ask.sent", 3, cohort=COHORT)))


def answers(week: Week, leader: User, said: str | bytes) -> None:
    """Take it up, and say it in words or by voice."""
    words = WORDS[week.language]
    leader.sees(words["start"], PATIENCE)
    week.tap(leader, (words["start"], ASKED[week.language]))
    if isinstance(said, bytes):
        leader.voice(said, seconds=24)
    else:
        leader.say(said)
    leader.sees(words["saved"])
    leader.press(words["all"])
    leader.sees(week.say("run.completed", answered=1, total=1))


def follows(week: Week) -> None:
    """See in one message how it goes and who is missing, and let them be reminded, once."""
    ana, say, tap = week.ana, week.say, week.tap
    ceiba, nopal, amate = week.leaders
    ana.press(say("button.progress"))
    panel = ana.sees(say("button.order_who"))
    answers(week, ceiba, STORY[week.language])
    answers(week, nopal, samples.ogg())
    amate.sees(say("button.start"))
    ana.press(say("button.refresh"))
    assert ana.sees(week.count("progress.finished", 2)).id == panel.id
    tap(ana, ("button.order_who", "Amate"))
    assert "Ceiba" not in ana.screen()
    tap(ana, ("button.order_back", say("button.order_nudge")), ("button.order_nudge", say("button.order_nudge_yes")))
    tap(ana, ("button.order_nudge_yes", week.count("nudge.done", 1)))
    assert ana.said[-1].id == panel.id
    before = [len(each.said) for each in week.leaders]
    week.four_hours_later()
    amate.sees(say("prompt.repeat"), PATIENCE)
    assert [len(each.said) for each in week.leaders] == [before[0], before[1], before[2] + 1]
    answers(week, amate, LATE[week.language])


def reads(week: Week) -> None:
    """Read everything that is new, hear what was spoken, and close: nothing of it stays in the chat."""
    ana, say = week.ana, week.say
    ana.say("/leer" if week.language == "es" else "/read")
    ana.sees(week.count("today.answers", 3, cohort=COHORT))
    ana.press(say("button.read_next"))
    for place, (name, said) in enumerate((("Nopal", {}), ("Ceiba", STORY), ("Amate", LATE))):  # the unheard first
        ana.sees(f"{name} · ")
        ana.sees(said.get(week.language, "0:24"))
        if name == "Nopal":
            ana.press(next(label for label in ana.labels if label.startswith("🔊")))
            until(ana, "(voice)", there=True)
        if place < 2:
            ana.press(say("button.read_next_of", left=2 - place))
    assert say("button.read_next_of", left=0) not in ana.labels
    ana.press(say("button.close"))
    ana.sees(say("read.closed"))
    for gone in (f"→ {LATE[week.language]}", "(voice)", "Nopal · "):
        until(ana, gone, there=False)


def talks(week: Week) -> None:
    """A leader writes; Ana answers in the team's name; nobody else hears of it."""
    ana, amate, say = week.ana, week.leaders[2], week.say
    since = ana.seen()
    amate.say(BRIDGE[week.language])
    amate.sees(say("button.yes"))
    week.tap(amate, ("button.yes", say("home.passed_on")))
    ana.sees(COHORT, since=since)
    ana.press(say("button.alerts"))
    ana.sees(say("attend.list"))
    ana.press(next(label for label in ana.labels if label.startswith("Amate")))
    ana.sees(BRIDGE[week.language])
    week.tap(ana, ("button.mail_reply", "Amate"))
    ana.say(THANKS[week.language])
    ana.sees(TEAM[week.language])
    since = amate.seen()
    week.tap(ana, (TEAM[week.language], say("mail.sent", name="Amate")))
    amate.sees(THANKS[week.language], since=since)
    assert "Ana" not in amate.screen()


def exports(week: Week) -> None:
    """An admin takes the answers out in chat: three rows, with what was said and without a name."""
    rosa, say = week.rosa, week.say
    rosa.say("/exportar" if week.language == "es" else "/export")
    rosa.sees(say("button.export.make"))
    rosa.press(say("button.export.make"))
    rosa.sees(say("button.export_take_back"), PATIENCE)
    (data,) = documents(week.double, rosa)
    heading, *rows = openpyxl.load_workbook(io.BytesIO(data)).worksheets[-1].iter_rows(values_only=True)
    told = [dict(zip(heading, row, strict=True)) for row in rows]
    said = [str(row["answer"]) for row in told]
    assert len(said) == 3
    assert sum(STORY[week.language] in each for each in said) == 1
    assert sum(LATE[week.language] in each for each in said) == 1
    assert not {"Ceiba", "Nopal", "Amate"} & {str(cell) for row in rows for cell in row}


def elsewhere(week: Week) -> None:
    """The facilitator of another group finds none of it, wherever she looks."""
    eva = week.eva
    for action, nothing in (("read", "read.nothing"), ("progress", "progress.none"), ("messages", "attend.none")):
        eva.say(f"/{action}")
        eva.sees(week.say(nothing))
    assert not any(word in eva.screen() for word in (COHORT, ASKED[week.language], BRIDGE[week.language]))


@pytest.mark.by_day("client", "language", why=CLIENTS_ALIKE)
@pytest.mark.proof
@pytest.mark.timeout(120)
@pytest.mark.parametrize(("client", "language"), WEEKS)
def test_a_facilitators_week(install: Callable[..., Hilo], double: Double, client: str, language: str) -> None:
    """From her question to the file: everybody gets all once and in her language, another group's team nothing."""
    week = Week(install(client), double, language)
    asks(week)
    follows(week)
    reads(week)
    talks(week)
    exports(week)
    assert week.new(week.eva) == []
    elsewhere(week)
    week.hilo.stop()

    # An offer, the question, a word when it was kept, thanks; Amate was reminded, and wrote and heard of the bridge.
    assert [len(week.new(leader)) for leader in week.leaders] == [4, 4, 8]
    assert [sum(ASKED[language] in words for words in week.new(leader)) for leader in week.leaders] == [1, 1, 1]
    assert [sum(week.say("prompt.repeat") in words for words in week.new(each)) for each in week.leaders] == [0, 0, 1]
    assert sum(THANKS[language] in words for words in week.new(week.leaders[2])) == 1
    for user in week.everybody:
        strange = foreign(" ".join(week.new(user)), language, NOT_OURS)
        assert not strange, user.screen()
    assert all(press.answered for press in double.account.presses.values())
