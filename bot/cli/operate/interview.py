"""`hilo setup`: ask for everything an organisation needs, one by one; keep answers at once, to be changed later."""

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot import app, clock
from bot.app import App
from bot.cli import administration, console, setup_file
from bot.cli.operate import answers, dotenv, service
from bot.cli.operate.care_interview import CareInterview
from bot.cli.operate.danger_interview import DangerInterview
from bot.cli.operate.dotenv import NAME as DOTENV
from bot.cli.operate.minors_interview import MinorsInterview
from bot.cli.operate.terminal import Terminal
from bot.cli.operate.watch_interview import WatchInterview
from bot.config import Config
from bot.errors import Problem
from bot.messengers.port import BadToken, MessengerError, Rejected
from bot.product_languages import of_organisation
from bot.services import handover, places, promises, readiness
from bot.services.organisation import weekday

ASKED: Final = (
    "name",
    "token",
    "zone",
    "languages",
    "reading_days",
    "retention_months",
    "care_card",
    "cohorts",
    "why",
    "stop_when",
    "watch",
    "danger_words",
    "minors",
)
"""The questions, in this order."""
DEFAULTS: Final = {"zone": answers.MEXICO, "languages": "es, en", "retention_months": "12"}
TOKEN: Final = "HILO_TELEGRAM_TOKEN"  # noqa: S105  the setting's name
ADDRESS: Final = "HILO_PUBLIC_URL"
WORDED: Final = {"care_card": ("care_card", "care_lines"), "watch": ("after_alert",)}
"""What of the record's words is written at questions that keep more than their own answer."""
WORDY: Final = ("why", "stop_when")
"""What a yes or a no does not answer."""
KEPT: Final = "token_kept"  # in the record: the web chat alone was chosen


