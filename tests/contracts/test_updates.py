"""Reading Telegram's updates: what each becomes, and that nothing whatever makes it fail."""

import json
from typing import Any

import pytest
from aiogram.enums import ContentType
from aiogram.types import Update
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messengers._updates import WANTED, batch, translate
from bot.messengers.port import Incoming, Kind, Unknown
from bot.redaction import redact

HER = {"id": 7, "is_bot": False, "first_name": "Colibrí", "language_code": "es"}
CHAT = {"id": 7, "type": "private", "first_name": "Colibrí"}
SAID = {"message_id": 12, "from": HER, "chat": CHAT, "date": 1_790_000_000}


def read(**update: Any) -> Incoming:
    """Translate an update of this content."""
    return translate({"update_id": 1, **update})


NOBODY = Incoming("telegram", "1", "", Kind.OTHER)


def known(kind: Kind, **fields: Any) -> Incoming:
    """The `Incoming` of a message like `SAID`."""
    return Incoming("telegram", "1", "7", kind, **{"order": 12, "language": "es", **fields})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"text": "/start abc"}, known(Kind.TEXT, text="/start abc")),
        ({"text": "sí", "reply_to_message": {**SAID, "message_id": 9}}, known(Kind.TEXT, text="sí", reply_to=9)),
        (
            {"voice": {"file_id": "V", "duration": 3, "mime_type": "audio/ogg", "file_size": 9}},
            known(Kind.VOICE, file="V", seconds=3, mime="audio/ogg", size=9),
        ),
        ({"voice": {"file_id": "V"}, "caption": "oye"}, known(Kind.VOICE, file="V", text="oye")),
        ({"photo": [{"file_id": "S"}, {"file_id": "L"}]}, known(Kind.PHOTO, file="L")),
        ({"sticker": {"file_id": "S", "emoji": "👍"}}, known(Kind.STICKER)),
        ({"document": {"file_id": "D"}, "caption": "la lista"}, known(Kind.OTHER, file="D", text="la lista")),
        (
            {"document": {"file_id": "D", "mime_type": "image/jpeg"}},
            known(Kind.PHOTO, file="D", mime="image/jpeg"),
        ),
        (
            {"document": {"file_id": "D", "mime_type": "application/pdf"}},
            known(Kind.OTHER, file="D", mime="application/pdf"),
        ),
        (
            {"audio": {"file_id": "A", "mime_type": "audio/mp4", "duration": 60}},
            known(Kind.VOICE, file="A", mime="audio/mp4", seconds=60),
        ),
        ({"video_note": {"file_id": "N"}}, known(Kind.OTHER, file="N")),
        ({"location": {"latitude": 17.0, "longitude": -96.7}}, known(Kind.OTHER)),
        ({"contact": {"phone_number": "+52"}}, known(Kind.OTHER)),
        ({"photo": []}, known(Kind.OTHER)),
    ],
)
def test_each_kind_of_message_is_read(content: dict[str, Any], expected: Incoming) -> None:
    """Words, captions, files and replies are found where Telegram puts them."""
    assert read(message={**SAID, **content}) == expected


def test_a_place_is_handed_on_as_telegram_writes_it() -> None:
    """What is neither words nor a file is left to the question that reads it, and survives the inbox."""
    found = read(message={**SAID, "location": {"latitude": 17.0, "longitude": -96.7}})

    assert found.content == {"location": {"latitude": 17.0, "longitude": -96.7}}
    assert Incoming.from_bytes(found.to_bytes()).content == found.content
    assert read(message={**SAID, "location": 17}).content is None
    assert read(message={**SAID, "contact": {"phone_number": "+52"}}).content is None


def test_a_changed_message_is_an_edit_of_its_order() -> None:
    """A changed text, or a changed caption, comes with the order of the message it changes."""
    assert read(edited_message={**SAID, "text": "dos"}) == known(Kind.EDITED, text="dos")
    assert read(edited_message={**SAID, "photo": [{"file_id": "L"}], "caption": "dos"}) == known(
        Kind.EDITED, text="dos", file="L"
    )


def test_a_press_is_read_with_or_without_its_message() -> None:
    """A press on a message too old to be shown still tells where it was; one on none at all, whose it was."""
    query = {"id": "55", "from": HER, "chat_instance": "1", "data": "abc"}
    pressed = known(Kind.PRESS, button="abc", callback="55")
    bot = {"id": 1, "is_bot": True, "first_name": "Hilo"}
    assert read(callback_query={**query, "message": {**SAID, "from": bot, "text": "¿?"}}) == pressed
    assert read(callback_query={**query, "message": {"chat": CHAT, "message_id": 12, "date": 0}}) == pressed
    assert read(callback_query=query) == known(Kind.PRESS, button="abc", callback="55", order=0)
    assert read(callback_query={**query, "data": None}).kind is Kind.OTHER


@pytest.mark.parametrize(
    ("status", "type_", "kind"),
    [
        ("kicked", "private", Kind.BLOCKED),
        ("member", "private", Kind.UNBLOCKED),
        ("administrator", "private", Kind.OTHER),
        ("kicked", "group", Kind.OTHER),
        ("member", "supergroup", Kind.OTHER),
    ],
)
def test_only_a_person_blocks(status: str, type_: str, kind: Kind) -> None:
    """What becomes of the bot in a group blocks nobody, and is nobody's word."""
    change = {"chat": {**CHAT, "type": type_}, "from": HER, "date": 1, "new_chat_member": {"status": status}}
    incoming = read(my_chat_member=change)
    assert (incoming.kind, incoming.chat) == (kind, "" if kind is Kind.OTHER else "7")


