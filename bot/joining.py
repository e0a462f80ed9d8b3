"""The way in: language, what this is, yes or no, a nickname. Nothing is kept as an answer before a yes.

Participation is a state machine (`dialogs.machine`); where a person stands in it is all that is remembered.
"""

import hashlib
import unicodedata
from enum import Enum

from bot import clock
from bot.buttons import PlainButton
from bot.messenger import Button, Incoming, Keyboard
from bot.speech import Speech, rows
from bot.turns import Turns
from dialogs import languages
from dialogs.machine import move
from dialogs.replies import folded
from storage.invites import Invite
from storage.people import Person
from storage.unit import Unit

NICKNAME_LENGTH = 30
ALWAYS = ("es", "en")  # offered to everyone, after the group's own languages
FIRST_DIALOG = "welcome"


class Outcome(Enum):
    """What became of an invite that a known person opened."""

    TAKEN = "taken"
    REFUSED = "refused"
    ASKED = "asked"


class Joining:
    """Leads whoever is not yet active."""

    def __init__(self, turns: Turns) -> None:
        """Take what plays turns (the first dialog starts from here)."""
        self._turns = turns

    def stranger(self, unit: Unit, incoming: Incoming, code: str | None) -> None:
        """Answer someone who is not a person here: open the way in with a good code, else kindly nothing."""
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
            unit.memberships.join(clock.new_id(), person.id, invite.cohort_id)
        return True

    def again(self, unit: Unit, person: Person, code: str) -> Outcome:
        """A known person opened another invite: take it up, or ask first where nobody asked her yet."""
        invite = unit.invites.find(code)
        if invite is None or _problem(invite, unit):
            return Outcome.REFUSED
        asked = unit.consents.latest(person.id)
        if invite.role == "leader" and person.participation == "active" and not (asked and asked.action == "given"):
            speech = self._turns.speech(unit, person)
            for text in self.consent_lines(speech, person)[:2]:
                speech.send(text)
            keyboard = rows(
                speech.button("button.agree", "member", invite.id.hex), speech.button("button.decline", "home")
            )
            speech.send(self.consent_lines(speech, person)[2], keyboard)
            return Outcome.ASKED
        return Outcome.TAKEN if self.accept(unit, person, invite) else Outcome.REFUSED

    def consented(self, unit: Unit, person: Person, invite_id: str) -> None:
        """Someone of the team said yes to taking part as a leader as well."""
        speech = self._turns.speech(unit, person)
        invite = next((each for each in unit.invites.list() if each.id.hex == invite_id), None)
        if invite is None or _problem(invite, unit) or not self.accept(unit, person, invite):
            speech.say("join.used", rows(speech.button("button.menu", "home")))
            return
        self._consent(speech, person, "given")
        speech.say("join.again", rows(speech.button("button.menu", "home")))

    def answer(self, unit: Unit, person: Person, incoming: Incoming, press: PlainButton | None) -> None:
        """Take one step on the way in."""
        speech = self._speech(unit, person, incoming)
        action = press.action if press else self._typed(speech, person, incoming)
        argument = press.argument if press else ""
        match person.participation, action:
            case (("invited" | "consenting" | "declined" | "naming"), "language"):
                self._language(speech, person, argument or self._named_language(speech, person, incoming))
            case (("consenting" | "declined"), "agree"):
                self._agree(speech, person)
            case "consenting", "decline":
                self._decline(speech, person)
            case (("consenting" | "declined"), "doubts"):
                speech.say("join.doubts", self._yes_or_no(speech))
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
                self._explain(speech, person)
            case "declined":
                speech.say("join.declined", rows(speech.button("button.agree", "agree")))
            case "naming":
                self._ask_name(speech, staff=bool(speech.unit.roles.of(person.id)))
            case _:
                raise AssertionError(f"not on the way in: {person.participation}")

    def _speech(self, unit: Unit, person: Person, incoming: Incoming) -> Speech:
        language = person.language or _hinted(incoming.language)
        return Speech(unit, self._turns.texts, person, incoming.messenger, incoming.chat, language)

    def _both(self, unit: Unit, incoming: Incoming, code: str) -> None:
        """Say one sentence in both languages, the likelier one first, to someone whose language nobody knows."""
        first = _hinted(incoming.language)
        texts = [self._turns.texts.say(code, tag) for tag in sorted(ALWAYS, key=lambda tag: tag != first)]
        Speech(unit, self._turns.texts, None, incoming.messenger, incoming.chat, first).send("\n\n".join(texts))

    def _languages(self, unit: Unit, person: Person) -> list[str]:
        own = [
            tag
            for cohort_id in unit.memberships.of(person.id)
            if (cohort := unit.cohorts.get(cohort_id))
            for tag in cohort.languages
        ]
        return list(dict.fromkeys((*own, *ALWAYS)))

    def _choose(self, speech: Speech, person: Person) -> None:
        offered = self._languages(speech.unit, person)
        texts = [
            speech.texts.say("join.hello", tag)
            for tag in sorted(ALWAYS, key=lambda tag: tag != languages.base(speech.language))
        ]
        keyboard = rows(
            *(
                Button(f"{place} · {languages.own_name(tag)}", speech.buttons.plain("language", tag))
                for place, tag in enumerate(offered, 1)
            )
        )
        speech.send("\n\n".join(texts), keyboard, repeatable=True)

    def _typed(self, speech: Speech, person: Person, incoming: Incoming) -> str:
        said = folded(incoming.text or "")
        if person.participation == "naming":
            return "nickname" if said and not said.startswith("/") else ""
        if person.participation == "invited":
            return "language"
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
        if unit.roles.of(person.id) and person.participation == "consenting":
            unit.people.change(person, participation=move("consenting", "agree"))
            speech.say("join.staff")
            self._ask_name(speech, staff=True)
        else:
            self.repeat(speech, person)

    def consent_lines(self, speech: Speech, person: Person) -> tuple[str, str, str]:
        """Return the three messages, every fact in them from the organisation's record."""
        organisation = self._turns.organisation
        cohorts = speech.unit.memberships.of(person.id)
        name = organisation.name(speech.unit)
        invited = speech.words("join.invited", organisation=name) if name else speech.words("join.invited.unnamed")
        what = f"{invited} {speech.words('join.what')}"
        readers = organisation.readers_line(speech, cohorts[0] if cohorts else None)
        who = " ".join(filter(None, (readers, organisation.kept_line(speech), speech.words("join.rights"))))
        risk = speech.words("join.risk.web" if speech.messenger == "web" else "join.risk")
        return what, who, f"{risk} {speech.words('join.no_harm')}"

    def _explain(self, speech: Speech, person: Person) -> None:
        what, who, risk = self.consent_lines(speech, person)
        speech.send(what)
        speech.send(who)
        speech.send(risk, self._yes_or_no(speech), repeatable=True)

    def _yes_or_no(self, speech: Speech) -> Keyboard:
        return rows(
            speech.button("button.agree", "agree"),
            speech.button("button.doubts", "doubts"),
            speech.button("button.decline", "decline"),
        )

    def _consent(self, speech: Speech, person: Person, action: str) -> None:
        text = "\n\n".join(self.consent_lines(speech, person))
        version = hashlib.sha256(text.encode()).hexdigest()
        speech.unit.consents.add(clock.new_id(), person, action, version, speech.language, text)

    def _agree(self, speech: Speech, person: Person) -> None:
        self._consent(speech, person, "given")
        state = move(person.participation, "agree")
        speech.unit.people.change(person, participation=state)
        self._ask_name(speech)

    def _decline(self, speech: Speech, person: Person) -> None:
        self._consent(speech, person, "declined")
        state = move(person.participation, "decline")
        self.repeat(speech, speech.unit.people.change(person, participation=state))

    def _ask_name(self, speech: Speech, *, staff: bool = False) -> None:
        keyboard = (
            (speech.button("button.pick", "nickname", "pick"), speech.button("button.skip", "nickname", "skip")),
        )
        speech.send(speech.words("join.name.staff" if staff else "join.name"), keyboard, repeatable=True)

    def _name(self, speech: Speech, person: Person, choice: str, said: str) -> None:
        if choice == "skip":
            nickname = None
        elif choice == "pick":
            names = speech.words("join.nicknames").split(", ")
            nickname = names[person.id.int % len(names)]
        else:
            nickname = clean_name(said)
            if not nickname or len(nickname) > NICKNAME_LENGTH:
                speech.say("join.name.long", most=NICKNAME_LENGTH)
                self._ask_name(speech, staff=bool(speech.unit.roles.of(person.id)))
                return
        state = move("naming", "name")
        speech.unit.people.change(person, nickname=nickname, participation=state)
        if speech.unit.roles.of(person.id):
            speech.say("join.done.staff", rows(speech.button("button.menu", "home")))
            return
        keyboard = rows(speech.button("button.welcome", "welcome"), speech.button("button.support", "support"))
        if nickname:
            speech.say("join.done.named", keyboard, name=nickname)
        else:
            speech.say("join.done", keyboard)


def clean_name(said: str) -> str:
    """Return a name on one line, without control characters or marks that turn the writing direction."""
    kept = (letter for letter in said if unicodedata.category(letter) not in {"Cc", "Cf", "Co", "Cs"})
    return " ".join("".join(kept).split())


def _hinted(language: str | None) -> str:
    return "en" if (language or "").lower().startswith("en") else "es"


def _problem(invite: Invite | None, unit: Unit) -> str | None:
    """Return why an invite opens nothing: a code of the catalogs, or None for a good one."""
    if invite is None or invite.revoked_at is not None:
        return "join.unknown"
    if invite.used >= invite.uses:
        return "join.used"
    if invite.expires_at is not None and invite.expires_at <= unit.now:
        return "join.expired"
    return None
