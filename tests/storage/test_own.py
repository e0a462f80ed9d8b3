"""What a leader's own side asks of the stores, on both databases."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from storage.erasure import erase_answer, erase_messages
from storage.people import Person
from storage.tables import memberships, people
from tests.media_rows import sent_by
from tests.storage.world import NOW, World, later, uid

WEB = "canary-web-chat"


def test_runs_are_listed_by_what_can_be_done_with_them(world: World) -> None:
    """All of hers, those that hold an answer, and those she could still go on with; the newest first."""
    with world.unit() as unit:
        person, other = world.person(unit, "1"), world.person(unit, "2")
        done, stopped = world.run(unit, person, "completed"), world.run(unit, person, "stopped")
        unit.answers.add(uid(), done, "mood", person, '{"value":2,"label":"Bajo"}', NOW)
        world.run(unit, other)

        assert [row.id for row in unit.runs.of(person)] == [stopped, done]
        assert [row.id for row in unit.runs.answered(person)] == [done]
        assert [row.id for row in unit.runs.resumable(person)] == [stopped]


def test_what_a_run_remembers_changes_nothing_else(world: World) -> None:
    """Its memory is replaced; when it was active and when it speaks up again stay as they were."""
    with world.unit() as unit:
        person = world.person(unit)
        run_id = world.run(unit, person, "postponed")
        unit.runs.defer(run_id, later(hours=3))
    with world.unit(hours=1) as unit:
        unit.runs.remember(run_id, person, {"v": 2, "draft": []})
        row = unit.runs.get(run_id, person)

        assert row is not None
        assert (row.state, row.status, row.active_at) == ({"v": 2, "draft": []}, "postponed", NOW)
        assert [each.id for each in unit.runs.due(later(hours=3), 9)] == [run_id]


def test_whoever_something_is_due_for_is_found(world: World) -> None:
    """The longest waiting first; whatever may bring her moment forward lets her be looked at soon."""
    with world.unit() as unit:
        ana, berta, carmen, dora = (world.person(unit, str(chat)) for chat in range(4))
        for person, moment in ((ana, later(hours=2)), (berta, later(hours=1)), (carmen, later(hours=3)), (dora, None)):
            unit.people.look(person.id, moment)

        assert list(unit.people.due(later(minutes=59))) == []
        assert list(unit.people.due(later(hours=2))) == [berta.id, ana.id]

        unit.people.prefer(dora, hours=["evening"])
        unit.people.change(carmen, participation="paused")
        assert set(unit.people.due(NOW)) == {carmen.id, dora.id}
        unit.people.change(unit.people.prefer(ana, hours=None), nickname="Ceiba", language="en")
        assert ana.id not in unit.people.due(NOW), "nothing that decides when"


def test_what_moments_are_reckoned_by_lets_everyone_be_looked_at_who_waits(world: World) -> None:
    """A role, a cohort's or the organisation's own hours and zone: of those for whom something is to come."""
    with world.unit() as unit:
        ana, berta, nobody = (world.person(unit, str(chat)) for chat in range(3))
        other = unit.cohorts.add(uid(), "Otra", ("es",))
        membership = uid()

        def rest() -> None:
            for person, moment in ((ana, later(days=1)), (berta, later(days=1)), (nobody, None)):
                unit.people.look(person.id, moment)
            assert not unit.people.due(NOW)

        for change, found in (
            (lambda: unit.memberships.join(membership, ana.id, other.id), {ana.id}),
            (lambda: unit.cohorts.change(other), {ana.id}),
            (lambda: unit.memberships.end(membership), {ana.id}),
            (lambda: unit.memberships.reopen(membership), {ana.id}),
            (lambda: unit.memberships.leave(ana.id, other.id), {ana.id}),
            (lambda: unit.memberships.join(uid(), nobody.id, other.id), set()),
            (lambda: unit.roles.grant(uid(), nobody.id, "facilitator"), {nobody.id}),
            (lambda: unit.organisation.set({"zone": "America/Tijuana"}), {ana.id, berta.id}),
        ):
            rest()
            change()
            assert set(unit.people.due(NOW)) == found


def test_a_run_of_a_dialog_is_known_whichever_version(world: World) -> None:
    """By its name, whatever became of it."""
    with world.unit() as unit:
        asked, never = world.person(unit, "1"), world.person(unit, "2")
        world.run(unit, asked, "expired")

        assert unit.runs.had(asked.id, "check_in")
        assert not unit.runs.had(asked.id, "welcome")
        assert not unit.runs.had(never.id, "check_in")


def test_a_nickname_is_found_within_its_cohort_alone(world: World) -> None:
    """Capitals and spacing do not count; her own does not, nor that of who left; in another cohort it is another."""
    with world.unit() as unit:
        ana, berta = world.person(unit, "1"), world.person(unit, "2")
        other = unit.cohorts.add(uid(), "Otra", ("es",)).id
        unit.memberships.join(uid(), berta.id, other)
        unit.people.change(ana, nickname="Flor de  Mayo")

        def called(name: str, cohorts: list[UUID], but: UUID) -> bool:
            return not list(unit.people.free([name], cohorts, but))

        assert called("flor de mayo", [world.cohort], berta.id)
        assert called("Flor de Mayo", [other, world.cohort], berta.id)
        assert not called("Flor de Mayo", [world.cohort], ana.id)
        assert not called("Flor de Mayo", [other], berta.id)
        assert not called("Flor", [world.cohort], berta.id)
        hashes = unit.connection.execute(select(memberships.c.nickname_lookup)).scalars().all()
        assert None not in hashes
        assert len(set(hashes)) == 3, "hers, none here, none there"

        unit.people.change(unit.people.known(ana.id), nickname="Ceiba")
        assert not called("Flor de Mayo", [world.cohort], berta.id)
        assert called("Ceiba", [world.cohort], berta.id)
        (membership,) = unit.memberships.held(ana.id)
        unit.memberships.end(membership.id)
        assert not called("Ceiba", [world.cohort], berta.id)
        unit.people.change(unit.people.known(ana.id), nickname="Nopal")
        unit.memberships.reopen(membership.id)
        assert not called("Ceiba", [world.cohort], berta.id)
        assert called("Nopal", [world.cohort], berta.id)


def test_who_came_before_nicknames_were_found_so_is_called_all_the_same(world: World) -> None:
    """As long as nobody filled in a membership, its person's row is opened; a damaged one is passed over."""
    with world.unit() as unit:
        ana, berta, carmen = (world.person(unit, str(chat)) for chat in range(3))
        unit.people.change(ana, nickname="Ceiba")
        unit.people.change(carmen, nickname="Nopal")
        unit.connection.execute(update(memberships).values(nickname_lookup=None))
        unit.connection.execute(update(people).where(people.c.id == carmen.id).values(nickname=b"\x00"))

        names = ["Ceiba", "CEIBA", "Nopal"]
        assert list(unit.people.free(names, [world.cohort], berta.id)) == ["Nopal"]
        assert list(unit.people.free(names, [world.cohort], ana.id)) == names
        unit.people.call(unit.people.known(ana.id))
        assert list(unit.people.free(names, [world.cohort], berta.id)) == ["Nopal"]
        left = unit.connection.execute(select(memberships.c.person_id).where(memberships.c.nickname_lookup.is_(None)))
        assert set(left.scalars()) == {berta.id, carmen.id}


