"""The way in: language, what this is, yes or no, a nickname. Nothing is kept as an answer before a yes.

Participation is a state machine (`dialogs.machine`); where a person stands in it is all that is remembered.
"""

from enum import Enum

from bot import clock
from bot.conversation.screen import opened
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Incoming, Keyboard
from bot.participant.answers import Answers
from bot.participant.approval import Admitting
from bot.participant.care_card import Caring
from bot.participant.consent import Agreement
from bot.participant.erasing import Erasing
from bot.participant.pause_leave import first_cohort
from bot.participant.plain_text import Talking
from bot.participant.settings import NICKNAME_LENGTH, clean_name, pick_name, shelf_of
from bot.product_languages import LANGUAGES, begun_by, of_organisation, own_first
from bot.rendering import commands
from bot.rendering.buttons import Buttons, PlainButton
from bot.rendering.speech import Speech, rows
from bot.services.cohorts import asks_approval
from bot.services.permissions import allowed, still_given
from dialogs import languages
from dialogs.machine import move
from dialogs.replies import folded
from storage.invites import Invite
from storage.people import Person
from storage.unit import Unit

ADULT = 18
ADULT_SAID, MINOR_SAID = "adult", "minor"
AGES = {"1": MINOR_SAID, "2": ADULT_SAID}  # by the digits on the buttons
TEAM = ("admin", "facilitator", "translator")  # who may do most comes first
ANYWHERE = frozenset({"support", "erase"})  # plain words that count at any step of the way


class Outcome(Enum):
    """What became of an invite that a known person opened."""

    TAKEN = "taken"
    WAITING = "waiting"
    REFUSED = "refused"
    ASKED = "asked"


