"""The outbox: the courier's queue keeps each chat's order and gives nothing out twice."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from storage.claims import OutboxRow
from storage.people import Person
from storage.tables import outbox
from storage.thread import SpokenTo
from storage.unit import Storage, Unit
from tests.storage.world import NOW, World, later, uid

LEASE = later(minutes=1)


def put(unit: Unit, person: Person | None, text: str = "hola", lane: int = 0, **more: Any) -> int:
    """Put a message for a person, or for a stranger in chat `s`."""
    messenger, chat = (person.messenger or "", person.chat or "") if person else ("telegram", "s")
    kind = more.pop("kind", "message")
    return unit.outbox.put(uid(), person, messenger, chat, kind, lane, {"text": text}, **more)


def claim(unit: Unit, limit: int = 10, **span: float) -> list[OutboxRow]:
    """Claim what is due so long after `NOW`."""
    return unit.outbox.claim(later(**span), LEASE, limit)


def texts(rows: list[OutboxRow]) -> list[str]:
    """Give what rows say."""
    return [row.body["text"] for row in rows]


def state(unit: Unit, seq: int) -> Any:
    """Look at a row as it is stored."""
    return unit.connection.execute(select(outbox).where(outbox.c.seq == seq)).one()


def test_a_row_comes_out_as_it_went_in(world: World) -> None:
    """A claimed row has all that was put, the chat to send to, and what tells whether it should still be said."""
    with world.unit() as unit:
        person = world.person(unit)
        run_id = world.run(unit, person, prompt=4)
        first = put(unit, person, "¿Cómo estás?", run_id=run_id, prompt=4, repeatable=True)
        (row,) = claim(unit)

    assert (row.seq, row.person_id, row.messenger, row.chat) == (first, person.id, "telegram", "1001")
    assert (row.kind, row.lane, row.body) == ("message", 0, {"text": "¿Cómo estás?"})
    assert (row.run_id, row.prompt, row.repeatable, row.edits, row.attempts) == (run_id, 4, True, None, 0)
    assert (row.current_prompt, row.run_status, row.participation) == (4, "open", "active")
    assert row.lookup == world.storage.vault.lookup("address telegram", "1001")
    assert row.edits_message is None


def test_a_claim_tells_what_changed_meanwhile(world: World) -> None:
    """The run's newest prompt, its status and the person's participation are those of the claiming moment."""
    with world.unit() as unit:
        person = world.person(unit)
        run_id = world.run(unit, person)
        put(unit, person, run_id=run_id, prompt=1)
        unit.runs.save(run_id, person, {"v": 1}, "stopped", 2)
        unit.people.change(person, participation="paused")
        (row,) = claim(unit)

    assert (row.prompt, row.current_prompt, row.run_status, row.participation) == (1, 2, "stopped", "paused")


def test_replies_go_before_broadcasts(world: World) -> None:
    """Lane 0 is claimed before lane 1, and inside a lane the oldest first."""
    with world.unit() as unit:
        people = [world.person(unit, str(chat)) for chat in range(4)]
        for person, text, lane in zip(people, ("b1", "r1", "b2", "r2"), (1, 0, 1, 0), strict=True):
            put(unit, person, text, lane)
        assert texts(claim(unit, 3)) == ["r1", "r2", "b1"]
        assert texts(claim(unit)) == ["b2"]
        assert claim(unit) == []


def test_a_chat_is_served_strictly_in_order(world: World) -> None:
    """Of a chat only the first unfinished row can be claimed, even if a later one is in a quicker lane."""
    with world.unit() as unit:
        person = world.person(unit)
        put(unit, person, "broadcast", lane=1)
        put(unit, person, "reply", lane=0)
        (row,) = claim(unit)
        assert row.body["text"] == "broadcast"
        assert claim(unit) == []
        unit.outbox.sent(row.seq, 5, NOW)
        assert texts(claim(unit)) == ["reply"]


def test_a_row_that_waits_holds_its_chat(world: World) -> None:
    """A row not yet due, or queued again for later, lets no later row of its chat overtake it."""
    with world.unit() as unit:
        ana, berta = world.person(unit, "a"), world.person(unit, "b")
        put(unit, ana, "a1", due_at=later(minutes=5))
        put(unit, ana, "a2")
        put(unit, berta, "b1")
        put(unit, berta, "b2")
        (row,) = claim(unit)
        assert row.body["text"] == "b1"
        unit.outbox.retry(row.seq, later(seconds=30), "retry_later")
        assert claim(unit) == []
        (row,) = claim(unit, seconds=30)
        assert (row.body["text"], row.attempts, row.reason) == ("b1", 1, "retry_later")
        assert texts(claim(unit, minutes=5)) == ["a1"]


def test_a_message_goes_with_the_edit_before_it(world: World) -> None:
    """An edit and the message behind it are claimed together; everything else of a chat waits for all before it."""
    with world.unit() as unit:
        person = world.person(unit)
        asked = put(unit, person, "asked")
        first = put(unit, person, "first edit", kind="edit", edits=asked)
        assert texts(claim(unit)) == ["asked"]
        assert claim(unit) == []
        unit.outbox.sent(asked, 5, NOW)

        second = put(unit, person, "second edit", kind="edit", edits=asked)
        question = put(unit, person, "question")
        put(unit, person, "edit of the question", kind="edit", edits=question)
        put(unit, person, "last")
        put(unit, world.person(unit, "2"), "to another")
        assert texts(claim(unit, limit=2)) == ["first edit", "question"]
        assert texts(claim(unit)) == ["to another"]

        unit.outbox.sent(question, 6, NOW)
        assert claim(unit) == []
        unit.outbox.sent(first, None, NOW)
        assert texts(claim(unit)) == ["second edit", "last"]
        unit.outbox.sent(second, None, NOW)
        assert texts(claim(unit)) == ["edit of the question"]


def test_a_message_waits_for_an_edit_that_was_refused(world: World) -> None:
    """A pause that the messenger asks for at an edit is one of the chat: nothing behind it goes before."""
    with world.unit() as unit:
        person = world.person(unit)
        asked = put(unit, person, "asked")
        claim(unit)
        unit.outbox.sent(asked, 5, NOW)
        edit = put(unit, person, "edit", kind="edit", edits=asked)
        assert texts(claim(unit)) == ["edit"]
        unit.outbox.retry(edit, later(seconds=5), "retry_later")
        put(unit, person, "question")
        assert claim(unit, seconds=4) == []
        assert texts(claim(unit, seconds=5)) == ["edit"]
        unit.outbox.sent(edit, None, NOW)
        assert texts(claim(unit, seconds=5)) == ["question"]


def test_what_gives_two_rows_holds_nobody_up(world: World) -> None:
    """However many chats are left alone, each with an edit and a message, the next chat's rows are found."""
    with world.unit() as unit:
        left_alone = set()
        for chat in "abc":
            person = world.person(unit, chat)
            put(unit, person, "edit", kind="edit", edits=1)
            left_alone.add(bytes(state(unit, put(unit, person, "message")).lookup))
        put(unit, world.person(unit, "d"), "found")
        assert texts(unit.outbox.claim(NOW, LEASE, 1, left_alone)) == ["found"]
        last = unit.connection.execute(select(outbox.c.seq).order_by(outbox.c.seq.desc())).scalars().first()
        unit.outbox.retry(last, NOW, "retry_later")
        assert texts(unit.outbox.claim_one("telegram", NOW, LEASE, left_alone, reply=True)) == ["found"]