class Interview:
    """The questions of the setup, over an open installation."""

    def __init__(self, opened: App, terminal: Terminal, folder: Path = Path()) -> None:
        """Build the interview; `folder` is where `.env` lies."""
        self._app = opened
        self._terminal = terminal
        self._folder = folder
        self._care = CareInterview(opened, terminal)
        self._minors = MinorsInterview(terminal)
        self._watch = WatchInterview(opened, terminal)
        self._danger = DangerInterview(opened, terminal)

    def run(self) -> None:
        """Ask what was not answered yet; if all was, show the answers and change those that are named."""
        waiting = [key for key in ASKED if self._value(key) is None]
        if len(waiting) == len(ASKED):
            self._terminal.say("cli.setup.hello", number=len(ASKED), command=resume_command())
        elif waiting:
            console.put(self._app.texts.count("cli.setup.again", self._terminal.language, len(waiting)))
        for key in waiting:
            self._ask(key)
        if "care_card" not in waiting:
            self._care.ask_dialled()
        self._review()

    def _record(self) -> dict[str, Any]:
        with self._app.storage.reading(clock.now()) as unit:
            return unit.organisation.get()

    def _value(self, key: str) -> Any:
        """Return what was answered, or None."""
        if key == "token":
            config = self._app.config
            return config.token or self._record().get(KEPT)
        if key == "cohorts":
            with self._app.storage.reading(clock.now()) as unit:
                return [cohort.name for cohort in unit.cohorts.list() if not cohort.practice] or None
        if key == "care_card":
            return self._care.value()
        if key == "watch":
            return self._watch.value()
        if key == "danger_words":
            return self._danger.value()
        return self._record().get(key) or None

    def _keep(self, key: str, value: Any) -> None:
        with self._app.storage.unit(clock.now()) as unit:
            administration.fill(unit, {key: value})
        warn(self._terminal, {key: value})

    def _ask(self, key: str) -> None:
        """Ask one question until its answer can be kept."""
        special: dict[str, Callable[[], None]] = {
            "token": self._token,
            "care_card": self._care.run,
            "minors": lambda: self._minors.ask(self._record(), partial(self._keep, "minors")),
            "watch": self._watch.run,
            "cohorts": self._cohort,
            "danger_words": self._danger.run,
        }
        place = ASKED.index(key) + 1
        self._terminal.say("cli.setup.place", n=place, of=len(ASKED))
        more = ".more" if key in {"token", "cohorts"} and self._value(key) not in (None, "none") else ""
        self._terminal.say(f"cli.setup.q.{key}{more}")
        if key in special:
            special[key]()
            warn(self._terminal, {each: self._record().get(each) for each in WORDED.get(key, ())})
            return
        while True:
            typed = self._terminal.ask(self._terminal.words(f"cli.setup.a.{key}"), self._present(key))
            if key in WORDY and self._terminal.said(typed) is not None:
                self._terminal.trouble(Problem(f"cli.setup.{key}.empty"))
                continue
            try:
                value = answers.read(key, typed)
            except Problem as problem:
                self._wrong(key, problem)
                continue
            self._keep(key, value)
            self._terminal.say("cli.setup.kept", value=self._shown(key, value))
            return

    def _present(self, key: str) -> str:
        """Return what Enter alone stands for: the present answer, as it could be typed, or a safe default."""
        value = self._value(key)
        if value is None:
            return DEFAULTS.get(key, "")
        return str(value) if key in {"zone", "retention_months"} else self._shown(key, value)

    def _wrong(self, key: str, problem: Problem) -> None:
        """Say what was wrong, in words of the question where it has some."""
        own = problem.code.startswith("cli.setup.")
        self._terminal.trouble(problem if own else Problem(f"cli.setup.{key}.empty"))

    def _shown(self, key: str, value: Any) -> str:
        """Return an answer as it is shown."""
        language = self._terminal.language
        match key:
            case "token":
                username = self._record().get("username") if self._app.config.token else None
                return f"@{username}" if username else self._terminal.words("cli.setup.no_token")
            case "zone":
                local = clock.now().astimezone(ZoneInfo(value))
                now = self._terminal.words("cli.setup.now", time=f"{local:%H:%M}")
                return f"{places.city(str(value), language)} ({now})"
            case "languages":
                return ", ".join(self._app.texts.language(tag, language) for tag in value)
            case "reading_days":
                return ", ".join(weekday(day, language) for day in value)
            case "retention_months":
                return self._app.texts.count("fact.months", language, int(value))
            case "cohorts":
                return ", ".join(value)
            case "minors":
                return self._minors.shown(value)
            case "danger_words":
                return self._app.texts.count("cli.setup.danger.ring", language, len(value))
        return str(value)

    def _cohort(self) -> None:
        """Ask for the first cohort's name, and make the cohort."""
        tags = of_organisation(self._record())
        while True:
            name = self._terminal.ask(self._terminal.words("cli.setup.a.cohorts"))
            if not name and self._value("cohorts"):
                return  # no other cohort is wanted
            try:
                with self._app.storage.unit(clock.now()) as unit:
                    administration.add_cohort(unit, name, tags, None, practice=False)
            except Problem as problem:
                self._terminal.trouble(problem)
                continue
            self._terminal.say("cli.setup.kept", value=name)
            return

    def _token(self) -> None:
        """Ask for the token, and find its bot."""
        while True:
            token = self._terminal.ask(self._terminal.words("cli.setup.a.token"), hidden=True).replace(" ", "")
            if not token and self._app.config.token:
                self._terminal.say("cli.setup.kept", value=self._shown("token", token))
                return
            if not token:
                with self._app.storage.unit(clock.now()) as unit:
                    unit.organisation.set({**unit.organisation.get(), KEPT: "none"})
                self._terminal.say("cli.setup.kept", value=self._terminal.words("cli.setup.no_token"))
                self._address()
                return
            try:
                username = find_bot(self._app, token)
            except BadToken:
                self._terminal.trouble(Problem("cli.setup.token.wrong"))
            except Rejected:
                self._terminal.trouble(Problem("cli.setup.token.api", api=self._app.config.api or "Telegram"))
            except MessengerError:
                self._terminal.trouble(Problem("cli.setup.token.network"))
            else:
                keep_token(self._app, token, self._folder)
                self._terminal.say("cli.setup.found", username=username)
                if service.installed():  # the running bot still has the old token
                    self._terminal.say("cli.setup.restart")
                return

    def _address(self) -> None:
        """Ask at which address people open the web chat, without which no invite has a link; it may come later."""
        if self._app.config.public_url or self._app.config.practice:
            return
        self._terminal.say("cli.setup.q.public_url")
        while True:
            typed = self._terminal.ask(self._terminal.words("cli.setup.a.public_url"))
            if not typed:
                self._terminal.say("cli.setup.public_url.later")
                return
            host = typed.partition("://")[2] or typed
            if "." not in host and not host.startswith("localhost"):  # a slip, which would stand in every link
                self._terminal.trouble(Problem("cli.setup.public_url.wrong", given=typed))
                continue
            try:
                value = setup_file.check("public_url", typed if "://" in typed else f"https://{typed}")
            except Problem as problem:
                self._terminal.trouble(problem)
                continue
            dotenv.write(self._folder / DOTENV, {ADDRESS: value})
            self._app.config = replace(self._app.config, public_url=value)
            self._terminal.say("cli.setup.kept", value=value)
            return

    def _review(self) -> None:
        """Show every answer, and change those that are named."""
        while True:
            self._terminal.say("cli.setup.review")
            for place, key in enumerate(ASKED, 1):
                value = self._value(key)
                shown = self._shown(key, value) if value else self._terminal.words("cli.setup.nothing")
                name = self._terminal.words(f"cli.setup.n.{key}")
                self._terminal.say("cli.setup.line", n=place, what=name, value=shown)
            typed = self._terminal.ask(self._terminal.words("cli.setup.change"))
            if not typed or self._terminal.said(typed) is False:
                return
            if typed.isdecimal() and 1 <= int(typed) <= len(ASKED):
                self._ask(ASKED[int(typed) - 1])
            else:
                self._terminal.trouble(Problem("cli.setup.number", most=len(ASKED)))


