"""Each act, called directly: whoever may does it, on the trail; whoever may not is refused, and nothing changes.

All of it happens in one installation, in transactions that are rolled back.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from bot import clock
from bot.services import (
    alerts,
    broadcasts,
    cohorts,
    erasure,
    exports,
    grants,
    handover,
    invites,
    links,
    members,
    replies,
)
from bot.services.acts import CONSOLE
from bot.services.readiness import NotReady
from bot.services.refusals import (
    ActRefused,
    AlreadyDone,
    HasLeft,
    LastAdmin,
    NotAllowed,
    NotAllRead,
    NotFound,
    TakenByAnother,
)
from bot.services.replies import TeamMessage
from storage import copies
from storage.alerts import Alert
from storage.cohorts import Cohort
from storage.invites import Invite
from storage.memberships import Membership
from storage.messages import MessageConversation
from storage.people import Person
from storage.roles import Grant
from storage.runs import RunRow
from storage.unit import Unit
from tests.bot.rig import PURPOSE, SIERRA, Phone, Rig, texts

COAST = "Costa"
CODE = "CODE-OF-A-TEST"


class Undo(Exception):
    """Rolls a transaction back."""


@dataclass
class Stage:
    """One installation with a leader in each state, two facilitators and two admins."""

    hilo: Rig
    phones: dict[str, Phone]
    order: UUID
    message: UUID

    @contextlib.contextmanager
    def unit(self) -> Iterator["Here"]:
        """Open a transaction that changes nothing."""
        with contextlib.suppress(Undo), self.hilo.unit() as unit:
            yield Here(self, unit)
            raise Undo


@dataclass
class Here:
    """What acts are about, in one transaction."""

    stage: Stage
    unit: Unit

    def __getattr__(self, name: str) -> Person:
        """Find whoever is called so."""
        return self.unit.people.known(self.stage.phones[name].person.id)

    @property
    def turns(self) -> Any:
        """What acts need of the conversation."""
        return self.stage.hilo.turns

    def cohort(self, name: str = SIERRA) -> Cohort:
        """Find a cohort."""
        found = self.unit.cohorts.by_name(name)
        assert found is not None
        return found

    def membership(self, name: str = "ceiba") -> Membership:
        """Find a membership, one that is over too."""
        person = getattr(self, name)
        return (self.unit.memberships.held(person.id) or self.unit.memberships.past(person.id))[0]

    def grant(self, name: str = "ana") -> Grant:
        """Find a role."""
        return next(each for each in self.unit.roles.grants() if each.person_id == getattr(self, name).id)

    def invite(self) -> Invite:
        """Find the invite."""
        found = self.unit.invites.find(CODE)
        assert found is not None
        return found

    def conversation(self) -> MessageConversation:
        """Find what was said to the team."""
        found = self.unit.messages.conversation(self.stage.message)
        assert found is not None
        return found

    def alert(self) -> Alert:
        """Find the alert."""
        (found,) = self.unit.alerts.open()
        return found

    def run(self) -> RunRow:
        """Find the run that was answered."""
        return self.unit.runs.answered(self.ceiba)[0]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Set it up once."""
    folder: Path = tmp_path_factory.mktemp("acts")
    hilo = Rig(folder)
    hilo.cohort(COAST)
    phones = {
        "ceiba": hilo.join(nickname="Ceiba"),
        "nopal": hilo.join(nickname="Nopal"),
        "cedro": hilo.join(nickname="Cedro"),
        "ana": hilo.facilitator(nickname="Ana"),
        "eva": hilo.facilitator(nickname="Eva"),
        "berta": hilo.facilitator(nickname="Berta", cohort=COAST),
        "root": hilo.facilitator(nickname="Rosa", cohort=None, role="admin"),
    }
    order = hilo.ask(phones["ceiba"])
    phones["ceiba"].press(phones["ceiba"].last.labels[0])
    message = clock.new_id()
    with hilo.unit() as unit:
        sierra = unit.cohorts.by_name(SIERRA)
        assert sierra is not None
        nopal, cedro, ceiba = (unit.people.known(phones[name].person.id) for name in ("nopal", "cedro", "ceiba"))
        for person, waiting in ((nopal, True), (cedro, False)):
            unit.memberships.end(unit.memberships.held(person.id)[0].id)
            if waiting:
                unit.memberships.join(clock.new_id(), person.id, sierra.id, waiting=True)
        unit.invites.create(clock.new_id(), CODE, "leader", sierra.id, 3, None, None)
        unit.messages.add(message, ceiba, "to_team", "Necesito hablar.", unit.now, sierra.id)
        unit.alerts.add(clock.new_id(), ceiba.id, sierra.id, message_id=message)
    yield Stage(hilo, phones, order, message)
    hilo.close()


