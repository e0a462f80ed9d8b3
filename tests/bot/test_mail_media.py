"""Voice notes and photos between leaders and the team: kept, passed on, played in place, and gone in time."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot import clock
from bot.media.store import FetchResult, MediaStore
from bot.messengers.port import Incoming, Kind
from bot.web import thread
from storage.erasure import erase, erase_answer
from tests.bot import samples
from tests.bot.phone import Phone
from tests.bot.rig import Rig, texts
from tests.bot.test_media import Line, carry, files, give, play

PLAY = texts().say("button.play", "es")
WEB = "web-chat-of-hers"


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Rig]:
    """An installation at the real time."""
    it = Rig(tmp_path, now=clock.now())
    it.messenger = Line()
    yield it
    it.close()


@pytest.fixture
def media_store(live: Rig) -> MediaStore:
    """Its shelf, which also deletes what is erased."""
    it = MediaStore(live.folder)
    live.storage.delete_files = it.delete
    return it


def spoke(live: Rig, media_store: MediaStore, phone: Phone, kind: Kind = Kind.VOICE, **fields: object) -> None:
    """Let someone send a voice note or photo."""
    give(phone, kind, samples.ogg() if kind is Kind.VOICE else samples.jpeg(), **fields)
    play(live, media_store)


def opened(live: Rig, ana: Phone, media_store: MediaStore) -> None:
    """Open what a leader said, and play it."""
    ana.say("/mensajes")
    ana.press(next(label for label in ana.last.labels if label.startswith("Colibrí")))
    live.messenger.press(ana.chat, PLAY)
    live.keep()
    live.handle()
    carry(live, media_store)


@pytest.mark.parametrize("kind", [Kind.VOICE, Kind.PHOTO])
def test_said_when_nothing_is_open_it_is_passed_on_if_she_says_so(
    live: Rig, media_store: MediaStore, kind: Kind
) -> None:
    """It is kept while she is asked, and then waits for the team with what was written under it."""
    leader = live.join()
    spoke(live, media_store, leader, kind, text="así quedó")
    assert leader.told == texts().say("home.pass_on", "es")
    assert leader.messages == [("held", "así quedó")]
    leader.press("Sí")
    (item,) = live.rows("SELECT kind FROM media")

    assert leader.messages == [("to_team", "así quedó")]
    assert item == (kind.value,)
    assert len(files(live)) == 1


def test_said_when_nothing_is_open_it_is_erased_if_she_says_no(live: Rig, media_store: MediaStore) -> None:
    """Neither message, nor row, nor file stays."""
    leader = live.join()
    spoke(live, media_store, leader)
    leader.press("No")

    assert (leader.messages, live.count("media"), files(live)) == ([], 0, [])


def test_what_nobody_confirmed_goes_after_a_day(live: Rig, media_store: MediaStore) -> None:
    """The file as well."""
    leader = live.join()
    spoke(live, media_store, leader)
    live.now += timedelta(hours=25)
    with live.unit() as unit:
        live.ticking.tidy(unit)

    assert (leader.messages, live.count("media"), files(live)) == ([], 0, [])


@pytest.mark.parametrize("paused", [False, True])
def test_asked_for_words_to_the_team_she_may_speak(live: Rig, media_store: MediaStore, paused: bool) -> None:
    """A voice note goes straight to the team, from someone who paused as well."""
    leader = live.join()
    if paused:
        with live.unit() as unit:
            unit.people.change(leader.person, participation="paused")
    leader.say("/equipo")
    spoke(live, media_store, leader)

    heard = texts().say("unlooked.voice.on", "es", day="jueves")
    assert leader.told == texts().say("home.passed_on", "es") + "\n\n" + heard
    assert leader.messages == [("to_team", "")]


def test_a_photo_is_no_nickname(live: Rig, media_store: MediaStore) -> None:
    """Asked for a name, what she sends is held like anything else."""
    leader = live.join()
    leader.say("/menu")
    leader.press(texts().say("button.how", "es"))
    leader.press(texts().say("button.nickname", "es"))
    spoke(live, media_store, leader, Kind.PHOTO)

    assert leader.told == texts().say("home.pass_on", "es")
    assert leader.person.nickname == "Colibrí"


def test_an_open_question_comes_first(live: Rig, media_store: MediaStore) -> None:
    """A voice note to an open question is its answer, not a message."""
    leader = live.join()
    live.ask(leader)
    leader.press("2 · 🙁 Bajo")
    spoke(live, media_store, leader)

    assert (leader.messages, "week" in leader.values) == ([], True)


def test_it_is_played_in_place_and_goes_again(live: Rig, media_store: MediaStore) -> None:
    """It cannot be forwarded, and is noted to be taken out half an hour later, or as soon as she leaves it."""
    leader = live.join()
    spoke(live, media_store, leader, seconds=24)
    leader.press("Sí")
    ana = live.facilitator()
    opened(live, ana, media_store)
    assert "nota de voz, 0:24" in ana.screen()
    played = ana.last
    assert played.protected
    assert played.attachment is not None
    assert played.attachment.data.startswith(b"OggS")
    with live.reading() as unit:
        (panel,) = unit.panels.of(ana.person.id, "media")
        assert panel.outbox_seq == unit.outbox.row_of("memory", ana.chat, played.order)
        assert unit.panels.due(live.now + timedelta(minutes=31), 9)
        assert not unit.panels.due(live.now, 9)
    live.messenger.press(ana.chat, "Por atender")
    live.settle()
    with live.reading() as unit:
        assert [each.kind for each in unit.panels.due(live.now, 9)] == ["media"]
    assert [entry.actor for entry in live.audited("messages.played")] == [str(ana.person.id)]


def test_the_team_answers_by_voice(live: Rig, media_store: MediaStore) -> None:
    """Her voice reaches the leader with the ways on beside it; with either of them erased, it is gone."""
    leader, ana = live.join(), live.facilitator()
    leader.say("Se cayó el puente.")
    leader.press("Sí")
    ana.say("/mensajes")
    ana.press(next(label for label in ana.last.labels if label.startswith("Colibrí")))
    ana.press("Contestar")
    spoke(live, media_store, ana)
    leader.look()
    live.messenger.press(ana.chat, "1 · Mandar a nombre del equipo")
    live.keep()
    live.handle()
    carry(live, media_store)

    assert leader.last.attachment is not None
    assert leader.told == texts().say("told.media", "es")
    assert leader.last.labels == ["Contestar", "Necesito apoyo", "Menú"]
    assert len(files(live)) == 1
    with live.unit() as unit:
        erase(unit, leader.person.id)
    assert (files(live), live.count("media")) == ([], 0)


def brought(live: Rig, media_store: MediaStore, person_chat: str, update: str, order: int) -> FetchResult:
    """Let a page's voice note arrive, and have its turn, as the loops do."""
    with live.unit() as unit:
        person = unit.people.at("web", person_chat)
        assert person is not None
        shelved = media_store.put(person.id, person.key, samples.ogg(), 7)
        live.receive.accept(unit, [Incoming("web", update, person_chat, Kind.VOICE, order=order, file="parked")])
    fetched = FetchResult("voice", shelved=shelved)
    with live.unit() as unit:
        (row,) = unit.inbox.pending(unit.now, 1)
        live.receive.step(unit, row, fetched)
    return fetched