def warn(terminal: Terminal, given: Mapping[str, Any]) -> None:
    """Say kindly which words of answers promise what nobody can hold; they stay as they were written."""
    for _, said in promises.in_record(given):
        terminal.say("cli.setup.promise", words=said)


def resume_command() -> str:
    """Return the command that continues the setup: before the service is installed, there is no command `hilo`."""
    return "hilo setup" if shutil.which("hilo") else "make setup"


def find_bot(opened: App, token: str) -> str:
    """Ask Telegram which bot a token belongs to; keep and return the bot's public name.

    Raises:
        BadToken: it belongs to no bot.
        Rejected: the server that answers is no Bot API.
        MessengerError: the network failed.
    """
    config = replace(opened.config, token=token)

    async def ask() -> str:
        client = app.telegram(config)
        try:
            return (await client.identify()).username
        finally:
            await client.close()

    username = asyncio.run(ask())
    with opened.storage.unit(clock.now()) as unit:
        app.remember_username(unit, username)
    return username


def keep_token(opened: App, token: str, folder: Path) -> None:
    """Write the token into `.env` (the record travels in backups), use it, and note that Telegram is chosen."""
    dotenv.write(folder / DOTENV, {TOKEN: token})
    with opened.storage.unit(clock.now()) as unit:
        if token != opened.config.token:
            handover.settle(unit, None, handover.TOKEN)
        unit.organisation.set({key: value for key, value in unit.organisation.get().items() if key != KEPT})
    opened.config = replace(opened.config, token=token)


def fill(opened: App, given: dict[str, Any], folder: Path = Path()) -> list[str]:
    """Keep the answers of a file: record and cohorts in the database, token and address in `.env`.

    Returns:
        What the record still lacks.

    Raises:
        BadToken: the file's token belongs to no bot; nothing was kept then.
        MessengerError: Telegram does not answer.
    """
    settings = {}
    practice = opened.config.practice
    if given.get("token") and not practice:
        find_bot(opened, given["token"])
        settings[TOKEN] = given["token"]
    if given.get("public_url") and not practice:
        settings[ADDRESS] = given["public_url"]
    with opened.storage.unit(clock.now()) as unit:
        missing = administration.fill(unit, given)
        if settings.get(TOKEN, opened.config.token) != opened.config.token:
            handover.settle(unit, None, handover.TOKEN)
    if settings:
        dotenv.write(folder / DOTENV, settings)
        shown = Config.load({**os.environ, **settings}, folder=folder)
        opened.config = replace(opened.config, token=shown.token, public_url=shown.public_url)
    return missing


def first_admin(opened: App) -> tuple[str, dict[str, str]] | None:
    """Make an invite for the first admin; return its code and links, or None when there is an admin already."""
    with opened.storage.unit(clock.now()) as unit:
        held = (role.role for reader in unit.roles.who_reads() for role in unit.roles.of(reader))
        if "admin" in held:
            return None
        code = administration.invite(unit, "admin", None, 1, unit.now + administration.WEEK)
        return code, administration.links(unit, opened.config, code)


def missing(opened: App) -> list[str]:
    """Return what is missing before participants may be invited."""
    with opened.storage.reading(clock.now()) as unit:
        return readiness.missing(unit)
