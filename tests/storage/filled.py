"""A database with something in every table, and canaries in everything that has to be sealed."""

from uuid import UUID

from sqlalchemy import func, insert, select

from storage.epoch_change import erasure_lookup
from storage.key_ring import former_owner
from storage.people import Person
from storage.schedules import ScheduledDialog
from storage.signs import Judgement
from storage.tables import (
    alerts_before,
    erasures,
    former_keys,
    leases,
    metadata,
    named_on_screens,
    processes,
    resealing,
)
from storage.unit import Unit
from tests.storage.world import HASH, NOW, World, later, uid

CANARY = "ColibríCanario"
CHAT = "5559876543210"
WEB_CHAT = "canary-web-4471"
STRANGER = "5550001112223"
CODE = "INVITE-K7Q2M9-CANARY"
TOKEN = "canary-token-90125"
LINK = "LINK-8W3F5T-CANARY"
NICKNAME = "Xóchitl del Monte"
COHORT = "Colectiva de la Sierra Norte"
SECRETS = (CANARY, CHAT, WEB_CHAT, STRANGER, CODE, TOKEN, LINK, NICKNAME, COHORT)
"""What no file and no row may show; each was written somewhere."""


def fill(world: World) -> Person:
    """Put something into every table, and give the person to whom most of it belongs."""
    world.begin_epochs()
    with world.unit() as unit:
        cohort = unit.cohorts.add(uid(), COHORT, ("es", "mix"), None, False, {"signs": CANARY}).id
        person = world.person(unit, CHAT)
        unit.addresses.link(person, "web", WEB_CHAT, uid())
        person = unit.people.prefer(unit.people.change(person, nickname=NICKNAME), about=CANARY)
        unit.memberships.join(uid(), person.id, cohort)
        unit.roles.grant(uid(), person.id, "facilitator", cohort)
        unit.role_rests.add(uid(), person.id, None)
        unit.invites.create(uid(), CODE, "leader", cohort, 3, later(days=7), person.id)
        unit.invites.create(uid(), f"{CODE}-2", "leader", cohort, 1, later(days=7), person.id, NICKNAME)
        unit.invites.create(uid(), f"{CODE}-3", "leader", cohort, 1, later(days=7), person.id, NICKNAME)
        own = unit.invites.find(f"{CODE}-3")
        assert own is not None
        unit.invites.use(own.id, person.id)
        invite = unit.invites.find(CODE)
        assert invite is not None
        unit.invites.use(invite.id, person.id)
        unit.consents.add(uid(), person, "given", "v1", "es", f"¿Aceptas? {CANARY}")
        unit.organisation.set({"name": CANARY, "care": f"Llama a {CANARY}"})
        unit.web_sessions.open(uid(), TOKEN, WEB_CHAT, later(minutes=10))
        unit.web_links.add(uid(), person.id, LINK, later(days=14))
        unit.link_requests.add(uid(), person.id)
        unit.recollections.add(uid(), invite.id, CANARY)
        unit.message_notices.add(uid(), person.id, "message", uid())
        unit.web_pins.choose(person, "digits", b"salt", CANARY.encode())
        unit.web_pins.count_try(person.id, "nickname")
        unit.connection.execute(insert(leases).values(name="courier", holder="somebody", until=later(minutes=1)))
        seen = {"folder": "f", "began_at": NOW, "seen_at": NOW}
        unit.connection.execute(insert(processes).values(id=uid(), part="run", version="0.2.0", **seen))
        unit.fetches.note("telegram")
        unit.webhooks.note_set("telegram", "https://hilo.example.org/telegram")
        unit.restores.add(uid(), NOW)
        unit.connection.execute(insert(resealing).values(id=1, stage="done"))
        unit.audit.add(person.id, "read", cohort, {"why": CANARY})
        wrapped = unit.vault.wrap_former(CANARY.encode().ljust(32), former_owner(1))
        unit.connection.execute(insert(former_keys).values(number=1, wrapped=wrapped, replaced_at=unit.now))
        unit.connection.execute(insert(named_on_screens).values(outbox_seq=9999, person_id=person.id))
        unit.connection.execute(insert(erasures).values(lookup=erasure_lookup(unit, uid()), erased_at=NOW))
        _converse(world, unit, person, cohort)
    with world.unit(minutes=1) as unit:
        _send(unit)
    with world.reading() as unit:
        for table in metadata.sorted_tables:
            found = unit.connection.execute(select(func.count()).select_from(table)).scalar_one()
            assert found > 0, f"{table.name} is empty: this database proves nothing about it"
    return person