def say(world: World, person: Person, number: int, messenger: str = "telegram", chat: str = "1001") -> int:
    """Say something that was sent, with the messenger's own number."""
    with world.unit(minutes=number) as unit:
        seq: int = unit.outbox.put(uid(), person, messenger, chat, "message", 0, {"text": "hola", "keyboard": []})
        unit.outbox.sent(seq, number, unit.now, keep=messenger == "web")
    return seq


def test_only_the_newest_message_is_the_newest(world: World) -> None:
    """A message with another one behind it, sent or on its way, is not changed in place."""
    with world.unit() as unit:
        person = world.person(unit)
    first, second = say(world, person, 1), say(world, person, 2)
    with world.unit(minutes=3) as unit:
        assert unit.outbox.newest("telegram", "1001", 1) is None
        assert unit.outbox.newest("telegram", "1001", 2) == second
        assert unit.outbox.row_of("telegram", "1001", 1) == first
        unit.outbox.put(uid(), person, "telegram", "1001", "edit", 0, {"text": None}, edits=second)
        assert unit.outbox.newest("telegram", "1001", 2) == second
        unit.outbox.put(uid(), person, "telegram", "1001", "message", 0, {"text": "hola"})
        assert unit.outbox.newest("telegram", "1001", 2) is None


def test_recent_messages_are_named_until_they_are_taken_out(world: World) -> None:
    """Those of the last two days, in order; what is being taken out is not named twice."""
    with world.unit() as unit:
        person, other = world.person(unit), world.person(unit, "2002")
    rows = [say(world, person, number) for number in (1, 2, 3)]
    elsewhere = say(world, other, 1, "telegram", "2002")
    with world.unit(minutes=4) as unit:
        assert unit.outbox.recent("telegram", "1001", later(minutes=2)) == [(rows[1], 2), (rows[2], 3)]
        unit.outbox.tidied(rows)
        assert unit.outbox.recent("telegram", "1001", NOW) == []
        assert unit.outbox.recent("telegram", "2002", NOW) == [(elsewhere, 1)]
        unit.outbox.put(uid(), person, "telegram", "1001", "delete", 0, {"messages": [1, 2, 3]})
        (claimed,) = unit.outbox.claim(unit.now, unit.now + timedelta(minutes=1), 9)
        assert (claimed.kind, claimed.body) == ("delete", {"messages": [1, 2, 3]})


