"""By which city's hour somebody is written to: named in words, chosen from a few, or the one their browser goes by."""

from typing import ClassVar, Literal

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.participant import waiting
from bot.participant.settings import is_asked
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import Speech, rows
from bot.services import own_zone, places
from bot.services.organisation import local_zone
from bot.services.permissions import EVERYONE
from storage.people import Person
from storage.unit import Unit


class OwnZone(Argument):
    """Ask for a city; set a zone; take the group's again; leave it as it is after being asked about the browser's."""

    layout: ClassVar[str] = "[{step}[.{zone:all}]]"
    step: Literal["", "set", "group", "keep"] = ""
    zone: str = ""


ZONE = Action(targets.OWN_ZONE, EVERYONE, (OwnZone,))


class OwnZoneScreens:
    """Asks for the city whose hour is hers, and takes it."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    @handles(ZONE)
    def zone(self, screen: Screen, argument: OwnZone) -> None:
        """Take a city, typed or pressed, or ask for one."""
        if argument.step == "set" and (zone := places.canonical(argument.zone)):
            self._take(screen, zone)
        elif argument.step == "group":
            self._take(screen, None)
        elif argument.step == "keep":
            text = screen.words("zone.kept", city=self._city(screen.speech, local_zone(screen.unit, screen.person)))
            screen.show(text, rows(screen.button("button.zone", ZONE), screen.menu()))
        elif not screen.said:
            self._ask(screen, "zone.ask", places.OFFERED)
        elif len(found := places.found(screen.said, screen.speech.language)) == 1:
            self._take(screen, found[0])
        elif found:
            self._ask(screen, "zone.which", found)
        else:
            self._ask(screen, "zone.unknown", places.OFFERED)

    def came(self, unit: Unit, person: Person) -> None:
        """Ask somebody whose browser goes by another hour whether to write by that; once, and never over a question."""
        if own_zone.SEEN not in person.preferences or person.participation != "active" or person.damaged:
            return
        present = unit.people.get(person.id)
        seen = present.preferences.get(own_zone.SEEN) if present is not None else None
        if present is None or seen is None or is_asked(unit, present):
            return
        unit.people.prefer(present, **{own_zone.SEEN: None, own_zone.ASKED: seen})
        speech = self._turns.speech(unit, person)
        yes = speech.button("button.zone_this", ZONE, OwnZone("set", seen), city=self._city(speech, seen))
        no = speech.button("button.zone_keep", ZONE, OwnZone("keep"))
        present_city = self._city(speech, local_zone(unit, present))
        speech.say("zone.seen", rows(yes, no), city=self._city(speech, seen), present=present_city)

    def _ask(self, screen: Screen, code: str, zones: tuple[str, ...] | list[str]) -> None:
        """Ask for a city, by words or by buttons."""
        present = local_zone(screen.unit, screen.person)
        buttons = [self._choice(screen, zone, ticked=zone == present) for zone in zones]
        if screen.person.zone:
            buttons.append(screen.button("button.zone_group", ZONE, OwnZone("group")))
        back = screen.button("button.return", targets.HOURS)
        text = screen.words(code, city=self._city(screen.speech, present), said=screen.said)
        screen.show(text, rows(*buttons, back))
        waiting.ask(screen, ZONE, for_others=False)

    def _choice(self, screen: Screen, zone: str, *, ticked: bool) -> Button:
        city = self._city(screen.speech, zone)
        return screen.labelled(f"✓ {city}" if ticked else city, ZONE, OwnZone("set", zone))

    def _take(self, screen: Screen, zone: str | None) -> None:
        """Write by a city's hour from now on, and say what hour it is there, so that a slip is seen."""
        waiting.forget(screen.unit, screen.person)
        person = own_zone.change(screen.unit, screen.person, zone)
        now = local_zone(screen.unit, person)
        when = self._turns.organisation.clock(screen.speech, now, screen.unit.now)
        text = screen.words("zone.changed", city=self._city(screen.speech, now), when=when)
        screen.show(text, rows(screen.button("button.zone_other", ZONE), screen.menu()))

    @staticmethod
    def _city(speech: Speech, zone: str) -> str:
        return places.city(zone, speech.language)
