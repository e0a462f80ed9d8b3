"""What every messenger keeps, whichever it is: one suite over all adapters of the port."""

import asyncio
import json
import time

import pytest

from bot.messengers.port import (
    Button,
    Gone,
    Incoming,
    Kind,
    Messenger,
    NotModified,
    Outgoing,
    Rejected,
    RetryLater,
    Unknown,
    Unreachable,
)
from tests.contracts.rigs import Carrier, Rig

pytestmark = pytest.mark.anyio

YES_NO = ((Button("Sí", "yes"),), (Button("No", "no"),))


async def test_it_knows_who_the_bot_is(messenger: Messenger) -> None:
    """A bot asks its messenger for its public name, which invite links are made of."""
    assert (await messenger.identify()).username


async def test_nothing_is_confirmed_until_asked_for(rig: Rig, messenger: Messenger) -> None:
    """Updates come again until the next offset is asked for: storing comes first."""
    rig.say("una")
    rig.say("dos")
    first = await messenger.fetch(None, 1)
    again = await messenger.fetch(None, 1)
    assert [update.text for update in first.updates] == ["una", "dos"]
    assert again == first
    assert list((await messenger.fetch(first.next, 0)).updates) == []


async def test_a_killed_bot_gets_everything_again(rig: Rig, messenger: Messenger) -> None:
    """A bot that died between fetch and commit gets the same updates, with the same ids, when it comes back."""
    rig.say("una")
    before = await messenger.fetch(None, 1)
    reborn = rig.messenger()
    try:
        assert (await reborn.fetch(None, 1)).updates == before.updates
    finally:
        await reborn.close()


async def test_an_offset_confirms_only_what_lies_before_it(rig: Rig, messenger: Messenger) -> None:
    """What arrives after a batch was fetched is in the next one."""
    rig.say("una")
    batch = await messenger.fetch(None, 1)
    rig.say("dos")
    rest = await messenger.fetch(batch.next, 1)
    assert [update.text for update in rest.updates] == ["dos"]


async def test_an_empty_wait_ends_in_time(messenger: Messenger) -> None:
    """A long poll without updates returns an empty batch when its time is over, and keeps its place."""
    begun = time.monotonic()
    batch = await messenger.fetch(None, 1)
    assert len(batch.updates) == 0
    assert 0.8 < time.monotonic() - begun < 3


async def test_a_wait_ends_when_something_arrives(rig: Rig, messenger: Messenger) -> None:
    """Nobody waits for the end of a poll when there is something to do."""
    begun = time.monotonic()
    waiting = asyncio.ensure_future(messenger.fetch(None, 10))
    await asyncio.sleep(0.2)
    rig.say("ya")
    assert [update.text for update in (await waiting).updates] == ["ya"]
    assert time.monotonic() - begun < 3


async def test_every_kind_is_told_alike(rig: Rig, messenger: Messenger) -> None:
    """Words, changed words, voice, photo, sticker and the rest come with what a turn needs."""
    said = rig.say("/start abc")
    told = [(said, Kind.TEXT, "/start abc"), (rig.say("sí", said), Kind.TEXT, "sí")]
    told += [(rig.voice(), Kind.VOICE, None), (rig.photo("la milpa"), Kind.PHOTO, "la milpa")]
    if Kind.STICKER in rig.says:
        told += [(rig.sticker(), Kind.STICKER, None), (rig.other(), Kind.OTHER, None)]
    if Kind.EDITED in rig.says:
        rig.edit(said, "/start otra")
        told.append((said, Kind.EDITED, "/start otra"))
    updates = list((await messenger.fetch(None, 1)).updates)
    assert [(update.order, update.kind, update.text) for update in updates] == told
    assert [update.reply_to for update in updates[:3]] == [None, said if rig.answers else None, None]
    assert all(updates[place].file for place in (2, 3))
    assert {update.chat for update in updates} == {rig.chat}
    assert all(update.private and not update.robot for update in updates)
    assert updates[0].language == "es"


async def test_orders_rise(rig: Rig, messenger: Messenger) -> None:
    """Whatever is said later in a chat has the higher order, whoever said it."""
    first = rig.say("una")
    asked = await messenger.send(Outgoing(rig.chat, "¿Cómo andas?", row=rig.row()))
    assert first < asked < rig.say("bien")


async def test_updates_travel_through_the_inbox_unchanged(rig: Rig, messenger: Messenger) -> None:
    """What is kept of an update says the same when it is read again."""
    rig.say("¿Y lo del agua? 💧")
    (update,) = (await messenger.fetch(None, 1)).updates
    assert Incoming.from_bytes(update.to_bytes()) == update


async def test_blocking_is_told(rig: Rig, messenger: Messenger) -> None:
    """A bot learns that somebody blocked it, and that she let it in again."""
    if Kind.BLOCKED not in rig.says:
        pytest.skip("a page cannot block: whoever does not come back is not told of")
    rig.block()
    rig.unblock()
    updates = (await messenger.fetch(None, 1)).updates
    assert [(update.kind, update.chat) for update in updates] == [
        (Kind.BLOCKED, rig.chat),
        (Kind.UNBLOCKED, rig.chat),
    ]