def test_a_mailbox_can_be_blanked(world: World) -> None:
    """Of one chat every word goes; of another none."""
    with world.unit() as unit:
        person, other = world.person(unit, WEB, "web"), world.person(unit, "b", "web")
    say(world, person, 1, "web", WEB)
    say(world, other, 2, "web", "b")
    with world.unit(minutes=3) as unit:
        unit.outbox.put(uid(), person, "web", WEB, "message", 0, {"text": "after"})
        assert unit.outbox.blank("web", WEB) == 1
        assert [row.body["text"] for row in unit.outbox.claim(unit.now, unit.now, 9)] == ["after"]
        assert unit.outbox.latest("web", WEB, 9) == []
        assert len(unit.outbox.latest("web", "b", 9)) == 1


def test_the_trail_tells_who_did_something_since(world: World) -> None:
    """One action, since a moment, the newest first."""
    for hours, actor in ((0, "a"), (1, "b"), (2, "c")):
        with world.unit(hours=hours) as unit:
            unit.audit.add(actor, "answers.read", "x", {})
            unit.audit.add(actor, "other", "x", {})
    with world.reading(hours=3) as unit:
        assert list(unit.audit.done("answers.read", later(hours=1))) == [
            (later(hours=2), "c", "x"),
            (later(hours=1), "b", "x"),
        ]


def test_an_answer_is_erased_with_all_that_belongs_to_it(world: World) -> None:
    """Every revision, its voice notes and what the mailbox quotes go; its neighbour and other people's stay."""
    with world.unit() as unit:
        person = world.person(unit, WEB, "web")
        run_id = world.run(unit, person)
        voice, photo, kept = uid(), uid(), uid()
        for item, path in ((voice, None), (photo, "week"), (kept, "need")):
            kind, mime = ("photo", "image/png") if item == photo else ("voice", "audio/ogg")
            unit.media.add(item, person.id, kind, mime, 9, item.hex, NOW, run_id=run_id, path=path)
        elsewhere = uid()
        another = world.run(unit, person, "completed")
        unit.media.add(elsewhere, person.id, "voice", "audio/ogg", 9, "x", NOW, run_id=another, path="week")
        unit.answers.add(uid(), run_id, "week", person, '{"value":["Hubo junta."],"label":"Hubo junta."}', NOW)
        said = f'{{"value":["Ya no.",{{"media":"voice","id":"{voice.hex}","seconds":3}}],"label":"Ya no."}}'
        unit.answers.add(uid(), run_id, "week", person, said, NOW)
        unit.answers.add(uid(), run_id, "need", person, '{"value":"call","label":"Que me llamen"}', NOW)
        for path in ("week", "need"):
            unit.asides.add(uid(), run_id, path, person, ("No sé.",))
        for kind, text in (("echo", "Hubo junta."), ("echo", "hola"), ("message", "¿Qué?\n→ Ya no.")):
            unit.outbox.put(uid(), person, "web", WEB, kind, 0, {"text": text, "keyboard": []})
        for row in unit.outbox.claim(unit.now, later(minutes=1), 9):
            unit.outbox.sent(row.seq, None, unit.now, keep=True)
        erased = erase_answer(unit, person, run_id, "week")

        assert sorted(erased.files) == sorted((voice.hex, photo.hex))
        assert erased.rows == {"answers": 2, "asides": 1, "media": 2, "outbox": 2, "quotes": 0}
        assert [each.path for each in unit.asides.of(run_id, person)] == ["need"]
        assert (sorted(unit.files), unit.erasing) == (sorted(erased.files), True)
        assert set(unit.answers.of(run_id, person)) == {"need"}
        assert {item.id for item in sent_by(unit, person.id)} == {kept, elsewhere}
        assert [each.body["text"] for each in unit.outbox.latest("web", WEB, 9)] == ["hola"]


