"""Leaving the team: asked first, with what the person holds; then roles end, pages close, and what is due is said."""

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.rendering import targets
from bot.rendering.speech import Speech, rows
from bot.services import handover
from bot.services.permissions import ADMINS_OF_ALL
from bot.services.refusals import LastAdmin
from bot.team.kit.arguments import SureOf
from bot.team.kit.feature import Feature

TEAM_LEAVE = Action(targets.TEAM_LEAVE, ADMINS_OF_ALL, (SureOf,))


class LeavingScreen(Feature):
    """The screen by which somebody leaves the team."""

    @handles(TEAM_LEAVE)
    def leave(self, screen: Screen, argument: SureOf) -> None:
        """Ask whether somebody leaves; once confirmed, end what there is and say what is to be changed."""
        person = screen.unit.people.get(argument.id)
        back = screen.button("button.people_roles", targets.ROLES)
        if person is None:
            screen.show(screen.words("people.erased"), rows(back, screen.menu()))
            return
        name = person.display_name
        if not argument.sure:
            held = handover.held_by(screen.unit, person.id)
            text = [screen.words("team_leave.sure", name=name)]
            if held:
                text.append(screen.words("team_leave.holds", things=_things(screen.speech, held)))
            yes = screen.button("button.team_leave_sure", TEAM_LEAVE, SureOf(person.id, sure=True))
            screen.show(" ".join(text), rows(yes, screen.button("button.rather_not", targets.ROLES)))
            return
        try:
            done = handover.leave(screen.unit, self._turns, screen.person, person)
        except LastAdmin:
            screen.show(screen.words("role.last_admin"), rows(back))
            return
        lines = [screen.words("team_leave.done", name=name)]
        if done.watched:
            lines.append(screen.words("team_leave.watched"))
        if done.owed:
            lines += [screen.words("handover.owed")]
            lines += [f"☐ {screen.words(f'handover.owed.{what}')}" for what in done.owed]
        onward = screen.button("button.handover", targets.HANDOVER)
        if person.id != screen.person.id:
            ways = [screen.button("button.watch", targets.WATCH)] if done.watched else []
            screen.show("\n".join(lines), rows(*ways, onward, back, screen.menu()))
        else:
            screen.show("\n".join(lines), rows(screen.menu()))


def _things(speech: Speech, held: tuple[str, ...]) -> str:
    return speech.texts.all_of([speech.words(f"handover.thing.{item}") for item in held], speech.language)
