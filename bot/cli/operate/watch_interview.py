"""The setup's question about who is on watch, and whom one who read an alert can call herself."""

from bot import clock
from bot.app import App
from bot.cli.operate.terminal import Terminal
from bot.errors import Problem
from bot.rendering.speech import Speech
from bot.services import care_hours, watch
from bot.services.care_hours import OpeningHours, UnreadableHours
from bot.services.watch import AFTER, LONGEST_NAME, Watcher


class WatchInterview:
    """Asks who is on watch, one by one; nobody is an answer, too."""

    def __init__(self, opened: App, terminal: Terminal) -> None:
        self._app = opened
        self._terminal = terminal

    def value(self) -> str | None:
        """Return who is on watch in one row, or None if it was never asked."""
        with self._app.storage.reading(clock.now()) as unit:
            record = unit.organisation.get()
            speech = Speech(unit, self._app.texts, None, "", "", self._terminal.language)
            if not watch.was_asked(record):
                return None
            found = [f"{each.name} ({each.hours.words(speech)})" for each in watch.watchers(record)]
        return ", ".join(found) or self._terminal.words("cli.setup.watch.nobody")

    def run(self) -> None:
        """Ask who is on watch, in the place of whoever was; then whom to call after an alert."""
        with self._app.storage.unit(clock.now()) as unit:
            watch.nobody(unit, None)
        code = "cli.setup.a.watch"
        for _ in range(watch.MOST):
            name = self._terminal.ask(self._terminal.words(code), self._terminal.words("cli.setup.watch.nobody"))
            if self._terminal.nobody(name):
                break
            watcher = Watcher(name[:LONGEST_NAME], self._hours())
            with self._app.storage.unit(clock.now()) as unit:
                watch.put(unit, None, watcher)
            code = "cli.setup.a.watch.more"
        self._terminal.say("cli.setup.watch.kept", names=self.value())
        after = self._terminal.ask(self._terminal.words("cli.setup.a.after_alert"))
        if after and not self._terminal.nobody(after):
            with self._app.storage.unit(clock.now()) as unit:
                record = unit.organisation.get()
                unit.organisation.set({**record, AFTER: {**(record.get(AFTER) or {}), self._terminal.language: after}})

    def _hours(self) -> OpeningHours:
        while True:
            typed = self._terminal.ask(self._terminal.words("cli.setup.watch.hours"))
            try:
                return care_hours.read(typed) if typed else OpeningHours()
            except UnreadableHours:
                self._terminal.trouble(Problem("cli.setup.hours.wrong", given=typed))