def test_the_same_chat_on_another_messenger_is_another_chat(world: World) -> None:
    """Order holds within one messenger's chat: the same number elsewhere is not held up."""
    with world.unit() as unit:
        put(unit, world.person(unit, "7", "telegram"), "t1")
        put(unit, world.person(unit, "7", "web"), "w1")
        assert texts(claim(unit)) == ["t1", "w1"]


@pytest.mark.parametrize("end", ["sent", "gone", "failed", "dropped", "unknown"])
def test_a_finished_row_lets_the_next_one_go(world: World, end: str) -> None:
    """However a row ends, the next one of the chat can be claimed after it; nothing of any other chat ends with it."""
    with world.unit() as unit:
        person, other = world.person(unit), world.person(unit, "2")
        held = put(unit, other, "0")
        assert texts(claim(unit)) == ["0"]
        put(unit, person, "1")
        put(unit, person, "2")
        (row,) = claim(unit)
        if end == "sent":
            unit.outbox.sent(row.seq, 9, NOW)
        else:
            unit.outbox.close(row.seq, end, "why")
        assert texts(claim(unit)) == ["2"]
        assert state(unit, row.seq).state == end
        assert state(unit, held).state == "sending"


def test_chats_and_messengers_can_be_left_alone(world: World) -> None:
    """Rows of chats in flight, and of a messenger that is silent, are not claimed."""
    with world.unit() as unit:
        ana, berta, clara = world.person(unit, "a"), world.person(unit, "b"), world.person(unit, "c", "web")
        for person, text in ((ana, "a"), (berta, "b"), (clara, "c")):
            put(unit, person, text)
        flying = [world.storage.vault.lookup("address telegram", "a")]
        assert texts(unit.outbox.claim(NOW, LEASE, 1, flying)) == ["b"]
        assert unit.outbox.claim(NOW, LEASE, 9, flying, ["web"]) == []
        assert texts(unit.outbox.claim(NOW, LEASE, 9, (), ["telegram"])) == ["c"]
        assert texts(claim(unit)) == ["a"]


