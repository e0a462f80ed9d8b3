"""Build every screen: the classes whose actions the registry collects, and the one object of each."""

from functools import cache

from bot.conversation.turns import Turns
from bot.participant.about import AboutScreens
from bot.participant.answers import AnswerScreens
from bot.participant.approval import ApprovalNotices
from bot.participant.care_card import CareCardScreen
from bot.participant.confidant import ConfidantScreens
from bot.participant.consent import ConsentScreens
from bot.participant.consent_question import ConsentQuestion
from bot.participant.danger import DangerScreens
from bot.participant.ended_invite import EndedInvites
from bot.participant.erasing import ErasureScreens
from bot.participant.invitations import Invitations
from bot.participant.joining import Joining
from bot.participant.lock import LockScreens
from bot.participant.main_menu import MainMenu
from bot.participant.meant_questions import MeantQuestionScreens
from bot.participant.need_beside import NeedScreens
from bot.participant.nickname import NicknameScreens
from bot.participant.own_paper import OwnPaperScreens
from bot.participant.own_quotes import QuoteScreens
from bot.participant.own_zone import OwnZoneScreens
from bot.participant.pause_leave import PauseScreens
from bot.participant.plain_text import PlainText
from bot.participant.postponing import PostponingScreens
from bot.participant.reaching import ReachingScreens
from bot.participant.replies import Replies
from bot.participant.rhythm_ends import RhythmEnds
from bot.participant.rhythms import RhythmScreens
from bot.participant.settings import SettingsScreens
from bot.participant.share_back import ShareBackScreens
from bot.participant.web_open_notice import WebOpenNotice
from bot.pipeline.registry import ActionRegistry
from bot.rendering.commands import vocabulary
from bot.services.introduction import Offer
from bot.team.team import PARTS, parts

SCREENS: tuple[type, ...] = (
    AnswerScreens,
    ConsentScreens,
    ConsentQuestion,
    CareCardScreen,
    ConfidantScreens,
    DangerScreens,
    EndedInvites,
    ErasureScreens,
    Invitations,
    Joining,
    LockScreens,
    AboutScreens,
    MainMenu,
    MeantQuestionScreens,
    NeedScreens,
    NicknameScreens,
    OwnPaperScreens,
    OwnZoneScreens,
    PauseScreens,
    PlainText,
    PostponingScreens,
    QuoteScreens,
    ReachingScreens,
    RhythmScreens,
    RhythmEnds,
    SettingsScreens,
    ShareBackScreens,
    WebOpenNotice,
    *PARTS,
)


@cache
def registry() -> ActionRegistry:
    """Return the tables of all actions, checked; raises RegistryError."""
    return ActionRegistry.of(SCREENS, vocabulary())


def offer() -> Offer:
    """Return the commands that messengers are told about."""
    everybody, team = registry().offered()
    return Offer([each.commands[0] for each in everybody], [(each.commands[0], each.permission) for each in team])


class Screens:
    """One object of each screen class.

    Attributes:
        resting: pausing and leaving.
        agreement: consent, and its renewal.
        talking: words that belong to no question.
        invitations: invites that are opened.
        joining: the way in.
        menu: the menu of a participant.
        settings: how a person is treated.
        own_zone: by which city's hour a person is written to.
        own_paper: what was typed in for a person from paper.
        rhythms: how a participant wants what comes back.
        replies: words, voice notes, photos and edits that answer a question.
        danger: words of danger, in whatever is typed.
        confidants: whom one of the team is heard by.
        parts: what the team can do.
    """

    def __init__(self, turns: Turns) -> None:
        self.resting = PauseScreens(turns)
        self.agreement = ConsentScreens(turns, self.resting)
        caring, answers = CareCardScreen(turns), AnswerScreens(turns)
        nicknames = NicknameScreens()
        reaching = ReachingScreens(turns)
        self.talking = PlainText(turns, nicknames, reaching)
        admitting = ApprovalNotices(turns)
        self.invitations = Invitations(turns, self.agreement, admitting)
        question = ConsentQuestion(turns, self.agreement, caring, self.talking)
        ended = EndedInvites(turns.texts, turns.guesses)
        self.replies = Replies(turns, self.talking)
        self.confidants = ConfidantScreens(turns)
        self.danger = DangerScreens(turns, self.talking, self.replies, question)
        self.joining = Joining(turns, self.agreement, caring, question, admitting, self.invitations, ended, self.danger)
        self.menu = MainMenu(turns, self.talking, caring, self.agreement, self.resting, self.danger)
        self.parts = parts(turns, self.menu, registry().actions.values())
        self.settings = SettingsScreens(turns)
        self.own_zone = OwnZoneScreens(turns)
        self.own_paper = OwnPaperScreens(turns, answers)
        self.rhythms = RhythmScreens(turns)
        others = (
            ErasureScreens(turns, answers),
            AboutScreens(turns),
            self.settings,
            self.own_zone,
            self.own_paper,
            LockScreens(),
            WebOpenNotice(),
            NeedScreens(turns),
            MeantQuestionScreens(turns, self.talking),
            PostponingScreens(turns),
            RhythmEnds(turns),
            ShareBackScreens(turns),
            QuoteScreens(turns),
            self.rhythms,
        )
        self._others = (caring, question, ended, answers, nicknames, reaching, *others)

    @property
    def all(self) -> list[object]:
        """All screens that answer actions."""
        own = [
            self.resting,
            self.agreement,
            self.talking,
            self.invitations,
            self.joining,
            self.menu,
            self.danger,
            self.confidants,
        ]
        return [*own, *self._others, *self.parts]