def test_a_mailbox_keeps_what_is_not_of_the_answer(world: World) -> None:
    """Short words are hers where their own run says them or they are quoted; long ones, and her voice, anywhere."""
    with world.unit() as unit:
        person = world.person(unit, WEB, "web")
        run_id, another = world.run(unit, person), world.run(unit, person, "completed")
        voice = uid()
        unit.media.add(voice, person.id, "voice", "audio/ogg", 9, voice.hex, NOW, run_id=run_id, path="week")
        pieces = f'["once letras","doce letras.",{{"media":"voice","id":"{voice.hex}"}}]'
        said = f'{{"value":{pieces},"label":null,"reopened":true}}'
        unit.answers.add(uid(), run_id, "week", person, said, NOW)
        for run, body in (
            (run_id, {"text": "Anoté: once letras"}),
            (another, {"text": "Otras once letras, que son de otra. True, None."}),
            (another, {"text": "También doce letras. de más"}),
            (another, {"text": "Un audio.", "media": {"id": voice.hex}}),
            (another, {"text": "Otro audio.", "media": {"id": uid().hex}}),
        ):
            seq = unit.outbox.put(uid(), person, "web", WEB, "message", 0, {"keyboard": [], **body}, run)
            unit.outbox.sent(seq, None, unit.now, keep=True)
        erase_answer(unit, person, run_id, "week")

        left = [each.body["text"] for each in unit.outbox.latest("web", WEB, 9)]
        assert left == ["Otras once letras, que son de otra. True, None.", "Otro audio."]


def test_messages_are_erased_with_all_that_belongs_to_them(world: World) -> None:
    """Words, voices, notices and what the mailbox shows of them go, both ways; answers and other people's stay."""
    with world.unit() as unit:
        person, other, ana = world.person(unit, WEB, "web"), world.person(unit, "b", "web"), world.person(unit, "1")
        hers, theirs, kept, gone, others = (uid() for _ in range(5))
        for item, owner in ((hers, person), (theirs, ana), (kept, person), (gone, person), (others, other)):
            unit.media.add(item, owner.id, "voice", "audio/ogg", 9, item.hex, NOW)
        unit.media.erased(gone)
        first, stays = uid(), uid()
        unit.messages.add(first, person, "to_team", "Nos amenazaron.", NOW, world.cohort)
        unit.messages.add(uid(), person, "to_team", "", NOW, world.cohort, media_id=hers)
        unit.messages.add(uid(), person, "to_team", "", NOW, world.cohort, media_id=gone)
        unit.messages.add(uid(), person, "from_team", "Ya vamos.", NOW, world.cohort, ana.id, theirs)
        unit.messages.add(stays, other, "to_team", "¿Cómo vas?", NOW, world.cohort, media_id=others)
        for conversation, whose in ((first, person), (stays, other)):
            unit.readings.hear(ana.id, conversation, whose.id, 1)
        run_id = world.run(unit, person)
        unit.alerts.add(uid(), person.id, world.cohort, message_id=first)
        unit.alerts.add(uid(), person.id, world.cohort, run_id=run_id, path="week")
        unit.alerts.add(uid(), other.id, world.cohort, message_id=stays)
        for to, kind, said in (
            (person, "echo", {"text": "Nos amenazaron."}),
            (person, "echo", {"text": "", "media": {"id": hers.hex}}),
            (person, "message", {"text": "Del equipo: Ya vamos.", "keyboard": [], "media": {"id": theirs.hex}}),
            (person, "message", {"text": "¿Cómo vas?", "keyboard": []}),
            (other, "echo", {"text": "Nos amenazaron."}),
        ):
            unit.outbox.put(uid(), to, "web", WEB if to is person else "b", kind, 0, said)
        for row in unit.outbox.claim(unit.now, later(minutes=1), 9):
            unit.outbox.sent(row.seq, None, unit.now, keep=True)
        for row in unit.outbox.claim(unit.now, later(minutes=1), 9):
            unit.outbox.sent(row.seq, None, unit.now, keep=True)
        erased = erase_messages(unit, person)

        assert erased.rows == {"alerts": 1, "media": 3, "message_readings": 1, "messages": 4, "outbox": 3}
        assert sorted(erased.files) == sorted((hers.hex, theirs.hex))
        assert (sorted(unit.files), unit.erasing) == (sorted(erased.files), True)
        assert [item.id for item in sent_by(unit, person.id)] == [kept]
        assert [item.id for each in (ana, other) for item in sent_by(unit, each.id)] == [others]
        assert [each.body["text"] for each in unit.outbox.latest("web", WEB, 9)] == ["¿Cómo vas?"]
        assert len(unit.outbox.latest("web", "b", 9)) == 1
        assert len(unit.messages.list()) == 1
        assert unit.readings.heard(ana.id, stays) == 1


def test_files_are_deleted_only_once_it_is_committed(world: World) -> None:
    """What a transaction that fails would have erased is still there, its files too."""
    deleted: list[str] = []
    world.storage.delete_files = deleted.extend
    with pytest.raises(RuntimeError), world.unit() as unit:  # noqa: PT012  the failing block is what is tested
        unit.files.append("a")
        raise RuntimeError
    assert deleted == []
    with world.unit() as unit:
        unit.files.append("b")

    assert deleted == ["b"]
