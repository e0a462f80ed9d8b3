"""A full house: forty groups, sixty people, thirty orders, everything with the longest names there may be.

Names and what people say are of no language, so that every other word on a screen tells which one it is in.
"""

import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from bot import clock
from bot.services import broadcasts, sheets, signs
from bot.services.versions import save_version
from dialogs.model import Media
from dialogs.run import Answer
from storage.people import Person
from storage.tables import metadata
from storage.unit import Unit
from tests.bot.rig import RECORD, Phone, Rig

GROUPS, PEOPLE, ORDERS, MESSAGES, ALERTS, WAITING, UNSENT = 40, 60, 30, 11, 4, 5, 6
LONG = 60  # characters of a name
NOTED = "INSERT INTO touched VALUES ('{table}', {value})"
TRIGGER = f"CREATE TRIGGER seen_{{table}}_{{verb}} AFTER {{verb}} ON {{table}} BEGIN {NOTED}; END"
SAID = "Xwkq zvrrt "
STATE = {"v": 1, "position": None, "trail": ["mood", "week", "need"], "prompt": 7}


def named(place: int) -> str:
    """Return a name of sixty characters that begins with another letter each time."""
    return f"{chr(65 + place % 26)}xk{place:02d} {'Xkwvqz ' * LONG}"[:LONG].strip().ljust(LONG, "z")


