"""The setup's question about people under eighteen: whether there will be any, and then who sees to it."""

from collections.abc import Callable
from typing import Any

from bot.cli.operate.terminal import Terminal
from bot.errors import Problem
from bot.product_languages import of_organisation
from bot.services import care, hours


class MinorsInterview:
    """Asks what the record holds about minors; nothing is kept before all of it is answered."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def ask(self, record: dict[str, Any], keep: Callable[[dict[str, Any]], None]) -> None:
        """Ask whether anybody under eighteen takes part; if so, for the person, the report, their card and hours."""
        present = record.get("minors") or {}
        if not self._anybody(present.get("anybody")):
            keep({"anybody": False})
            return
        tags = of_organisation(record)
        found: dict[str, Any] = {"anybody": True, "person": self._needed("person", present.get("person", ""))}
        found["reported_to"] = self._by_language("reported_to", tags, present, needed=True)
        if card := self._by_language("care_card", tags, present, needed=False):
            found["care_card"] = card
        if chosen := self._hours(present):
            found["hours"] = chosen
        if present.get("danger_words"):
            found["danger_words"] = present["danger_words"]
        keep(found)

    def _anybody(self, present: bool | None) -> bool:
        """Ask until it is a yes or a no: an empty line is no answer before there is one."""
        words = self._terminal.words
        default = "" if present is None else words("cli.yes" if present else "cli.no")
        while True:
            said = self._terminal.said(self._terminal.ask(words("cli.setup.minors.anybody"), default))
            if said is not None:
                return said
            self._terminal.trouble(Problem("cli.yes_or_no"))

    def shown(self, value: dict[str, Any]) -> str:
        """Return the answer in one row."""
        if not value.get("anybody"):
            return self._terminal.words("cli.setup.minors.nobody")
        return self._terminal.words("cli.setup.minors.shown", person=value.get("person", ""))

    def _needed(self, key: str, present: str) -> str:
        while not (typed := self._terminal.ask(self._terminal.words(f"cli.setup.minors.{key}"), present)):
            self._terminal.trouble(Problem("cli.setup.minors.empty"))
        return typed

    def _by_language(self, key: str, tags: list[str], present: dict[str, Any], *, needed: bool) -> dict[str, str]:
        """Ask for a text in the setup's own language, and in the others, which may be left for later."""
        own = self._terminal.language
        found: dict[str, str] = {}
        for tag in [own, *(each for each in tags if each != own)]:
            label = self._terminal.words(f"cli.setup.minors.{key}", language=self._terminal.language_name(tag))
            while True:
                typed = self._terminal.ask(label, (present.get(key) or {}).get(tag, ""))
                if typed and not care.says_whom(typed):
                    self._terminal.trouble(Problem("cli.setup.care.whom.wrong", given=typed))
                    continue
                if typed or found or not needed:
                    break
                self._terminal.trouble(Problem("cli.setup.minors.empty"))
            if typed:
                found[tag] = typed
            elif not found:
                return found
        return found

    def _hours(self, present: dict[str, Any]) -> list[str]:
        """Ask for each part of the day whether minors may be written to then."""
        before = present.get("hours") or ()
        parts = (each for each in hours.CHOICES if each in hours.PARTS)
        words = self._terminal.words
        return [
            part
            for part in parts
            if self._terminal.yes(
                "cli.setup.minors.hours", otherwise=part in before, part=words(f"leader.hours.{part}").lower()
            )
        ]