def test_one_that_is_to_try_first_is_of_no_chat_that_has_to_wait(world: World) -> None:
    """The first message after a pause is the next one's of whom it may be sent to."""
    with world.unit() as unit:
        first, second = world.person(unit), world.person(unit, "1002")
        put(unit, first, "uno")
        put(unit, second, "dos")
        shut = {world.storage.vault.lookup("address telegram", str(first.chat))}
        assert texts(unit.outbox.claim_one("telegram", NOW, LEASE, shut, reply=True)) == ["dos"]
        assert unit.outbox.claim_one("telegram", NOW, LEASE, shut, reply=False) == []
        assert texts(unit.outbox.claim_one("telegram", NOW, LEASE, reply=True)) == ["uno"]


def test_a_claim_takes_no_more_than_it_may(world: World) -> None:
    """However many chats are to be left alone, whether something waits there or not."""
    with world.unit() as unit:
        for chat in "abcd":
            person = world.person(unit, chat)
            unit.outbox.put(uid(), person, "telegram", chat, "message", 0, {"text": chat})
        idle = [bytes(32), bytes(31) + b"x"]

        assert [row.chat for row in unit.outbox.claim(NOW, later(minutes=1), 2, idle)] == ["a", "b"]
        assert [row.chat for row in unit.outbox.claim(NOW, later(minutes=1), 9, idle)] == ["c", "d"]


def test_two_couriers_share_the_work(world: World) -> None:
    """Three couriers at once claim every row exactly once, and every chat's rows in their order."""
    with world.unit() as unit:
        people = [world.person(unit, str(chat)) for chat in range(12)]
        for turn in range(5):
            for chat, person in enumerate(people):
                put(unit, person, f"{chat}-{turn}", lane=chat % 2)
    storages = [world.storage, world.again(), world.again()]
    done: list[tuple[str, int, str]] = []

    def work(storage: Storage) -> None:
        idle = 0
        while idle < 40:
            with storage.unit(NOW) as unit:
                rows = unit.outbox.claim(NOW, LEASE, 3)
            idle = 0 if rows else idle + 1
            for row in rows:
                done.append((row.chat, row.seq, row.body["text"]))
                with storage.unit(NOW) as unit:
                    unit.outbox.sent(row.seq, row.seq, NOW)

    with ThreadPoolExecutor(3) as pool:
        [*pool.map(work, storages)]

    assert len(done) == 60
    assert len({seq for _, seq, _ in done}) == 60
    for chat in range(12):
        said = [text for at, _, text in done if at == str(chat)]
        assert said == [f"{chat}-{turn}" for turn in range(5)]


def test_a_claim_does_not_wait_for_another(pg_world: World) -> None:
    """While one courier's claim is not yet committed another passes its chats over, and waits for nobody."""
    with pg_world.unit() as unit:
        ana, berta = pg_world.person(unit, "a"), pg_world.person(unit, "b")
        for person, text in ((ana, "a1"), (ana, "a2"), (berta, "b1")):
            put(unit, person, text)
    other = pg_world.again()
    with pg_world.unit() as first:
        assert texts(claim(first, 1)) == ["a1"]
        with other.unit(NOW) as second:
            assert texts(claim(second)) == ["b1"]


