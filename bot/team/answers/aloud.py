"""What was heard and what follows, for whoever has no phone: a text to read aloud, and the same on paper."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Final
from uuid import UUID

from bot.conversation import on_paper
from bot.conversation.actions import Action, Next, Then, handles
from bot.conversation.screen import Pager, Screen
from bot.participant import share_back
from bot.rendering import targets
from bot.rendering.speech import PAPER, rows
from bot.rendering.texts import pages
from bot.services import aloud, share_backs, sheets
from bot.services.permissions import FACILITATORS
from bot.services.refusals import AlreadyDone, NotFound
from bot.services.share_backs import ShareBackError
from bot.team.answers.sheets import ANSWERED
from bot.team.kit.decision_arguments import AloudOf, OneDecision
from bot.team.kit.feature import CompletedWizard, Feature
from storage.decisions import Decision

LANGUAGES_SHOWN: Final = 2
ROOM: Final = 380  # characters of a text on a screen, so that it fits with what stands above it

ALOUD = Action(targets.ALOUD, FACILITATORS, (AloudOf,))


class AloudScreens(Feature):
    """The screens on which something is laid out to be read aloud, printed, and noted as read."""

    wizards: ClassVar = {ANSWERED: ALOUD}

    @handles(ALOUD)
    def aloud(self, screen: Screen, argument: AloudOf) -> Next:
        """Show what is read aloud, or do with it what a button says."""
        try:
            return self._do(screen, argument)
        except NotFound:
            screen.show(screen.words("back.gone"), rows(screen.menu()))
        except AlreadyDone:
            screen = replace(screen, lead=screen.words("back.already"))
            return Then(targets.DECIDE, OneDecision("o", argument.decision).encoded(), screen)
        except ShareBackError:  # its last look says why, and what can be done about it
            return Then(targets.DECIDE, OneDecision("o", argument.decision).encoded(), screen)
        return None

    def _do(self, screen: Screen, argument: AloudOf) -> Next:
        unit, by = screen.unit, screen.person
        match argument.step:
            case "l":
                decision = aloud.lay_out(unit, self._turns.organisation, argument.decision, by)
            case "r":
                decision = aloud.was_read(unit, argument.decision, by)
                back = screen.button("button.aloud.not_read", ALOUD, AloudOf("n", decision.id))
                ways = (screen.button("button.aloud", ALOUD, AloudOf("o", decision.id)), back, screen.menu())
                screen.show(screen.words("aloud.done"), rows(*ways))
                return None
            case "n":
                share_backs.take_back(unit, argument.decision, by)
                screen = replace(screen, lead=screen.words("aloud.undone"))
                return Then(targets.DECIDE, OneDecision("o", argument.decision).encoded(), screen)
            case _:
                decision = share_backs.reached(unit, argument.decision, by)
        if decision.state != "told":
            return Then(targets.DECIDE, OneDecision("o", decision.id).encoded(), screen)
        if argument.step == "y":
            yes = screen.button("button.aloud.yes", ALOUD, AloudOf("r", decision.id))
            no = screen.button("button.back", ALOUD, AloudOf("o", decision.id, argument.language))
            screen.show(screen.words("aloud.sure"), rows(yes, no, screen.menu()))
            return None
        if argument.step == "p":
            self._print(screen, decision, argument.language)
            screen = replace(screen, place=None)
        self._show(screen, decision, argument)
        return None

    def _show(self, screen: Screen, decision: Decision, argument: AloudOf) -> None:
        """Show the text of about a minute, and the ways from there."""
        tags = self._tags(screen, decision)
        tag = argument.language if argument.language in tags else tags[0]
        text = "\n\n".join((*self._words(screen, decision, tag), self._say(screen, f"aloud.ask.{decision.kind}", tag)))
        number = len(text.split())
        lead = screen.words("aloud.minute")
        if number > aloud.MINUTE:
            lead = screen.speech.texts.count("aloud.longer", screen.speech.language, number)
        leaves = pages(text, ROOM)
        pager = Pager.of(len(leaves), 1, argument.page)
        turns = pager.turns(lambda code, page: screen.button(code, ALOUD, AloudOf("o", decision.id, tag, page)))
        others = [
            screen.button("button.aloud.in", ALOUD, AloudOf("o", decision.id, each), language=screen.language(each))
            for each in tags
            if each != tag
        ]
        ways = [screen.button("button.aloud.paper", ALOUD, AloudOf("p", decision.id, tag)), *others[:LANGUAGES_SHOWN]]
        if aloud.waits(screen.unit, decision):
            ways.append(screen.button("button.aloud.read", ALOUD, AloudOf("y", decision.id, tag)))
            ways.append(screen.button("button.aloud.change", ALOUD, AloudOf("n", decision.id)))
        see = screen.button("button.back.see", targets.DECIDE, OneDecision("o", decision.id))
        screen.show(f"{lead}\n\n{leaves[pager.page]}", turns + rows(*ways) + ((see, screen.menu()),))

    def _print(self, screen: Screen, decision: Decision, language: str) -> None:
        """Send a sheet of it, with a code of its own."""
        tags = self._tags(screen, decision)
        tag = language if language in tags else tags[0]
        code = aloud.make_sheet(screen.unit, screen.person, decision.id, tag)
        drawn = on_paper.told(screen.speech, self._words(screen, decision, tag), decision.kind, tag, code)
        screen.speech.sheet({"sheet": drawn}, screen.words("aloud.sent"), PAPER)

    def _words(self, screen: Screen, decision: Decision, language: str) -> Sequence[str]:
        """Return what was asked, what was heard and what follows, in a language."""
        speech = replace(screen.speech, language=language)
        return share_back.text(self._turns, speech, decision).split("\n\n")

    def _say(self, screen: Screen, code: str, language: str) -> str:
        return replace(screen.speech, language=language).words(code)

    def _tags(self, screen: Screen, decision: Decision) -> list[str]:
        """Return the languages in which a decision is said, those of its group first."""
        cohort = screen.unit.cohorts.get(decision.cohort_id)
        said = [tag for tag in decision.body.get("words") or {} if share_backs.complete(decision, tag)]
        first = [tag for tag in (cohort.languages if cohort else ()) if tag in said]
        return list(dict.fromkeys((*first, *said))) or [screen.speech.language]

    def finish(self, screen: Screen, done: CompletedWizard) -> Next:
        """Keep what a circle said to what it was told, or that it did not want to."""
        unit, by, code = screen.unit, screen.person, "paper.kept"
        try:
            sheet_id = UUID(str(self.task(by).get("sheet")))
            if done.values.get("view") == "no":
                sheets.refuse(unit, by, sheet_id)
            else:
                said: aloud.Said = "fine" if done.values.get("view") == "fine" else "said"
                present, words = int(str(done.values.get("present") or 0)), str(done.values.get("words") or "")
                aloud.answer(unit, by, sheet_id, said, present, words)
        except (AlreadyDone, NotFound, ValueError):
            code = "paper.twice"
        ways = (screen.button("button.paper_list", targets.SHEETS), screen.menu())
        screen.show(screen.words(code), rows(*ways))
        return None