def _converse(world: World, unit: Unit, person: Person, cohort: UUID) -> None:
    delivery, broadcast = uid(), uid()
    due = [(delivery, person.id, NOW)]
    unit.broadcasts.order(broadcast, "k", HASH, cohort, {"why": CANARY}, uid(), None, NOW, due)
    _repeat(unit, broadcast, delivery, cohort)
    run_id = world.run(unit, person, broadcast_id=broadcast, delivery_id=delivery)
    unit.broadcasts.started(delivery, run_id)
    unit.hand_notices.add(broadcast, person.id, "message", uid())
    decision = uid()
    unit.decisions.add(decision, "decision", cohort, broadcast, {"words": {"es": {"heard": CANARY}}}, uid())
    unit.decisions.link(uid(), decision, person.id, "moved", run_id=run_id)
    unit.quotes.add(uid(), person, cohort, run_id, "story", f"Ya nadie baja {CANARY}", "es", uid())
    unit.frozen_totals.add(uid(), cohort, broadcast, {"dialog": CANARY, "question": CANARY, "figures": {"4": 5}}, uid())
    unit.runs.save(run_id, person, {"v": 1, "draft": [CANARY]}, "open", 1)
    for _ in range(3):
        unit.answers.add(uid(), run_id, "story", person, f'{{"value":"{CANARY}"}}', NOW)
    unit.asides.add(uid(), run_id, "story", person, (f"No sé. {CANARY}",), 7)
    unit.messages.add(uid(), person, "to_team", f"Necesito hablar. {CANARY}", NOW, cohort)
    unit.own_dialogs.save("own_question", HASH, None, person.id)
    reader, other = uid(), uid()
    unit.readings.add(reader, run_id, person.id, unit.answers.numbers(run_id), ["story"])
    unit.readings.add(other, run_id, person.id, {"story": 1, "need": 2}, ["story"], whole=["story", "need"])
    unit.readings.hear(reader, uid(), person.id, 1)
    unit.alerts.add(uid(), person.id, cohort, run_id=run_id, path="story")
    _alert_before(unit, person, cohort, run_id)
    unit.support_requests.add(uid(), person.id, cohort, "call", run_id=run_id)
    unit.reach_notes.write(uid(), person, {"where": CANARY})
    unit.panels.add(uid(), person.id, "progress", 1, subject=broadcast)
    _sign(unit, person, cohort, run_id)
    unit.media.add(uid(), person.id, "voice", "audio/ogg", 9, "f" * 32, NOW, run_id=run_id, path="story")
    for number, chat in enumerate((CHAT, STRANGER)):
        unit.inbox.accept([(uid(), "telegram", f"u{number}", chat, f'{{"text":"{CANARY}"}}'.encode())])
    body = {"text": f"¿Cómo estás, {NICKNAME}? {CANARY}"}
    for messenger, chat in (("telegram", CHAT), ("web", WEB_CHAT)):
        unit.outbox.put(uid(), person, messenger, chat, "message", 0, body, run_id, 1)
        unit.outbox.put(uid(), person, messenger, chat, "message", 1, body)
    unit.outbox.put(uid(), person, "web", WEB_CHAT, "echo", 0, {"text": CANARY})
    unit.outbox.put(uid(), None, "telegram", STRANGER, "message", 0, {"text": CANARY})


def _repeat(unit: Unit, broadcast: UUID, delivery: UUID, cohort: UUID) -> None:
    """Make a broadcast the first occurrence of a schedule."""
    schedule, purpose = uid(), uid()
    unit.purposes.keep(purpose, {"why": CANARY}, None)
    rule = {"every": "week", "on": [3], "at": "19:00", "start": "2026-03-05"}
    unit.schedules.add(
        schedule,
        "s",
        cohort,
        purpose,
        [ScheduledDialog("check_in")],
        rule,
        60,
        uid(),
        "2026-03-12T19:00",
        later(days=6),
    )
    unit.schedules.occurs(broadcast, schedule, "2026-03-05T19:00", [(delivery, NOW, later(minutes=60))])


def _sign(unit: Unit, person: Person, cohort: UUID, run_id: UUID) -> None:
    """Write a sign, how it stands, and an answer beside it."""
    sign = uid()
    unit.signs.add(sign, cohort, "harm", f"Se ve {CANARY}", uid())
    unit.signs.look(sign, NOW.date(), 30)
    said = Judgement(uid(), sign, "group", "some", CANARY, CANARY, 9, NOW.date(), uid(), uid(), NOW, None)
    unit.signs.judge(said)
    unit.signs.lay(uid(), sign, person.id, run_id, "story", uid())
    unit.sheets.add(uid(), "AB2CD3EF4G", cohort, HASH, {"why": CANARY}, uid())


def _alert_before(unit: Unit, person: Person, cohort: UUID, run_id: UUID) -> None:
    """Add an alert as a version before 0.2.0 wrote it."""
    row = {"id": uid(), "person_id": person.id, "run_id": run_id, "path": "story", "raised_at": NOW}
    kind = {"strength": "rings", "source": "words", "seen_by": uid(), "added_to": uid(), "message_id": uid()}
    unit.connection.execute(insert(alerts_before).values(**row, **kind, cohort_id=cohort))


def _send(unit: Unit) -> None:
    rows = unit.outbox.claim(unit.now, later(minutes=9), 2)
    assert len(rows) == 2
    for row in rows:
        unit.outbox.sent(row.seq, row.seq, unit.now, keep=row.messenger == "web")
    (update, _) = unit.inbox.pending(unit.now, 2)
    unit.inbox.done(update.seq)