def test_a_lease_that_ran_out_leaves_doubt(world: World) -> None:
    """A row whose courier died while sending becomes unknown, keeps its words, and can be repeated or left."""
    with world.unit() as unit:
        person = world.person(unit)
        run_id = world.run(unit, person)
        seq = put(unit, person, "¿?", run_id=run_id, prompt=1, repeatable=True)
        claim(unit)
        assert unit.outbox.expired(later(seconds=59)) == []
        (row,) = unit.outbox.expired(later(minutes=1))
        assert (row.seq, row.person_id, row.run_id, row.prompt, row.repeatable) == (seq, person.id, run_id, 1, True)
        assert unit.outbox.expired(later(minutes=1)) == []
        unit.outbox.repeat(seq, later(minutes=2), "repeated")
        (again,) = claim(unit, minutes=2)
        assert (again.body, again.attempts, again.reason) == ({"text": "¿?"}, 1, "repeated")


def test_little_is_left_to_seize(world: World) -> None:
    """Once sent, or given up, a Telegram row has no words left, but where somebody is to decide about it."""
    with world.unit() as unit:
        rows = {}
        for end in ("sent", "gone", "failed", "dropped", "unknown"):
            rows[end] = put(unit, world.person(unit, end), end)
        claim(unit)
        for end, seq in rows.items():
            if end == "sent":
                unit.outbox.sent(seq, 1, NOW)
            else:
                unit.outbox.close(seq, end, "why", keep=end == "unknown")
        assert {end: state(unit, seq).body is None for end, seq in rows.items()} == {
            "sent": True,
            "gone": True,
            "failed": True,
            "dropped": True,
            "unknown": False,
        }


def test_the_web_chat_reads_from_the_outbox(world: World) -> None:
    """Sent rows of a web chat keep their words, in order, with echoes and edits among them."""
    with world.unit() as unit:
        person = world.person(unit, "w1", "web")
        other = world.person(unit, "w2", "web")
        first = put(unit, person, "¿Cómo estás?")
        put(unit, other, "ajeno")
        echo = put(unit, person, "bien", kind="echo")
        edit = put(unit, person, "✓", kind="edit", edits=first)
        for _ in range(2):
            for row in claim(unit):
                unit.outbox.sent(row.seq, row.seq, later(minutes=1, seconds=9), keep=True)
        said = unit.outbox.thread("web", "w1", 0, 10)
        assert [(row.seq, row.kind, row.body["text"], row.edits) for row in said] == [
            (first, "message", "¿Cómo estás?", None),
            (echo, "echo", "bien", None),
            (edit, "edit", "✓", first),
        ]
        assert [row.at for row in said] == [later(minutes=1), NOW, later(minutes=1)]
        assert unit.outbox.thread("web", "w1", first, 1) == said[1:2]
        assert unit.outbox.thread("web", "w1", edit, 10) == []
        assert unit.outbox.latest("web", "w1", 2) == said[1:]
        assert unit.outbox.latest("web", "w3", 2) == []


def test_nothing_shows_before_what_comes_earlier(world: World) -> None:
    """An echo does not show while an earlier row of its chat is on its way: a page resumes by number alone."""
    with world.unit() as unit:
        person = world.person(unit, "w1", "web")
        first = put(unit, person, "1")
        echo = put(unit, person, "2", kind="echo")
        assert unit.outbox.thread("web", "w1", 0, 10) == []
        assert unit.outbox.latest("web", "w1", 10) == []
        claim(unit)
        assert unit.outbox.thread("web", "w1", 0, 10) == []
        unit.outbox.sent(first, first, NOW, keep=True)
        assert [row.seq for row in unit.outbox.thread("web", "w1", 0, 10)] == [first, echo]


def test_a_dropped_row_does_not_show(world: World) -> None:
    """What was not said is not in the thread, and holds nothing back."""
    with world.unit() as unit:
        person = world.person(unit, "w1", "web")
        unit.outbox.close(put(unit, person, "1"), "dropped", "paused")
        echo = put(unit, person, "2", kind="echo")
        assert [row.seq for row in unit.outbox.thread("web", "w1", 0, 10)] == [echo]