async def test_acknowledging_never_raises(rig: Rig, messenger: Messenger) -> None:
    """A courtesy that fails is no failure, whatever the callback."""
    rig.allow("answerCallbackQuery")
    await messenger.acknowledge("1")
    await messenger.acknowledge("")


async def test_closing_twice_is_harmless(rig: Rig) -> None:
    """A bot that is stopping may close what was closed, and what never was used."""
    messenger = rig.messenger()
    await messenger.close()
    await messenger.close()


async def test_a_message_is_shown_with_its_buttons(carrier: Carrier, sender: Messenger) -> None:
    """Words arrive as they are, markup or not, and each row of buttons is a row."""
    await sender.send(
        Outgoing(carrier.chat, "¿<b>Seguimos</b>? *sí* _no_", (*YES_NO, (Button("a", "1"), Button("b", "2"))))
    )
    assert carrier.screen().splitlines()[1:] == ["¿<b>Seguimos</b>? *sí* _no_", "[ Sí ]", "[ No ]", "[ a ] [ b ]"]


async def test_a_press_tells_its_button_and_its_message(carrier: Carrier, sender: Messenger) -> None:
    """A press carries the id that was given to the button, and the order of the message it hangs under."""
    order = await sender.send(Outgoing(carrier.chat, "¿Seguimos?", YES_NO))
    callback = carrier.press("No")
    (press,) = (await sender.fetch(None, 1)).updates
    assert (press.kind, press.button, press.order, press.text) == (Kind.PRESS, "no", order, None)
    assert (press.callback, press.chat, press.private) == (callback, carrier.chat, True)
    assert not carrier.acknowledged(callback)
    await sender.acknowledge(callback)
    assert carrier.acknowledged(callback)


async def test_a_keyboard_is_changed_alone(carrier: Carrier, sender: Messenger) -> None:
    """An edit without words changes the buttons and leaves the words."""
    order = await sender.send(Outgoing(carrier.chat, "¿Seguimos?", YES_NO))
    changed = Outgoing(carrier.chat, None, ((Button("Cambiar", "change"),),), edits=order)
    assert await sender.send(changed) == order
    assert carrier.screen().splitlines()[1:] == ["¿Seguimos?", "[ Cambiar ]"]


async def test_an_empty_keyboard_takes_the_buttons_away(carrier: Carrier, sender: Messenger) -> None:
    """An edit with neither words nor buttons leaves the bare words."""
    order = await sender.send(Outgoing(carrier.chat, "¿Seguimos?", YES_NO))
    await sender.send(Outgoing(carrier.chat, None, edits=order))
    assert carrier.screen().splitlines()[1:] == ["¿Seguimos?"]


async def test_words_are_changed(carrier: Carrier, sender: Messenger) -> None:
    """An edit with words replaces words and buttons."""
    order = await sender.send(Outgoing(carrier.chat, "¿Seguimos?", YES_NO))
    assert await sender.send(Outgoing(carrier.chat, "✓ Anotado", edits=order)) == order
    assert carrier.screen().splitlines()[1:] == ["✓ Anotado"]


async def test_an_edit_that_changes_nothing_says_so(carrier: Carrier, sender: Messenger) -> None:
    """What is asked for already holds, which whoever pressed would not see."""
    carrier.allow("message is not modified")
    order = await sender.send(Outgoing(carrier.chat, "¿Seguimos?", YES_NO))
    for text in ("¿Seguimos?", None):
        with pytest.raises(NotModified):
            await sender.send(Outgoing(carrier.chat, text, YES_NO, edits=order))


async def test_who_blocked_the_bot_is_gone(carrier: Carrier, sender: Messenger) -> None:
    """Nothing is sent to somebody who blocked the bot, until she lets it in again."""
    carrier.block()
    with pytest.raises(Gone):
        await sender.send(Outgoing(carrier.chat, "¿Sigues ahí?"))
    carrier.unblock()
    await sender.send(Outgoing(carrier.chat, "Qué bueno verte"))


async def test_a_chat_that_never_was_is_gone(carrier: Carrier, sender: Messenger) -> None:
    """A chat the messenger does not know is not tried again."""
    carrier.allow("chat not found")
    with pytest.raises(Gone):
        await sender.send(Outgoing("404404", "¿Hola?"))


