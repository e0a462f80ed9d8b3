"""Grants of roles in the team, made and revoked by admins; the last admin cannot be revoked."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from bot.conversation.actions import Action, Begin, MenuPlace, Next, handles
from bot.conversation.screen import Screen
from bot.messengers import registry
from bot.messengers.port import Button
from bot.rendering import targets
from bot.rendering.arguments import Page
from bot.rendering.speech import rows
from bot.services import broadcasts, grants
from bot.services.acts import require
from bot.services.grants import OFFERED_ROLES, described
from bot.services.permissions import ADMINS_OF_ALL
from bot.services.refusals import LastAdmin, Resting
from bot.team.kit.arguments import OfId, SureOf
from bot.team.kit.feature import CompletedWizard, Feature
from bot.team.kit.rest_arguments import RestStep
from bot.team.people.inviting import INVITE_TEAM
from bot.team.people.people import NAMED, PEOPLE, GroupsPage, paged, read_id
from bot.team.people.personal_link import LinkForColleague
from dialogs.model import Choice, Value
from dialogs.run import Answer
from storage.people import Person
from storage.roles import Grant
from storage.unit import Unit

WIZARD = "grant"
PERSON = "person"
NO_LIMIT = "d0"


ROLES = Action(targets.ROLES, ADMINS_OF_ALL, (Page,), menu=MenuPlace("organisation", 2))
ROLE_ONE = Action("role_one", ADMINS_OF_ALL, (OfId,))
ROLE_END = Action(targets.ROLE_END, ADMINS_OF_ALL, (SureOf,))
GRANT = Action(targets.GRANT, ADMINS_OF_ALL, (OfId,))


class GrantScreens(Feature):
    """The list of grants, one grant's screen, and the wizard that makes one."""

    wizards: ClassVar = {WIZARD: GRANT}

    @handles(ROLES)
    def roles(self, screen: Screen, argument: Page) -> None:
        """Show a page of the grants that are in force."""
        self._list(screen, argument.page)

    @handles(GRANT)
    def grant(self, screen: Screen, argument: OfId) -> Next:
        """Begin the wizard that grants a role to a person."""
        person = screen.unit.people.get(argument.id)
        if person is not None:
            return Begin(WIZARD, {PERSON: person.id.hex})
        screen.show(screen.words("people.erased"), rows(screen.menu()))
        return None

    @handles(ROLE_ONE)
    def role(self, screen: Screen, argument: OfId) -> None:
        """Show one grant."""
        self._one(screen, argument.id, ending=False, sure=False)

    @handles(ROLE_END)
    def end(self, screen: Screen, argument: SureOf) -> None:
        """Revoke a grant, or ask for confirmation first."""
        self._one(screen, argument.id, ending=True, sure=argument.sure)

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  the signature of every feature's facts
        """Return the name of the person who is to get a role."""
        other = self._whom(unit, person)
        return {"person_label": other.display_name if other else "-"}

    def choices(
        self, unit: Unit, person: Person, language: str, name: str, answers: Mapping[str, Value | None]
    ) -> Sequence[Choice]:
        """Return the choices of the team's roles, or of all cohorts."""
        if name == "team_roles":
            return [Choice(role, {language: self._turns.texts.say(f"role.{role}", language)}) for role in OFFERED_ROLES]
        if name == "groups":
            return [Choice(str(cohort.id), {language: cohort.name}) for cohort in unit.cohorts.list()]
        return super().choices(unit, person, language, name, answers)

    def finish(self, screen: Screen, done: CompletedWizard) -> None:
        """Grant the chosen role, and say so to the admin and to the person who gets it."""
        unit, person, values = screen.unit, screen.person, done.values
        other, role = self._whom(unit, person), str(values.get("role") or "")
        back = rows(screen.button("button.people_roles", ROLES), screen.menu())
        require(unit, person, ADMINS_OF_ALL, GRANT.name)
        if other is None or role not in OFFERED_ROLES or values.get("confirm") != "yes":
            screen.show(screen.words("role.not_granted"), back)
            return
        chosen = values.get("groups") or ()
        groups = [UUID(str(each)) for each in chosen] if role == "facilitator" and isinstance(chosen, tuple) else [None]
        days = int(str(values.get("until") or NO_LIMIT)[1:])
        until = unit.now + timedelta(days=days) if days else None
        try:
            for cohort_id in groups:
                grants.grant(unit, person, other.id, role, cohort_id, until)
        except (LastAdmin, Resting) as refusal:
            code = "role.last_admin" if isinstance(refusal, LastAdmin) else "rest.first"
            screen.show(screen.words(code), back)
            return
        screen.show(screen.words("role.granted", name=other.display_name, role=screen.words(f"role.{role}")), back)
        if other.chat is not None and other.id != person.id:
            told = self._turns.speech(unit, other)
            told.say("role.yours", rows(told.button("button.menu", targets.HOME)), role=told.words(f"role.{role}"))

    def _whom(self, unit: Unit, person: Person) -> Person | None:
        person_id = read_id(str(self.task(person).get(PERSON) or ""))
        return unit.people.get(person_id) if person_id else None

    def _list(self, screen: Screen, page: int) -> None:
        """Show a page of the grants that are in force, with their holders."""
        found = screen.unit.roles.given()
        shown, turns = paged(screen, found, page, ROLES, Page)
        buttons = [screen.labelled(self._label(screen, each), ROLE_ONE, OfId(each.id)) for each in shown]
        last = (screen.button("button.people_groups", PEOPLE, GroupsPage(0)), screen.menu())
        text = screen.speech.texts.count("role.list", screen.speech.language, len(found))
        screen.show(text, rows(*buttons) + turns + rows(screen.button("button.invite_team", INVITE_TEAM)) + (last,))

    def _label(self, screen: Screen, grant: Grant) -> str:
        person = screen.unit.people.get(grant.person_id)
        label = f"{(person.display_name if person else '-')[:NAMED]} · {described(screen.speech, grant)}"
        return f"{label} · {screen.words('rest.mark')}" if grant.rested_at else label

    def _one(self, screen: Screen, grant_id: UUID, *, ending: bool, sure: bool) -> None:
        """Show one grant, ask before it is revoked, or revoke it."""
        grant = screen.unit.roles.granted(grant_id)
        person = screen.unit.people.get(grant.person_id) if grant else None
        back = screen.button("button.people_roles", ROLES)
        if grant is None or person is None:
            screen.show(screen.words("role.over"), rows(back))
            return
        facts = {"name": person.display_name, "role": described(screen.speech, grant)}
        if not ending:
            until = self._until(screen, grant)
            end = screen.button("button.role_end", ROLE_END, SureOf(grant_id))
            more = screen.button("button.grant", GRANT, OfId(person.id))
            leaves = screen.button("button.team_leave", targets.TEAM_LEAVE, SureOf(person.id))
            text = screen.words("role.one", until=until, **facts)
            if grant.rested_at is not None:
                rest = screen.button("button.rest_see", targets.ROLE_REST_ONE, RestStep("o", person.id))
                screen.show(f"{text} {screen.words('rest.rests')}", rows(rest, end, leaves, back, screen.menu()))
                return
            # Whoever has a messenger comes in there; a page alone may be lost with its browser.
            page_only = all(registry.of(where).kept_here for _, where, _ in screen.unit.addresses.of(person))
            ways = []
            if page_only and self._turns.site.public_url and person.id != screen.person.id:
                ways = [screen.button("button.her_link", targets.PERSONAL_LINK, LinkForColleague(person.id))]
            screen.show(text, rows(*ways, end, more, leaves, back, screen.menu()))
        elif not sure:
            yes = screen.button("button.role_end_sure", ROLE_END, SureOf(grant_id, sure=True))
            no = screen.button("button.rather_not", ROLE_ONE, OfId(grant_id))
            screen.show(screen.words("role.end", **facts), rows(yes, no))
        else:
            try:
                watched = grants.revoke(screen.unit, self._turns, screen.person, grant)
            except LastAdmin:
                screen.show(screen.words("role.last_admin"), rows(back))
                return
            said = [screen.words("role.ended", **facts)] + ([screen.words("team_leave.watched")] if watched else [])
            ways = [screen.button("button.watch", targets.WATCH)] if watched else []
            again = screen.button("button.grant", GRANT, OfId(person.id))
            self._ended(screen, person, " ".join(said), [*ways, again, back])

    def _ended(self, screen: Screen, person: Person, text: str, onward: Sequence[Button]) -> None:
        """Say that a grant is over, and how many of its holder's broadcasts still go out, since they do not stop."""
        ordered = broadcasts.still_going(screen.unit, person.id)
        if not ordered:
            screen.show(text, rows(*onward, screen.menu()))
            return
        still = screen.speech.texts.count("role.ended.orders", screen.speech.language, ordered)
        screen.show(f"{text} {still}", rows(screen.button("menu.halt", targets.HALT), *onward, screen.menu()))

    def _until(self, screen: Screen, grant: Grant) -> str:
        if grant.expires_at is None:
            return screen.words("role.no_limit")
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        day = screen.speech.texts.day(grant.expires_at, zone, screen.speech.language)
        return screen.words("role.until", day=day)
