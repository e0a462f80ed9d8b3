"""A cohort's members by nickname, the member status of each, and what the team can do with one of them."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import ClassVar, Final, Literal, TypeVar
from uuid import UUID

from bot.conversation.actions import Action, Begin, MenuPlace, Next, handles
from bot.conversation.screen import Pager, Screen, Turned
from bot.messengers import registry
from bot.messengers.port import Button, Keyboard
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.ids import id_from_short, short_id
from bot.rendering.speech import rows
from bot.services import members as member_acts
from bot.services import own_time, trail
from bot.services.cohorts import open_cohorts_of
from bot.services.member_status import Member, addressed, counted, members, rings_nowhere, status_of
from bot.services.minors import Whose
from bot.services.organisation import recent
from bot.services.permissions import ADMINS_OF_ALL, FACILITATORS, allowed, cohorts_of, may_reach
from bot.services.refusals import AdultNeeded, AlreadyDone, NotAllowed
from bot.team.kit.arguments import OfId, PageOf, SureOf
from bot.team.kit.feature import CompletedWizard, Feature
from dialogs.replies import folded
from storage.cohorts import Cohort
from storage.memberships import Membership
from storage.people import Person

T = TypeVar("T")
ON_A_PAGE = 5
TAIL = 8  # last characters of a cohort's id that tell it from the others: a button has no room for two ids
MANY = 10  # with more members than this, there is a search by name
WRITTEN_TO = frozenset({"active", "paused"})  # nobody is written to before they agreed or after they left
SEEK = "seek"
GROUP = "group"
NAMED = 24  # characters of a nickname on a button


UNSAID = 999_999_999  # stands for no page number


class GroupsPage(Argument):
    """A page of cohorts; without a page, an only cohort is shown at once."""

    layout: ClassVar[str] = "[{page}]"
    page: int = UNSAID


class RehomePage(Argument):
    """A page of cohorts to which a member can move."""

    layout: ClassVar[str] = "{member}[.{page}]"
    member: UUID
    page: int = 0


class Rehome(Argument):
    """A member, the end of the id of the cohort to move to, and whether the move is confirmed."""

    layout: ClassVar[str] = "{member}.{tail}[.{sure:y}]"
    member: UUID
    tail: str
    sure: bool = False


class AdultYes(Argument):
    """Whose yes there is for a member under eighteen: the family's, or the organisation's own."""

    layout: ClassVar[str] = "{whose}.{member}"
    whose: Literal["f", "s"]
    member: UUID


WHOSE: Final[dict[str, Whose]] = {"f": "family", "s": "school"}
PEOPLE = Action(
    targets.PEOPLE, FACILITATORS, (GroupsPage,), commands=("people",), offered=105, menu=MenuPlace("more", 1)
)
MEMBERS = Action("members", FACILITATORS, (PageOf,))
SOMEONE = Action(targets.SOMEONE, FACILITATORS, (OfId,))
SEEK_MEMBER = Action("seek", FACILITATORS, (OfId,))
ADMIT = Action(targets.ADMIT, FACILITATORS, (OfId, AdultYes))
TURN_AWAY = Action(targets.TURN_AWAY, FACILITATORS, (SureOf,))
TAKE_OUT = Action(targets.TAKE_OUT, FACILITATORS, (SureOf,))
PUT_BACK = Action(targets.PUT_BACK, FACILITATORS, (OfId,))
REHOME = Action(targets.REHOME, FACILITATORS, (RehomePage, Rehome))


class MemberScreens(Feature):
    """The lists of cohorts and of their members, and one member's screen."""

    wizards: ClassVar = {SEEK: SEEK_MEMBER}

    @handles(PEOPLE)
    def people(self, screen: Screen, argument: GroupsPage) -> None:
        """Show a page of cohorts, or at once the members of the only one."""
        self._groups(screen, None if argument.page == UNSAID else argument.page)

    @handles(SEEK_MEMBER)
    def seek(self, screen: Screen, argument: OfId) -> Next:
        """Begin the search for a member by name."""
        return Begin(SEEK, {GROUP: cohort_of(screen, argument.id).id.hex})

    @handles(MEMBERS)
    def of_group(self, screen: Screen, argument: PageOf) -> None:
        """Show a page of a cohort's members."""
        self.members(screen, cohort_of(screen, argument.id), argument.page)

    @handles(SOMEONE)
    def someone(self, screen: Screen, argument: OfId) -> None:
        """Show one member."""
        if (found := self._present(screen, argument.id)) is not None:
            trail.note(screen.unit, screen.person, trail.LOOKED_AT, str(found[1].id))
            self.show(screen, *found)

    @handles(ADMIT)
    def admit(self, screen: Screen, argument: OfId | AdultYes) -> None:
        """Approve a member who waits for it; whoever is under eighteen with an adult's yes."""
        adult = WHOSE[argument.whose] if isinstance(argument, AdultYes) else None
        member_id = argument.member if isinstance(argument, AdultYes) else argument.id
        if (found := self._present(screen, member_id)) is not None:
            self._admit(screen, *found, adult=adult)

    @handles(TURN_AWAY)
    def turn_away(self, screen: Screen, argument: SureOf) -> None:
        """Turn a waiting member away, or ask for confirmation first."""
        if (found := self._present(screen, argument.id)) is not None:
            self._turn_away(screen, *found, sure=argument.sure)

    @handles(TAKE_OUT)
    def take_out(self, screen: Screen, argument: SureOf) -> None:
        """Take a member out of the cohort, or ask for confirmation first."""
        if (found := self._present(screen, argument.id)) is not None:
            self._take_out(screen, *found, sure=argument.sure)

    @handles(PUT_BACK)
    def put_back(self, screen: Screen, argument: OfId) -> None:
        """Put a member back who was turned away or taken out."""
        if (found := member_of(screen, argument.id)) is not None:
            self._put_back(screen, *found)

    @handles(REHOME)
    def rehome(self, screen: Screen, argument: RehomePage | Rehome) -> None:
        """Move a member to another cohort, or ask where to."""
        if (found := self._present(screen, argument.member)) is not None:
            self._rehome(screen, *found, argument)

    def _present(self, screen: Screen, membership_id: UUID) -> tuple[Membership, Person, Cohort] | None:
        """Return the member a button names; None after saying that they are no longer in the cohort."""
        found = member_of(screen, membership_id)
        if found is not None and found[0].left_at is not None:
            screen.show(screen.words("people.left_already"), self._back(screen, found[2]))
            return None
        return found

    def finish(self, screen: Screen, done: CompletedWizard) -> None:
        """Show the members whose name contains the words searched for, or whose pseudonym they are."""
        cohort = cohort_of(screen, read_id(str(self.task(screen.person).get(GROUP) or "")))
        sought = folded(str(done.values.get("words") or ""))
        trail.note(screen.unit, screen.person, trail.SEARCHED, str(cohort.id))
        found = [
            each
            for each in members(screen.unit, cohort)
            if sought in folded(each.name) or sought == folded(each.person.pseudonym)
        ]
        again = screen.speech.button("button.seek", SEEK_MEMBER, OfId(cohort.id))
        text = screen.words("people.found.none")
        if found:
            text = screen.speech.texts.count("people.found", screen.speech.language, len(found))
        screen.show(text, rows(*self._buttons(screen, found[:ON_A_PAGE]), again) + self._back(screen, cohort))

    # The lists.

    def _groups(self, screen: Screen, page: int | None) -> None:
        """Show a page of cohorts, or at once the members of the only one."""
        cohorts = cohorts_of(screen.unit, screen.person)
        if len(cohorts) == 1 and page is None:
            self.members(screen, cohorts[0], 0)
            return
        shown, turns = paged(screen, cohorts, page or 0, PEOPLE, GroupsPage)
        buttons = [screen.labelled(each.name[:NAMED], MEMBERS, PageOf(each.id)) for each in shown]
        more = [
            screen.button(code, action)
            for code, action in (("button.new_group", targets.NEW_GROUP), ("button.people_roles", targets.ROLES))
            if allowed(screen.unit, screen.person, ADMINS_OF_ALL)
        ]
        last = (*more, screen.menu())
        text = screen.words("people.groups" if cohorts else "people.no_groups")
        screen.show(text, rows(*buttons) + turns + (last,))

    def members(self, screen: Screen, cohort: Cohort, page: int) -> None:
        """Show a page of a cohort's members, and how many have each member status."""
        found = members(screen.unit, cohort)
        trail.note(screen.unit, screen.person, trail.LISTED, str(cohort.id))
        shown, turns = paged(screen, found, page, MEMBERS, partial(PageOf, cohort.id))
        buttons = self._buttons(screen, shown)
        texts, language = screen.speech.texts, screen.speech.language
        lines = [texts.count("people.members", language, len(found), group=cohort.name)]
        lines += [texts.count(f"people.count.{code}", language, number) for code, number in counted(found).items()]
        several = len(cohorts_of(screen.unit, screen.person)) > 1 or allowed(screen.unit, screen.person, ADMINS_OF_ALL)
        about = [screen.button("button.people_group", targets.GROUP, OfId(cohort.id))]
        if len(found) > MANY:
            about.append(screen.speech.button("button.seek", SEEK_MEMBER, OfId(cohort.id)))
        about.append(screen.speech.button("button.people_invite", targets.INVITE))
        last = (*((screen.button("button.people_groups", PEOPLE, GroupsPage(0)),) if several else ()), screen.menu())
        screen.show("\n".join(lines), rows(*buttons) + turns + (tuple(about), last))

    def _buttons(self, screen: Screen, shown: Sequence[Member]) -> list[Button]:
        return [screen.labelled(self._label(screen, each), SOMEONE, OfId(each.membership.id)) for each in shown]

    def _label(self, screen: Screen, member: Member) -> str:
        name = screen.called(member.person)[:NAMED]
        return name if member.status == "active" else f"{name} · {screen.words(f'people.mark.{member.status}')}"

    # One member.

    def show(self, screen: Screen, membership: Membership, person: Person, cohort: Cohort) -> None:
        """Show one member: their status, since when, and what can be done."""
        unit, this = screen.unit, OfId(membership.id)
        lines = [screen.words("people.one", name=screen.called(person), letters=person.pseudonym, group=cohort.name)]
        lines.append(self.state(screen, person, membership))
        if rings_nowhere(unit, person):
            lines.append(screen.words("people.only_web"))
        if ways := [screen.words(code) for code in addressed(person)]:
            lines.append(screen.words("people.address", ways=", ".join(ways)))
        buttons: list[Button] = []
        if membership.waiting:
            buttons += [
                screen.button("button.admit", ADMIT, this),
                screen.button("button.turn_away", TURN_AWAY, this),
            ]
        if person.participation in WRITTEN_TO and not membership.waiting and person.id != screen.person.id:
            buttons.append(screen.speech.button("button.write_to", targets.MAIL_WRITE, OfId(person.id)))
        if unit.addresses.of(person) and self._turns.site.public_url and person.participation != "left":
            buttons.append(screen.button("button.her_link", targets.PERSONAL_LINK, this))
        if len(cohorts_of(unit, screen.person)) > 1:
            buttons.append(screen.button("button.rehome", REHOME, RehomePage(membership.id)))
        if not membership.waiting:
            buttons.append(screen.button("button.take_out", TAKE_OUT, this))
        if allowed(unit, screen.person, ADMINS_OF_ALL):
            buttons.append(screen.button("button.grant", targets.GRANT, OfId(person.id)))
        screen.show("\n".join(lines), rows(*buttons) + self._back(screen, cohort))

    def state(self, screen: Screen, person: Person, membership: Membership) -> str:
        """Return a member's status in words, and since when or until when."""
        it = status_of(screen.unit, person, membership)
        if it.until is not None:
            return screen.words("people.state.paused_until", day=self._day(screen, it.until))
        if it.code == "active" and own_time.rests(person):
            return screen.words("people.state.resting")
        text = screen.words(f"people.state.{it.code}")
        return f"{text} {self._since(screen, it.since)}" if it.since else text

    def _since(self, screen: Screen, moment: datetime) -> str:
        if said := recent(screen.speech, self._turns.organisation.zone(screen.unit, screen.person), moment):
            return screen.words("people.since.recent", day=said)
        return screen.words("people.since", day=self._day(screen, moment))

    def _day(self, screen: Screen, moment: datetime) -> str:
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        return screen.speech.texts.day(moment, zone, screen.speech.language)

    def _back(self, screen: Screen, cohort: Cohort) -> Keyboard:
        return ((screen.button("button.return", MEMBERS, PageOf(cohort.id)), screen.menu()),)

    def _admit(
        self, screen: Screen, membership: Membership, person: Person, cohort: Cohort, *, adult: Whose | None
    ) -> None:
        """Approve a member; if that was done before, say so; for a minor ask first whose yes there is."""
        try:
            member_acts.approve(screen.unit, self._turns, screen.person, membership, person, adult)
        except AdultNeeded:
            self._ask_adult(screen, membership, person, cohort)
            return
        except AlreadyDone:
            text = screen.words("people.admitted_already", name=screen.mentioned(person))
        else:
            text = screen.words("people.admitted", name=screen.mentioned(person), group=cohort.name)
            text = f"{text} {_told(screen, person)}"
        screen.show(text, self._back(screen, cohort))

    def _ask_adult(self, screen: Screen, membership: Membership, person: Person, cohort: Cohort) -> None:
        """Ask whose yes there is for somebody under eighteen."""
        keyboard = rows(
            screen.button("button.adult_family", ADMIT, AdultYes("f", membership.id)),
            screen.button("button.adult_school", ADMIT, AdultYes("s", membership.id)),
        )
        text = screen.words("people.adult", name=screen.mentioned(person))
        screen.show(text, keyboard + self._back(screen, cohort))

    def _turn_away(self, screen: Screen, membership: Membership, person: Person, cohort: Cohort, *, sure: bool) -> None:
        facts = {"name": screen.mentioned(person), "group": cohort.name}
        if not membership.waiting:
            screen.show(
                screen.words("people.admitted_already", name=screen.mentioned(person)), self._back(screen, cohort)
            )
        elif not sure:
            self._ask(screen, "people.turn_away", "button.turn_away_sure", TURN_AWAY, membership, facts)
        else:
            member_acts.turn_away(screen.unit, self._turns, screen.person, membership, person)
            undo = screen.button("button.people_undo", PUT_BACK, OfId(membership.id))
            text = f"{screen.words('people.turned_away', **facts)} {_told(screen, person)}"
            screen.show(text, rows(undo) + self._back(screen, cohort))

    def _take_out(self, screen: Screen, membership: Membership, person: Person, cohort: Cohort, *, sure: bool) -> None:
        facts = {"name": screen.mentioned(person), "group": cohort.name}
        if not sure:
            self._ask(screen, "people.take_out", "button.take_out_sure", TAKE_OUT, membership, facts)
            return
        member_acts.remove(screen.unit, self._turns, screen.person, membership, person, cohort)
        undo = screen.button("button.people_undo", PUT_BACK, OfId(membership.id))
        text = f"{screen.words('people.taken_out', **facts)} {_told(screen, person)}"
        screen.show(text, rows(undo) + self._back(screen, cohort))

    def _put_back(self, screen: Screen, membership: Membership, person: Person, cohort: Cohort) -> None:
        """Put the person back into the cohort as before; a second tap only says so again."""
        facts = {"name": screen.mentioned(person), "group": cohort.name}
        with suppress(AlreadyDone):
            member_acts.restore(screen.unit, self._turns, screen.person, membership, person, cohort)
        screen.show(screen.words("people.put_back", **facts), self._back(screen, cohort))

    def _rehome(
        self, screen: Screen, membership: Membership, person: Person, cohort: Cohort, argument: RehomePage | Rehome
    ) -> None:
        """Show a page of cohorts to move to, ask for confirmation, or move the member.

        Raises:
            NotAllowed: the person who moves them does not reach the other cohort.
        """
        others = [each for each in open_cohorts_of(screen.unit, screen.person) if each.id != cohort.id]
        member = membership.id
        if isinstance(argument, RehomePage):
            shown, turns = paged(screen, others, argument.page, REHOME, partial(RehomePage, member))
            buttons = [
                screen.labelled(each.name[:NAMED], REHOME, Rehome(member, short_id(each.id)[-TAIL:])) for each in shown
            ]
            text = screen.words("people.rehome", name=screen.mentioned(person))
            screen.show(text, rows(*buttons) + turns + self._back(screen, cohort))
            return
        target = next((each for each in others if short_id(each.id)[-TAIL:] == argument.tail), None)
        if target is None:
            raise NotAllowed(REHOME.name)
        facts = {"name": screen.mentioned(person), "group": cohort.name, "to": target.name}
        if not argument.sure:
            yes = screen.button("button.rehome_sure", REHOME, Rehome(member, argument.tail, sure=True))
            no = screen.button("button.rather_not", SOMEONE, OfId(member))
            screen.show(screen.words("people.rehome_ask", **facts), rows(yes, no))
            return
        member_acts.move(screen.unit, self._turns, screen.person, membership, person, target)
        text = f"{screen.words('people.rehomed', **facts)} {_told(screen, person)}"
        screen.show(text, self._back(screen, target))

    def _ask(
        self, screen: Screen, code: str, yes: str, action: Action, membership: Membership, facts: dict[str, str]
    ) -> None:
        keyboard = rows(
            screen.button(yes, action, SureOf(membership.id, sure=True)),
            screen.button("button.rather_not", SOMEONE, OfId(membership.id)),
        )
        screen.show(screen.words(code, **facts), keyboard)


