"""Who may do what: each command, button and page declares it; each button is tried by each role, own and other."""

import ast
import importlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from bot import clock
from bot.messengers.port import Kind, Rejected
from bot.messengers.web import WebMessenger
from bot.runtime.workers import Workers
from bot.services.links import Site
from bot.services.permissions import PAGES
from bot.web.app import create
from tests.bot.actions import COMMANDS, HERS, SAID, STAFF_ACTIONS, allowed
from tests.bot.crawl import Crawler, Press, Seen
from tests.bot.ready import RECORD, keep_safe
from tests.bot.rig import SIERRA, Phone, Rig, texts
from tests.bot.test_people import COAST, changed

ROOT = Path(__file__).parents[2]
MADE_BY = {"button": 1, "labelled": 1, "plain": 0, "page": 2}  # which argument of each call names the action
HERS_INSTEAD = {"halt"}  # a word of the team's that means something else to whoever is not of it
ROLES = ("facilitator", "translator", "admin")
OURS, THEIRS = ("Ceiba", "Nopal"), ("Marea", "Coral")
CHANGING = {"unsent", "admit", "turn_away", "take_out", "rehome", "tune", "invite_end", "her_link", "role_end"}
FOR_ALL = {"new_group", "invite_team", "roles", "role_one", "role_end", "grant", "handover", "team_leave"}
ADMINS_ALONE = {"danger", "export", "export_take_back", "checklist"} | FOR_ALL
SECRET = "canario de la costa"
STARTS = sorted({action for action in COMMANDS.values() if action in STAFF_ACTIONS})
pytestmark = pytest.mark.xdist_group("matrix")  # a walk serves all that is told of it


# What declares its permission.


