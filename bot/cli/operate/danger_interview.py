"""The setup's question about phrases that ring: they are read, and accepted together or one by one."""

from collections.abc import Sequence
from typing import Any, Final

from bot import clock
from bot.app import App
from bot.cli.operate.terminal import Terminal
from bot.product_languages import of_organisation
from bot.services import danger_phrases
from dialogs import danger

LATER: Final = "danger_later"  # in the record: the phrases are decided on the phone


class DangerInterview:
    """Asks about each phrase that nothing was decided about."""

    def __init__(self, opened: App, terminal: Terminal) -> None:
        self._app = opened
        self._terminal = terminal

    def _record(self) -> dict[str, Any]:
        with self._app.storage.reading(clock.now()) as unit:
            return unit.organisation.get()

    def value(self) -> list[str] | None:
        """Return the phrases that ring; None while something is undecided and was not left for the phone."""
        record = self._record()
        tags = [tag for tag in of_organisation(record) if danger.proposed(tag)]
        if not record.get(LATER) and any(danger_phrases.undecided(record, tag) for tag in tags):
            return None
        return [each for tag in tags for each in danger_phrases.listed(record, danger_phrases.RINGING, tag)]

    def run(self) -> None:
        """Ask about each phrase, in each language that has a proposal; it can be left for the phone."""
        if not self._terminal.yes("cli.setup.danger.now", otherwise=True):
            with self._app.storage.unit(clock.now()) as unit:
                unit.organisation.note(**{LATER: True})
            self._terminal.say("cli.setup.danger.later")
            return
        again = not danger_phrases.waiting(self._record())
        for tag in of_organisation(self._record()):
            phrases = danger.proposed(tag) if again else danger_phrases.undecided(self._record(), tag)
            if phrases and not again and self._together(tag, phrases):
                continue
            ringing = danger_phrases.listed(self._record(), danger_phrases.RINGING, tag)
            name = self._terminal.language_name(tag)
            for place, phrase in enumerate(phrases, 1):
                facts = {
                    "n": place,
                    "of": len(phrases),
                    "phrase": phrase,
                    "language": name,
                }
                present = not again or phrase in ringing
                rings = self._terminal.yes("cli.setup.danger.phrase", otherwise=present, **facts)
                with self._app.storage.unit(clock.now()) as unit:
                    record = danger_phrases.decide(unit.organisation.get(), tag, phrase, rings=rings)
                    unit.organisation.set(record)
        self._terminal.say("cli.setup.danger.kept", number=len(self.value() or ()))

    def _together(self, tag: str, phrases: Sequence[str]) -> bool:
        """Show the phrases of a language, and accept all of them if that is wanted; return whether it was."""
        listed = "".join(f"\n  · {phrase}" for phrase in phrases)
        self._terminal.say("cli.setup.danger.listed", language=self._terminal.language_name(tag), phrases=listed)
        if not self._terminal.yes("cli.setup.danger.all", otherwise=True):
            return False
        with self._app.storage.unit(clock.now()) as unit:
            danger_phrases.accept(unit, None, tag, phrases)
        return True
