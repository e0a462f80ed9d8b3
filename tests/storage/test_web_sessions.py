"""Web sessions, personal links and PINs."""

from datetime import timedelta

from sqlalchemy import select

from storage.tables import web_pins, web_sessions
from storage.web_pins import NICKNAME, PHONE
from storage.web_sessions import NOBODYS, UNUSED
from tests.storage.world import NOW, World, later, uid

CHAT = "c0ffee" * 6 + "c0ff"
TOKEN = "5e55" * 10
CODE = "7KQ2M9ABCD7KQ2M9ABCD"


def open_chat(world: World, token: str = TOKEN, chat: str = CHAT) -> None:
    """Open a chat in a browser, for ten minutes."""
    with world.unit() as unit:
        unit.web_sessions.open(uid(), token, chat, later(minutes=10))


def test_a_browser_is_found_by_its_token(world: World) -> None:
    """A token gives the chat it was opened with; opening again under it changes nothing; another token gives none."""
    open_chat(world)
    open_chat(world, chat="f" * 40)

    with world.reading() as unit:
        session = unit.web_sessions.find(TOKEN)
        assert session is not None
        assert (session.chat, session.seen_at, session.open_until) == (CHAT, NOW, later(minutes=10))
        assert unit.web_sessions.open_until(session.id) == later(minutes=10)
        assert unit.web_sessions.find("5e56" * 10) is None


def test_a_browser_stays_open_while_it_is_used(world: World) -> None:
    """Being seen moves the moment from which the PIN is asked; locking brings it here."""
    open_chat(world)
    with world.unit(minutes=5) as unit:
        session = unit.web_sessions.find(TOKEN)
        assert session is not None
        assert unit.web_sessions.note_seen(session.id, later(minutes=15))
    with world.unit(minutes=6) as unit:
        assert unit.web_sessions.open_until(session.id) == later(minutes=15)
        unit.web_sessions.lock(session.id)
    with world.reading(minutes=6) as unit:
        assert unit.web_sessions.open_until(session.id) == later(minutes=6)


def test_a_browser_that_was_closed_opens_nothing(world: World) -> None:
    """After closing the token is worth nothing, and nobody can be seen there; other browsers stay open."""
    open_chat(world)
    open_chat(world, "0the" * 10)
    with world.unit() as unit:
        session = unit.web_sessions.find(TOKEN)
        assert session is not None
        unit.web_sessions.close(session.id)
    with world.unit() as unit:
        assert unit.web_sessions.find(TOKEN) is None
        assert unit.web_sessions.open_until(session.id) is None
        assert not unit.web_sessions.note_seen(session.id, later(minutes=10))
        assert unit.web_sessions.find("0the" * 10) is not None
        assert unit.web_sessions.close_all(CHAT) == 1
    with world.reading() as unit:
        assert unit.web_sessions.find("0the" * 10) is None


def test_a_browser_is_forgotten_when_it_is_no_use(world: World) -> None:
    """Not used for long it opens nothing; tidying takes it away, and closed and nobody's ones after two days."""
    with world.unit() as unit:
        world.person(unit, CHAT, "web")
    open_chat(world)
    open_chat(world, "0the" * 10, "f" * 40)
    open_chat(world, "c105" * 10)
    with world.unit() as unit:
        closed = unit.web_sessions.find("c105" * 10)
        assert closed is not None
        unit.web_sessions.close(closed.id)

    with world.unit() as unit:
        assert unit.web_sessions.tidy() == 0
    with world.storage.unit(NOW + NOBODYS + timedelta(minutes=1)) as unit:
        assert unit.web_sessions.tidy() == 2
        assert unit.web_sessions.find(TOKEN) is not None
    with world.storage.unit(NOW + UNUSED + timedelta(minutes=1)) as unit:
        assert unit.web_sessions.find(TOKEN) is None
        assert unit.web_sessions.tidy() == 1
        assert unit.connection.execute(select(web_sessions.c.id)).all() == []