def _told(screen: Screen, person: Person) -> str:
    """Return whether a person was told what was decided: on a page nothing rings, and somebody may not be reached."""
    present = screen.unit.people.get(person.id) or person
    if not member_acts.is_told(present):
        return screen.words("people.told.not")
    return screen.words("people.told" if registry.of(present.messenger or "").rings else "people.told.page")


def read_id(written: str) -> UUID | None:
    """Return the id that is written short (`short_id`) or in hex; None if it is neither."""
    try:
        return UUID(hex=written) if len(written) == 32 else id_from_short(written)  # noqa: PLR2004  hex digits of an id
    except ValueError:
        return None


def cohort_of(screen: Screen, cohort_id: UUID | None) -> Cohort:
    """Return the cohort a button names; raises NotAllowed if the person does not reach it."""
    cohort = screen.unit.cohorts.get(cohort_id) if cohort_id else None
    if cohort is not None and may_reach(screen.unit, screen.person, cohort.id):
        return cohort
    raise NotAllowed(PEOPLE.name)


def member_of(screen: Screen, membership_id: UUID) -> tuple[Membership, Person, Cohort] | None:
    """Return the member a button names, with a lock on the person; None after saying that they were erased.

    Raises:
        NotAllowed: the person who pressed it does not reach the cohort.
    """
    unit = screen.unit
    membership = unit.memberships.get(membership_id)
    if membership is not None and may_reach(unit, screen.person, membership.cohort_id):
        person, cohort = unit.people.get(membership.person_id), unit.cohorts.get(membership.cohort_id)
        if person is not None and cohort is not None:
            unit.lock(person.id)
            return membership, person, cohort
        screen.show(screen.words("people.erased"), rows(screen.menu()))
        return None
    raise NotAllowed(PEOPLE.name)


def paged(
    screen: Screen, found: Sequence[T], page: int, action: Action, turned: Turned
) -> tuple[Sequence[T], Keyboard]:
    """Return one page of a list, and the buttons that turn it."""
    pager = Pager.of(len(found), ON_A_PAGE, page, joined=True)
    return pager.cut(found), pager.turns(lambda code, number: screen.button(code, action, turned(number)))
