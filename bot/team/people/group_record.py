"""The screen on which an admin switches a group's record on: what it is, for whom, and how it is written out."""

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.rendering import targets
from bot.rendering.speech import rows
from bot.services import group_record
from bot.services.permissions import ADMINS_OF_ALL
from bot.team.kit.arguments import OfId, SureOf
from bot.team.kit.feature import Feature
from bot.team.people.people import cohort_of
from storage.cohorts import Cohort

GROUP_RECORD = Action(targets.GROUP_RECORD, ADMINS_OF_ALL, (OfId, SureOf))


class GroupRecordScreen(Feature):
    """What the record of a group is, and the switch."""

    @handles(GROUP_RECORD)
    def record(self, screen: Screen, argument: OfId | SureOf) -> None:
        """Show whether a group has a record, or switch it on or off; the next tap takes it back."""
        cohort = cohort_of(screen, argument.id)
        if isinstance(argument, SureOf):
            cohort = group_record.switch(screen.unit, screen.person, cohort, on=argument.sure)
        self._show(screen, cohort)

    def _show(self, screen: Screen, cohort: Cohort) -> None:
        on = group_record.is_on(cohort)
        text = screen.words("group_record.on" if on else "group_record.off", group=cohort.name)
        code = "button.group_record_off" if on else "button.group_record_on"
        switch = screen.button(code, GROUP_RECORD, SureOf(cohort.id, sure=not on))
        last = (screen.button("button.group", targets.GROUP, OfId(cohort.id)), screen.menu())
        screen.show(text, (*rows(switch), last))