class Joining:
    """Leads whoever is not yet active."""

    def __init__(self, turns: Turns) -> None:
        """Take what plays turns (the first dialog starts from here)."""
        self._turns = turns
        self._erasing = Erasing(turns, Answers(turns))
        self._admitting = Admitting(turns)
        self._agreement = Agreement(turns)
        self._caring = Caring(turns)

    def stranger(self, unit: Unit, incoming: Incoming, code: str | None) -> None:
        """Answer someone who is not a person here: open the way in with a good code, else kindly nothing.

        Whoever has just been erased still holds a button for support, and that one works.
        """
        pressed = Buttons(unit.vault, incoming.chat).read(incoming.button or "")
        if isinstance(pressed, PlainButton) and pressed.action == "support":
            tag = pressed.argument if pressed.argument in languages.LANGUAGES else _hinted(incoming.language)
            speech = Speech(unit, self._turns.texts, None, incoming.messenger, incoming.chat, tag)
            again = rows(speech.button("button.support", "support", tag))
            self._caring.show(speech, again)
            return
        invite = unit.invites.find(code) if code else None
        problem = _problem(invite, unit) if code else "join.stranger"
        if invite is None or problem:
            self._both(unit, incoming, problem or "join.unknown")
            return
        person_id = clock.new_id()
        cohort = unit.cohorts.get(invite.cohort_id) if invite.cohort_id else None
        unit.people.create(person_id, unit.now, practice=bool(cohort and cohort.practice))
        person = unit.people.known(person_id)
        unit.addresses.link(person, incoming.messenger, incoming.chat, clock.new_id())
        person = unit.people.known(person_id)
        self.accept(unit, person, invite)
        self._choose(self._speech(unit, person, incoming), person)

    def accept(self, unit: Unit, person: Person, invite: Invite) -> bool:
        """Use an invite: the role or the membership it carries; False when nobody can use it any more."""
        if not unit.invites.use(invite.id, person.id):
            return False
        if invite.role != "leader":
            unit.roles.grant(clock.new_id(), person.id, invite.role, invite.cohort_id, None, invite.created_by)
        elif invite.cohort_id and invite.cohort_id not in unit.memberships.of(person.id):
            waiting = asks_approval(unit, invite.cohort_id)
            unit.memberships.join(clock.new_id(), person.id, invite.cohort_id, waiting=waiting)
        return True

    def again(self, unit: Unit, person: Person, code: str) -> Outcome:
        """A known person opened another invite: take it up, or ask first where nobody asked her yet."""
        invite = unit.invites.find(code)
        if invite is None or _problem(invite, unit):
            return Outcome.REFUSED
        asked = unit.consents.latest(person.id)
        if invite.role == "leader" and person.participation == "active" and not (asked and asked.action == "given"):
            speech = self._turns.speech(unit, person)
            *texts, risk = self._agreement.lines(speech, person)
            for text in texts:
                speech.send(text)
            keyboard = rows(
                speech.button("button.agree", "member", invite.id.hex), speech.button("button.decline", "home")
            )
            speech.send(risk, keyboard)
            return Outcome.ASKED
        before = {each.id for each in unit.memberships.held(person.id)}
        if not self.accept(unit, person, invite):
            return Outcome.REFUSED
        waiting = [each for each in unit.memberships.held(person.id) if each.waiting and each.id not in before]
        if person.participation != "active" or not waiting:
            return Outcome.TAKEN
        for membership in waiting:
            self._admitting.ask_team(unit, person, membership)
        return Outcome.WAITING

    def consented(self, unit: Unit, person: Person, invite_id: str) -> None:
        """Someone of the team said yes to taking part as a leader as well."""
        speech = self._turns.speech(unit, person)
        invite = next((each for each in unit.invites.list() if each.id.hex == invite_id), None)
        if invite is None or _problem(invite, unit) or not self.accept(unit, person, invite):
            speech.say("join.used", rows(speech.button("button.menu", "home")))
            return
        self._agreement.keep(speech, person, "given")
        waiting = [each for each in unit.memberships.held(person.id) if each.waiting]
        for membership in waiting:
            self._admitting.ask_team(unit, person, membership)
        speech.say("join.waiting" if waiting else "join.again", rows(speech.button("button.menu", "home")))

    def answer(self, unit: Unit, person: Person, incoming: Incoming, press: PlainButton | None) -> None:
        """Take one step on the way in."""
        speech = self._speech(unit, person, incoming)
        action = press.action if press else self._typed(speech, person, incoming)
        argument = press.argument if press else ""
        match person.participation, action:
            case (("invited" | "consenting" | "declined" | "naming"), "language"):
                self._language(speech, person, argument or self._named_language(speech, person, incoming))
            case "consenting", "age":
                self._age(speech, person, argument or incoming.text or "")
            case (("consenting" | "declined"), "agree"):
                self._agree(speech, person)
            case "consenting", "decline":
                self._decline(speech, person)
            case (("consenting" | "declined"), "doubts"):
                self._doubts(speech, person)
            case (("consenting" | "declined"), "readers"):
                self._readers(speech)
            case (("invited" | "consenting" | "declined"), "languages"):
                self._choose(speech, person, int(argument) if argument.isdecimal() else 0)
            case _, "hear":
                self._hear(speech, person, argument)
            case _, "support":
                self._caring.show(speech, rows(speech.button("button.menu", "home")))
            case _, "erase":
                screen, argument = opened(speech, person, incoming, argument)
                self._erasing.do(screen, argument or "all")
            case "naming", "nickname":
                self._name(speech, person, argument, incoming.text or "")
            case _:
                self.repeat(speech, person)

    def repeat(self, speech: Speech, person: Person) -> None:
        """Say the present step again."""
        match person.participation:
            case "invited":
                self._choose(speech, person)
            case "consenting":
                self._consenting(speech, person)
            case "declined":
                speech.say(
                    "join.declined",
                    rows(
                        speech.button("button.agree", "agree"),
                        speech.button("button.erase_all", "erase", "all"),
                        speech.button("button.support", "support"),
                    ),
                )
            case "naming":
                self._ask_name(speech, staff=bool(speech.unit.roles.of(person.id)))
            case _:
                raise AssertionError(f"not on the way in: {person.participation}")

    def _speech(self, unit: Unit, person: Person, incoming: Incoming) -> Speech:
        language = person.language or _hinted(incoming.language)
        return Speech(unit, self._turns.texts, person, incoming.messenger, incoming.chat, language)

    def _both(self, unit: Unit, incoming: Incoming, code: str) -> None:
        """Say one sentence in every language, the likelier one first, to someone whose language nobody knows."""
        first = _hinted(incoming.language)
        texts = [self._turns.texts.say(code, tag) for tag in own_first(first)]
        Speech(unit, self._turns.texts, None, incoming.messenger, incoming.chat, first).send("\n\n".join(texts))

    def _languages(self, unit: Unit, person: Person) -> list[str]:
        own = [
            tag
            for cohort_id in unit.memberships.of(person.id)
            if (cohort := unit.cohorts.get(cohort_id))
            for tag in cohort.languages
        ]
        return list(dict.fromkeys((*own, *LANGUAGES)))

    def come_back(self, unit: Unit, person: Person) -> None:
        """Someone who had left wants to take part again: she is asked anew."""
        person = unit.people.change(person, participation=move(person.participation, "return"))
        self.repeat(self._turns.speech(unit, person), person)

    def _choose(self, speech: Speech, person: Person, page: int = 0) -> None:
        """Offer the languages, the group's own first, so many at a time."""
        known = self._languages(speech.unit, person)
        offered, more = shelf_of(known, page)
        texts = [speech.texts.say("join.hello", tag) for tag in own_first(speech.language)]
        keyboard = []
        for place, tag in offered:
            chosen = Button(f"{place} · {languages.own_name(tag)}", speech.buttons.plain("language", tag))
            heard = f"language.{tag}.ogg"
            keyboard.append((chosen, self._hearing(speech, heard)) if self._caring.recorded(heard) else (chosen,))
        if more is not None:
            keyboard.append((speech.button("button.more_languages", "languages", str(more)),))
        speech.send("\n\n".join(texts), tuple(keyboard), repeatable=True)

    def _typed(self, speech: Speech, person: Person, incoming: Incoming) -> str:
        said = folded(incoming.text or "")
        plain = commands.plain(incoming.text or "")
        if plain in ANYWHERE and (plain == "support" or person.participation != "naming"):
            return plain
        if person.participation == "naming":
            return "nickname" if said and not said.startswith("/") else ""
        if person.participation == "invited":
            return "language"
        if person.participation == "consenting" and self._age_due(speech, person):
            return "age"
        for action in ("agree", "decline", "doubts"):
            if said in {folded(word) for word in speech.words(f"said.{action}").split(",")}:
                return action
        return ""

    def _named_language(self, speech: Speech, person: Person, incoming: Incoming) -> str:
        said = folded(incoming.text or "")
        for place, tag in enumerate(self._languages(speech.unit, person), 1):
            if said in {str(place), tag, folded(languages.own_name(tag))}:
                return tag
        return ""

    def _language(self, speech: Speech, person: Person, tag: str) -> None:
        if tag not in languages.LANGUAGES:
            self.repeat(speech, person)
            return
        unit = speech.unit
        changes = {"language": tag}
        if person.participation == "invited":
            changes["participation"] = move("invited", "choose_language")
        person = unit.people.change(person, **changes)
        speech = Speech(unit, speech.texts, person, speech.messenger, speech.chat, tag)
        held = {grant.role for grant in unit.roles.of(person.id)}
        if held and person.participation == "consenting":
            unit.people.change(person, participation=move("consenting", "agree"))
            speech.say(f"join.staff.{next(role for role in TEAM if role in held)}")
            self._ask_name(speech, staff=True)
        else:
            self.repeat(speech, person)

    def _consenting(self, speech: Speech, person: Person) -> None:
        """Ask what stands before a yes: her age, where the organisation asks for it; then whether she agrees."""
        if self._age_due(speech, person):
            keyboard = rows(speech.button("button.minor", "age", "1"), speech.button("button.adult", "age", "2"))
            speech.send(speech.words("join.age"), keyboard, repeatable=True)
        elif self._minor(speech, person):
            self._too_young(speech)
        else:
            self._explain(speech, person)

    def _explain(self, speech: Speech, person: Person) -> None:
        what, who, risk = self._agreement.lines(speech, person)
        speech.send(what)
        cohort_id = first_cohort(speech.unit, person.id)
        readers = speech.unit.roles.readers(cohort_id)
        speech.send(who, rows(speech.button("button.readers", "readers")) if readers else ())
        speech.send(risk, self._yes_or_no(speech), repeatable=True)

    def _yes_or_no(self, speech: Speech) -> Keyboard:
        heard = self._caring.recording(speech, "consent")
        return rows(
            speech.button("button.agree", "agree"),
            *([self._hearing(speech, heard, "button.hear")] if heard else []),
            speech.button("button.doubts", "doubts"),
            speech.button("button.decline", "decline"),
        )

    # What can be heard.

    def _hearing(self, speech: Speech, name: str, code: str = "button.hear_it") -> Button:
        return speech.button(code, "hear", name)

    def _hear(self, speech: Speech, person: Person, name: str) -> None:
        """Send a recording, with the present step's own buttons below where they are few."""
        keyboard = self._yes_or_no(speech) if person.participation == "consenting" else ()
        if not self._caring.play(speech, name, keyboard) or not keyboard:
            self.repeat(speech, person)

    # Before a yes.

    def _readers(self, speech: Speech) -> None:
        person = speech.person
        cohort_id = first_cohort(speech.unit, person.id) if person else None
        names = self._turns.organisation.readers(speech, cohort_id)
        if names:
            told = speech.texts.all_of(names, speech.language)
            speech.send(speech.words("join.readers", names=told), self._yes_or_no(speech))
        else:
            speech.say("who.nobody", self._yes_or_no(speech))

    def _doubts(self, speech: Speech, person: Person) -> None:
        """Doubts lead to a person: the team hears that she has some, and nothing else of her."""
        told = self._tell_team(speech, person, "join.doubts.note")
        speech.say("join.doubts.told" if told else "join.doubts", self._yes_or_no(speech))

    def _tell_team(self, speech: Speech, person: Person, code: str) -> bool:
        """Leave the team a note in its own words, once; False when there is no group whose team would read it."""
        spoken = of_organisation(self._turns.organisation.record(speech.unit))
        return Talking(self._turns).note(speech, person, speech.texts.say(code, str(spoken[0])))

    # Age, where the organisation asks for it.

    def _age_due(self, speech: Speech, person: Person) -> bool:
        asks = bool(self._turns.organisation.minors(speech)) and not speech.unit.roles.of(person.id)
        return asks and person.preferences.get("age") not in {ADULT_SAID, MINOR_SAID}

    def _minor(self, speech: Speech, person: Person) -> bool:
        return bool(self._turns.organisation.minors(speech)) and person.preferences.get("age") == MINOR_SAID

    def _age(self, speech: Speech, person: Person, said: str) -> None:
        """Keep which side of eighteen she is on, and not her age."""
        digits = "".join(letter for letter in said if letter.isdigit())
        side = AGES.get(digits) or (
            ADULT_SAID if digits and int(digits[:3]) >= ADULT else MINOR_SAID if digits else None
        )
        person = speech.unit.people.prefer(person, age=side)
        if side == MINOR_SAID and self._turns.organisation.minors(speech).get("path") != "no":
            self._tell_team(speech, person, "join.minor.note")
        self._consenting(speech, person)

    def _too_young(self, speech: Speech) -> None:
        """Say what the organisation decided for whoever is under age: its own words, or a person, or kindly no."""
        chosen = self._turns.organisation.minors(speech)
        words = chosen.get("words") or {}
        own = next((words[tag] for tag in languages.chain(speech.language) if words.get(tag)), None)
        code = "join.minor.no" if chosen.get("path") == "no" else "join.minor.person"
        keyboard = rows(
            speech.button("button.support", "support"),
            speech.button("button.wrong_age", "age", "again"),
            speech.button("button.erase_all", "erase", "all"),
        )
        speech.send(own or speech.words(code), keyboard)

    def _agree(self, speech: Speech, person: Person) -> None:
        if self._age_due(speech, person) or self._minor(speech, person):
            if person.participation == "declined":
                state = move("declined", "reconsider")
                person = speech.unit.people.change(person, participation=state)
            self._consenting(speech, person)
            return
        person = self._agreement.keep(speech, person, "given")
        state = move(person.participation, "agree")
        person = speech.unit.people.change(person, participation=state)
        if person.nickname:
            self._named(speech, person)  # she was here before, and has a name
        else:
            self._ask_name(speech)

    def _decline(self, speech: Speech, person: Person) -> None:
        person = self._agreement.keep(speech, person, "declined")
        state = move(person.participation, "decline")
        self.repeat(speech, speech.unit.people.change(person, participation=state))

    def _ask_name(self, speech: Speech, *, staff: bool = False) -> None:
        keyboard = (
            (speech.button("button.pick", "nickname", "pick"), speech.button("button.skip", "nickname", "skip")),
        )
        speech.send(speech.words("join.name.staff" if staff else "join.name"), keyboard, repeatable=True)

    def _name(self, speech: Speech, person: Person, choice: str, said: str) -> None:
        choice = choice or self._name_way(speech, said)
        if choice == "again":
            self.repeat(speech, person)
            return
        if choice == "skip":
            nickname = None
        elif choice == "pick":
            nickname = pick_name(speech.unit, person, speech.words("join.nicknames").split(", "))
        else:
            nickname = clean_name(said)
            if not nickname or len(nickname) > NICKNAME_LENGTH:
                speech.say("join.name.long", most=NICKNAME_LENGTH)
                self._ask_name(speech, staff=bool(speech.unit.roles.of(person.id)))
                return
        self._named(speech, speech.unit.people.change(person, nickname=nickname))

    def _name_way(self, speech: Speech, said: str) -> str:
        """Tell what words say that are no name: what stands on a button, a no, or a plain word for something else."""
        words = folded(said)
        if words == folded(speech.words("button.pick")):
            return "pick"
        no = {folded(each) for each in speech.words("said.decline").split(",") if not each.isdecimal()}
        plain = commands.plain(said)
        if words in no | {folded(speech.words("button.skip"))} or plain in {"skip", "later"}:
            return "skip"
        return "again" if plain else ""

    def _named(self, speech: Speech, person: Person) -> None:
        """The way in is behind her: say what comes next."""
        unit = speech.unit
        person = unit.people.change(person, participation=move("naming", "name"))
        if unit.roles.of(person.id):
            todo = [speech.button("button.checklist", "checklist")] if allowed(unit, person, "checklist") else []
            speech.say("join.done.staff", rows(*todo, speech.button("button.menu", "home")))
        else:
            self._admitting.arrived(speech, person)


def _hinted(language: str | None) -> str:
    return begun_by(language or "") or languages.DEFAULT


def _problem(invite: Invite | None, unit: Unit) -> str | None:
    """Return why an invite opens nothing: a code of the catalogs, or None for a good one."""
    if invite is None or invite.revoked_at is not None or not still_given(unit, invite):
        return "join.unknown"
    if invite.used >= invite.uses:
        return "join.used"
    if invite.expires_at is not None and invite.expires_at <= unit.now:
        return "join.expired"
    return None
