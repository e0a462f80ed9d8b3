"""Rests of a colleague's roles: asked for in two taps by anybody of the team, and decided by an admin."""

from bot.conversation.actions import Action, MenuPlace, handles
from bot.conversation.screen import Screen
from bot.messengers import registry
from bot.rendering import targets
from bot.rendering.arguments import Page
from bot.rendering.speech import rows
from bot.services import broadcasts, role_rests
from bot.services.organisation import recent
from bot.services.permissions import ADMINS, ADMINS_OF_ALL, TEAM, allowed
from bot.services.refusals import AlreadyDone, LastAdmin, NotFound, RestUndecided
from bot.services.role_rests import BegunRest
from bot.team.kit.arguments import SureOf
from bot.team.kit.feature import Feature
from bot.team.kit.rest_arguments import RestOf, RestStep
from bot.team.people.people import NAMED, paged
from bot.team.people.personal_link import LinkForColleague
from storage.people import Person
from storage.role_rests import RoleRest

ROLE_REST = Action(targets.ROLE_REST, TEAM, (RestOf, Page), menu=MenuPlace("last", 1))
ROLE_REST_ONE = Action(targets.ROLE_REST_ONE, ADMINS, (RestStep, Page))


class RestScreens(Feature):
    """The list of colleagues, of whom a tap lets one rest; and the screens on which an admin decides."""

    @handles(ROLE_REST)
    def rest(self, screen: Screen, argument: RestOf | Page) -> None:
        """Show a page of colleagues, or let the roles of one rest at once."""
        if isinstance(argument, RestOf):
            self._begin(screen, argument)
            return
        found = role_rests.colleagues(screen.unit, screen.person)
        shown, turns = paged(screen, found, argument.page, ROLE_REST, Page)
        names = [screen.labelled(each.display_name[:NAMED], ROLE_REST, RestOf(each.id)) for each in shown]
        code = "rest.nobody" if not found else "rest.undecided" if screen.unit.role_rests.undecided() else "rest.whose"
        screen.show(screen.words(code), rows(*(names if code == "rest.whose" else ())) + turns + rows(screen.menu()))

    @handles(ROLE_REST_ONE)
    def decide(self, screen: Screen, argument: RestStep | Page) -> None:
        """Show who rests, or one of them with what there is to decide; or decide."""
        unit = screen.unit
        if isinstance(argument, Page):
            found = unit.role_rests.open()
            waiting = next((each for each in found if each.decided_at is None), None)
            if waiting is not None and (person := unit.people.get(waiting.person_id)) is not None:
                self._one(screen, person, waiting)
                return
            self._over(screen)
            return
        person, rest = unit.people.get(argument.person), unit.role_rests.of(argument.person)
        if person is None or not unit.roles.rests(person.id):
            self._over(screen)
        elif argument.step == "b":
            yes = screen.button("button.rest_back_sure", ROLE_REST_ONE, RestStep("y", person.id))
            no = screen.button("button.rather_not", ROLE_REST_ONE, RestStep("o", person.id))
            screen.show(screen.words("rest.back", name=person.display_name), rows(yes, no))
        elif argument.step == "y":
            self._end(screen, person)
        elif argument.step == "k":
            self._keep(screen, person)
        else:
            self._one(screen, person, rest)

    def _begin(self, screen: Screen, argument: RestOf) -> None:
        unit, person = screen.unit, screen.unit.people.get(argument.person)
        back = rows(screen.menu())
        if person is None:
            screen.show(screen.words("people.erased"), back)
            return
        try:
            done = role_rests.begin(unit, self._turns, screen.person, person)
        except RestUndecided:
            screen.show(screen.words("rest.undecided"), back)
        except LastAdmin:
            screen.show(screen.words("rest.last_admin", name=person.display_name), back)
        except NotFound:
            screen.show(screen.words("role.over"), back)
        except AlreadyDone:
            screen.show(screen.words("rest.already", name=person.display_name), back)
        else:
            ways = []
            if allowed(unit, screen.person, ADMINS_OF_ALL):
                ways = [screen.button("button.rest_see", ROLE_REST_ONE, RestStep("o", person.id))]
            screen.show(self._begun(screen, person, done), rows(*ways) + back)

    def _begun(self, screen: Screen, person: Person, done: BegunRest) -> str:
        lines = [screen.words("rest.begun", name=person.display_name)]
        if done.told:
            lines.append(screen.speech.texts.count("rest.begun.told", screen.speech.language, done.told))
        if done.watched:
            lines.append(screen.words("rest.watched", name=person.display_name))
        if done.back.alerts:
            lines.append(screen.speech.texts.count("rest.alerts", screen.speech.language, done.back.alerts))
        return " ".join(lines)

    def _one(self, screen: Screen, person: Person, rest: RoleRest | None) -> None:
        """Show one rest: who asked for it, when, and what there is to decide."""
        lines = [screen.words("rest.one", name=person.display_name)]
        if rest is not None:
            lines.append(self._asked(screen, rest))
        buttons = []
        # Whoever had the phone may have ordered something, too.
        if ordered := broadcasts.still_going(screen.unit, person.id):
            lines.append(screen.speech.texts.count("role.ended.orders", screen.speech.language, ordered))
            buttons.append(screen.button("menu.halt", targets.HALT))
        if allowed(screen.unit, screen.person, ADMINS_OF_ALL):
            buttons.append(screen.button("button.rest_back", ROLE_REST_ONE, RestStep("b", person.id)))
            if rest is not None and rest.decided_at is None:
                buttons.append(screen.button("button.rest_keep", ROLE_REST_ONE, RestStep("k", person.id)))
            buttons.append(screen.button("button.team_leave", targets.TEAM_LEAVE, SureOf(person.id)))
        screen.show(" ".join(lines), rows(*buttons, screen.menu()))

    def _asked(self, screen: Screen, rest: RoleRest) -> str:
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        speech = screen.speech
        day = recent(speech, zone, rest.asked_at) or speech.texts.short_day(rest.asked_at, zone, speech.language)
        asker = screen.unit.people.get(rest.asked_by) if rest.asked_by else None
        if asker is None:
            return screen.words("rest.asked_console", day=day)
        return screen.words("rest.asked_by", name=asker.display_name, day=day)

    def _keep(self, screen: Screen, person: Person) -> None:
        try:
            role_rests.keep(screen.unit, self._turns, screen.person, person)
        except AlreadyDone:
            self._one(screen, person, screen.unit.role_rests.of(person.id))
            return
        back = screen.button("button.rest_back", ROLE_REST_ONE, RestStep("b", person.id))
        screen.show(screen.words("rest.kept", name=person.display_name), rows(back, screen.menu()))

    def _end(self, screen: Screen, person: Person) -> None:
        try:
            role_rests.end(screen.unit, self._turns, screen.person, person)
        except AlreadyDone:
            self._over(screen)
            return
        text = screen.words("rest.ended", name=person.display_name)
        if any(registry.of(messenger).kept_here for _, messenger, _ in screen.unit.addresses.of(person)):
            text = f"{text} {screen.words('rest.ended.link', name=person.display_name)}"
            if self._turns.site.public_url:
                give = screen.button("button.her_link", targets.PERSONAL_LINK, LinkForColleague(person.id))
                screen.show(text, rows(give, screen.menu()))
                return
        screen.show(text, rows(screen.menu()))

    def _over(self, screen: Screen) -> None:
        screen.show(screen.words("rest.none"), rows(screen.menu()))