def test_the_prompt_she_had_seen_is_found(world: World) -> None:
    """What is written answers the message it replies to, else the newest of a run before it in the messenger's order.

    A reply to one of ours that belongs to no run answers nothing.
    """
    with world.unit() as unit:
        person = world.person(unit)
        run_id = world.run(unit, person)
        for prompt, message in ((1, 10), (2, 20), (3, 30)):
            seq = put(unit, person, run_id=run_id, prompt=prompt)
            put(unit, person, "no run")
            claim(unit)
            unit.outbox.sent(seq, message, NOW)
            (row,) = claim(unit)
            unit.outbox.sent(row.seq, message + 1, NOW)

        def seen(chat: str, before: int, reply_to: int | None = None) -> tuple[UUID, int | None] | None:
            return unit.outbox.spoken_to("telegram", chat, before, reply_to).known

        assert seen("1001", 10) is None
        assert seen("1001", 11) == (run_id, 1)
        assert seen("1001", 30) == (run_id, 2)
        assert seen("1001", 99) == (run_id, 3)
        assert seen("1001", 99, reply_to=10) == (run_id, 1)
        assert seen("1001", 99, reply_to=11) is None
        assert seen("1001", 99, reply_to=98) == (run_id, 3)
        assert seen("1002", 99) is None


def test_a_prompt_that_may_have_been_seen_is_told(world: World) -> None:
    """A prompt whose sending was never confirmed stands beside the known one, if she spoke after its first try."""
    with world.unit() as unit:
        person = world.person(unit)
        run_id = world.run(unit, person)
        first = put(unit, person, run_id=run_id, prompt=1)
        claim(unit)
        unit.outbox.sent(first, 10, NOW)
        put(unit, person, run_id=run_id, prompt=2)
        (row,) = claim(unit, minutes=10)
        unit.outbox.close(row.seq, "unknown", "lost")
        unit.outbox.repeat(row.seq, later(minutes=20), "answer_lost")

        def found(before: int, minutes: int, reply_to: int | None = None) -> SpokenTo:
            return unit.outbox.spoken_to("telegram", "1001", before, reply_to, later(minutes=minutes))

        assert unit.outbox.spoken_to("telegram", "1001", 99) == SpokenTo((run_id, 1))
        assert found(99, 9) == SpokenTo((run_id, 1))
        doubtful = SpokenTo((run_id, 1), (run_id, 2), later(minutes=10))
        assert found(99, 11) == doubtful
        assert found(99, 11, reply_to=10) == SpokenTo((run_id, 1))
        assert found(99, 11, reply_to=50) == replace(doubtful, named=True)
        claim(unit, minutes=20)
        unit.outbox.sent(row.seq, 60, later(minutes=20))
        # Since it was repeated it has a number: what was said between the two is as doubtful as before.
        assert found(55, 11) == doubtful
        assert found(99, 21) == SpokenTo((run_id, 2))
        assert found(99, 21, reply_to=50) == SpokenTo((run_id, 2), (run_id, 2), later(minutes=10), named=True)


def test_what_is_refused_for_now_is_in_no_doubt(world: World) -> None:
    """A prompt that the messenger did not take, and that is tried again, was not seen."""
    with world.unit() as unit:
        person = world.person(unit)
        run_id = world.run(unit, person)
        seq = put(unit, person, run_id=run_id, prompt=1)
        claim(unit)
        unit.outbox.retry(seq, later(minutes=1), "unreachable")
        assert unit.outbox.spoken_to("telegram", "1001", 99, None, later(minutes=9)) == SpokenTo(None)


def test_a_prompts_message_is_found(world: World) -> None:
    """The newest message of a prompt is found, sent or not; edits and other prompts are not meant."""
    with world.unit() as unit:
        person = world.person(unit)
        run_id = world.run(unit, person)
        first = put(unit, person, run_id=run_id, prompt=1)
        assert unit.outbox.message_of(run_id, 1) == (first, None)
        claim(unit)
        unit.outbox.sent(first, 77, NOW)
        put(unit, person, kind="edit", run_id=run_id, prompt=1, edits=first)
        assert unit.outbox.message_of(run_id, 1) == (first, 77)
        assert unit.outbox.message_of(run_id, 2) is None
        assert unit.outbox.row_of("telegram", "1001", 77) == first
        assert unit.outbox.row_of("telegram", "1001", 78) is None
        (edit,) = claim(unit)
        assert (edit.edits, edit.edits_message) == (first, 77)