Act = Callable[[Here, Any], object]


def order(here: Here, by: Any) -> object:
    """Give an order."""
    asked = here.stage.hilo.content.dialog("check_in")
    return broadcasts.order(here.unit, asked, here.cohort(), PURPOSE, key=clock.new_id().hex, ordered_by=by)


def write(here: Here, by: Any, **more: Any) -> None:
    """Answer what was said to the team."""
    message = TeamMessage(here.ceiba.id, "Aquí estamos.", here.stage.message, **more)
    replies.send(here.unit, lambda *_: None, by, message)


SOON = timedelta(days=3)
# Who may, what the trail calls it, who may not, what the trail calls that it was tried, and the act.
FROM_ANYWHERE: dict[str, tuple[str, str, str, str, Act]] = {
    "approve": (
        "ana",
        "member.admitted",
        "berta",
        "admit",
        lambda it, by: members.approve(it.unit, it.turns, by, it.membership("nopal"), it.nopal),
    ),
    "turn away": (
        "ana",
        "member.turned_away",
        "berta",
        "turn_away",
        lambda it, by: members.turn_away(it.unit, it.turns, by, it.membership("nopal"), it.nopal),
    ),
    "remove": (
        "ana",
        "member.taken_out",
        "berta",
        "take_out",
        lambda it, by: members.remove(it.unit, it.turns, by, it.membership(), it.ceiba, it.cohort()),
    ),
    "restore": (
        "ana",
        "member.put_back",
        "berta",
        "put_back",
        lambda it, by: members.restore(it.unit, it.turns, by, it.membership("cedro"), it.cedro, it.cohort()),
    ),
    "move": (
        "root",
        "member.moved",
        "ana",
        "rehome",
        lambda it, by: members.move(it.unit, it.turns, by, it.membership(), it.ceiba, it.cohort(COAST)),
    ),
    "grant": (
        "root",
        "grant.made",
        "ana",
        "grant",
        lambda it, by: grants.grant(it.unit, by, it.ceiba.id, "facilitator", it.cohort().id),
    ),
    "revoke": (
        "root",
        "grant.ended",
        "ana",
        "role_end",
        lambda it, by: grants.revoke(it.unit, it.turns, by, it.grant("eva")),
    ),
    "leave the team": (
        "root",
        "team.left",
        "ana",
        "team_leave",
        lambda it, by: handover.leave(it.unit, it.turns, by, it.unit.people.known(it.grant("eva").person_id)),
    ),
    "keep the handover": (
        "root",
        "holder.kept",
        "ana",
        "handover",
        lambda it, by: handover.keep(it.unit, by, handover.BOT, handover.Holders((), "la contadora")),
    ),
    "invite leaders": (
        "ana",
        "invite.made",
        "berta",
        "invite",
        lambda it, by: invites.make(it.unit, by, "leader", it.cohort(), 2, it.unit.now + SOON),
    ),
    "invite the team": (
        "root",
        "invite.made",
        "ana",
        "invite",
        lambda it, by: invites.make(it.unit, by, "translator", None, 1, it.unit.now + SOON),
    ),
    "end an invite": ("ana", "invite.ended", "berta", "invite", lambda it, by: invites.end(it.unit, by, it.invite())),
    "add a cohort": (
        "root",
        "cohort.added",
        "ana",
        "new_group",
        lambda it, by: cohorts.add(it.unit, by, "Otra", ("es",)),
    ),
    "change a cohort": (
        "ana",
        "cohort.changed",
        "berta",
        "tune",
        lambda it, by: cohorts.change(it.unit, by, replace(it.cohort(), languages=("en",)), "languages"),
    ),
    "make a link": (
        "ana",
        "link.made",
        "berta",
        "her_link",
        lambda it, by: links.make(it.unit, by, it.ceiba, "https://hilo.example.org", about=it.ceiba.id),
    ),
    "close every browser": (
        "ceiba",
        "link.shut",
        "ana",
        "shut",
        lambda it, by: links.close_everywhere(it.unit, by, it.ceiba),
    ),
    "order": ("ana", "broadcast.ordered", "berta", "ask_send", order),
    "cancel": (
        "ana",
        "broadcast.cancelled",
        "berta",
        "halt",
        lambda it, by: broadcasts.cancel(it.unit, it.stage.order, by),
    ),
    "close": (
        "ana",
        "broadcast.closed",
        "berta",
        "order_end",
        lambda it, by: broadcasts.close(it.unit, it.stage.order, by),
    ),
    "remind": (
        "ana",
        "broadcast.reminded",
        "berta",
        "order_nudge",
        lambda it, by: broadcasts.remind(it.unit, it.stage.order, by),
    ),
    "note that people were told": (
        "ana",
        "broadcast.told",
        "berta",
        "told",
        lambda it, by: broadcasts.mark_told(it.unit, by, it.stage.order, told=True),
    ),
    "export": (
        "root",
        "answers.exported",
        "ana",
        "export",
        lambda it, by: exports.begin(it.unit, by, it.cohort().id, (), {}),
    ),
    "erase a person": (
        "ceiba",
        "person.erased",
        "ana",
        "erase",
        lambda it, by: erasure.erase_person(it.unit, texts(), by, it.ceiba),
    ),
    "erase answers": (
        "ceiba",
        "answers.erased",
        "ana",
        "erase",
        lambda it, by: erasure.erase_answers(it.unit, by, it.ceiba, it.run(), {"how"}),
    ),
    "erase a run": (
        "ceiba",
        "answers.erased",
        "ana",
        "erase",
        lambda it, by: erasure.erase_run(it.unit, by, it.ceiba, it.run(), 1),
    ),
    "erase messages": (
        "ceiba",
        "messages.erased",
        "ana",
        "erase",
        lambda it, by: erasure.erase_messages(it.unit, by, it.ceiba),
    ),
}
IN_PERSON: dict[str, tuple[str, str, str, str, Act]] = {
    "see to an alert": ("ana", "alerts.seen", "berta", "alert", lambda it, by: alerts.see_to(it.unit, by, it.alert())),
    "answer": ("ana", "message.answered", "berta", "mail", write),
}
ACTS = FROM_ANYWHERE | IN_PERSON


