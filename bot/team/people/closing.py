"""Closing a cohort, opening it again, and deleting one that is empty: what follows is said before it is done."""

from contextlib import suppress

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.messengers.port import Button
from bot.rendering import targets
from bot.rendering.speech import rows
from bot.services import cohorts
from bot.services.permissions import ADMINS_OF_ALL
from bot.services.refusals import AlreadyDone, GroupInUse
from bot.team.kit.arguments import OfId, SureOf
from bot.team.kit.feature import Feature
from bot.team.people.cohorts import GROUP
from bot.team.people.people import PEOPLE, GroupsPage, cohort_of
from storage.cohorts import Cohort

GROUP_CLOSE = Action(targets.GROUP_CLOSE, ADMINS_OF_ALL, (SureOf,))
GROUP_REOPEN = Action(targets.GROUP_REOPEN, ADMINS_OF_ALL, (SureOf,))
GROUP_DELETE = Action(targets.GROUP_DELETE, ADMINS_OF_ALL, (SureOf,))


class ClosingGroups(Feature):
    """The screens behind [Close the group], [Open it again] and [Delete the group]."""

    @handles(GROUP_CLOSE)
    def close(self, screen: Screen, argument: SureOf) -> None:
        """Say what closing a cohort does, or close it."""
        cohort = cohort_of(screen, argument.id)
        if not argument.sure and not cohorts.is_closed(cohort):
            count, language = screen.speech.texts.count, screen.speech.language
            does = cohorts.closing(screen.unit, cohort)
            lines = [screen.words("group.close", group=cohort.name)]
            lines += [count(f"group.close.{code}", language, number) for code, number in does.counted() if number]
            lines.append(screen.words("group.close.stays"))
            yes = screen.button("button.group_close_sure", GROUP_CLOSE, _sure(cohort))
            self._ask(screen, cohort, "\n".join(lines), yes)
            return
        with suppress(AlreadyDone):  # somebody else closed it meanwhile: the same is said
            cohort = cohorts.close(screen.unit, self._turns, screen.person, cohort)
        undo = screen.button("button.group_reopen", GROUP_REOPEN, SureOf(cohort.id))
        self._done(screen, screen.words("group.closed", group=cohort.name), undo, cohort)

    @handles(GROUP_REOPEN)
    def reopen(self, screen: Screen, argument: SureOf) -> None:
        """Say what opening a cohort again does, or open it."""
        cohort = cohort_of(screen, argument.id)
        if not argument.sure and cohorts.is_closed(cohort):
            yes = screen.button("button.group_reopen_sure", GROUP_REOPEN, _sure(cohort))
            self._ask(screen, cohort, screen.words("group.reopen", group=cohort.name), yes)
            return
        with suppress(AlreadyDone):  # as above
            cohort = cohorts.reopen(screen.unit, self._turns, screen.person, cohort)
        undo = screen.button("button.group_close", GROUP_CLOSE, SureOf(cohort.id))
        self._done(screen, screen.words("group.reopened", group=cohort.name), undo, cohort)

    @handles(GROUP_DELETE)
    def delete(self, screen: Screen, argument: SureOf) -> None:
        """Say that an empty cohort is deleted for good, or delete it."""
        cohort = cohort_of(screen, argument.id)
        groups = screen.button("button.people_groups", PEOPLE, GroupsPage(0))
        if not argument.sure and cohorts.deletable(screen.unit, cohort):
            yes = screen.button("button.group_delete_sure", GROUP_DELETE, _sure(cohort))
            self._ask(screen, cohort, screen.words("group.delete", group=cohort.name), yes)
            return
        try:
            cohorts.delete(screen.unit, screen.person, cohort)
        except GroupInUse:
            back = screen.button("button.return", GROUP, OfId(cohort.id))
            screen.show(screen.words("group.in_use", group=cohort.name), rows(back, screen.menu()))
            return
        screen.show(screen.words("group.deleted", group=cohort.name), rows(groups, screen.menu()))

    def _ask(self, screen: Screen, cohort: Cohort, text: str, yes: Button) -> None:
        screen.show(text, rows(yes, screen.button("button.rather_not", GROUP, OfId(cohort.id))))

    def _done(self, screen: Screen, text: str, undo: Button, cohort: Cohort) -> None:
        screen.show(text, rows(undo, screen.button("button.people_group", GROUP, OfId(cohort.id)), screen.menu()))


def _sure(cohort: Cohort) -> SureOf:
    return SureOf(cohort.id, sure=True)
