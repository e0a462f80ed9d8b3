"""The double itself: it accepts what Telegram accepts, refuses what Telegram refuses, and forgets nothing of it."""

import json
import threading
import time
from typing import Any

import httpx
import pytest

from tests.double import Double, User
from tests.double.bare import Api, api, user
from tests.double.fixture import double
from tests.double.methods import HANDLERS
from tests.double.schemas import METHODS

__all__ = ["api", "double", "user"]

KEYS = {"inline_keyboard": [[{"text": "Sí", "callback_data": "yes"}], [{"text": "No", "callback_data": "no"}]]}


def test_every_declared_method_does_something() -> None:
    """A method is declared and acted on, or neither."""
    assert set(METHODS) == {*HANDLERS, "getUpdates"}


def test_all_encodings_mean_the_same(double: Double, api: Api, user: User) -> None:
    """JSON, forms with JSON inside, and multipart are one request."""
    keys = json.dumps(KEYS)
    answers = [
        api.json("sendMessage", chat_id=user.id, text="¿Sí?", protect_content=True, reply_markup=KEYS),
        api.json("sendMessage", chat_id=str(user.id), text="¿Sí?", protect_content="true", reply_markup=keys),
        api.form("sendmessage", chat_id=user.id, text="¿Sí?", protect_content="True", reply_markup=keys),
        api.multipart("SENDMESSAGE", {}, chat_id=user.id, text="¿Sí?", protect_content="1", reply_markup=keys),
    ]
    assert all(answer["ok"] for answer in answers)
    shown = [{**answer["result"], "message_id": 0, "date": 0} for answer in answers]
    assert shown == shown[:1] * 4
    assert len({str(call.params) for call in double.sends()}) == 1


def test_a_token_is_looked_at_first(double: Double, user: User) -> None:
    """Unknown tokens are unauthorized, and what is no token is not found, whatever is asked."""
    with httpx.Client(base_url=double.url, trust_env=False) as client:
        assert client.post("/bot123:AAno/getMe").status_code == 401
        assert client.post("/botnonsense/getMe").status_code == 404
        assert client.get("/").json() == {"ok": False, "error_code": 404, "description": "Not Found"}


LONG = "💧" * 2049


@pytest.mark.parametrize(
    ("method", "params", "description"),
    [
        ("sendMesage", {}, "Not Found: method not found"),
        ("sendMessage", {"text": "hola"}, "Bad Request: chat_id is empty"),
        ("sendMessage", {"chat_id": 404, "text": "hola"}, "Bad Request: chat not found"),
        ("sendMessage", {"chat_id": "@nobody", "text": "hola"}, "Bad Request: chat not found"),
        ("sendMessage", {"text": ""}, "Bad Request: message text is empty"),
        ("sendMessage", {"text": " \n"}, "Bad Request: text must be non-empty"),
        ("sendMessage", {"text": LONG}, "Bad Request: message is too long"),
        ("sendMessage", {"text": 7}, 'Bad Request: field "text" must be of type String'),
        ("sendMessage", {"text": "\ud800"}, "Bad Request: strings must be encoded in UTF-8"),
        ("sendMessage", {"text": "hola", "txt": "x"}, "Bad Request: the double knows no txt in sendMessage"),
        ("sendMessage", {"text": "hola", "protect_content": "maybe"}, "must be of type Boolean"),
        ("sendMessage", {"text": "hola", "reply_parameters": {"message_id": 9}}, "message to be replied not found"),
        ("sendMessage", {"text": "<b>a", "parse_mode": "HTML"}, "Can't find end tag corresponding to start tag b"),
        ("sendMessage", {"text": "<p>a</p>", "parse_mode": "HTML"}, 'Unsupported start tag "p" at byte offset 0'),
        ("sendMessage", {"text": "ñ</b>", "parse_mode": "HTML"}, "Unexpected end tag at byte offset 2"),
        ("sendMessage", {"text": "<b><i>a</b></i>", "parse_mode": "HTML"}, 'expected "</i>", found "</b>"'),
        ("sendMessage", {"text": "2 < 3", "parse_mode": "HTML"}, "Unclosed start tag at byte offset 2"),
        ("sendMessage", {"text": "<b></b>", "parse_mode": "HTML"}, "Bad Request: text must be non-empty"),
        ("sendMessage", {"text": "*a*", "parse_mode": "Markdown"}, "unsupported parse_mode"),
        ("editMessageText", {"message_id": 99, "text": "x"}, "Bad Request: message to edit not found"),
        ("editMessageText", {"text": "x"}, "Bad Request: message identifier is not specified"),
        ("editMessageText", {"message_id": 1, "text": "x"}, "Bad Request: message can't be edited"),
        ("editMessageText", {"message_id": 2, "text": LONG}, "Bad Request: MESSAGE_TOO_LONG"),
        ("editMessageText", {"message_id": 2, "text": "¿Sí?", "reply_markup": KEYS}, "message is not modified"),
        ("editMessageReplyMarkup", {"message_id": 2, "reply_markup": KEYS}, "message is not modified"),
        ("deleteMessage", {"message_id": 99}, "Bad Request: message to delete not found"),
        ("sendChatAction", {"action": "sleeping"}, "wrong parameter action in request"),
        ("sendVoice", {}, "there is no voice in the request"),
        ("sendPhoto", {"photo": "AgACnobody"}, "wrong file identifier"),
        ("sendDocument", {"document": "https://example.org/a.pdf"}, "fetches no files"),
    ],
)
def test_what_telegram_refuses_is_refused_and_remembered(
    double: Double, api: Api, user: User, method: str, params: dict[str, Any], description: str
) -> None:
    """A wrong call gets Telegram's own words, is kept as a violation, and changes nothing."""
    api.send(user, "¿Sí?", reply_markup=KEYS)
    before = user.screen()
    if "chat_id" not in params and description != "Bad Request: chat_id is empty":
        params = {"chat_id": user.id, **params}
    answer = api._client.post(method, content=json.dumps(params), headers={"Content-Type": "application/json"}).json()
    assert answer["ok"] is False
    assert answer["error_code"] == (404 if "Not Found" in description else 400)
    assert description in answer["description"]
    assert double.violations == [f"{method}: {answer['description']}"]
    assert user.screen() == before
    double.allow(description)