def test_what_waits_is_counted(world: World) -> None:
    """Rows queued for a moment that comes, or being sent, are counted; later, finished ones and echoes are not."""
    with world.unit() as unit:
        person, other = world.person(unit, "1"), world.person(unit, "2")
        for each in (person, person, other):
            put(unit, each)
        put(unit, person, kind="echo")
        put(unit, other, due_at=NOW + timedelta(hours=1))
        (row, _) = claim(unit)
        assert unit.outbox.waiting(NOW) == {person.messenger: 3}
        assert unit.outbox.waiting(NOW + timedelta(hours=1)) == {person.messenger: 4}
        unit.outbox.sent(row.seq, 1, NOW)
        assert unit.outbox.waiting(NOW) == {person.messenger: 2}


def test_strangers_are_answered_under_the_days_key(world: World) -> None:
    """A row for someone who is no person here is claimed like any other, until its day is forgotten."""
    with world.unit() as unit:
        put(unit, None, "¿Quién eres?")
        (row,) = claim(unit)
        assert (row.person_id, row.chat, row.body, row.participation) == (None, "s", {"text": "¿Quién eres?"}, None)
        unit.outbox.retry(row.seq, NOW, "later")
    with world.again().unit(NOW) as unit:
        (row,) = claim(unit)
        assert row.body == {"text": "¿Quién eres?"}
        unit.outbox.retry(row.seq, NOW, "later")
    with world.unit(days=3) as unit:
        unit.inbox.forget(date(2026, 3, 4))
        assert claim(unit) == []
        stored = state(unit, row.seq)
        assert (stored.state, stored.reason, stored.body) == ("dropped", "forgotten", None)


def test_what_no_key_opens_is_dropped(world: World) -> None:
    """A queued row whose person's key is gone is dropped when its turn comes, and holds nobody up."""
    with world.unit() as unit:
        person, other = world.person(unit, "1"), world.person(unit, "2")
        seq = put(unit, person)
        put(unit, other, "2")
        unit.connection.exec_driver_sql("DELETE FROM person_keys WHERE created_at IS NOT NULL")
        unit.connection.exec_driver_sql("UPDATE outbox SET attempts = 0")
        assert claim(unit) == []
        assert (state(unit, seq).state, state(unit, seq).reason) == ("dropped", "key")


def test_a_body_put_into_another_row_is_noticed(world: World) -> None:
    """Words moved to another row of the same person are not sent."""
    with world.unit() as unit:
        person = world.person(unit)
        put(unit, person, "1")
        second = put(unit, person, "2")
    with world.storage.database.write() as connection:
        words = select(outbox.c.body).order_by(outbox.c.seq.desc()).limit(1).scalar_subquery()
        connection.execute(outbox.update().values(body=words))
    with world.unit() as unit:
        assert [row.seq for row in claim(unit)] == [second], "the one that they belong to"


def test_what_was_put_before_the_clock_went_back_is_due(world: World) -> None:
    """A row of a time to come was put there before the clock was put back: it is not left lying until that time."""
    with world.unit(hours=1) as unit:
        person = world.person(unit)
        unit.outbox.put(uid(), person, "telegram", "1001", "message", 0, {"text": "hola"})
    with world.unit() as unit:
        (row,) = unit.outbox.claim(unit.now, later(minutes=1), 9)
        unit.outbox.retry(row.seq, later(minutes=1), "unreachable")
    with world.unit() as unit:
        assert unit.outbox.claim(unit.now, later(minutes=1), 9) == []
    with world.unit(minutes=1) as unit:
        assert [row.attempts for row in unit.outbox.claim(unit.now, later(minutes=2), 9)] == [1]


def test_what_was_sent_lately_is_counted_by_chat(world: World) -> None:
    """Also where ten thousand rows were added behind it; never what the web chat's people said themselves."""
    with world.unit() as unit:
        person, other = world.person(unit), world.person(unit, "1002")
        for seq in (put(unit, person, lane=1), put(unit, person), put(unit, other, lane=1)):
            unit.outbox.sent(seq, 1, NOW)
        put(unit, other, kind="echo")
        waits = put(unit, person, lane=1)
        row = state(unit, waits)._asdict() | {"state": "dropped"}
        behind = [row | {"seq": waits + place, "id": uid()} for place in range(1, 10_100)]
        unit.connection.execute(insert(outbox), behind)
        counted = unit.outbox.begun(NOW)
        chats = [world.storage.vault.lookup("address telegram", chat) for chat in ("1001", "1002")]

        assert counted == {("telegram", chats[0]): 2, ("telegram", chats[1]): 1}
        assert unit.outbox.begun(later(minutes=1)) == {}