def web_leader(live: Rig) -> Phone:
    """Bring someone to the web chat, and to nothing open."""
    leader = live.join()
    with live.unit() as unit:
        unit.addresses.link(leader.person, "web", WEB, clock.new_id())
    return leader


def sent(live: Rig) -> None:
    """Let the mailbox take what is said there."""
    with live.unit() as unit:
        while rows := unit.outbox.claim(unit.now, unit.now + timedelta(minutes=1), 100):
            for row in rows:
                unit.outbox.sent(row.seq, row.seq, unit.now, keep=row.messenger == "web")


def asked_there(live: Rig) -> None:
    """Let the open question stand in the web chat as well."""
    with live.unit() as unit:
        person = unit.people.at("web", WEB)
        assert person is not None
        row = unit.runs.open(person)
        assert row is not None
        live.turns.ask_again(unit, person, row)
    sent(live)


def test_on_the_web_her_own_voice_is_still_there_after_a_reload(live: Rig, media_store: MediaStore) -> None:
    """Held, answered or refused: what was kept stands in her thread, before what was said to it, for her alone."""
    web_leader(live)
    held = brought(live, media_store, WEB, "1", 1)
    sent(live)
    with live.reading() as unit:
        page = thread.read(unit, WEB)
        assert held.media is not None
        assert [bubble.own for bubble in page.bubbles] == [True, False]
        assert page.bubbles[0].media == thread.BubbleMedia(held.media.id, "voice", 7)
        assert thread.holds(unit, WEB, held.media.id) is not None
        assert thread.holds(unit, "another", held.media.id) is None


def test_on_the_web_what_no_answer_takes_is_kept_and_heard(live: Rig, media_store: MediaStore) -> None:
    """A voice note to a question of choices is kept beside it, and stands in her thread."""
    leader = web_leader(live)
    live.ask(leader)
    asked_there(live)
    fetched = brought(live, media_store, WEB, "1", 10_000)
    sent(live)

    assert fetched.taken
    with live.reading() as unit:
        assert len([bubble for bubble in thread.read(unit, WEB).bubbles if bubble.own]) == 1


def test_an_erased_answer_takes_its_bubble_along(live: Rig, media_store: MediaStore) -> None:
    """The echo of a voice note goes with the answer it was."""
    leader = web_leader(live)
    live.ask(leader)
    leader.press("2 · 🙁 Bajo")
    asked_there(live)
    fetched = brought(live, media_store, WEB, "1", 10_000)
    sent(live)
    assert fetched.taken
    with live.unit() as unit:
        assert any(bubble.own for bubble in thread.read(unit, WEB).bubbles)
        erase_answer(unit, leader.person, leader.run.id, "week")
        assert not any(bubble.own for bubble in thread.read(unit, WEB).bubbles)


def test_a_voice_note_that_was_not_sent_is_not_kept(live: Rig, media_store: MediaStore) -> None:
    """Left at the last question, neither row nor file stays."""
    leader, ana = live.join(), live.facilitator()
    leader.say("Se cayó el puente.")
    leader.press("Sí")
    ana.say("/mensajes")
    ana.press(next(label for label in ana.last.labels if label.startswith("Colibrí")))
    ana.press("Contestar")
    spoke(live, media_store, ana)
    assert len(files(live)) == 1
    ana.press("3 · No mandar")

    assert (files(live), live.count("media")) == ([], 0)