@pytest.mark.parametrize("name", ACTS)
def test_whoever_may_does_it_on_the_trail(stage: Stage, name: str) -> None:
    """The newest row of the trail says what was done, by whom."""
    who, action, _, _, act = ACTS[name]
    with stage.unit() as here:
        by = getattr(here, who)
        act(here, by)
        entry = here.unit.audit.list(1)[0]

        assert (entry.action, entry.actor) == (action, str(by.id))
        assert here.unit.audit.verify() is None


@pytest.mark.parametrize("name", ACTS)
def test_whoever_may_not_is_refused_and_nothing_is_written(stage: Stage, name: str) -> None:
    """The refusal says what was tried, and no row of any table is another than before."""
    _, _, who, tried, act = ACTS[name]
    with stage.unit() as here:
        by = getattr(here, who)
        before = copies.digests(here.unit.connection)
        with pytest.raises(NotAllowed) as refused:
            act(here, by)

        assert refused.value.action == tried
        assert copies.digests(here.unit.connection) == before


@pytest.mark.parametrize("name", FROM_ANYWHERE)
def test_the_console_may(stage: Stage, name: str) -> None:
    """Whoever has the server does the same by the same act."""
    _, action, _, _, act = ACTS[name]
    with stage.unit() as here:
        act(here, None)
        entry = here.unit.audit.list(1)[0]

        assert (entry.action, entry.actor) == (action, CONSOLE)


