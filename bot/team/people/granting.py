"""Who works here: roles with their groups and their time, granted and taken back by admins. The last admin stays."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from bot.conversation.screen import Screen, brief
from bot.messengers.port import Button, Incoming
from bot.rendering.speech import Speech, rows
from bot.services import grants
from bot.services.acts import require
from bot.services.grants import TEAM_ROLES
from bot.services.refusals import LastAdmin
from bot.team.kit import page_expiry
from bot.team.kit.feature import Finished, Part
from bot.team.people.people import NAMED, SURE, named, paged, read_id
from dialogs.model import Choice, Value
from dialogs.run import Answer
from storage.people import Person
from storage.roles import Grant
from storage.unit import Unit

WIZARD = "grant"
PERSON = "person"
NO_LIMIT = "d0"


class Granting(Part):
    """The list of roles, one of them, and the wizard that grants one."""

    actions: ClassVar = frozenset({"roles", "role_one", "role_end", "grant"})
    wizards: ClassVar = frozenset({WIZARD})

    def do(self, screen: Screen, action: str, argument: str, incoming: Incoming) -> None:  # noqa: ARG002  every part's shape
        """Show roles or one of them, ask before it is taken back, or begin to grant one."""
        if action == "roles":
            self._list(screen, int(argument) if argument.isdecimal() else 0)
        elif action == "grant":
            person_id = read_id(argument)
            person = screen.unit.people.get(person_id) if person_id else None
            if person is None:
                screen.show(screen.words("people.erased"), rows(screen.menu()))
            else:
                self.begin(screen.unit, screen.person, WIZARD, {PERSON: person.id.hex})
        else:
            self._one(screen, argument, ending=action == "role_end")

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  every part's shape
        """Name who is to get a role."""
        other = self._whom(unit, person)
        return {"person_label": named(other) if other else "-"}

    def choices(
        self, unit: Unit, person: Person, language: str, name: str, answers: Mapping[str, Value | None]
    ) -> Sequence[Choice]:
        """List the team's roles, and every group."""
        if name == "team_roles":
            return [Choice(role, {language: self._turns.texts.say(f"role.{role}", language)}) for role in TEAM_ROLES]
        if name == "groups":
            return [Choice(str(cohort.id), {language: cohort.name}) for cohort in unit.cohorts.list()]
        return super().choices(unit, person, language, name, answers)

    def finish(self, screen: Screen, done: Finished) -> None:
        """Grant what was chosen, tell both, and lead on."""
        unit, person, values = screen.unit, screen.person, done.values
        other, role = self._whom(unit, person), str(values.get("role") or "")
        back = rows(screen.button("button.people_roles", "roles"), screen.menu())
        require(unit, person, "grant")
        if other is None or role not in TEAM_ROLES or values.get("confirm") != "yes":
            screen.show(screen.words("role.not_granted"), back)
            return
        chosen = values.get("groups") or ()
        groups = [UUID(str(each)) for each in chosen] if role == "facilitator" and isinstance(chosen, tuple) else [None]
        days = int(str(values.get("until") or NO_LIMIT)[1:])
        until = unit.now + timedelta(days=days) if days else None
        try:
            for cohort_id in groups:
                grants.grant(unit, person, other.id, role, cohort_id, until)
        except LastAdmin:
            screen.show(screen.words("role.last_admin"), back)
            return
        screen.show(screen.words("role.granted", name=named(other), role=screen.words(f"role.{role}")), back)
        if other.chat is not None and other.id != person.id:
            told = self._turns.speech(unit, other)
            told.say("role.yours", rows(told.button("button.menu", "home")), role=told.words(f"role.{role}"))

    def _whom(self, unit: Unit, person: Person) -> Person | None:
        person_id = read_id(str(self.task(person).get(PERSON) or ""))
        return unit.people.get(person_id) if person_id else None

    def _list(self, screen: Screen, page: int) -> None:
        """List every role that holds, by whom."""
        found = screen.unit.roles.grants()
        shown, turns = paged(screen, found, page, "roles", "")
        buttons = [screen.labelled(self._label(screen, each), "role_one", brief(each.id)) for each in shown]
        last = (screen.button("button.people_groups", "people", "0"), screen.menu())
        text = screen.speech.texts.count("role.list", screen.speech.language, len(found))
        screen.show(text, rows(*buttons) + turns + rows(screen.button("button.invite_team", "invite_team")) + (last,))

    def _label(self, screen: Screen, grant: Grant) -> str:
        person = screen.unit.people.get(grant.person_id)
        return f"{(named(person) if person else '-')[:NAMED]} · {described(screen.speech, grant)}"

    def _one(self, screen: Screen, argument: str, *, ending: bool) -> None:
        """Show one role, ask before it is taken back, or take it back."""
        written, _, sure = argument.partition(".")
        grant_id = read_id(written)
        grant = screen.unit.roles.granted(grant_id) if grant_id else None
        person = screen.unit.people.get(grant.person_id) if grant else None
        back = screen.button("button.people_roles", "roles")
        if grant is None or person is None:
            screen.show(screen.words("role.over"), rows(back))
            return
        facts = {"name": named(person), "role": described(screen.speech, grant)}
        if not ending:
            until = self._until(screen, grant)
            end = screen.button("button.role_end", "role_end", written)
            more = screen.button("button.grant", "grant", brief(person.id))
            screen.show(screen.words("role.one", until=until, **facts), rows(end, more, back, screen.menu()))
        elif sure != SURE:
            yes = screen.button("button.role_end_sure", "role_end", f"{written}.{SURE}")
            no = screen.button("button.rather_not", "role_one", written)
            screen.show(screen.words("role.end", **facts), rows(yes, no))
        else:
            try:
                grants.revoke(screen.unit, screen.person, grant)
            except LastAdmin:
                screen.show(screen.words("role.last_admin"), rows(back))
                return
            again = screen.button("button.grant", "grant", brief(person.id))
            self._ended(screen, person, screen.words("role.ended", **facts), [again, back])
            if person.id != screen.person.id:
                self._tell_taken(screen.unit, person, grant)

    def _tell_taken(self, unit: Unit, person: Person, grant: Grant) -> None:
        """Tell whoever had a role; what she was reading by it goes from her chat at once, not half an hour later."""
        present = unit.people.known(person.id)
        if present.chat is None:
            return
        told = self._turns.speech(unit, present)
        page_expiry.close(self._turns, told, present)
        told.say("role.taken", rows(told.button("button.menu", "home")), role=described(told, grant))

    def _ended(self, screen: Screen, person: Person, text: str, onward: Sequence[Button]) -> None:
        """Say that a role is over, and what its holder ordered that is still to go out: none of it stops by itself."""
        unit = screen.unit
        going = unit.following.going_out([cohort.id for cohort in unit.cohorts.list()])
        orders = [unit.broadcasts.get(broadcast_id) for broadcast_id, _ in going]
        hers = sum(each is not None and each.ordered_by == person.id for each in orders)
        if not hers:
            screen.show(text, rows(*onward, screen.menu()))
            return
        still = screen.speech.texts.count("role.ended.orders", screen.speech.language, hers)
        screen.show(f"{text} {still}", rows(screen.button("menu.halt", "halt"), *onward, screen.menu()))

    def _until(self, screen: Screen, grant: Grant) -> str:
        if grant.expires_at is None:
            return screen.words("role.no_limit")
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        day = screen.speech.texts.day(grant.expires_at, zone, screen.speech.language)
        return screen.words("role.until", day=day)


def described(speech: Speech, grant: Grant) -> str:
    """Say what a role is, and for which group."""
    cohort = speech.unit.cohorts.get(grant.cohort_id) if grant.cohort_id else None
    role = speech.words(f"role.{grant.role}")
    return f"{role}, {cohort.name}" if cohort else role
