"""What the team can do with a message that refuses a question or proposes one."""

from collections.abc import Sequence

from bot.messengers.port import Button
from bot.rendering import targets
from bot.services.permissions import may_reach
from bot.team.kit.arguments import OfId
from bot.team.kit.page import TeamPage
from storage.messages import Message


def ways(team_page: TeamPage, messages: Sequence[Message]) -> list[Button]:
    """Return the button to the broadcast that was refused, and to asking what was proposed; of each the newest."""
    unit, found = team_page.unit, {}
    for message in messages:
        meant = message.meant
        if meant is None:
            continue
        if meant.kind == "proposed":
            found["proposed"] = team_page.button("button.meant_ask", targets.ASK_PROPOSED, OfId(message.id))
            continue
        asked = unit.broadcasts.get(meant.broadcast_id) if meant.broadcast_id else None
        if asked is not None and may_reach(unit, team_page.person, asked.cohort_id):
            found["refused"] = team_page.button("button.meant_order", targets.PROGRESS, OfId(asked.id))
    return list(found.values())
