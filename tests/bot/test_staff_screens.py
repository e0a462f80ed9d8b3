"""Every screen of the team's, in a full house: short, not too tall, in her language, and never the end of the way.

And what each action does to rows that are not her own: nothing, nothing before it has asked, or what another undoes.
"""

import re
from collections.abc import Iterator

import pytest

from tests import amounts
from tests.bot.actions import COMMANDS, STAFF_ACTIONS
from tests.bot.house import House
from tests.bot.rounds import Rounds
from tests.by_day import LANGUAGES_ALIKE

_SHOWS = (
    "ask ask_dialog ask_own own_said ask_left ask_group ask_why ask_why_in ask_when ask_repeat ask_last ask_order "
    "ask_look ask_hear ask_test ask_drop own_in own_same own_done own_again hand_try library lib_open lib_steps "
    "lib_pick lib_step lib_words read play totals progress order_who mail mail_open mail_play more digest people "
    "members someone seek group invite invite_new invite_team invite_one invite_list recordings confidant poster "
    "poster_pdf new_group roles role_one grant due checklist handover under_eighteen trail organisation rename_group "
    "signs sign_new signs_ask evidence sheets circles ask_proposed"
)
SHOWS = frozenset(_SHOWS.split())
"""What only shows, begins a wizard, or changes what is hers alone."""
ASKS = {
    "order_nudge": r"!$",
    "order_end": r"!$",
    "halt": r"!$",
    "mail_over": r"\.1$",
    "told": r"^[ynk]",
    "aloud": r"^[lprn]",  # its last look asks, or the text that is read and the question whether it was
    "decide": r"^[sxcv]",  # the last look is what asks; a switch is switched back
    "ask_send": r"",  # the last look is what asks
    "quote": r"^s",  # so it is here
    "turn_away": r"\.y$",
    "take_out": r"\.y$",
    "rehome": r"\.y$",
    "as_said": r"\.y$",
    "group_close": r"\.y$",
    "group_reopen": r"\.y$",
    "group_delete": r"\.y$",
    "invite_end": r"\.y$",
    "role_end": r"\.y$",
    "team_leave": r"\.y$",
    "pin_shut": r"^y",  # whose it is is shown first, with the question whether it was confirmed
    "role_rest": r"^r",  # in two taps: the screen with the names says what a tap does
    "role_rest_one": r"^[ky]",  # who it is and who asked is shown first
    "unsent": r"^[ryz]",  # what it is and for whom is shown first
    "alert": r"^[mlnrx]",  # what was said is shown first, with the button that says who sees to it
    "danger": r"^[xyarlkt]",  # the phrase, or all of them, is shown first
    "support_one": r"^[dun]",  # what was asked is shown first
    "watch": r"^[tr]|^none",  # who it is is shown first
    "drilled": r"",  # the drill asks
    "ask_paper": r"\.\d+$",  # how many sheets is asked first
    "sheet": r"^y",  # [Take it back] asks first
    "whose": r"^y",  # so it is here
    "link_asked": r"^n|^ry|^m",  # who asked, or what is remembered and who it may be, is shown first
    "mail_now": r"",  # until when the reply waits, and whose it is, is what asks
    "record": r"^x",  # how it stands, and what follows, is shown first
    "restored": r"^[sna]",  # what it is and for how many is shown first, and that all had come is its own button
    "care_lines": r"^[dpry]\.|^drop",  # the line or the words are shown first
}
"""What asks first, and how the argument looks once it was asked."""
UNDONE = {
    "ask_send": "ask_cancel",
    "ask_begin": "repeats",
    "repeats": "repeats",
    "signs_on": "signs_on",
    "group_record": "group_record",
    "sign": "sign",  # given up and taken up again; what was judged is taken back
    "lay": "lay",
    "figures": "figures",  # a figure is put in and taken out by the same button
    "learn": "learn",  # what was written is removed
    "untold": "repeats",  # it can be paused again
    "rl": "rl",  # the window is set back
    "repeat_remind": "repeat_remind",  # another choice, or none
    "rq": "rq",  # what was asked before is put back
    "rw": "rw",  # the old days and hour are chosen again
    "mail_take": "mail_free",
    "mail_reply": "mail_free",
    "mail_write": "mail_free",
    "mail_over": "mail_free",
    "mail_close": "mail_undo",
    "lib_copy": "lib_retire",
    "lib_keep": "lib_retire",
    "lib_move": "lib_move",
    "lib_first": "lib_first",  # another is put first
    "lib_retire": "lib_undo",
    "lib_undo": "lib_undo",
    "told": "told",
    "export": "export_take_back",
    "alert": "alert",
    "danger": "danger",
    "support_one": "support_one",
    "admit": "take_out",
    "turn_away": "put_back",
    "take_out": "put_back",
    "rehome": "rehome",
    "tune": "tune",
    "her_link": "her_link",  # the newest link is the one that opens; that a PIN is forgotten is asked about first
    "hand": "hand",
    "mail_hand": "mail_hand",
    "risk_talk": "risk_talk",
    "practise": "practise",  # in a group of her own, which nothing counts
}
"""What can be undone, and by which action."""
UNDO = frozenset(UNDONE.values()) - UNDONE.keys() - ASKS.keys()
ON_RECORD = {"readings", "readings_begun", "message_readings", "audit_head", "named_on_screens"}
"""What is noted of a screen: that it was read, and whom it names, for it to be taken off when that person is erased."""
NEEDS_MORE = {
    "ask_proposed": "a question that somebody proposed (see test_meant_questions.py)",
    "ask_hear": "a dialog with a recording",
    "ask_why_in": "a group with people of another language (see test_purposing.py)",
    "her_link": "a public address",
    "poster_pdf": "a bot that has a name",
    "poster": "a bot that has a name",
    "export_take_back": "a file that was made",
    "mail_over": "a conversation that someone else has",
    "hand": "a public address (see test_by_hand.py)",
    "mail_now": "a reply that waits for somebody's hours (see test_reply_hours.py)",
    "mail_hand": "a public address (see test_by_hand.py)",
    "pin_shut": "a way in that ten wrong PINs closed (see test_shut_ways.py)",
    "group_reopen": "a group that is closed (see test_closing_groups.py)",
    "group_delete": "a group that is empty (see test_closing_groups.py)",
    "lib_first": "a button that was sent before there was an order to choose (see test_library_shelves.py)",
    "untold": "something that came three times, and nobody was told (see test_going_on.py)",
    "rl": "something that comes back and is open (see test_going_on.py)",
    "restored": "a backup that was put back (see test_falling_out.py)",
    "drilled": "a drill on a watch that there is (see test_watch.py)",
    "own_done": "a question of her own that lacks a language of the group (see test_said_on_screens.py)",
    "own_again": "the same",
    "own_in": "the same",
    "own_said": "words typed below a question of her own (see test_said_on_screens.py)",
    "own_same": "two options of an own question that say the same (see test_said_on_screens.py)",
    "hand_try": "practice (see test_by_hand.py)",
    "lib_move": "a copy or a question that is kept (see test_library_shelves.py)",
    "lib_keep": "a question of her own that was sent once (see test_library_shelves.py)",
    "risk_talk": "an organisation of which nobody said that it talked about the risks (see test_inviting.py)",
    "whose": "the code of a sheet of which nothing is typed in (see test_own_paper.py)",
    "circles": "a question that a circle answered, which not every walk comes by (see test_circles.py)",
    "confidant": "her own settings, where nothing is of the team's (see test_cry.py)",
}
# Each role and each language once; the long form of every walk (see tests/amounts.py) takes all four.
SHORT = [("facilitator", "es"), ("admin", "en")]
WALKED = [*SHORT, ("facilitator", "en"), ("admin", "es")] if amounts.WALKS.extended else SHORT
ROUNDS: dict[tuple[str, str], Rounds] = {}

