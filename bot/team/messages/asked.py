"""What somebody asked of the team: open until one of the team notes that it was done; and how to reach that person."""

from contextlib import suppress
from typing import ClassVar, Literal
from uuid import UUID

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.messengers.port import Button
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import alerts as alert_acts
from bot.services import support
from bot.services.notices import AlertRead, OneAlert
from bot.services.permissions import FACILITATORS, may_see_alert
from bot.services.refusals import AlreadyDone, NotFound
from bot.team.kit import watched_phones
from bot.team.kit.arguments import OfId
from bot.team.kit.feature import Feature
from bot.team.kit.page import TeamPage
from bot.team.kit.reading_arguments import PersonAnswers
from storage.alerts import RINGS, Alert
from storage.reach_notes import ReachNote
from storage.support_requests import SupportRequest

NAME = 18  # characters of a name on a button


class OneSupportRequest(Argument):
    """A request to be opened, noted as done, opened again; or how to reach whoever asked."""

    layout: ClassVar[str] = "{step}{request}"
    step: Literal["o", "d", "u", "n"]
    request: UUID


ASKED = Action(targets.ASKED, FACILITATORS, (OneSupportRequest,))


class SupportRequestScreens(Feature):
    """The screen of one request."""

    @handles(ASKED)
    def asked(self, screen: Screen, argument: OneSupportRequest) -> None:
        """Show a request or the note of whoever asked, or record that it was done or was not after all."""
        team_page = TeamPage(self._turns, screen)
        request = team_page.unit.support_requests.get(argument.request)
        if request is None:
            team_page.show(team_page.words("asked.gone"), rows(*_back(team_page)))
            return
        if not support.may_see_request(team_page.unit, team_page.person.id, request):
            team_page.refuse(ASKED.name)
        if argument.step == "n":
            self._note(team_page, request)
            return
        with suppress(AlreadyDone):  # somebody else was faster: the screen says who
            if argument.step == "d":
                support.note_done(team_page.unit, team_page.person, request)
                rang = _rang(team_page, request)
                # Who did it knows what was asked for; words that came beside or after that are still to be read.
                if rang is not None and not _has_words(team_page, rang):
                    alert_acts.see_to(team_page.unit, team_page.person, rang)
                    alert_acts.tell_team(team_page.unit, self._turns, team_page.person, rang, "alert.taken")
            elif argument.step == "u":
                support.undo(team_page.unit, team_page.person, request)
        self._show(team_page, team_page.unit.support_requests.get(request.id) or request)

    def _show(self, team_page: TeamPage, request: SupportRequest) -> None:
        """Show what was asked for, by whom and when, and who did it."""
        unit, this = team_page.unit, request.id
        person = unit.people.get(request.person_id)
        lines = [watched_phones.told(team_page.speech, request.person_id), _heading(team_page, request)]
        rang = _rang(team_page, request)
        words = rang is not None and _has_words(team_page, rang)
        keyboard: list[Button] = []
        if rang is not None and words:
            lines.append(team_page.words("asked.words"))
            keyboard.append(team_page.button("button.asked_words", targets.ALERT, OneAlert("o", rang.id)))
        if request.done_at is None:
            lines.append(team_page.words("asked.open"))
            if rang is not None and not words:
                read = AlertRead("r", rang.id, 1 + len(unit.alerts.added(rang)))
                keyboard.append(team_page.button("button.alert_mine", targets.ALERT, read))
            keyboard.append(team_page.button("button.asked_done", ASKED, OneSupportRequest("d", this)))
            keyboard.append(team_page.button("button.asked_reach", ASKED, OneSupportRequest("n", this)))
        else:
            day, name = team_page.day(request.done_at), team_page.called(request.done_by)
            lines.append(team_page.words("asked.done", name=name, day=day))
            keyboard.append(team_page.button("button.asked_undo", ASKED, OneSupportRequest("u", this)))
        message = unit.messages.get(request.message_id) if request.message_id else None
        if message is not None:
            keyboard.append(team_page.button("button.alert_message", targets.MAIL_OPEN, OfId(message.conversation)))
        elif request.run_id is not None:
            keyboard.append(team_page.button("button.asked_read", targets.READ, PersonAnswers(request.person_id)))
        if person is not None and person.chat is not None and message is None:
            keyboard.append(team_page.button("button.alert_write", targets.MAIL_WRITE, OfId(request.person_id)))
        team_page.show("\n\n".join(filter(None, lines)), rows(*keyboard, *_back(team_page)))

    def _note(self, team_page: TeamPage, request: SupportRequest) -> None:
        """Show how whoever asked wants to be reached, which that person then sees was looked at."""
        back = team_page.button("button.return", ASKED, OneSupportRequest("o", request.id))
        try:
            note = support.read_note(team_page.unit, team_page.person, request)
        except NotFound:
            team_page.show(team_page.words("asked.note.shut"), rows(back, team_page.menu()))
            return
        lines = [watched_phones.told(team_page.speech, request.person_id), _heading(team_page, request)]
        lines.append(_written(team_page, note) if note is not None else team_page.words("asked.note.none"))
        team_page.show("\n\n".join(filter(None, lines)), rows(back, *_back(team_page)))


def _rang(team_page: TeamPage, request: SupportRequest) -> Alert | None:
    """Return the alert that rang for a request and that nobody has read, or None."""
    unit = team_page.unit
    rang = (each for each in unit.alerts.open() if each.strength == RINGS and support.key(each) == support.key(request))
    return next((each for each in rang if may_see_alert(unit, team_page.person.id, each)), None)


def _has_words(team_page: TeamPage, rang: Alert) -> bool:
    """Return whether more is to be read than what was asked for."""
    unit = team_page.unit
    return alert_acts.has_words(unit, unit.people.known(rang.person_id), rang)


def line(team_page: TeamPage, request: SupportRequest) -> Button:
    """Return a request's button in a list: who, what, since when."""
    name = shorten(team_page.called(request.person_id), NAME)
    what = team_page.words(f"asked.short.{request.kind}")
    return team_page.labelled(f"{name} · {what}", ASKED, OneSupportRequest("o", request.id))


def _heading(team_page: TeamPage, request: SupportRequest) -> str:
    what = team_page.words(f"asked.{request.kind}")
    return " · ".join((team_page.called(request.person_id), what, team_page.day(request.asked_at)))


def _written(team_page: TeamPage, note: ReachNote) -> str:
    if note.damaged:
        return team_page.words("damaged.said")
    lines = [team_page.words("asked.note")]
    for name in support.FIELDS:
        if name in note.said:
            value = note.said[name]
            said = team_page.words("reach.yes" if value else "reach.no") if isinstance(value, bool) else str(value)
            lines.append(team_page.words(f"asked.note.{name}", said=said))
    return "\n".join(lines)


def _back(team_page: TeamPage) -> tuple[Button, Button]:
    return team_page.button("button.alerts", targets.ALERT), team_page.menu()
