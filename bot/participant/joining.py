"""Joining: language, what this is, yes or no, a nickname. No answer is kept before a yes.

Participation is a state machine (`dialogs.machine`); its state is all that is remembered of how far a person got.
"""

from dataclasses import replace
from typing import ClassVar, Literal

from bot import clock, product_languages
from bot.conversation.actions import ARRIVING, Action, Next, Then, handles
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Incoming, Keyboard
from bot.participant.approval import ApprovalNotices
from bot.participant.arguments import EraseAll
from bot.participant.care_card import HEAR, SUPPORT, CareCardScreen, Recording, Support, SupportIn
from bot.participant.consent import ConsentScreens
from bot.participant.consent_question import AGREE, ASKED, CONSENT, DECLINE, DOUBTED, ConsentQuestion
from bot.participant.danger import DangerScreens
from bot.participant.ended_invite import CAME_BEFORE, FIRST_TIME, EndedInvites
from bot.participant.erasing import ERASE
from bot.participant.first_language import hinted, speech_to
from bot.participant.invitations import Invitations
from bot.participant.nickname import CALLED, NICKNAME, Nickname
from bot.participant.plain_text import LATER, SKIP
from bot.participant.settings import LANGUAGE, LANGUAGES, NICKNAME_LENGTH, clean_name, language_page, pick_name
from bot.product_languages import own_first
from bot.rendering import commands, targets
from bot.rendering.arguments import Argument, Page, Picked
from bot.rendering.buttons import Buttons, PlainButton
from bot.rendering.speech import STRANGERS, Speech, rows
from bot.services import button_signatures, minors
from bot.services.invites import opens
from bot.services.permissions import ADMINS, EVERYONE, allowed
from dialogs import languages
from dialogs.machine import move
from dialogs.replies import folded
from storage.people import Person
from storage.unit import Unit

ADULT_AGE = 18
AGES = {"1": minors.MINOR, "2": minors.ADULT}  # by the digits on the buttons
TEAM = ("admin", "facilitator", "translator")  # the role that allows most first


class Side(Argument):
    """Under or over eighteen, by the digit on the button; or the question again."""

    layout: ClassVar[str] = "{said}"
    said: Literal["1", "2", "again"]


AGE = Action("age", EVERYONE, (Side,), states=frozenset({"consenting"}))
RETURN = Action(targets.RETURN, EVERYONE, states=frozenset({"left"}))


