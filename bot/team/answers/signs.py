"""Signs: by what a group can tell that something gets better or does harm, how each stands, and what was said before.

The group's own word stands first, the team's beside it. Nothing that was said is ever shown under other words than
those it was said of.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from bot.conversation.actions import Action, Begin, Next, handles
from bot.conversation.screen import Pager, Screen
from bot.messengers.port import Button, Keyboard
from bot.rendering import targets
from bot.rendering.arguments import Page
from bot.rendering.speech import pairs, rows
from bot.rendering.texts import pages, shorten
from bot.services import sign_order, signs
from bot.services.cohorts import is_closed
from bot.services.permissions import ADMINS_OF_ALL, FACILITATORS, allowed, cohorts_of, may_reach
from bot.services.refusals import AlreadyDone, NotAllowed, NotFound
from bot.services.signs import DialogOf, GroupWord
from bot.team.answers.evidence import sign_label
from bot.team.answers.telling import TOLD, OwedOne
from bot.team.answers.totals import in_words
from bot.team.kit.arguments import OfId, PageOf, SureOf
from bot.team.kit.feature import Feature
from bot.team.kit.reading_arguments import BroadcastQuestions
from bot.team.kit.sign_arguments import OneSign, SignStep
from bot.team.orders import drafts, ordering
from bot.team.orders.asking import purpose_screen
from dialogs import languages
from storage.cohorts import Cohort
from storage.signs import Judgement, Sign
from storage.unit import Unit

SHOWN: Final = 4  # signs, or groups, on a page
LABEL: Final = 48  # characters of a sign on a button
WORDS: Final = 70  # characters of a sign above how it stands
SAID: Final = 45  # characters of what was said, where it stands beside other things
ROOM: Final = 420  # characters of a page of what was said before: that it is this group's stands below each
NAME: Final = 24
WHO: Final = 16
FIRST: Final = "reflection_signs"
"""The dialog in which each of a group says by what one could tell."""
WIZARDS: Final = {"g": "sign_group", "w": "sign_team", "r": "sign_reword"}
LATER: Final[dict[SignStep, str]] = {"m": "month", "k": "quarter", "h": "half"}

SIGNS = Action(targets.SIGNS, FACILITATORS, (PageOf, Page), commands=("signs",))
SIGNS_ON = Action(targets.SIGNS_ON, ADMINS_OF_ALL, (SureOf,))
SIGN = Action(targets.SIGN, FACILITATORS, (OneSign,))
SIGNS_ASK = Action("signs_ask", FACILITATORS, (OfId,))


class SignScreens(Feature):
    """The list of a group's signs, and each of them."""

    @handles(SIGNS)
    def overview(self, screen: Screen, argument: PageOf | Page) -> None:
        """Show the signs of a group; where there are several, the groups to choose from."""
        reached = cohorts_of(screen.unit, screen.person)
        if isinstance(argument, PageOf):
            cohort = next((each for each in reached if each.id == argument.id), None)
            if cohort is None:
                raise NotAllowed(SIGNS.name)
            self.of_group(screen, cohort, argument.page)
            return
        using = [each for each in reached if signs.is_on(each)]
        if len(using) == 1:
            self.of_group(screen, using[0], 0)
            return
        pager = Pager.of(len(using), SHOWN, argument.page, joined=True)
        buttons = [screen.labelled(shorten(each.name, LABEL), SIGNS, PageOf(each.id)) for each in pager.cut(using)]
        turns = pager.turns(lambda code, number: screen.button(code, SIGNS, Page(number)))
        people = screen.button("menu.people", targets.PEOPLE)
        asked = screen.words("signs.which" if using else "signs.nowhere")
        screen.show(asked, rows(*buttons) + turns + rows(*([] if using else [people]), screen.menu()))

    def of_group(self, screen: Screen, cohort: Cohort, page: int) -> None:
        """Show a page of a group's signs, and the ways to more of them."""
        if not signs.is_on(cohort):
            self._off(screen, cohort)
            return
        found = signs.in_use(screen.unit, [cohort])
        pager = Pager.of(len(found), SHOWN, page, joined=True)
        buttons = [
            screen.labelled(shorten(sign_label(screen.speech, each), LABEL), SIGN, OneSign("o", each.id))
            for each in pager.cut(found)
        ]
        turns = pager.turns(lambda code, number: screen.button(code, SIGNS, PageOf(cohort.id, number)))
        ways = [screen.button("button.sign_new", targets.SIGN_NEW, OfId(cohort.id))]
        if not is_closed(cohort):
            ways.append(screen.button("button.signs_ask", SIGNS_ASK, OfId(cohort.id)))
        if (told := self._first_told(screen.unit, cohort)) is not None:
            ways.append(screen.speech.button("button.signs_told", targets.READ, BroadcastQuestions(told)))
        if allowed(screen.unit, screen.person, ADMINS_OF_ALL):
            ways.append(screen.button("button.signs_off", SIGNS_ON, SureOf(cohort.id)))
        back = (screen.button("button.group", targets.GROUP, OfId(cohort.id)), screen.menu())
        text = screen.words("signs.list" if found else "signs.none", group=shorten(cohort.name, NAME))
        screen.show(text, rows(*buttons) + turns + (*pairs(ways), back))

    def _first_told(self, unit: Unit, cohort: Cohort) -> UUID | None:
        """Return the newest broadcast in which the group said by what one could tell, if anybody answered."""
        for broadcast in unit.broadcasts.list([cohort.id]):
            if self._turns.dialog(unit, broadcast.dialog_hash).name == FIRST and unit.readings.any_of(broadcast.id):
                return broadcast.id
        return None

    @handles(SIGNS_ASK)
    def ask_first(self, screen: Screen, argument: OfId) -> Next:
        """Begin to ask a group by what it can tell; what for is asked as for anything else."""
        cohort = _cohort(screen, argument.id)
        draft = drafts.Draft.new(FIRST, cohort=cohort.id, begun=screen.unit.now)
        screen = replace(screen, person=drafts.save_draft(screen.unit, screen.person, draft))
        return purpose_screen(self._turns, screen, cohort)

    # Switched on by an admin.

    def _off(self, screen: Screen, cohort: Cohort) -> None:
        admin = allowed(screen.unit, screen.person, ADMINS_OF_ALL)
        on = [screen.button("button.signs_on", SIGNS_ON, SureOf(cohort.id, sure=True))] if admin else []
        back = screen.button("button.group", targets.GROUP, OfId(cohort.id))
        code = "signs.off.admin" if admin else "signs.off"
        screen.show(screen.words(code, group=shorten(cohort.name, NAME)), rows(*on, back, screen.menu()))

    @handles(SIGNS_ON)
    def switch(self, screen: Screen, argument: SureOf) -> None:
        """Switch signs on for a group, or off, which can be undone by switching them on again."""
        cohort = _cohort(screen, argument.id)
        changed = signs.switch(screen.unit, screen.person, cohort, on=argument.sure)
        self.of_group(screen, changed, 0)

    # One sign.

    @handles(SIGN)
    def one(self, screen: Screen, argument: OneSign) -> Next:
        """Show a sign, or do with it what a button says."""
        step, unit, by = argument.step, screen.unit, screen.person
        lead = screen.lead
        try:
            if step == "u":
                sign = signs.take_back(unit, by, argument.sign)
                lead = screen.words("sign.taken_back")
            elif step == "x":
                sign = signs.give_up(unit, by, argument.sign)
                lead = screen.words("sign.given_up")
            elif step == "b":
                sign = signs.take_up(unit, by, argument.sign)
            elif step in LATER:
                sign = signs.look_again(unit, by, argument.sign, LATER[step])
            else:
                sign = signs.reached(unit, by, argument.sign)
        except AlreadyDone:
            sign = self._of_step(screen, argument)
        except NotFound:
            screen.show(screen.words("sign.gone"), rows(screen.button("button.signs", SIGNS), screen.menu()))
            return None
        if step == "q":
            return self._ask(screen, sign)
        if step in WIZARDS and sign.ended_at is None:
            return self._begun(screen, sign, step)
        if step == "e":
            self._earlier(screen, sign, argument.page)
        elif step == "l":
            self._when(screen, sign)
        else:
            self.show(replace(screen, lead=lead), sign)
        return None

    def _of_step(self, screen: Screen, argument: OneSign) -> Sign:
        """Return the sign of a step that was done before."""
        judged = screen.unit.signs.judgement(argument.sign) if argument.step == "u" else None
        return signs.reached(screen.unit, screen.person, judged.sign_id if judged is not None else argument.sign)

    def show(self, screen: Screen, sign: Sign) -> None:
        """Show a sign: how the group says it stands, what the team sees beside that, and what to do."""
        lines = [self._headed(screen, sign, WORDS), *self._stands(screen, sign)]
        if sign.look_on is not None and sign.ended_at is None:
            day = screen.speech.texts.date(sign.look_on, screen.speech.language)
            lines.append(screen.words("sign.look", day=day))
        lines.append(screen.words("sign.here_only"))
        back = (screen.button("button.signs", SIGNS, PageOf(sign.cohort_id)), screen.menu())
        screen.show("\n".join(lines), (*self._ways(screen, sign), back))

    def _ways(self, screen: Screen, sign: Sign) -> Keyboard:
        def way(step: SignStep, code: str) -> Button:
            return screen.button(code, SIGN, OneSign(step, sign.id))

        earlier = way("e", "button.sign_earlier")
        laid, gone = signs.beside(screen.unit, sign)
        things = len(laid) + len(signs.decided(screen.unit, sign, self._dialog_of(screen.unit)))
        told = screen.speech.button("button.sign_told", targets.EVIDENCE, PageOf(sign.id), n=things)
        shown = [told] if things or gone else []
        if sign.ended_at is not None:
            again = [] if self._worded_anew(screen.unit, sign) else [way("b", "button.sign_again")]
            return pairs([*shown, earlier, *again])
        cohort = screen.unit.cohorts.get(sign.cohort_id)
        asks = [way("q", "button.sign_ask")] if cohort is not None and not is_closed(cohort) else []
        team = [way("w", "button.sign_team")] if self._group_said(screen.unit, sign) else []
        said = [*asks, way("g", "button.sign_group"), *team]
        slip = signs.slip_of(screen.unit, screen.person, sign)
        undo = [screen.button("button.sign_undo", SIGN, OneSign("u", slip.id))] if slip is not None else []
        rest = [*undo, *shown, earlier, way("r", "button.sign_reword"), way("x", "button.sign_give_up")]
        if sign.kind == "harm":
            rest.append(way("l", "button.sign_look"))
        return rows(*said, *self._understood(screen, sign)) + pairs(rest)

    def _understood(self, screen: Screen, sign: Sign) -> list[Button]:
        """Return the button that asks the group whether it was understood, before anybody judges by it."""
        told = signs.to_understand(screen.unit, sign, self._dialog_of(screen.unit))
        return [screen.speech.button("button.told_ask", TOLD, OwedOne("u", told.id))] if told is not None else []

    def _worded_anew(self, unit: Unit, sign: Sign) -> bool:
        return any(each.former_id == sign.id for each in unit.signs.of([sign.cohort_id]))

    def _headed(self, screen: Screen, sign: Sign, most: int = signs.LONGEST) -> str:
        words = shorten(sign.words or screen.words("damaged.said"), most)
        head = screen.words(f"sign.is.{sign.kind}", words=words)
        return head if sign.ended_at is None else f"{head} {screen.words('sign.ended')}"

    def _stands(self, screen: Screen, sign: Sign) -> Iterator[str]:
        """Yield how the group says a sign stands, then how the team does."""
        said = signs.group_words(screen.unit, sign, self._dialog_of(screen.unit))
        yield self._group(screen, said[0]) if said else screen.words("sign.group_first")
        if waiting := self._waiting(screen, sign):
            yield waiting
        judged = signs.judged(screen.unit, sign, "team")
        if judged:
            yield self._team(screen, judged[0], said)

    def _waiting(self, screen: Screen, sign: Sign) -> str:
        """Return that the group was asked and too few have answered; '' otherwise."""
        found = signs.asked(screen.unit, sign, self._dialog_of(screen.unit))
        if not found or found[0].total.told:
            return ""
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        day = screen.speech.texts.short_day(found[0].broadcast.due_at, zone, screen.speech.language)
        return screen.words("sign.asked", day=day)

    def _group(self, screen: Screen, word: GroupWord, most: int = SAID) -> str:
        day = screen.speech.texts.date(word.said_on, screen.speech.language)
        count, language = screen.speech.texts.count, screen.speech.language
        if word.asked is not None:
            told = in_words(screen.speech, word.asked.total)
            return count("sign.group.asked", language, word.asked.total.people, day=day, said=told)
        assert word.judged is not None
        judged = word.judged
        told = count(
            *("sign.group.together", language, judged.present or 0), day=day, value=self._value(screen, judged)
        )
        if judged.words:
            told = f"{told} {screen.words('promise.quoted', words=shorten(judged.words, most))}"
        if judged.against:
            told = f"{told} {screen.words('sign.against', words=shorten(judged.against, most))}"
        return told

    def _team(self, screen: Screen, judged: Judgement, said: Sequence[GroupWord], most: int = SAID) -> str:
        day = screen.speech.texts.date(judged.said_on, screen.speech.language)
        by = screen.unit.people.get(judged.written_by) if judged.written_by else None
        name = shorten(by.display_name, WHO) if by is not None else screen.words("sign.by_gone")
        words = shorten(judged.words, most)
        told = screen.words("sign.team", name=name, day=day, value=self._value(screen, judged), words=words)
        if said and judged.beside_id != said[0].beside_id:
            return f"{told} {screen.words('sign.team.before')}"
        return told

    def _value(self, screen: Screen, judged: Judgement) -> str:
        return screen.words(f"sign.value.{judged.value}")

    def _earlier(self, screen: Screen, sign: Sign, page: int) -> None:
        """Show all that was said, the newest first, each under the words it was said of."""
        blocks: list[str] = []
        for each in signs.history(screen.unit, sign):
            said = signs.group_words(screen.unit, each, self._dialog_of(screen.unit))
            team = signs.judged(screen.unit, each, "team")
            lines = []
            for word, judged in sign_order.in_order(said, team):
                lines += [self._group(screen, word, signs.SAID_LONGEST)] if word is not None else []
                lines += [self._team(screen, one, [word] if word else [], signs.SAID_LONGEST) for one in judged]
            lines = lines or [screen.words("sign.nothing_said")]
            blocks.append("\n".join((self._headed(screen, each), *lines)))
        leaves = pages("\n\n".join(blocks), ROOM)
        pager = Pager.of(len(leaves), 1, page)
        turns = pager.turns(lambda code, number: screen.button(code, SIGN, OneSign("e", sign.id, number)))
        back = (screen.button("button.sign", SIGN, OneSign("o", sign.id)), screen.menu())
        screen.show(f"{leaves[pager.page]}\n\n{screen.words('sign.here_only')}", (*turns, back))

    def _when(self, screen: Screen, sign: Sign) -> None:
        ways = [screen.button(f"button.sign_look.{code}", SIGN, OneSign(step, sign.id)) for step, code in LATER.items()]
        back = screen.button("button.sign", SIGN, OneSign("o", sign.id))
        screen.show(screen.words("sign.look.when", words=shorten(sign.words, SAID)), rows(*ways, back))

    # Asking the group, and the wizards.

    def _ask(self, screen: Screen, sign: Sign) -> Next:
        """Put the question to the group before whoever asks, ready to be sent."""
        unit = screen.unit
        try:
            sign, dialog = signs.to_ask(unit, screen.person, self._turns.texts, sign.id)
        except AlreadyDone:
            self.show(screen, sign)
            return None
        given = signs.card(self._turns.texts, languages.base(screen.speech.language))
        fields = {"version": dialog.version, "cohort": sign.cohort_id, "card": given, "begun": unit.now}
        draft = drafts.Draft.new(dialog.name, **fields)
        ordering.confirm(self._turns, replace(screen, person=drafts.save_draft(unit, screen.person, draft)))
        return None

    def _begun(self, screen: Screen, sign: Sign, step: str) -> Next:
        """Begin a wizard about a sign; the team waits until the group has said something."""
        if step == "w" and not self._group_said(screen.unit, sign):
            self.show(replace(screen, lead=screen.words("sign.team_waits")), sign)
            return None
        return Begin(WIZARDS[step], {"sign": sign.id.hex})

    def _group_said(self, unit: Unit, sign: Sign) -> bool:
        return bool(signs.group_words(unit, sign, self._dialog_of(unit)))

    def _dialog_of(self, unit: Unit) -> DialogOf:
        return lambda version: self._turns.dialog(unit, version)


def _cohort(screen: Screen, cohort_id: UUID) -> Cohort:
    """Return a cohort that the reader reaches; raises NotAllowed for any other."""
    cohort = screen.unit.cohorts.get(cohort_id)
    if cohort is None or not may_reach(screen.unit, screen.person, cohort.id):
        raise NotAllowed(SIGNS.name)
    return cohort