@pytest.mark.parametrize(
    ("keyboard", "description"),
    [
        ("{", "can't parse reply_markup JSON object"),
        ([], "object expected as reply markup"),
        ({"inline_keyboard": {}}, 'field "inline_keyboard" must be of type Array'),
        ({"inline_keyboard": [{}]}, "must be an Array of Arrays"),
        ({"inline_keyboard": [[]]}, "a row of an inline keyboard has no buttons"),
        ({"inline_keyboard": [["Sí"]]}, "InlineKeyboardButton must be an Object"),
        ({"inline_keyboard": [[{"text": "Sí"}]]}, "Text buttons are unallowed"),
        ({"inline_keyboard": [[{"text": "Sí", "callback_data": ""}]]}, "Text buttons are unallowed"),
        ({"inline_keyboard": [[{"text": "Sí", "callback_data": "ñ" * 33}]]}, "BUTTON_DATA_INVALID"),
        ({"inline_keyboard": [[{"text": " ", "callback_data": "x"}]]}, "button text must be non-empty"),
        ({"inline_keyboard": [[{"text": "Sí", "callback_data": 1}]]}, "must be of type String"),
        ({"inline_keyboard": [[{"text": "Sí", "callback_data": "x", "colour": "red"}]]}, "knows no colour"),
        ({"inline_keyboard": [[{"text": "Sí", "callback_data": "x"}] * 8] * 13}, "reply markup is too long"),
        ({"inline_keyboard": [[{"text": "Sí", "callback_data": "x"}] * 9]}, "more than 8 buttons"),
        ({"keyboard": [[{"text": "Sí"}]]}, "the double knows no keyboard"),
    ],
)
def test_a_malformed_keyboard_is_refused(double: Double, api: Api, user: User, keyboard: Any, description: str) -> None:
    """Buttons are looked at one by one."""
    answer = api.send(user, reply_markup=keyboard)
    assert description in answer["description"]
    double.allow(description)


def test_limits_count_as_telegram_counts(api: Api, user: User) -> None:
    """Texts count in UTF-16 units after markup and outer space are gone; ids of buttons in bytes."""
    assert api.send(user, "💧" * 2048 + "\n ")["ok"]
    assert api.send(user, "<b>" + "a" * 4096 + "</b>", parse_mode="HTML")["result"]["text"] == "a" * 4096
    button = {"text": "x", "callback_data": "ñ" * 32}
    assert api.send(user, reply_markup={"inline_keyboard": [[button]]})["ok"]


def test_numbers_rise_over_both_sides(double: Double, api: Api, user: User) -> None:
    """Message ids of a bot rise over all chats and both directions; so do its update ids."""
    other = double.user()
    numbers = [user.say("una"), other.say("dos"), api.send(user)["result"]["message_id"], other.say("tres")]
    assert numbers == sorted(set(numbers))
    updates = [update["update_id"] for update in double.history]
    assert updates == list(range(updates[0], updates[0] + len(updates)))