def refused(here: Here, kind: type[ActRefused], act: Callable[[], object]) -> None:
    """Make sure that an act is refused, for a reason, before it has written anything."""
    before = copies.digests(here.unit.connection)
    with pytest.raises(kind):
        act()
    assert copies.digests(here.unit.connection) == before


def test_what_was_done_is_not_done_again(stage: Stage) -> None:
    """A second yes, a second undo, and a move to where somebody is are refused as done."""
    with stage.unit() as here:
        unit, turns, ana = here.unit, here.turns, here.ana
        members.approve(unit, turns, ana, here.membership("nopal"), here.nopal)
        held = here.membership("nopal")
        refused(here, AlreadyDone, lambda: members.approve(unit, turns, ana, held, here.nopal))
        refused(here, AlreadyDone, lambda: members.turn_away(unit, turns, ana, held, here.nopal))
        refused(here, AlreadyDone, lambda: members.restore(unit, turns, ana, held, here.nopal, here.cohort()))
        refused(here, AlreadyDone, lambda: members.move(unit, turns, ana, held, here.nopal, here.cohort()))


def test_a_member_who_goes_is_told_and_asked_no_more(stage: Stage) -> None:
    """What that cohort was asking ends with the membership; in another cohort nothing does."""
    with stage.unit() as here:
        unit = here.unit
        open_before = [row for row in unit.runs.resumable(here.ceiba) if row.cohort_id == here.cohort().id]
        members.remove(unit, here.turns, here.ana, here.membership(), here.ceiba, here.cohort())

        assert open_before
        assert not [row for row in unit.runs.resumable(here.ceiba) if row.cohort_id == here.cohort().id]
        assert unit.memberships.held(here.ceiba.id) == []


def test_the_last_admin_stays(stage: Stage) -> None:
    """Neither taking the role back nor setting a limit to its time leaves nobody; a second admin may go."""
    with stage.unit() as here:
        unit, root = here.unit, here.root
        refused(here, LastAdmin, lambda: grants.revoke(unit, here.turns, root, here.grant("root")))
        soon = unit.now + SOON
        refused(here, LastAdmin, lambda: grants.grant(unit, None, root.id, "admin", None, soon))
        grants.grant(unit, root, here.ana.id, "admin")
        grants.revoke(unit, here.turns, here.ana, here.grant("root"))

        assert [role.role for role in unit.roles.of(root.id)] == []


def test_a_grant_for_the_same_cohort_gives_way(stage: Stage) -> None:
    """Its time is the new one, and there is one of it."""
    with stage.unit() as here:
        unit, soon = here.unit, here.unit.now + SOON
        grants.grant(unit, here.root, here.ana.id, "facilitator", here.cohort().id, soon)
        held = [each for each in unit.roles.grants() if each.person_id == here.ana.id]

        assert [(each.role, each.expires_at) for each in held] == [("facilitator", soon)]


def test_nobody_is_invited_before_all_is_ready(stage: Stage) -> None:
    """A leader's invite names what lacks; the team's can be made."""
    with stage.unit() as here:
        unit, soon = here.unit, here.unit.now + SOON
        unit.organisation.set({})
        refused(here, NotReady, lambda: invites.make(unit, here.ana, "leader", here.cohort(), 1, soon))

        assert len(invites.make(unit, None, "admin", None, 1, soon).code) > 5


def test_an_order_needs_people_and_a_reason(stage: Stage) -> None:
    """An empty cohort and a purpose that is none are refused; what was stopped is not stopped again."""
    with stage.unit() as here:
        unit, asked = here.unit, here.stage.hilo.content.dialog("check_in")

        def give(cohort: Cohort, purpose: str) -> object:
            return broadcasts.order(unit, asked, cohort, purpose, key="k", ordered_by=here.root)

        refused(here, broadcasts.OrderError, lambda: give(here.cohort(COAST), PURPOSE))
        refused(here, broadcasts.OrderError, lambda: give(here.cohort(), "."))
        assert broadcasts.cancel(unit, stage.order, here.ana)
        assert not broadcasts.cancel(unit, stage.order, here.ana)
        assert broadcasts.close(unit, stage.order, here.ana)
        assert not broadcasts.close(unit, stage.order, here.ana)