@pytest.mark.parametrize("kind", sorted(set(Update.model_fields) - {"update_id", *WANTED}))
def test_what_was_not_asked_for_is_nobodys_word(kind: str) -> None:
    """A reaction, a business message, an edited post of a channel: it has no chat, so nothing answers it."""
    assert read(**{kind: {**SAID, "user": HER, "text": "hola"}}) == NOBODY


def test_what_nobody_knows_yet_is_nobodys_word() -> None:
    """An update of a future kind is kept and answered by nothing."""
    assert read(holograms={"chat": CHAT, "from": HER}) == NOBODY
    assert translate(None).kind is Kind.OTHER


SAYABLE = frozenset(
    [
        "text",
        "animation",
        "audio",
        "document",
        "live_photo",
        "paid_media",
        "photo",
        "sticker",
        "story",
        "video",
        "video_note",
        "voice",
        "checklist",
        "contact",
        "dice",
        "game",
        "poll",
        "venue",
        "location",
        "rich_message",
        "invoice",
    ]
)
OF_GROUPS = frozenset(
    [
        "new_chat_members",
        "left_chat_member",
        "chat_owner_left",
        "chat_owner_changed",
        "new_chat_title",
        "new_chat_photo",
        "delete_chat_photo",
        "group_chat_created",
        "supergroup_chat_created",
        "channel_chat_created",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "direct_message_price_changed",
        "community_chat_added",
        "community_chat_removed",
        "community_chat_joined",
    ]
)
EVENTS = sorted({kind.value for kind in ContentType} - SAYABLE - OF_GROUPS - {"unknown", "any"})


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_in_a_chat_is_a_notice(event: str) -> None:
    """Who lets messages vanish after a day, or pins one, said nothing: she is not told that it cannot be read."""
    assert read(message={**SAID, event: {"message_auto_delete_time": 86_400}}) == known(Kind.NOTICE)


@pytest.mark.parametrize("content", sorted(SAYABLE - {"text", "photo", "voice", "sticker"}))
def test_what_was_said_and_cannot_be_read_is_told_apart(content: str) -> None:
    """A place, a list, a poll: she sent it, so she is answered."""
    assert read(message={**SAID, content: {"file_id": "A"}}).chat == "7"


def test_an_edit_that_shows_no_words_is_a_notice() -> None:
    """A place that moves on the map comes as an edit every few seconds, and so may what no bot can see."""
    assert read(edited_message={**SAID, "location": {"latitude": 17.0, "longitude": -96.7}}) == known(Kind.NOTICE)
    assert read(edited_message=SAID) == known(Kind.NOTICE)
    assert read(edited_message={**SAID, "photo": [{"file_id": "L"}]}) == known(Kind.EDITED, file="L")


def test_half_a_sign_is_no_trouble() -> None:
    """Words cut inside an emoji, which nothing could write down, are kept but for that half."""
    (incoming,) = batch(
        json.loads('[{"update_id": 1, "message": {"text": "ay \\ud83e", "chat": {"id": 7}}}]'), None
    ).updates
    assert incoming.text == "ay ?"
    assert Incoming.from_bytes(incoming.to_bytes()) == incoming


def test_updates_without_a_number_are_told_apart() -> None:
    """Two different unreadable updates are not taken for one."""
    assert translate({"a": 1}).update != translate({"a": 2}).update
    assert translate({"a": 1}).update == translate({"a": 1}).update


def test_a_batch_ends_after_its_highest_number() -> None:
    """The next fetch begins after the last update, and where it was when there was none."""
    assert batch([{"update_id": 5}, {"update_id": 6}], None).next == 7
    assert batch([], 5).next == 5
    assert batch([{}], 5).next == 5
    with pytest.raises(Unknown):
        batch({"update_id": 5}, None)


WORDS = [
    "update_id",
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "message_id",
    "from",
    "chat",
    "id",
    "type",
    "text",
    "caption",
    "data",
    "voice",
    "photo",
    "sticker",
    "document",
    "file_id",
    "reply_to_message",
    "new_chat_member",
    "status",
    "is_bot",
    "language_code",
    "private",
    "kicked",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6),
    max_leaves=25,
)


@settings(max_examples=300)
@given(JSON)
def test_nothing_makes_reading_fail(update: Any) -> None:
    """Whatever arrives becomes an `Incoming` that the inbox can keep."""
    incoming = translate(update)
    assert incoming.messenger == "telegram"
    assert Incoming.from_bytes(incoming.to_bytes()) == incoming


def test_tokens_are_blanked_out_wherever_they_stand() -> None:
    """Addresses lose the token and keep the rest."""
    told = "POST https://api.telegram.org/bot7000000001:AAEdouble-Double_00/getMe 200"
    assert redact(told) == "POST https://api.telegram.org/bot<token>/getMe 200"
    assert redact("a las 10:30") == "a las 10:30"