class House:
    """The rig of a full house, and the four of its team who walk through it."""

    def __init__(self, folder: Path) -> None:
        self.rig = Rig(folder, record={**RECORD, "danger_words": {"es": [SAID] * 9}, "danger_protocol": {"es": SAID}})
        self.walkers = {
            (role, language): self.rig.facilitator(language, named(place)[:24], named(0), role)
            for place, (role, language) in enumerate(
                (role, language) for role in ("facilitator", "admin") for language in ("es", "en")
            )
        }
        with self.rig.unit() as unit:
            self._fill(unit)
        for place in range(ORDERS):
            self._order(place)
        with self.rig.unit() as unit:
            self._said(unit)
            self._signs(unit)
            self._paper(unit)
        self.rig.advance(minutes=5)
        with self.rig.unit() as unit:
            self._watch(unit)

    def _watch(self, unit: Unit) -> None:
        """Let the database note in which table something changed, and whose row it was."""
        unit.connection.exec_driver_sql("CREATE TABLE touched (name TEXT, person TEXT)")
        for table in metadata.tables.values():
            whose = "id" if table.name == "people" else "person_id" if "person_id" in table.c else "NULL"
            for verb, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
                value = whose if whose == "NULL" else f"{row}.{whose}"
                unit.connection.exec_driver_sql(TRIGGER.format(table=table.name, verb=verb, value=value))

    def _fill(self, unit: Unit) -> None:
        """Let everyone be in a group, and the walkers have them all."""
        groups = [found.id for found in unit.cohorts.list()]
        groups += [unit.cohorts.add(clock.new_id(), named(place), ("es", "en")).id for place in range(1, GROUPS)]
        self.people = [self._leader(unit, place, groups) for place in range(PEOPLE)]
        self.groups = groups
        for place in range(WAITING):
            unit.invites.create(
                clock.new_id(), clock.new_code(), "leader", groups[0], 9, unit.now + timedelta(days=365), None
            )
            person = unit.people.create(clock.new_id(), unit.now, "active", "es")
            unit.people.change(person, nickname=named(place))
            unit.memberships.join(clock.new_id(), person.id, groups[0], waiting=True)
        for (role, _), phone in self.walkers.items():
            person = unit.people.at(self.rig.messenger.name, phone.chat)
            assert person is not None
            unit.people.change(person, nickname=named(25))
            for group in groups[1:] if role == "facilitator" else ():
                unit.roles.grant(clock.new_id(), person.id, role, group)
            if role == "admin":
                unit.roles.grant(clock.new_id(), person.id, role, None)

    def _leader(self, unit: Unit, place: int, groups: list[UUID]) -> Person:
        person = unit.people.create(clock.new_id(), unit.now, "active", "es" if place % 2 else "en")
        person = unit.people.prefer(unit.people.change(person, nickname=named(place)), form="both")
        unit.addresses.link(person, self.rig.messenger.name, f"{6_000_000_000 + place}", clock.new_id())
        self.rig.messenger._chats[f"{6_000_000_000 + place}"] = []  # she has written some day
        unit.memberships.join(clock.new_id(), person.id, groups[0])
        if 0 < place < GROUPS - 1:  # the last one stays empty
            unit.memberships.join(clock.new_id(), person.id, groups[place])
        return unit.people.known(person.id)

    def _order(self, place: int) -> None:
        """Give an order; the first ones go to the large group, and its people answer at length."""
        group = self.groups[0 if place < 2 else place]
        with self.rig.unit() as unit:
            dialog, cohort = self.rig.content.dialog("check_in"), unit.cohorts.get(group)
            assert cohort is not None
            card = {"why": f"{place} {SAID * 20}", "until": "open"}
            done = broadcasts.order(unit, dialog, cohort, card, key=f"{place}", ordered_by=None)
        if place == ORDERS - 1:
            return  # this one is still going out
        self.rig.tick()
        self.rig.advance(hours=30)
        with self.rig.unit() as unit:
            save_version(unit, dialog)
            for number, person in enumerate(self.people[: 40 if place < 2 else 0]):
                self._answered(unit, person, dialog.version, done.broadcast_id, number)
            if place % 3 == 1:
                broadcasts.close(unit, done.broadcast_id, None)

    def _answered(self, unit: Unit, person: Person, version: str, order: UUID, number: int) -> None:
        run_id, voice = clock.new_id(), clock.new_id()
        unit.runs.create(
            run_id, person, version, "broadcast", STATE, "completed", "es", self.groups[0], order, prompt=7
        )
        spoken = Media("voice", voice.hex, 75)
        given = {
            "mood": Answer(2, SAID),
            "week": Answer((*[spoken] * (number % 3), SAID * 60), SAID * 60),
            "need": Answer("call" if number == 1 else "nothing", SAID),
        }
        for path, answer in given.items():
            value = json.dumps(answer.to_dict(), ensure_ascii=False)
            unit.answers.add(clock.new_id(), run_id, path, person, value, unit.now)
        unit.media.add(
            voice, person.id, "voice", "audio/ogg", 99, voice.hex, unit.now, seconds=75, run_id=run_id, path="week"
        )
        if number < ALERTS:
            unit.alerts.add(clock.new_id(), person.id, self.groups[0], run_id=run_id, path="week")

    def _said(self, unit: Unit) -> None:
        """Let people have written to the team: some was taken, some is closed, one asks for support."""
        someone = unit.people.at(self.rig.messenger.name, self.walkers["admin", "es"].chat)
        assert someone is not None
        for number, person in enumerate(self.people[:MESSAGES]):
            first = clock.new_id()
            unit.messages.add(first, person, "to_team", SAID * 150 if number else "", unit.now, self.groups[0])
            for _ in range(number % 4):
                unit.messages.add(clock.new_id(), person, "to_team", SAID * 9, unit.now, self.groups[0], reply_to=first)
            if number % 4 == 1:
                unit.messages.take(first, someone.id)
            if number % 4 == 2:
                self._spoken(unit, person, first)
            if number % 2:
                unit.alerts.add(clock.new_id(), person.id, self.groups[0], message_id=first)
            if number > MESSAGES - 3:
                unit.messages.close(first)
        for invite in unit.invites.list()[:2]:
            unit.recollections.add(clock.new_id(), invite.id, SAID)
        for number, person in enumerate(self.people[:WAITING]):
            unit.link_requests.add(clock.new_id(), person.id)
            unit.support_requests.add(clock.new_id(), person.id, self.groups[0], "call" if number % 2 else "support")
        for number, person in enumerate(self.people[:UNSENT]):
            seq = self.rig.turns.speech(unit, person).send(SAID)
            unit.outbox.close(seq, "unknown" if number % 2 else "failed", "rejected", keep=True)

    def _signs(self, unit: Unit) -> None:
        """Let the large group go by signs as long as they may be: some judged, some worded anew, answers beside one."""
        cohort = unit.cohorts.get(self.groups[0])
        assert cohort is not None
        cohort = signs.switch(unit, None, cohort, on=True)
        words = (SAID * 15)[: signs.LONGEST - 3].strip()
        made = [
            signs.add(unit, None, cohort, "harm" if number % 3 == 1 else "better", f"{number} {words}", "month")
            for number in range(7)
        ]
        for sign in made[:3]:
            value = signs.VALUES[sign.kind][1]
            signs.said_by_group(unit, None, sign.id, value, SAID * 27, SAID * 27, 14)
            signs.judged_by_team(unit, None, sign.id, value, SAID * 27, lambda v: self.rig.turns.dialog(unit, v))
        signs.reword(unit, None, made[2].id, f"9 {words}")
        for person in self.people[:3]:
            [row, *_] = unit.runs.answered(person)
            for sign in (each for each in made if each is not made[2]):  # whichever stands first
                signs.lay(unit, None, sign.id, row, "week")

    def _paper(self, unit: Unit) -> None:
        """Let two sheets be printed for the large group, and what a circle said be typed in from the second."""
        cohort, dialog = unit.cohorts.get(self.groups[0]), self.rig.content.dialog("check_in")
        assert cohort is not None
        sheets.make(unit, None, cohort, dialog, {"why": SAID * 3}, 2)
        [_, sheet] = unit.sheets.of([cohort.id])
        circle = sheets.Circle("assembly", named(3), 14, SAID * 20).to_dict()
        sheets.say(unit, None, sheet.id, circle, {"week": Answer((SAID * 15,), SAID * 15)})

    def _spoken(self, unit: Unit, person: Person, first: UUID) -> None:
        """Let a voice note be among what she said."""
        voice = clock.new_id()
        unit.media.add(voice, person.id, "voice", "audio/ogg", 99, voice.hex, unit.now, seconds=75)
        unit.messages.add(
            clock.new_id(), person, "to_team", "", unit.now, self.groups[0], media_id=voice, reply_to=first
        )

    def phone(self, role: str, language: str) -> Phone:
        """Return the phone of one of the walkers."""
        return self.walkers[role, language]