def test_an_alert_is_seen_to_by_one(stage: Stage) -> None:
    """Whoever comes second is told so, only the first can leave it again, and then the second sees to it."""
    with stage.unit() as here:
        unit, alert = here.unit, here.alert()
        alerts.see_to(unit, here.ana, alert)
        refused(here, AlreadyDone, lambda: alerts.see_to(unit, here.eva, alert))
        refused(here, AlreadyDone, lambda: alerts.leave(unit, here.eva, alert))
        refused(here, NotAllowed, lambda: alerts.leave(unit, here.berta, alert))
        alerts.leave(unit, here.ana, alert)
        alerts.see_to(unit, here.eva, alert)

        assert [entry.action for entry in unit.audit.list(3)] == ["alerts.seen", "alerts.left", "alerts.seen"]


def test_a_conversation_is_answered_by_one(stage: Stage) -> None:
    """Whoever has it answers it; the other can take it over, and hears by it from whom; others see none of it."""
    with stage.unit() as here:
        unit = here.unit
        replies.take(unit, here.ana, here.conversation())
        refused(here, TakenByAnother, lambda: replies.take(unit, here.eva, here.conversation()))
        refused(here, TakenByAnother, lambda: write(here, here.eva))
        refused(here, TakenByAnother, lambda: replies.close(unit, here.eva, here.conversation()))
        for act in (replies.take, replies.take_over, replies.let_go, replies.close, replies.reopen):
            refused(here, NotAllowed, lambda act=act: act(unit, here.berta, here.conversation()))  # type: ignore[misc]  # bound at once
        assert replies.take_over(unit, here.eva, here.conversation()) == here.ana.id
        assert replies.take_over(unit, here.eva, here.conversation()) is None
        replies.let_go(unit, here.eva, here.conversation())
        write(here, here.ana, signed=True)

        answer = unit.messages.said(here.conversation())[-1]
        assert (answer.direction, answer.body) == ("from_team", "Aquí estamos.\n— Ana")
        assert here.conversation().taken_by == here.ana.id


def test_a_conversation_is_closed_as_it_was_read(stage: Stage) -> None:
    """What nobody was shown keeps it open; once it was shown it closes, and can be opened again."""
    with stage.unit() as here:
        unit, found = here.unit, here.conversation()
        refused(here, NotAllRead, lambda: replies.close(unit, here.ana, found))
        last = unit.messages.said(found)[-1].seq
        unit.readings.hear(here.ana.id, found.id, found.person_id, last)
        replies.close(unit, here.ana, found)
        assert here.conversation().state == "closed"
        replies.reopen(unit, here.ana, here.conversation())

        assert here.conversation().state != "closed"


def test_nobody_writes_to_who_is_not_there(stage: Stage) -> None:
    """A participant who left, who was erased, and a conversation that is gone are told apart."""
    with stage.unit() as here:
        unit = here.unit
        gone = TeamMessage(here.ceiba.id, "Hola.", clock.new_id())
        refused(here, NotFound, lambda: replies.send(unit, lambda *_: None, here.ana, gone))
        unit.people.change(here.ceiba, participation="left")
        refused(here, HasLeft, lambda: write(here, here.ana))
        ceiba = here.ceiba
        erasure.erase_person(unit, texts(), ceiba, ceiba)
        refused(here, NotFound, lambda: replies.send(unit, lambda *_: None, here.ana, TeamMessage(ceiba.id, "Hola.")))


def test_a_receipt_says_what_is_out_of_reach(stage: Stage) -> None:
    """When answers were exported, and from when on no backup opens anything; each only where it is so."""
    with stage.unit() as here:
        unit = here.unit
        exports.begin(unit, here.root, None, (), {})
        receipt = erasure.erase_person(unit, texts(), None, here.ceiba)

        assert receipt.exported_at == unit.now.replace(second=0, microsecond=0)
        assert receipt.backups_until is not None
        assert receipt.rows > 10
    with stage.unit() as here:
        assert erasure.erase_person(here.unit, texts(), None, here.ceiba).exported_at is None
