"""What is to be asked, on paper: how many sheets, in which language, and the file to print."""

from dataclasses import replace
from typing import ClassVar, Final

from bot.conversation import on_paper
from bot.conversation.actions import Action, Begin, Next, handles
from bot.conversation.screen import Screen
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import PAPER, rows
from bot.services import sheets
from bot.services.broadcasts import OrderError
from bot.services.permissions import FACILITATORS
from bot.team.kit.feature import Feature
from bot.team.orders import drafts, ordering
from bot.team.orders.asking import QUESTION, purpose_screen
from dialogs import languages

NUMBERS: Final = (1, 5, sheets.MOST)
LANGUAGES_SHOWN: Final = 2


class OnPaper(Argument):
    """In which language, and how many sheets; 0: that is asked."""

    layout: ClassVar[str] = "[{language}[.{number}]]"
    language: str = ""
    number: int = 0


ASK_PAPER = Action(targets.ASK_PAPER, FACILITATORS, (OnPaper,))


class PaperScreen(Feature):
    """The screen on which sheets are printed."""

    @handles(ASK_PAPER)
    def paper(self, screen: Screen, argument: OnPaper) -> Next:
        """Ask how many sheets and in which language, or send them; what it is for is asked first."""
        draft = drafts.read(screen.person)
        cohort = drafts.cohort_of(screen.unit, screen.person, draft) if draft else None
        if draft is not None and cohort is not None and not draft.card:
            if draft.dialog == drafts.OWN:
                return Begin(QUESTION, {"cohort": cohort.id.hex}, draft.said)
            return purpose_screen(self._turns, screen, cohort)
        found = ordering.ready(self._turns, screen)
        if found is None:
            return None
        draft, cohort, dialog = found
        tags = list(dict.fromkeys((*ordering.languages_of(cohort), *dialog.languages)))
        language = argument.language if argument.language in tags else tags[0]
        back = (screen.button("button.ask_back", ordering.ASK_ORDER), screen.menu())
        title = ordering.title(screen, dialog)
        if argument.number not in NUMBERS:
            count, reader = screen.speech.texts.count, screen.speech.language
            copies = [
                screen.labelled(count("button.ask_paper_copies", reader, each), ASK_PAPER, OnPaper(language, each))
                for each in NUMBERS
            ]
            others = [
                screen.labelled(languages.own_name(tag), ASK_PAPER, OnPaper(tag)) for tag in tags if tag != language
            ]
            told = screen.words("paper.ask", title=title, group=cohort.name, language=screen.language(language))
            screen.show(told, (*rows(*copies, *others[:LANGUAGES_SHOWN]), back))
            return None
        try:
            codes = sheets.make(screen.unit, screen.person, cohort, dialog, draft.card, argument.number, draft.key)
        except OrderError as problem:
            screen.show(screen.words(problem.code, **problem.facts), (back,))
            return None
        drawn = on_paper.drawn(self._turns.organisation, screen.speech, cohort, dialog, draft.card, language, codes)
        screen.speech.sheet({"sheet": drawn}, screen.words("paper.sent"), PAPER)
        replace(screen, place=None).show(screen.words("paper.then"), (back,))
        return None
