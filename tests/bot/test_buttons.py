"""What a button carries: short enough, readable here only, and nothing when it is made up."""

import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.buttons import ACTIONS, MAX_BYTES, Buttons, PlainButton, RunButton, digest_owner
from storage.vault import Vault

VAULT = Vault(bytes(range(32)))
HERS = Buttons(VAULT, "telegram", "5000000001")
RUN = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
names = st.from_regex(r"[a-z][a-z0-9_]{0,63}", fullmatch=True)
ids = st.uuids()


@given(ids, st.integers(0, 0xFFFF), st.sampled_from(ACTIONS), names, st.none() | names)
def test_a_press_in_a_run_comes_back_as_it_was_made(
    run_id: UUID, prompt: int, action: str, path: str, choice: str | None
) -> None:
    """Run, prompt, action, question and choice survive the round trip, in 64 bytes, whatever their names."""
    made = HERS.run(run_id, prompt, action, path, choice)
    read = HERS.read(made)

    assert len(made.encode()) <= MAX_BYTES
    assert isinstance(read, RunButton)
    assert (read.run_id, read.prompt, read.action) == (run_id, prompt, action)
    assert digest_owner(read.path, ["other", path]) == (path if path != "other" else "other")
    assert (digest_owner(read.choice, [choice]) if choice else digest_owner(read.choice, ["a", "b"])) == choice


@pytest.mark.parametrize(
    ("action", "argument"),
    [
        ("progress", RUN.hex),
        ("read", f"{RUN.hex}.0"),
        ("read", f"{RUN.hex}.999"),
        ("pass_on", f"y{RUN.hex}"),
        ("language", "es-usted"),
        ("support", ""),
        ("nickname", "pick"),
    ],
)
def test_a_press_outside_of_a_run_comes_back_as_it_was_made(action: str, argument: str) -> None:
    """The longest there are, those that carry an id, fit into 64 bytes too."""
    made = HERS.plain(action, argument)

    assert len(made.encode()) <= MAX_BYTES
    assert HERS.read(made) == PlainButton(action, argument)


def test_one_that_would_be_too_long_is_never_made() -> None:
    """What a messenger would refuse is refused where it is made."""
    with pytest.raises(ValueError, match="longer than 64 bytes"):
        HERS.plain("read", "x" * 60)


@given(st.text(max_size=100))
def test_what_was_made_up_reads_as_none(made_up: str) -> None:
    """No text that we did not make is a button, and none raises."""
    assert HERS.read(made_up) is None


@given(st.binary(min_size=1, max_size=60))
def test_what_looks_like_ours_reads_as_none(data: bytes) -> None:
    """Neither is anything in our alphabet without our signature."""
    alphabet = HERS.plain("support")
    assert HERS.read("".join(alphabet[byte % len(alphabet)] for byte in data) + "A") is None


@given(st.integers(0, 100), st.sampled_from(":!0AZaz+/=~"))
def test_a_changed_one_reads_as_none_or_as_itself(place: int, letter: str) -> None:
    """Whoever changes a letter gets nothing else than what was made."""
    made = HERS.run(RUN, 3, "choose", "mood", "2")
    place %= len(made)
    changed = made[:place] + letter + made[place + 1 :]

    assert HERS.read(changed) in (None, HERS.read(made) if changed == made else None)


def test_one_of_another_chat_or_another_organisation_reads_as_none() -> None:
    """The chat is in the signature, and so is the organisation's key."""
    made = HERS.plain("support")

    assert Buttons(VAULT, "telegram", "5000000002").read(made) is None
    assert Buttons(Vault(bytes(32)), "telegram", "5000000001").read(made) is None


def test_the_numbers_of_actions_never_move() -> None:
    """A button sent long ago keeps its meaning: new actions are added at the end."""
    assert ACTIONS[:10] == ("start", "later", "why", "choose", "done", "skip", "back", "stop", "resume", "change")


def old(vault: Vault, payload: bytes, chat: str) -> str:
    """Return a button as it was signed up to 0.1.0: the chat right behind the payload."""
    return base64.b85encode(payload + vault.sign(payload + chat.encode())).decode()


def test_where_the_payload_ends_and_the_chat_begins_is_signed() -> None:
    """Made for chat 712345, it is nothing in chat 12345 that its number ends with, in either form or another chat."""
    made = Buttons(VAULT, "telegram", "712345").plain("mail_open", "3f")
    data = base64.b85decode(made)
    moved = base64.b85encode(data[:-8] + b"7" + data[-8:]).decode()
    assert Buttons(VAULT, "telegram", "712345").read(made) == PlainButton("mail_open", "3f")
    assert Buttons(VAULT, "telegram", "12345").read(moved, lambda: True) is None
    assert Buttons(VAULT, "telegra", "m712345").read(made, lambda: True) is None
    assert Buttons(VAULT, "web", "712345").read(made, lambda: True) is None


def test_the_old_form_is_read_as_long_as_it_is_said() -> None:
    """A button signed as before works while the caller says so, and nobody is asked about any other."""
    asked: list[int] = []

    def still() -> bool:
        asked.append(1)
        return len(asked) == 1

    before = old(VAULT, b"\2support\0", "5000000001")
    assert HERS.read(HERS.plain("support"), still) == PlainButton("support", "")
    assert HERS.read("made up", still) is None
    assert asked == []
    assert HERS.read(before, still) == PlainButton("support", "")
    assert HERS.read(before, still) is None
    assert HERS.read(before) is None
    assert len(asked) == 2


def test_one_of_a_run_in_its_earlier_spelling_is_read() -> None:
    """In base 85, as messages that were sent before have it."""
    made = HERS.run(RUN, 3, "choose", "mood", "2")
    before = base64.b85encode(base64.b64decode(made[1:])).decode()

    assert made.startswith(":")
    assert HERS.read(before) == HERS.read(made)
    assert isinstance(HERS.read(before), RunButton)


def test_a_button_has_one_spelling() -> None:
    """Both bases read several texts as the same bytes; only the one that was made is read."""
    made = [HERS.plain(name) for name in ("support", "read", "language", "nickname")]
    others = [text[:-1] + chr(code) for text in made for code in range(33, 127)]
    same = [other for other in others if other not in made and _bytes(other) in map(_bytes, made)]
    in_run = HERS.run(RUN, 3, "choose", "mood", "2")
    same += [in_run + "=", in_run + "\n", f"{in_run[:9]} {in_run[9:]}", f"{in_run[:9]}_{in_run[9:]}"]
    same += [":" + base64.b64encode(base64.b85decode(text)).decode() for text in made]

    assert len(same) > 4 + len(made)
    assert [other for other in same if HERS.read(other) is not None] == []


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b85decode(text)
    except ValueError:
        return None
