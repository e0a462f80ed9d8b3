"""What may have been sent before a backup was put in place: an admin says of each whether it is to be sent."""

from typing import ClassVar, Final, Literal
from uuid import UUID

from bot.conversation.actions import Action, handles
from bot.conversation.screen import LABEL, Screen
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import restored
from bot.services.permissions import ADMINS_OF_ALL
from bot.services.restored import HeldBroadcast
from bot.team.kit import answer_pages
from bot.team.kit.feature import Feature

SHOWN: Final = 4
NAME: Final = 24  # characters of a title, and of a group's name


class HeldChoice(Argument):
    """What is held back; the first questions (`o`), send them (`s`), they had come (`n`); or all had come (`a`)."""

    layout: ClassVar[str] = "[{step}]"
    step: Literal["", "o", "s", "n", "a"] = ""


class HeldOne(Argument):
    """One broadcast of it: its screen (`o`), send it (`s`), or it had come (`n`)."""

    layout: ClassVar[str] = "{step}{broadcast}"
    step: Literal["o", "s", "n"]
    broadcast: UUID


RESTORED = Action(targets.RESTORED, ADMINS_OF_ALL, (HeldChoice, HeldOne))


class RestoredScreens(Feature):
    """The list of what is held back, and the decision about each."""

    @handles(RESTORED)
    def restored(self, screen: Screen, argument: HeldChoice | HeldOne) -> None:
        """Show what is held back, or one of it; or do what its button says."""
        held, first = restored.waiting(screen.unit)
        broadcast = argument.broadcast if isinstance(argument, HeldOne) else None
        match argument.step:
            case "o" if self._one(screen, held, first, broadcast):
                return
            case "s" | "n" as step:
                self._list(screen, self._decided(screen, broadcast, send=step == "s"))
            case "a":
                for each in held:
                    restored.decide(screen.unit, screen.person, each.broadcast.id, send=False)
                if first:
                    restored.decide_first(screen.unit, screen.person, send=False)
                people = sum(each.people for each in held) + first
                self._list(screen, screen.speech.texts.count("restored.kept", screen.speech.language, people))
            case _:
                self._list(screen, "")

    def _decided(self, screen: Screen, broadcast: UUID | None, *, send: bool) -> str:
        """Do what was decided about one, and return what to say of it."""
        unit, by = screen.unit, screen.person
        if broadcast is None:
            people = restored.decide_first(unit, by, send=send)
        else:
            people = restored.decide(unit, by, broadcast, send=send)
        return screen.speech.texts.count(f"restored.{'sent' if send else 'kept'}", screen.speech.language, people)

    def _list(self, screen: Screen, lead: str) -> None:
        held, first = restored.waiting(screen.unit)
        if not held and not first:
            screen.show("\n\n".join(filter(None, (lead, screen.words("restored.none")))), rows(screen.menu()))
            return
        buttons = [
            screen.labelled(self._called(screen, each), RESTORED, HeldOne("o", each.broadcast.id))
            for each in held[:SHOWN]
        ]
        if first:
            label = screen.speech.texts.count("restored.first", screen.speech.language, first)
            buttons.append(screen.labelled(label, RESTORED, HeldChoice("o")))
        buttons.append(screen.button("button.restored_all", RESTORED, HeldChoice("a")))
        screen.show("\n\n".join(filter(None, (lead, screen.words("restored.list")))), rows(*buttons, screen.menu()))

    def _called(self, screen: Screen, held: HeldBroadcast) -> str:
        cohort = screen.unit.cohorts.get(held.broadcast.cohort_id)
        title = answer_pages.title(self._turns.dialog(screen.unit, held.broadcast.dialog_hash), screen.speech)
        where = shorten(cohort.name, NAME) if cohort else ""
        return f"{shorten(title, NAME)} · {where} · {self._day(screen, held)}"

    def _day(self, screen: Screen, held: HeldBroadcast) -> str:
        cohort = screen.unit.cohorts.get(held.broadcast.cohort_id)
        zone = self._turns.organisation.zone(screen.unit, cohort=cohort)
        return screen.speech.texts.short_day(held.broadcast.due_at, zone, screen.speech.language)

    def _one(self, screen: Screen, held: list[HeldBroadcast], first: int, broadcast: UUID | None) -> bool:
        """Show one and what can be done; return False if it was decided about."""
        found = next((each for each in held if each.broadcast.id == broadcast), None)
        count, language = screen.speech.texts.count, screen.speech.language
        if found is not None:
            what = count("restored.one", language, found.people, what=shorten(self._called(screen, found), LABEL * 3))
        elif broadcast is None and first:
            what = count("restored.one.first", language, first)
        else:
            return False
        kept, send = (
            (HeldChoice("n"), HeldChoice("s"))
            if broadcast is None
            else (HeldOne("n", broadcast), HeldOne("s", broadcast))
        )
        keyboard = rows(
            screen.button("button.restored_kept", RESTORED, kept),
            screen.button("button.restored_send", RESTORED, send),
            screen.button("button.return", RESTORED),
        )
        screen.show(what, keyboard)
        return True