def test_a_link_opens_once(world: World) -> None:
    """The first opening counts, a second one does not, nor one that comes too late."""
    with world.unit() as unit:
        person = world.person(unit)
        unit.web_links.add(uid(), person.id, CODE, later(days=14))
        link = unit.web_links.find(CODE)
        assert link is not None
        assert (link.person_id, link.opened_at) == (person.id, None)
        assert unit.web_links.find(CODE[::-1]) is None
    with world.unit(days=15) as unit:
        assert not unit.web_links.open(link.id)
    with world.unit(days=1) as unit:
        assert unit.web_links.open(link.id)
        assert not unit.web_links.open(link.id)
        opened = unit.web_links.find(CODE)
        assert opened is not None
        assert opened.opened_at == later(days=1)


def test_a_new_link_replaces_those_that_were_never_opened(world: World) -> None:
    """A link that was opened stays hers to come back by; revoking takes them all."""
    with world.unit() as unit:
        person = world.person(unit)
        unit.web_links.add(uid(), person.id, "opened", later(days=14))
        opened = unit.web_links.find("opened")
        assert opened is not None
        assert unit.web_links.open(opened.id)
        unit.web_links.add(uid(), person.id, "lost", later(days=14))
        unit.web_links.add(uid(), person.id, "new", later(days=14))
    with world.unit() as unit:
        revoked = {name: link.revoked_at for name in ("opened", "lost", "new") if (link := unit.web_links.find(name))}
        assert revoked == {"opened": None, "lost": NOW, "new": None}
        lost = unit.web_links.find("lost")
        assert lost is not None
        assert not unit.web_links.open(lost.id)
        unit.web_links.revoke_all(person.id)
        left = [unit.web_links.find(name) for name in revoked]
        assert all(link is not None and link.revoked_at for link in left)


def test_an_invite_for_one_is_its_owners(world: World) -> None:
    """An invite for one person leads back to whoever used it; one for several, or one not used, to nobody."""
    with world.unit() as unit:
        person = world.person(unit)
        for code, uses in (("one", 1), ("many", 5), ("unused", 1)):
            unit.invites.create(uid(), code, "leader", world.cohort, uses, None, None)
            invite = unit.invites.find(code)
            assert invite is not None
            if code != "unused":
                unit.invites.use(invite.id, person.id)
    with world.reading() as unit:
        assert [unit.invites.owner(code) for code in ("one", "many", "unused", "none")] == [person.id, None, None, None]


def test_a_pin_is_kept_sealed(world: World) -> None:
    """What was chosen comes back whole, one at a time; in the table it is ciphertext; forgetting ends it."""
    with world.unit() as unit:
        person = world.person(unit)
        assert unit.web_pins.get(person) is None
        unit.web_pins.choose(person, "digits", b"salt", b"hash of long ago")
        unit.web_pins.choose(person, "pictures", b"other", b"hash of today")
    with world.unit() as unit:
        pin = unit.web_pins.get(person)
        assert pin is not None
        assert (pin.kind, pin.salt, pin.hash) == ("pictures", b"other", b"hash of today")
        (sealed,) = unit.connection.execute(select(web_pins.c.pin)).scalars()
        assert b"hash of today".hex().encode() not in sealed
        unit.web_pins.delete(person.id)
        assert not unit.web_pins.exists(person.id)


def test_tries_are_counted_before_anyone_knows(world: World) -> None:
    """Each try counts at once; while she has to wait none does; a right one begins anew."""
    with world.unit() as unit:
        person = world.person(unit)
        assert unit.web_pins.count_try(person.id, PHONE) is None
        unit.web_pins.choose(person, "digits", b"salt", b"hash")
        assert [unit.web_pins.count_try(person.id, PHONE) for _ in range(3)] == [1, 2, 3]
        unit.web_pins.wait(person.id, PHONE, later(minutes=15))
        assert unit.web_pins.count_try(person.id, PHONE) is None
        assert unit.web_pins.count_try(person.id, NICKNAME) == 1
    with world.unit(minutes=15) as unit:
        assert unit.web_pins.count_try(person.id, PHONE) == 4
        unit.web_pins.reset_tries(person.id, PHONE)
        assert unit.web_pins.count_try(person.id, PHONE) == 1


