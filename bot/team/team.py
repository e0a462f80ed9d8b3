"""The list of the team's features. A new feature is a file that declares its actions, and a line here."""

from collections.abc import Iterable

from bot.conversation.actions import Action
from bot.conversation.turns import Turns
from bot.participant.main_menu import MainMenu
from bot.team.answers.aloud import AloudScreens
from bot.team.answers.circles import CircleScreens
from bot.team.answers.deciding import Deciding
from bot.team.answers.digest import Digest
from bot.team.answers.evidence import EvidenceScreens
from bot.team.answers.exporting import ExportScreen
from bot.team.answers.figures import Figures
from bot.team.answers.own_sheets import OwnSheetScreens
from bot.team.answers.quoting import Quoting
from bot.team.answers.reading import ReadingScreens
from bot.team.answers.sheets import SheetScreens
from bot.team.answers.sign_words import SignWords
from bot.team.answers.signs import SignScreens
from bot.team.answers.telling import TellingScreens
from bot.team.answers.totals import TotalsScreens
from bot.team.home.care_lines import CareLineScreens
from bot.team.home.checklist import Checklist
from bot.team.home.due import DueScreen
from bot.team.home.handover import HandoverScreen
from bot.team.home.menu import Menu
from bot.team.home.minors import MinorsScreens
from bot.team.home.record import RecordScreens
from bot.team.home.recordings import RecordingScreens
from bot.team.home.restored import RestoredScreens
from bot.team.home.trail import TrailScreen
from bot.team.home.watch import WatchScreens
from bot.team.kit.feature import Feature
from bot.team.messages.alerts import AlertScreens
from bot.team.messages.asked import SupportRequestScreens
from bot.team.messages.dangers import DangerWords
from bot.team.messages.mail import MessageScreens
from bot.team.messages.sending_now import SendingNow
from bot.team.messages.told_by_hand import MessageHand
from bot.team.messages.unsent import UnsentScreens
from bot.team.orders.asking import Asking
from bot.team.orders.by_hand import ByHand
from bot.team.orders.following import BroadcastScreens
from bot.team.orders.learning import Learning
from bot.team.orders.library import Library
from bot.team.orders.library_order import LibraryOrder
from bot.team.orders.ordering import Ordering
from bot.team.orders.paper import PaperScreen
from bot.team.orders.purpose_translation import PurposeTranslation
from bot.team.orders.questions import Questions
from bot.team.orders.repeat_reminder import RepeatReminder
from bot.team.orders.repeat_words import RewordingScreens
from bot.team.orders.repeating import Repeating
from bot.team.orders.repeats import Repeats
from bot.team.orders.sending_time import SendingTime
from bot.team.orders.untold import UntoldScreens
from bot.team.orders.window_time import WindowTime
from bot.team.people.closing import ClosingGroups
from bot.team.people.cohorts import CohortScreens
from bot.team.people.granting import GrantScreens
from bot.team.people.group_record import GroupRecordScreen
from bot.team.people.invite_list import InviteListScreen
from bot.team.people.inviting import InviteScreens
from bot.team.people.leaving import LeavingScreen
from bot.team.people.link_requests import LinkRequestScreens
from bot.team.people.people import MemberScreens
from bot.team.people.personal_link import PersonalLinkScreen
from bot.team.people.resting import RestScreens
from bot.team.people.risk_talk import RiskTalkScreens
from bot.team.people.shut_ways import ShutWayScreens

PARTS: tuple[type[Feature], ...] = (
    Asking,
    SendingTime,
    Repeating,
    Repeats,
    UntoldScreens,
    WindowTime,
    RepeatReminder,
    RewordingScreens,
    Ordering,
    ByHand,
    PaperScreen,
    PurposeTranslation,
    Questions,
    Library,
    LibraryOrder,
    ExportScreen,
    Digest,
    Menu,
    ReadingScreens,
    TotalsScreens,
    CircleScreens,
    AloudScreens,
    TellingScreens,
    Deciding,
    Figures,
    OwnSheetScreens,
    SheetScreens,
    SignScreens,
    SignWords,
    EvidenceScreens,
    Quoting,
    BroadcastScreens,
    Learning,
    MessageScreens,
    MessageHand,
    SendingNow,
    AlertScreens,
    UnsentScreens,
    SupportRequestScreens,
    DangerWords,
    Checklist,
    RestoredScreens,
    DueScreen,
    RecordingScreens,
    CareLineScreens,
    WatchScreens,
    MinorsScreens,
    RecordScreens,
    HandoverScreen,
    TrailScreen,
    MemberScreens,
    PersonalLinkScreen,
    LinkRequestScreens,
    CohortScreens,
    GroupRecordScreen,
    ClosingGroups,
    InviteScreens,
    RiskTalkScreens,
    InviteListScreen,
    GrantScreens,
    LeavingScreen,
    RestScreens,
    ShutWayScreens,
)


def parts(turns: Turns, participants: MainMenu, actions: Iterable[Action]) -> list[Feature]:
    """Return every feature; the team's menu also gets the participants' menu and all actions."""
    return [Menu(turns, participants, actions) if kind is Menu else kind(turns) for kind in PARTS]