def test_an_offset_confirms_and_no_offset_does_not(double: Double, api: Api, user: User) -> None:
    """Updates stay until a higher offset is asked for; a negative one forgets all but the newest."""
    for word in ("una", "dos", "tres", "cuatro"):
        user.say(word)

    def words(**params: Any) -> list[str]:
        return [update["message"]["text"] for update in api.json("getUpdates", **params)["result"]]

    assert words() == words(limit=100) == ["una", "dos", "tres", "cuatro"]
    assert words(limit=2) == ["una", "dos"]
    first = api.json("getUpdates")["result"][0]["update_id"]
    assert words(offset=first + 1) == words() == ["dos", "tres", "cuatro"]
    assert words(offset=first + 1_000) == ["dos", "tres", "cuatro"]  # too far ahead to be true
    assert words(offset=-2) == words() == ["tres", "cuatro"]
    assert words(offset=first + 4) == []


def test_a_long_poll_wakes_and_a_second_one_ends_the_first(double: Double, api: Api, user: User) -> None:
    """A poll waits for news; another poller gets the place, and the first is told of the conflict."""
    answers: list[Any] = []
    poll = threading.Thread(target=lambda: answers.append(api.json("getUpdates", timeout=5)))
    poll.start()
    time.sleep(0.2)
    user.say("ya")
    poll.join(2)
    assert answers[0]["result"][0]["message"]["text"] == "ya"
    double.account.updates.clear()
    poll = threading.Thread(target=lambda: answers.append(api.json("getUpdates", timeout=5)))
    poll.start()
    time.sleep(0.2)
    with double.expecting("terminated by other getUpdates request"):
        assert api.json("getUpdates", timeout=1)["result"] == []
    poll.join(2)
    assert answers[1]["error_code"] == 409


def test_a_poller_that_died_is_no_conflict(double: Double, api: Api, user: User) -> None:
    """When a process is killed its connection ends, and its place is free."""
    dead = httpx.Client(base_url=f"{double.url}/bot{double.token}/", trust_env=False, timeout=0.2)
    with dead, pytest.raises(httpx.ReadTimeout):
        dead.post("getUpdates", json={"timeout": 5})
    time.sleep(0.1)
    assert api.json("getUpdates", timeout=1)["result"] == []


def test_only_wanted_kinds_are_kept(api: Api, user: User) -> None:
    """What a bot does not ask for is not kept for it, from the asking on; the wish is remembered."""
    api.json("getUpdates", allowed_updates=["callback_query"])
    user.say("una")
    assert api.json("getUpdates")["result"] == []
    api.json("getUpdates", allowed_updates=[])
    user.say("dos")
    assert [update["message"]["text"] for update in api.json("getUpdates")["result"]] == ["dos"]


def test_a_press_is_answered_once_and_in_time(double: Double, api: Api, user: User) -> None:
    """A press gets one answer within 150 seconds; after that Telegram knows it no more, nor tells of it."""
    double.allow("query is too old")
    api.send(user, "¿Sí?", reply_markup=KEYS)
    first, second = user.press("Sí"), user.press("No")
    assert api.json("answerCallbackQuery", callback_query_id=first)["ok"]
    assert user.answered(first)
    assert "query is too old" in api.json("answerCallbackQuery", callback_query_id=first)["description"]
    assert "query is too old" in api.json("answerCallbackQuery", callback_query_id="1")["description"]
    user.say("tarde")
    double.advance(151)
    assert "query is too old" in api.json("answerCallbackQuery", callback_query_id=second)["description"]
    kinds = [set(update) - {"update_id"} for update in api.json("getUpdates")["result"]]
    assert kinds == [{"message"}]
    double.advance(86_400)
    assert api.json("getUpdates")["result"] == []


def test_a_press_shows_what_was_pressed(api: Api, user: User) -> None:
    """A press carries the message with its keyboard; labels that are not there cannot be pressed."""
    sent = api.send(user, "¿Sí?", reply_markup=KEYS)["result"]
    user.press("No")
    (update,) = api.json("getUpdates")["result"]
    assert update["callback_query"]["data"] == "no"
    assert update["callback_query"]["message"] == sent
    with pytest.raises(LookupError, match=r"Sí.*No"):
        user.press("Tal vez")
    api.json("editMessageReplyMarkup", chat_id=user.id, message_id=sent["message_id"])
    with pytest.raises(LookupError):
        user.press("No")
    user.press_data("no", sent["message_id"])  # an old phone still shows it