def _named_actions() -> Iterator[tuple[str, str]]:
    """Find every action that a button of the source names: as a literal, or by its declaration."""
    for path in sorted((ROOT / "bot").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            place = MADE_BY.get(node.func.attr)
            if place is None or len(node.args) <= place or ast.unparse(node.func.value).endswith("desk"):
                continue
            action, where = node.args[place], path.relative_to(ROOT)
            if isinstance(action, ast.Constant) and isinstance(action.value, str):
                yield action.value, f"{where}:{node.lineno}"
            elif isinstance(action, ast.Name) and action.id.isupper():
                module = importlib.import_module(".".join(where.with_suffix("").parts))
                yield getattr(module, action.id).name, f"{where}:{node.lineno}"


def test_every_button_and_command_declares_its_permission(hilo: Rig) -> None:
    """What a button, a command or a word asks for is anybody's own or the team's; one that is neither fails here."""
    known = HERS | STAFF_ACTIONS.keys()
    named = dict(_named_actions())

    assert len(named) >= 50
    assert {action: place for action, place in named.items() if action not in known} == {}
    assert set(COMMANDS.values()) - known == set()
    assert set(SAID.values()) - known == set()
    assert HERS & STAFF_ACTIONS.keys() == set()
    assert all(roles and roles <= set(ROLES) for roles in STAFF_ACTIONS.values())


def test_every_page_declares_who_may_open_it(hilo: Rig) -> None:
    """A route that says nothing of who may open it fails here, in practice as well as outside of it."""
    workers = Workers(hilo.storage)

    class Phones:
        def chat(self, slot: str) -> str:
            return slot

        async def open(self, language: str) -> None: ...

        async def visit(self, language: str) -> None: ...
        async def restart(self, language: str) -> None: ...

    class Empty:
        def park(self, data: bytes) -> str:
            return ""

        def open(self, unit: Any, media_id: str) -> None: ...

        def recording(self, name: str) -> None: ...

    sites = [create(workers, WebMessenger(), texts(), practice, media_store=Empty()) for practice in (None, Phones())]
    paths = {route.path for site in sites for route in site.routes if isinstance(route, Route)}

    assert paths == PAGES.keys()


def test_what_nobody_declared_is_allowed_to_nobody(hilo: Rig) -> None:
    """Not even to an admin: a permission that was forgotten shuts a door and opens none."""
    root = hilo.facilitator(cohort=None, role="admin")
    with hilo.reading() as unit:
        assert not allowed(unit, root.person, "something_new")


# Every role, own and other cohort.


class World:
    """Two groups with answers, messages, invites and somebody waiting in each, and one person of every role."""

    def __init__(self, hilo: Rig) -> None:
        self.hilo = hilo
        hilo.turns.site = Site("https://hilo.example.org", messengers=frozenset({"telegram"}))
        with hilo.unit() as unit:
            unit.organisation.set(RECORD)
            keep_safe(unit)
        self.ours, self.theirs = hilo.cohort(), hilo.cohort(COAST)
        self.leader = hilo.join(nickname=OURS[0])
        stranger = hilo.join(nickname=THEIRS[0], cohort=COAST)
        for phone, group, words in ((self.leader, SIERRA, "la milpa"), (stranger, COAST, SECRET)):
            hilo.ask(phone, cohort=group)
            phone.say("2")
            phone.say(words)
            phone.press("Listo")
            phone.press("1 · Nada por ahora")
            phone.say(f"para el equipo: {words}")
            phone.press("Sí")
        for name, group in ((OURS[1], SIERRA), (THEIRS[1], COAST)):
            changed(hilo, group, approval=True)
            hilo.join(nickname=name, cohort=group)
            hilo.invite(cohort=group, uses=5)
        for phone in (self.leader, stranger):
            for _ in range(2):
                hilo.messenger.fail(Rejected("400: too odd"), chat=phone.chat, new=True)
                phone.say("/ayuda")
        self.ana = hilo.facilitator(nickname="Ana")
        self.eva = hilo.facilitator(nickname="Eva", cohort=COAST)
        self.root = hilo.facilitator(nickname="Rosa", cohort=None, role="admin")
        self.boss = hilo.facilitator(nickname="Bety", role="admin")
        self.translator = hilo.facilitator(nickname="Tere", cohort=None, role="translator")
        self.crawler = Crawler(hilo, self._theirs())

    def _theirs(self) -> list[tuple[str, tuple[str, ...]]]:
        """Read everything of the other group, and all roles, as the database has them."""
        of_cohort = (
            "SELECT * FROM memberships WHERE cohort_id = ? ORDER BY id",
            "SELECT * FROM invites WHERE cohort_id = ? ORDER BY id",
            "SELECT * FROM broadcasts WHERE cohort_id = ? ORDER BY id",
            "SELECT * FROM messages WHERE cohort_id = ? ORDER BY id",
            "SELECT * FROM runs WHERE cohort_id = ? ORDER BY id",
            "SELECT seq, state FROM outbox WHERE person_id IN (SELECT person_id FROM memberships WHERE cohort_id = ?)",
            "SELECT * FROM cohorts WHERE id = ?",
            "SELECT * FROM deliveries WHERE broadcast_id IN (SELECT id FROM broadcasts WHERE cohort_id = ?)",
            "SELECT * FROM web_links WHERE person_id IN (SELECT person_id FROM memberships WHERE cohort_id = ?)",
        )
        return [
            *((query, (self.theirs.hex,)) for query in of_cohort),
            ("SELECT * FROM alerts ORDER BY id", ()),
            ("SELECT * FROM roles ORDER BY id", ()),
            ("SELECT * FROM organisation", ()),
        ]

    @cached_property
    def everything(self) -> dict[Press, Seen]:
        """What the admin and the other group's facilitator see at each press that they can come to."""
        found = self.crawler.walk(self.root.person.id, STARTS, STAFF_ACTIONS)
        return found | self.crawler.walk(self.eva.person.id, STARTS, STAFF_ACTIONS)


@pytest.fixture
def world(hilo: Rig) -> World:
    return World(hilo)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that no test changes: whatever is pressed there is undone again."""
    hilo = Rig(tmp_path_factory.mktemp("shared"))
    yield World(hilo)
    hilo.close()


def test_no_button_is_offered_that_is_refused(shared: World) -> None:
    """Whatever a role is shown, that role may press, and each press says something that leads on."""
    refused = texts().say("staff.not_allowed", "es")
    for phone in (shared.ana, shared.eva, shared.root, shared.boss):
        starts = [each for each in STARTS if _may(shared, phone, each)]
        found = shared.crawler.walk(phone.person.id, starts, STAFF_ACTIONS)

        assert len(found) >= 20
        assert [press for press, seen in found.items() if refused in seen.told] == []
        assert [press for press, seen in found.items() if not seen.texts] == []


@pytest.mark.parametrize("who", ["ana", "boss"])
def test_a_facilitator_reaches_her_own_groups_alone(shared: World, who: str) -> None:
    """Every button about the other group, pressed by her all the same, shows nothing of it and changes nothing.

    An admin of one group is no more than that.
    """
    everything = shared.everything
    secrets = (COAST, SECRET, *THEIRS)
    shown = "\n".join(seen.told for seen in everything.values())
    assert all(secret in shown for secret in secrets)
    phone: Phone = getattr(shared, who)
    told: list[tuple[Press, str]] = []
    for press in everything:
        seen = shared.crawler.press(phone.person.id, *press)
        told += [(press, secret) for secret in secrets if secret in seen.told]
        if seen.changed:
            told.append((press, "changed"))

    assert len(everything) >= 60
    assert {press[0] for press, seen in everything.items() if seen.changed} >= CHANGING
    assert told == []


def test_whoever_has_no_role_for_it_is_refused(shared: World) -> None:
    """A leader, and a translator, pressing any button of the team: refused, told so, and nothing is different."""
    refused = texts().say("staff.not_allowed", "es")
    for press in shared.everything:
        for phone in (shared.leader, shared.translator):
            seen = shared.crawler.press(phone.person.id, *press)
            assert not seen.changed, press
            if press[0] in HERS_INSTEAD:
                assert {action for action, _ in seen.offered} <= HERS, press
            else:
                assert refused in seen.told, (press, phone.person.nickname, seen.told)


def test_what_is_an_admins_is_refused_to_who_is_none(shared: World) -> None:
    """Files of answers, words of danger, roles: no facilitator's; nor what is for all groups one group's admin's."""
    refused = texts().say("staff.not_allowed", "es")
    presses = [press for press in shared.everything if press[0] in ADMINS_ALONE]
    presses.append(("export_take_back", ""))
    assert {action for action, _ in presses} == ADMINS_ALONE
    for press in presses:
        seen = shared.crawler.press(shared.ana.person.id, *press)
        assert refused in seen.told, press
        assert not seen.changed, press
        if press[0] in FOR_ALL:
            assert refused in shared.crawler.press(shared.boss.person.id, *press).told, press


def test_a_role_that_ran_out_allows_nothing(world: World) -> None:
    """From the moment at which it ends a role opens no screen any more."""
    with world.hilo.unit() as unit:
        unit.roles.grant(clock.new_id(), world.leader.person.id, "facilitator", world.ours, unit.now, None)
    world.hilo.advance(seconds=1)
    world.leader.send(Kind.TEXT, text="/personas")

    assert texts().say("staff.not_allowed", "es") in world.leader.told


def _may(world: World, phone: Phone, action: str) -> bool:
    with world.hilo.reading() as unit:
        return allowed(unit, phone.person, action)
