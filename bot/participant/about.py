"""Screens on what a participant may always know: the purposes, who reads and has read, and the consent they gave."""

from datetime import timedelta
from typing import ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.actions import ALSO_LEFT, Action, handles
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.participant import own_paper, own_quotes
from bot.participant.pause_leave import LEAVE, Leaving, takes_part
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import purposes, unlooked
from bot.services.permissions import EVERYONE
from dialogs import wording
from storage.broadcasts import Broadcast

READ_SINCE = timedelta(days=90)
READ_SHOWN = 6
PURPOSES_SHOWN = 4
PURPOSE_LENGTH = 150  # characters


class AgreementPage(Argument):
    """A page of the consent text that was agreed to."""

    layout: ClassVar[str] = "[a.{page}]"
    page: int = 0


KNOW = Action(targets.KNOW, EVERYONE, states=ALSO_LEFT)
PURPOSES = Action("purposes", EVERYONE, states=ALSO_LEFT)
WHY = Action("why", EVERYONE, commands=("why",), offered=3, in_run=True)
WHO = Action(targets.WHO, EVERYONE, commands=("who",), states=ALSO_LEFT, offered=4)
AGREEMENT = Action(targets.AGREEMENT, EVERYONE, (AgreementPage,), commands=("agreement",), states=ALSO_LEFT, offered=6)


class AboutScreens:
    """Screens that only inform; they change nothing."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    @handles(KNOW)
    def know(self, screen: Screen) -> None:
        """Offer what can be known."""
        keyboard = rows(
            screen.button("button.purposes", PURPOSES),
            screen.button("button.who", WHO),
            screen.button("button.agreement", AGREEMENT),
            *own_paper.mine(screen),
            *own_quotes.mine(screen),
            screen.menu(),
        )
        screen.show(screen.words("leader.know"), keyboard)

    @handles(PURPOSES, WHY)
    def purposes(self, screen: Screen) -> None:
        """Show why there is a chat, and the purpose of each broadcast in which the participant was asked."""
        lines = []
        if reasons := self._turns.organisation.reasons(screen.speech):
            lines.append(shorten(reasons, PURPOSE_LENGTH * 2))
        for broadcast in list(self._asked(screen).values())[:PURPOSES_SHOWN]:
            purpose = shorten(purposes.as_text(screen.speech, broadcast.purpose), PURPOSE_LENGTH)
            lines.append(screen.words("leader.purpose", title=self._title(screen, broadcast), purpose=purpose))
        text = "\n\n".join(lines) if lines else screen.words("leader.purposes.none")
        screen.show(
            text, rows(screen.button("button.who", WHO), screen.button("button.mine", targets.MINE), screen.menu())
        )

    @handles(WHO)
    def who(self, screen: Screen) -> None:
        """Show who reads, how answers are kept, and who has opened this participant's answers."""
        speech, organisation = screen.speech, self._turns.organisation
        cohorts = screen.unit.memberships.of(screen.person.id)
        cohort = cohorts[0] if cohorts else None
        readers = organisation.readers_line(speech, cohort)
        line = (
            readers or screen.words("who.nobody"),
            self._watched(screen),
            organisation.kept_line(speech),
            screen.words("leader.who.missing"),
        )
        lines = [" ".join(line)]
        if readers:
            names = speech.texts.all_of(organisation.readers(speech, cohort), speech.language)
            lines.append(screen.words("leader.who.names", names=shorten(names, PURPOSE_LENGTH * 2)))
        read = self._read(screen)
        heading = screen.words("leader.who.read" if read else "leader.who.unread")
        lines.append("\n".join((heading, *read)))
        keyboard = rows(
            screen.button("button.agreement", AGREEMENT), screen.button("button.mine", targets.MINE), screen.menu()
        )
        screen.show("\n\n".join(lines), keyboard)

    def _watched(self, screen: Screen) -> str:
        """Return whether words of danger are looked for in the language this participant speaks."""
        if unlooked.listed(self._turns.organisation, screen.unit, screen.person):
            return screen.words("join.watched")
        return unlooked.of_words(self._turns.organisation, screen.speech, screen.person)

    def _read(self, screen: Screen) -> list[str]:
        """List who read which of the participant's answers, and on which day, the newest first."""
        speech = screen.speech
        of_person = {str(row.id): row for row in screen.unit.runs.of(screen.person) if row.started_by != "staff"}
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        told: dict[tuple[object, str, str], str] = {}
        since = screen.unit.now - READ_SINCE
        for at, actor, subject in screen.unit.audit.done("answers.read", since, list(of_person)) if of_person else ():
            key = (at.astimezone(ZoneInfo(zone)).date(), actor, subject)
            if key in told:
                continue
            dialog = self._turns.dialog(screen.unit, of_person[subject].dialog_hash)
            told[key] = screen.words(
                "leader.who.read.line",
                name=self._called(screen, actor),
                title=wording.choose(dialog.title, speech.language),
                day=speech.texts.short_day(at, zone, speech.language),
            )
            if len(told) == READ_SHOWN:
                break
        return list(told.values())

    def _called(self, screen: Screen, actor: str) -> str:
        try:
            reader = screen.unit.people.get(UUID(actor))
        except ValueError:  # the audit names the command line, not a person
            reader = None
        return reader.display_name if reader else screen.words("leader.who.somebody")

    def _asked(self, screen: Screen) -> dict[str, Broadcast]:
        """Return the broadcasts in which the participant was asked, by their ids as text."""
        ids = dict.fromkeys(row.broadcast_id for row in screen.unit.runs.of(screen.person) if row.broadcast_id)
        found = (screen.unit.broadcasts.get(id_) for id_ in ids)
        return {str(broadcast.id): broadcast for broadcast in found if broadcast}

    def _title(self, screen: Screen, broadcast: Broadcast) -> str:
        dialog = self._turns.dialog(screen.unit, broadcast.dialog_hash)
        return wording.choose(dialog.title, screen.speech.language)

    @handles(AGREEMENT)
    def agreement(self, screen: Screen, argument: AgreementPage) -> None:
        """Show the exact words the participant agreed to, with a button to withdraw consent."""
        agreed = [each for each in screen.unit.consents.of(screen.person) if each.action == "given"]
        if not agreed:
            screen.show(screen.words("leader.agreement.none"), rows(screen.button("button.who", WHO), screen.menu()))
            return
        newest = agreed[-1]
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        heading = screen.words("leader.agreement", day=screen.speech.texts.day(newest.at, zone, screen.speech.language))
        text, turns = screen.page(f"{heading}\n\n{newest.text or ''}", argument.page, AGREEMENT, AgreementPage)
        withdraw = []
        if screen.person.participation in {"active", "paused"} and takes_part(screen.unit, screen.person):
            withdraw.append(screen.button("button.withdraw", LEAVE, Leaving("w")))
        keyboard = turns + rows(*withdraw, screen.button("button.who", WHO), screen.menu())
        screen.show(text, keyboard)