def test_messages_look_as_telegram_shows_them(double: Double, api: Api, user: User) -> None:
    """Names, languages and kinds of chats are there when they are known, and only then."""
    user.say("una", reply_to=user.messages[0].id)
    double.user("Ana", None, "ana").photo(caption="mira")
    double.group("Comité").say(user, "/start@hilo_double_bot")
    own, photo, group = (update["message"] for update in api.json("getUpdates")["result"])
    assert own["from"] == {"id": user.id, "is_bot": False, "first_name": "Colibrí", "language_code": "es"}
    assert own["reply_to_message"]["text"] == "/start abc"
    assert photo["from"]["username"] == photo["chat"]["username"] == "ana"
    assert "language_code" not in photo["from"]
    assert photo["photo"][0]["width"] < photo["photo"][1]["width"]
    assert group["chat"]["type"] == "group"


def test_a_group_is_heard_only_when_it_speaks_to_the_bot(double: Double, api: Api, user: User) -> None:
    """With privacy on, a bot gets commands and replies from a group, and nothing else."""
    group = double.group()
    group.say(user, "entre nosotras")
    assert double.pending == 0
    sent = api.json("sendMessage", chat_id=group.id, text="¿Sí?")["result"]
    group.say(user, "sí", reply_to=sent["message_id"])
    assert double.pending == 1


def test_nobody_is_written_to_against_her_will(double: Double, api: Api, user: User) -> None:
    """A bot writes only to those who wrote first, have not blocked it, and still exist."""
    stranger = double.user()
    with double.expecting("chat not found"):
        api.send(stranger)
    user.block()
    assert api.send(user)["description"] == "Forbidden: bot was blocked by the user"
    user.unblock()
    assert api.send(user)["ok"]
    user.vanish()
    assert api.send(user)["description"] == "Forbidden: user is deactivated"
    changes = [update["my_chat_member"] for update in api.json("getUpdates")["result"]]
    assert [change["new_chat_member"]["status"] for change in changes] == ["kicked", "member"]


def test_files_go_both_ways(double: Double, api: Api, user: User) -> None:
    """What was sent can be fetched byte by byte, and an id of a file sends it again."""
    ogg = bytes(range(256)) * 40
    sent = api.multipart("sendVoice", {"voice": ("a.ogg", ogg)}, chat_id=user.id, duration=3)["result"]
    again = api.json("sendVoice", chat_id=user.id, voice=sent["voice"]["file_id"])["result"]
    assert again["voice"]["file_id"] == sent["voice"]["file_id"]
    named = {"chat_id": user.id, "photo": "attach://pic", "caption": "<i>la</i> milpa", "parse_mode": "HTML"}
    photo = api.multipart("sendPhoto", {"pic": ("a.jpg", b"\xff\xd8")}, **named)["result"]
    assert (photo["photo"][0]["file_size"], photo["caption"]) == (2, "la milpa")
    document = api.multipart("sendDocument", {"document": ("lista.pdf", b"%PDF")}, chat_id=user.id)["result"]
    assert document["document"]["file_name"] == "lista.pdf"
    user.voice(ogg)
    voice = api.json("getUpdates")["result"][-1]["message"]["voice"]
    path = api.json("getFile", file_id=voice["file_id"])["result"]["file_path"]
    fetched = httpx.get(f"{double.url}/file/bot{double.token}/{path}", trust_env=False)
    assert fetched.content == ogg


def test_what_a_bot_tells_about_itself_is_kept(double: Double, api: Api) -> None:
    """Commands and descriptions are kept by language, and refused when malformed."""
    commands = [{"command": "start", "description": "Empezar"}]
    assert api.json("setMyCommands", commands=commands, language_code="es")["ok"]
    assert api.form("setMyDescription", description="Hola")["ok"]
    assert api.form("setMyShortDescription", short_description="Hola")["ok"]
    assert double.account.profile["commands:es"] == commands
    with double.expecting("BOT_COMMAND_INVALID"):
        api.json("setMyCommands", commands=[{"command": "Acción", "description": "x"}])


def test_messages_are_deleted_within_two_days(double: Double, api: Api, user: User) -> None:
    """A bot takes back what was said on either side, for 48 hours."""
    old, new = user.say("viejo"), api.send(user)["result"]["message_id"]
    assert api.json("deleteMessage", chat_id=user.id, message_id=new)["ok"]
    assert user.screen().splitlines() == ["> /start abc", "> viejo"]
    double.advance(2 * 86_400 + 1)
    with double.expecting("message can't be deleted for everyone"):
        api.json("deleteMessage", chat_id=user.id, message_id=old)