pytestmark = pytest.mark.xdist_group("staff screens")  # a walk serves all that is told of it


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A full house, filled once."""
    it = House(tmp_path_factory.mktemp("house"))
    yield it
    ROUNDS.clear()
    it.rig.close()


def walked(house: House, role: str, language: str) -> Rounds:
    """Walk from every command over every button, once for all tests."""
    if (role, language) not in ROUNDS:
        rounds = Rounds(house.phone(role, language), language)
        # One of them has every conversation that is taken, the other meets them.
        words = (f"/{word}" for word, action in COMMANDS.items() if action in STAFF_ACTIONS)
        rounds.walk(("/menu", *words))
        ROUNDS[role, language] = rounds
    return ROUNDS[role, language]


@pytest.mark.by_day("role", why=LANGUAGES_ALIKE, alike="staff screens")
@pytest.mark.proof
@pytest.mark.timeout(1500)
@pytest.mark.parametrize(("role", "language"), WALKED)
def test_every_screen_fits_and_leads_on(house: House, role: str, language: str) -> None:
    """From every command over every button: what is shown fits a phone, leads on, and is in her language."""
    rounds = walked(house, role, language)
    assert not rounds.wrong, "\n\n".join(rounds.wrong[:9])
    hers = {action for action, roles in STAFF_ACTIONS.items() if role in roles}

    assert hers - rounds.actions <= set(NEEDS_MORE)
    assert len(rounds.done) > 300


def test_every_action_says_what_it_does_to_others() -> None:
    """Each of the team's actions is named as one that shows, asks, or is undone; none is named that is not there."""
    known = frozenset(STAFF_ACTIONS)

    assert known == SHOWS | ASKS.keys() | UNDONE.keys() | UNDO
    assert all(undo in known for undo in UNDONE.values())
    assert not SHOWS & (ASKS.keys() | UNDONE.keys() | UNDO)


@pytest.mark.by_day("role", why=LANGUAGES_ALIKE, alike="staff screens")
@pytest.mark.proof
@pytest.mark.timeout(1500)
@pytest.mark.parametrize(("role", "language"), WALKED)
def test_nothing_of_others_changes_unasked(house: House, role: str, language: str) -> None:
    """What shows changes no row but her own and the record of readings; what asks changes none at the first press."""
    for (action, argument), touched in walked(house, role, language).touched.items():
        if action in SHOWS or (action in ASKS and not re.search(ASKS[action], argument)):
            assert touched <= ON_RECORD, (action, argument)