@pytest.mark.parametrize(
    ("outgoing", "refused"),
    [
        (Outgoing("", ""), "message text is empty"),
        (Outgoing("", " \n "), "text must be non-empty"),
        (Outgoing("", "a" * 4097), "message is too long"),
        (Outgoing("", "💧" * 2049), "message is too long"),
        (Outgoing("", "¿?", ((Button("Sí", "ñ" * 33),),)), "BUTTON_DATA_INVALID"),
        (Outgoing("", "¿?", ((Button("Sí", ""),),)), "Text buttons are unallowed"),
        (Outgoing("", "¿?", edits=999_999), "message to edit not found"),
        (Outgoing("", None, YES_NO, edits=999_999), "message to edit not found"),
    ],
    ids=["empty", "blank", "long", "emoji", "long-id", "no-id", "edit-unknown", "keyboard-unknown"],
)
async def test_what_is_wrong_is_rejected(carrier: Carrier, sender: Messenger, outgoing: Outgoing, refused: str) -> None:
    """A message that would be refused again and again is told apart from one to try again."""
    carrier.allow(refused)
    with pytest.raises(Rejected):
        await sender.send(Outgoing(carrier.chat, outgoing.text, outgoing.keyboard, outgoing.edits))


async def test_a_persons_own_words_cannot_be_edited(carrier: Carrier, sender: Messenger) -> None:
    """A bot changes only what it said itself."""
    carrier.allow("message can't be edited")
    order = carrier.say("mío")
    with pytest.raises(Rejected):
        await sender.send(Outgoing(carrier.chat, "tuyo", edits=order))


@pytest.mark.parametrize("text", ["a" * 4096, "💧" * 2048, "¿" * 4095 + "."])
async def test_the_limit_counts_as_the_messenger_counts(carrier: Carrier, sender: Messenger, text: str) -> None:
    """A text of exactly the limit, counted in UTF-16 units, is one message."""
    assert sender.text_limit == 4096
    await sender.send(Outgoing(carrier.chat, text))
    assert carrier.screen().splitlines()[1:] == [text]


async def test_a_pause_is_told_with_its_length(carrier: Carrier, sender: Messenger) -> None:
    """A messenger that asks for a pause means every chat, and nothing was sent."""
    carrier.hold(7)
    with pytest.raises(RetryLater) as caught:
        await sender.send(Outgoing(carrier.chat, "hola"))
    assert (caught.value.seconds, caught.value.everyone) == (7, True)
    assert carrier.screen() == "> hola"


async def test_a_stumble_is_tried_again_soon(carrier: Carrier, sender: Messenger) -> None:
    """An error on the messenger's side holds up this message and nobody else's."""
    carrier.stumble()
    with pytest.raises(RetryLater) as caught:
        await sender.send(Outgoing(carrier.chat, "hola"))
    assert (caught.value.seconds, caught.value.everyone) == (1, False)


async def test_a_lost_answer_is_unknown(carrier: Carrier, sender: Messenger) -> None:
    """A message whose answer was lost may have arrived: nobody may send it again as if it had not."""
    carrier.lose()
    with pytest.raises(Unknown):
        await sender.send(Outgoing(carrier.chat, "¿Me oyes?"))
    assert carrier.screen().splitlines()[1:] == ["¿Me oyes?"]


async def test_a_request_that_never_left_is_unreachable(carrier: Carrier) -> None:
    """Where nobody listens nothing arrived, so it is safe to send again."""
    lost = carrier.unreachable()
    try:
        with pytest.raises(Unreachable):
            await lost.send(Outgoing(carrier.chat, "hola"))
        await lost.acknowledge("1")
    finally:
        await lost.close()


async def test_many_at_once_each_get_their_own_order(carrier: Carrier, sender: Messenger) -> None:
    """Messages sent at the same time do not get in each other's way."""
    orders = await asyncio.gather(*(sender.send(Outgoing(carrier.chat, f"n.º {n}")) for n in range(40)))
    assert len(set(orders)) == 40


async def test_a_button_may_open_an_address(carrier: Carrier, sender: Messenger) -> None:
    """A button with an address stands among the others, carries nothing back, and travels through the outbox."""
    opens = Button("Abrir", "", "https://wa.me/?text=Hola%2C%20aqu%C3%AD%20est%C3%A1")
    outgoing = Outgoing(carrier.chat, "¿Seguimos?", ((opens,), *YES_NO))
    assert Outgoing.from_dict(carrier.chat, json.loads(json.dumps(outgoing.to_dict()))) == outgoing
    await sender.send(outgoing)
    assert carrier.screen().splitlines()[1:] == ["¿Seguimos?", "[ Abrir ]", "[ Sí ]", "[ No ]"]
    with pytest.raises(LookupError):
        carrier.press("Abrir")


@pytest.mark.parametrize("address", ["sms:?body=hola", "javascript:alert(1)", "hola"])
async def test_a_button_opens_no_other_address(carrier: Carrier, sender: Messenger, address: str) -> None:
    """What no messenger opens from a button is refused, so that nobody finds a button that does nothing."""
    carrier.allow("BUTTON_URL_INVALID")
    with pytest.raises(Rejected):
        await sender.send(Outgoing(carrier.chat, "¿?", ((Button("Abrir", "", address),),)))