class Joining:
    """Leads a person through the steps of joining."""

    def __init__(
        self,
        turns: Turns,
        agreement: ConsentScreens,
        caring: CareCardScreen,
        question: ConsentQuestion,
        admitting: ApprovalNotices,
        invitations: Invitations,
        ended: EndedInvites,
        danger: DangerScreens,
    ) -> None:
        self._turns = turns
        self._danger = danger
        self._admitting = admitting
        self._invitations = invitations
        self._agreement = agreement
        self._caring = caring
        self._question = question
        self._ended = ended

    def stranger(self, unit: Unit, incoming: Incoming, code: str | None) -> None:
        """Answer a chat without a person: begin joining with a valid invite code, otherwise kindly decline.

        Somebody who has just been erased may still press their support button: it shows the care card.
        """
        pressed = Buttons(unit.vault, incoming.messenger, incoming.chat).read(
            incoming.button or "", lambda: button_signatures.read(unit)
        )
        if isinstance(pressed, PlainButton) and pressed.action == SUPPORT.name:
            tag = pressed.argument if pressed.argument in languages.LANGUAGES else hinted(incoming.language)
            speech = Speech(unit, self._turns.texts, None, incoming.messenger, incoming.chat, tag)
            again = rows(speech.button("button.support", SUPPORT, SupportIn(tag)))
            self._caring.show(speech, again)
            return
        tag = hinted(incoming.language)
        if isinstance(pressed, PlainButton) and pressed.action == CAME_BEFORE.name:
            self._ended.pressed(unit, incoming, pressed.argument, tag)
            return
        first = pressed.argument if isinstance(pressed, PlainButton) and pressed.action == FIRST_TIME.name else ""
        code = first or code
        invite = unit.invites.find(code) if code else None
        if invite is None or code is None or not opens(unit, code):
            if self._ended.written(unit, incoming, tag):
                return
            if code:
                self._ended.say(unit, incoming, code, tag)
            else:
                self._both(unit, incoming, "join.stranger")
            return
        if not first and self._ended.asks(unit, incoming, code, tag):
            return
        person_id = clock.new_id()
        cohort = unit.cohorts.get(invite.cohort_id) if invite.cohort_id else None
        unit.people.create(person_id, unit.now, practice=bool(cohort and cohort.practice))
        person = unit.people.known(person_id)
        unit.addresses.link(person, incoming.messenger, incoming.chat, clock.new_id())
        person = unit.people.known(person_id)
        self._invitations.accept(unit, person, invite)
        self._choose(self.speech(unit, person, incoming), person)

    def typed(self, screen: Screen) -> Next:
        """Take typed words for the current step of joining."""
        speech, person, text = screen.speech, screen.person, (screen.incoming and screen.incoming.text) or ""
        if (asked := self._anywhere(person, text)) is not None:
            return Then(asked, screen=screen)
        said = folded(text)
        match person.participation:
            case "naming" if said and not said.startswith("/"):
                self._name(speech, person, "", text)
            case "invited":
                self._language(speech, person, self._named_language(speech, person, text))
            case "consenting" if self._age_due(speech, person):
                self._age(speech, person, text)
            case "consenting" if self._minor(speech, person):
                self.repeat(speech, person)
            case "naming":
                self.repeat(speech, person)
            case _:
                return self._question.typed(screen)
        return None

    def sent(self, screen: Screen) -> None:
        """Answer a voice note, a photo or anything else that is no words: before a yes none of it is taken."""
        speech, person = screen.speech, screen.person
        asked = person.participation in ASKED and not self._age_due(speech, person) and not self._minor(speech, person)
        if asked:
            self._question.sent(screen)
        else:
            speech.say("join.no_media.yet")
            self.repeat(speech, person)

    def _anywhere(self, person: Person, text: str) -> Action | None:
        """Return the action of a plain word that counts at any step; a nickname may be such a word."""
        plain = commands.plain_word(text)
        if plain == SUPPORT.name:
            return SUPPORT
        return ERASE if plain == ERASE.name and person.participation != "naming" else None

    @handles(LANGUAGE, states=ARRIVING)
    def language(self, screen: Screen, argument: Picked) -> None:
        """Set the language that was chosen."""
        self._language(screen.speech, screen.person, argument.choice)

    @handles(LANGUAGES, states=ARRIVING - {"naming"})
    def languages(self, screen: Screen, argument: Page) -> None:
        """Offer a page of languages."""
        self._choose(screen.speech, screen.person, argument.page)

    @handles(AGE)
    def age(self, screen: Screen, argument: Side) -> None:
        """Take the side of eighteen that was pressed, or ask again."""
        self._age(screen.speech, screen.person, argument.said)

    @handles(HEAR, states=ARRIVING)
    def hear(self, screen: Screen, argument: Recording) -> None:
        """Play a recording."""
        self._hear(screen.speech, screen.person, argument.name)

    @handles(SUPPORT, states=ARRIVING)
    def support(self, screen: Screen, argument: Support | SupportIn) -> None:
        """Show the care card, or tell the team that the person wants to be looked for."""
        speech = screen.speech
        if argument == Support("team"):
            self._danger.call(speech, screen.person)
            return
        call = speech.button("button.look_for_me", SUPPORT, Support("team"))
        tell = self._danger.telling(speech, screen.person)
        self._caring.show(speech, rows(call, *tell, speech.button("button.menu", targets.HOME)))

    @handles(NICKNAME, states=frozenset({"naming"}))
    def nickname(self, screen: Screen, argument: Nickname) -> None:
        """Pick a nickname, or skip it."""
        if argument.step in {"pick", "skip", "called"}:
            self._name(screen.speech, screen.person, argument.step, "")
        else:
            self.repeat(screen.speech, screen.person)

    def repeat(self, speech: Speech, person: Person) -> None:
        """Say the current step again.

        Raises:
            AssertionError: the person is not joining.
        """
        match person.participation:
            case "invited":
                self._choose(speech, person)
            case "consenting":
                self._consenting(speech, person)
            case "declined":
                agree, support = speech.button("button.agree", AGREE), speech.button("button.support", SUPPORT)
                erase = speech.button("button.erase_all", ERASE, EraseAll())
                speech.say("join.declined", rows(agree, erase, support))
            case "naming":
                self._ask_name(speech, staff=bool(speech.unit.roles.of(person.id)))
            case _:
                raise AssertionError(f"not on the way in: {person.participation}")

    def speech(self, unit: Unit, person: Person, incoming: Incoming | None) -> Speech:
        """Return the speech for a person who is joining; until they choose a language, their app's language counts."""
        return speech_to(self._turns, unit, person, incoming)

    def _both(self, unit: Unit, incoming: Incoming, code: str) -> None:
        """Say one sentence in every language, the likeliest first, where the person's language is unknown."""
        first = hinted(incoming.language)
        tongues = own_first(first)
        texts = [self._turns.texts.say(code, tag) for tag in tongues]
        speech = Speech(unit, self._turns.texts, None, incoming.messenger, incoming.chat, first, STRANGERS)
        speech.send("\n\n".join(texts), tongues=tongues)

    def _languages(self, unit: Unit, person: Person) -> list[str]:
        own = [
            tag
            for cohort_id in unit.memberships.of(person.id)
            if (cohort := unit.cohorts.get(cohort_id))
            for tag in cohort.languages
        ]
        return list(dict.fromkeys((*own, *product_languages.LANGUAGES)))

    @handles(RETURN)
    def come_back(self, screen: Screen) -> None:
        """Let a person who left take part again; they are asked for consent anew."""
        unit, person = screen.unit, screen.person
        person = unit.people.change(person, participation=move(person.participation, "return"))
        self.repeat(self._turns.speech(unit, person), person)

    def _choose(self, speech: Speech, person: Person, page: int = 0) -> None:
        """Offer a page of languages, those of the person's cohorts first."""
        known = self._languages(speech.unit, person)
        offered, more = language_page(known, page)
        tongues = own_first(speech.language)
        texts = [speech.texts.say("join.hello", tag) for tag in tongues]
        keyboard = []
        for place, tag in offered:
            chosen = Button(f"{place} · {languages.own_name(tag)}", speech.buttons.plain(LANGUAGE, Picked(tag)))
            heard = self._hello(speech, tag)
            keyboard.append((chosen, self._question.hearing(speech, heard)) if heard else (chosen,))
        if more is not None:
            keyboard.append((speech.button("button.more_languages", LANGUAGES, Page(more)),))
        speech.recording(self._hello(speech, speech.language))
        speech.send("\n\n".join(texts), tuple(keyboard), repeatable=True, tongues=tongues)

    def _hello(self, speech: Speech, tag: str) -> str:
        """Return the recording of the first sentence in a language, or of its name; empty without any."""
        spoken = replace(speech, language=tag)
        named = f"language.{tag}.ogg"
        return self._caring.voice(spoken, spoken.words("join.hello")) or (named if self._caring.recorded(named) else "")

    def _named_language(self, speech: Speech, person: Person, text: str) -> str:
        said = folded(text)
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
        """Ask what consent needs: the age question, where the organisation asks it, then the yes or no."""
        if self._age_due(speech, person):
            keyboard = rows(
                speech.button("button.minor", AGE, Side("1")), speech.button("button.adult", AGE, Side("2"))
            )
            speech.send(speech.words("join.age"), keyboard, repeatable=True)
        elif self._minor(speech, person):
            self._too_young(speech, person)
        else:
            self._question.ask(speech, person)

    def _hear(self, speech: Speech, person: Person, name: str) -> None:
        """Send a recording with the consent buttons below; otherwise repeat the current step."""
        keyboard = self._question.keyboard(speech) if person.participation == "consenting" else ()
        if name == CONSENT and keyboard:
            *before, last = self._question.voices(speech) or [""]
            for each in before:
                speech.play(each)
            name = last
        if not self._caring.play(speech, name, keyboard) or not keyboard:
            self.repeat(speech, person)

    # Age, where the organisation asks for it.

    def _age_due(self, speech: Speech, person: Person) -> bool:
        asks = bool(self._turns.organisation.minors(speech)) and not speech.unit.roles.of(person.id)
        return asks and person.preferences.get(minors.AGE) not in {minors.ADULT, minors.MINOR}

    def _minor(self, speech: Speech, person: Person) -> bool:
        """Return whether a person is under eighteen in an organisation that asks nobody under age here."""
        chosen = self._turns.organisation.minors(speech)
        return bool(chosen) and not chosen.get("anybody") and minors.is_minor(person)

    def _age(self, speech: Speech, person: Person, said: str) -> None:
        """Save which side of eighteen a person is on, and never the age itself."""
        digits = "".join(letter for letter in said if letter.isdigit())
        side = AGES.get(digits) or (
            minors.ADULT if digits and int(digits[:3]) >= ADULT_AGE else minors.MINOR if digits else None
        )
        person = speech.unit.people.prefer(person, age=side)
        if self._minor(speech, person) and self._turns.organisation.minors(speech).get("path") != "no":
            self._question.tell_team(speech, person, "join.minor.note")
        self._consenting(speech, person)

    def _too_young(self, speech: Speech, person: Person) -> None:
        """Show what the organisation decided for minors: its own words, a referral to a person, or a kind no."""
        chosen = self._turns.organisation.minors(speech)
        own = next(filter(None, map((chosen.get("words") or {}).get, languages.chain(speech.language))), None)
        reached = "join.minor.person" if self._danger.hears(speech.unit, person) else "join.minor.person.nobody"
        code = "join.minor.no" if chosen.get("path") == "no" else reached
        keyboard = rows(
            speech.button("button.support", SUPPORT),
            speech.button("button.wrong_age", AGE, Side("again")),
            speech.button("button.erase_all", ERASE, EraseAll()),
        )
        speech.send(own or speech.words(code), keyboard)

    @handles(AGREE)
    def agree(self, screen: Screen) -> None:
        """Save a yes; anything that has to be asked before it is asked first."""
        speech, person = screen.speech, screen.person
        if self._age_due(speech, person) or self._minor(speech, person):
            if person.participation == "declined":
                state = move("declined", "reconsider")
                person = speech.unit.people.change(person, participation=state)
            self._consenting(speech, person)
            return
        person = speech.unit.people.prefer(self._agreement.save_consent(speech, person, "given"), **{DOUBTED: None})
        state = move(person.participation, "agree")
        person = speech.unit.people.change(person, participation=state)
        if minors.lacks_adult(person):
            speech.unit.memberships.wait(person.id)
        if kept := self._agreement.after_yes(speech, person):
            speech.recording(self._caring.voice(speech, kept))
            speech.send(kept)
        if person.nickname:
            self._named(speech, person)  # a person who comes back already has a nickname
        else:
            self._ask_name(speech)

    @handles(DECLINE)
    def decline(self, screen: Screen) -> None:
        """Save a no; said again, it is only thanked for again."""
        speech, person = screen.speech, screen.person
        if person.participation == "declined":
            self.repeat(speech, person)
            return
        person = self._agreement.save_consent(speech, person, "declined")
        state = move(person.participation, "decline")
        self.repeat(speech, speech.unit.people.change(person, participation=state))

    def _ask_name(self, speech: Speech, *, staff: bool = False) -> None:
        keyboard: Keyboard = (
            (
                speech.button("button.pick", NICKNAME, Nickname("pick")),
                speech.button("button.skip", NICKNAME, Nickname("skip")),
            ),
        )
        if called := speech.person and speech.person.preferences.get(CALLED):
            keyboard = ((speech.button("button.called", NICKNAME, Nickname("called"), name=called),), *keyboard)
        asked = speech.words("join.name.staff" if staff else "join.name")
        if heard := self._caring.voice(speech, asked):
            speech.recording(heard)
            keyboard = (*keyboard, (self._question.hearing(speech, heard, "button.hear"),))
        speech.send(asked, keyboard, repeatable=True)

    def _name(self, speech: Speech, person: Person, choice: str, said: str) -> None:
        choice = choice or self._name_way(speech, said)
        if choice == "again":
            self.repeat(speech, person)
            return
        name = clean_name(said)
        if choice == "unsure" or (not choice and not 0 < len(name) <= NICKNAME_LENGTH):
            speech.say("join.name.unsure" if choice else "join.name.long", most=NICKNAME_LENGTH)
            self._ask_name(speech, staff=bool(speech.unit.roles.of(person.id)))
            return
        nickname: str | None = name
        if choice == "skip":
            nickname = None
        elif choice == "called" and person.preferences.get(CALLED):
            nickname = str(person.preferences[CALLED])
        elif choice == "pick":
            nickname = pick_name(speech.unit, person, speech.words("join.nicknames").split(", "))
        if CALLED in person.preferences:
            person = speech.unit.people.prefer(person, **{CALLED: None})
        self._named(speech, speech.unit.people.change(person, nickname=nickname))

    def _name_way(self, speech: Speech, said: str) -> str:
        """Return what typed words ask for that are no nickname: "pick", "skip", "unsure" or "again"; else nothing."""
        words = folded(said)
        if words == folded(speech.words("button.pick")):
            return "pick"
        no = {folded(each) for each in speech.words("said.decline").split(",") if not each.isdecimal()}
        plain = commands.plain_word(said)
        if words in no | {folded(speech.words("button.skip"))} or plain in {SKIP.name, LATER.name}:
            return "skip"
        if words in {folded(each) for each in speech.words("said.unsure").split(",")}:
            return "unsure"
        return "again" if plain else ""

    def _named(self, speech: Speech, person: Person) -> None:
        """Finish joining, and say what comes next."""
        unit = speech.unit
        person = unit.people.change(person, participation=move("naming", "name"))
        if unit.roles.of(person.id):
            todo = [speech.button("button.checklist", targets.CHECKLIST)] if allowed(unit, person, ADMINS) else []
            speech.say("join.done.staff", rows(*todo, speech.button("button.menu", targets.HOME)))
        else:
            self._admitting.arrived(speech, person)
            self._question.still(speech, unit.people.known(person.id))