def test_a_way_that_was_shut_stays_so_until_it_is_opened(world: World) -> None:
    """No try counts there, another PIN changes nothing, other ways go on; opened again it begins anew."""
    with world.unit() as unit:
        person = world.person(unit)
        unit.web_pins.choose(person, "digits", b"salt", b"hash")
        unit.web_pins.count_try(person.id, NICKNAME)
        unit.web_pins.shut(person.id, NICKNAME)
        assert unit.web_pins.count_try(person.id, NICKNAME) is None
        unit.web_pins.choose(person, "digits", b"salt", b"another")
        assert unit.web_pins.count_try(person.id, NICKNAME) is None
        assert unit.web_pins.count_try(person.id, PHONE) == 1
        assert [(each.person_id, each.way) for each in unit.web_pins.shut_ways()] == [(person.id, NICKNAME)]
        assert not unit.web_pins.reopen(person.id, PHONE)
        assert unit.web_pins.reopen(person.id, NICKNAME)
        assert unit.web_pins.count_try(person.id, NICKNAME) == 1


def test_a_token_is_exchanged_once_and_loses_nothing(world: World) -> None:
    """The new one follows from the old one, so two tabs get the same; the old one ends a minute after the new came."""
    open_chat(world)
    with world.unit() as unit:
        session = unit.web_sessions.find(TOKEN)
        assert session is not None
        new = unit.web_sessions.exchange(session, TOKEN)
        assert new != TOKEN
        assert unit.web_sessions.find(TOKEN) is None
        for token, found in ((new, unit.web_sessions.find(new)), (TOKEN, unit.web_sessions.find_exchanged(TOKEN))):
            assert found is not None, token
            assert (found.id, found.chat, found.prefixed, found.exchanging) == (session.id, CHAT, True, True)
        assert unit.web_sessions.find_exchanged("5e56" * 10) is None
        unit.web_sessions.came(session.id)
    with world.unit(seconds=59) as unit:
        assert unit.web_sessions.find_exchanged(TOKEN) is not None
    with world.unit(seconds=61) as unit:
        assert unit.web_sessions.find_exchanged(TOKEN) is None
        assert unit.web_sessions.find(new) is not None


def test_a_token_that_was_renewed_opens_nothing(world: World) -> None:
    """The session and its chat stay; of its tokens the newest opens it alone; other browsers can be closed."""
    open_chat(world)
    open_chat(world, "0the" * 10)
    with world.unit() as unit:
        session = unit.web_sessions.find(TOKEN)
        assert session is not None
        unit.web_sessions.renew(session, "4e11" * 10, prefixed=True)
        unit.web_sessions.close_others(CHAT, session.id)
        found = unit.web_sessions.find("4e11" * 10)
        assert found is not None
        assert (found.id, found.chat) == (session.id, CHAT)
        assert [unit.web_sessions.find(each) for each in (TOKEN, "0the" * 10)] == [None, None]
        assert unit.web_sessions.find_exchanged(TOKEN) is None


def test_a_changed_pin_is_asked_for_elsewhere(world: World) -> None:
    """Where she chose it she goes on; in her other browsers it is asked for at once."""
    open_chat(world)
    open_chat(world, "0the" * 10)
    with world.unit(minutes=1) as unit:
        here, there = unit.web_sessions.find(TOKEN), unit.web_sessions.find("0the" * 10)
        assert here is not None
        assert there is not None
        unit.web_sessions.lock_others(CHAT, here.id)
        assert unit.web_sessions.open_until(here.id) == later(minutes=10)
        assert unit.web_sessions.open_until(there.id) == later(minutes=1)
