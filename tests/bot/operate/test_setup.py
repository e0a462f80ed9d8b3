"""`hilo setup` as it is typed: each answer kept at once, each mistake said and asked again, and nothing asked twice."""

import re
import sys
from pathlib import Path

import pytest
import yaml
from dotenv import dotenv_values

from bot import clock
from bot.cli.operate import answers, dotenv, interview, words
from bot.cli.setup_file import SetupError
from bot.config import Config
from bot.services import danger_phrases
from dialogs import danger
from storage.database import Database
from storage.unit import Storage
from storage.vault import Vault, load_key
from tests.bot.ready import vault_of
from tests.bot.rig import texts
from tests.bot.shell import Shell
from tests.double import TOKEN, Double

LINES = {
    "es": {
        "language": "1",
        "name": "Casa Raíz",
        "token": TOKEN,
        "zone": "Oaxaca",
        "languages": "español, náhuatl",
        "reading_days": "martes y jueves",
        "retention_months": "",
        "care_911": "n",
        "care_079": "n",
        "care_whom": "",
        "care_card": "Llama a Rosa.",
        "care_card_other": "",
        "care_dialled": "n",
        "cohorts": "Sierra Norte",
        "why": "Para oír a todas.",
        "stop_when": "Si trae problemas.",
        "watch": "",
        "after_alert": "",
        "danger_now": "n",
        "minors": "n",
        "review": "",
    },
    "en": {
        "language": "2",
        "name": "Casa Raíz",
        "token": TOKEN,
        "zone": "",
        "languages": "",
        "reading_days": "Thursday",
        "retention_months": "6 months",
        "care_911": "n",
        "care_079": "n",
        "care_whom": "",
        "care_card": "Call Rosa.",
        "care_card_other": "Llama a Rosa.",
        "care_dialled": "n",
        "cohorts": "Sierra Norte",
        "why": "To hear everyone.",
        "stop_when": "If it brings trouble.",
        "watch": "",
        "after_alert": "",
        "danger_now": "n",
        "minors": "n",
        "review": "",
    },
}
NOT_NOW = ("n",)
NO_TOKEN = "\n"  # nor an address, which is asked for next


def typed(lines: dict[str, str], *after: str) -> str:
    return "\n".join([*lines.values(), *after]) + "\n"


def record(shell: Shell) -> dict[str, object]:
    database = Database.open(f"sqlite:///{shell.folder / 'hilo.db'}")
    with Storage(database, vault_of(shell.folder)).reading(clock.now()) as unit:
        found = unit.organisation.get()
        found["key kept"] = unit.organisation.care().key_confirmed_at is not None
        found["groups"] = [cohort.name for cohort in unit.cohorts.list()]
    database.dispose()
    return found


def key_words(shell: Shell, *places: int) -> list[str]:
    of_key = words.of_key(load_key(shell.folder / "hilo.key"), shell.language)
    return [of_key[place - 1] for place in places]


def at_double(shell: Shell, double: Double) -> None:
    shell.settings["HILO_TELEGRAM_API"] = double.url


def test_every_question_is_asked_and_its_answer_kept(console: Shell, double: Double) -> None:
    """Eleven answers, the bot found by its token, the group made; settings in a file for its owner alone."""
    at_double(console, double)
    told = console.good("setup", typed=typed(LINES[console.language], *NOT_NOW))

    assert console.says("cli.setup.found", username="hilo_double_bot") in told
    kept = record(console)
    assert kept["name"] == "Casa Raíz"
    assert kept["groups"] == ["Sierra Norte"]
    assert kept["zone"] == "America/Mexico_City"
    expected = (["es", "nah"], [1, 3], 12) if console.language == "es" else (["es", "en"], [3], 6)
    assert (kept["languages"], kept["reading_days"], kept["retention_months"]) == expected
    assert kept["minors"] == {"anybody": False}
    assert kept["care_card"] == (
        {"es": "Llama a Rosa."} if console.language == "es" else {"en": "Call Rosa.", "es": "Llama a Rosa."}
    )
    env = console.folder / ".env"
    assert env.stat().st_mode & 0o777 == 0o600
    assert Config.load({}, folder=console.folder).token == TOKEN
    assert TOKEN not in told
    assert re.search(r"telegram: https://t\.me/hilo_double_bot\?start=[0-9A-Z]{10}", told)
    assert "█" in told or "▀" in told, "a QR code"
    assert console.says("ready.backup.remedy") in told
    # What is typed for `hilo` here stands above the first line that names it, and once.
    instead = console.says("cli.setup.long", program=Path(sys.executable).parent / "hilo").strip()
    assert told.count(instead) == 1
    assert told.index(instead) < told.index(console.says("cli.setup.run").strip())


def test_minors_are_asked_about_until_there_is_an_answer(console: Shell, double: Double) -> None:
    """An empty line is no answer; a yes asks who sees to them, to whom harm is reported, their card and hours."""
    at_double(console, double)
    lines = dict(LINES[console.language])
    yes = {"es": "sí", "en": "yes"}[console.language]
    second = {"es": ("", ""), "en": ("DIF municipal", "")}[console.language]
    lines["minors"] = "\n".join(
        ["", "quizás", yes, "", "Rosa Pérez", "", "DIF", second[0], "Habla con Rosa.", second[1], "n", yes, "n"]
    )
    told = console.good("setup", typed=typed(lines, *NOT_NOW))
    kept = record(console)["minors"]

    assert isinstance(kept, dict)
    assert (kept["anybody"], kept["person"], kept["hours"]) == (True, "Rosa Pérez", ["afternoon"])
    assert kept["reported_to"][console.language] == "DIF"
    assert kept["care_card"] == {console.language: "Habla con Rosa."}
    assert f"✗ {console.says('cli.setup.minors.empty')}" in told
    assert f"✗ {console.says('cli.yes_or_no')}" in told
    assert console.says("cli.setup.minors.shown", person="Rosa Pérez") in told


def test_what_was_answered_is_kept_when_the_terminal_closes(console: Shell, double: Double) -> None:
    """Interrupted after three answers, a second run begins with the fourth."""
    at_double(console, double)
    lines = LINES[console.language]
    first = dict(list(lines.items())[:4])
    stopped = console.says("cli.setup.stopped", command=interview.resume_command())
    assert console.refused("setup", typed=typed(first)) == stopped
    rest = {"language": lines["language"], **dict(list(lines.items())[4:])}
    told = console.good("setup", typed=typed(rest, *NOT_NOW))

    assert console.says("cli.setup.q.name") not in told
    assert texts().count("cli.setup.again", console.language, 10) in told
    assert record(console)["stop_when"] == lines["stop_when"]


@pytest.mark.parametrize("again", [False, True])
def test_phrases_that_ring_are_accepted_one_by_one(console: Shell, double: Double, again: bool) -> None:
    """Not all together: each is a question of its own, at once or when its number is named later; one is refused."""
    at_double(console, double)
    lines = LINES[console.language]
    tags = ["es"] if console.language == "es" else ["es", "en"]
    phrases = [phrase for tag in tags for phrase in danger.proposed(tag)]
    no, enter = ("n", "")
    # The other language's are accepted together.
    each = [no, no, *[enter] * (len(danger.proposed("es")) - 1), *[enter] * (len(tags) - 1)]
    if again:
        console.good("setup", typed=typed(lines, *NOT_NOW))
        shown = console.good("setup", typed="\n".join([lines["language"], "n", "12", "", *each, "", "n"]) + "\n")
    else:
        before = [value for key, value in lines.items() if key not in {"danger_now", "minors", "review"}]
        shown = console.good("setup", typed="\n".join([*before, "", *each, lines["minors"], "", "n"]) + "\n")

    assert all(phrase in shown for phrase in phrases)
    kept = record(console)
    assert kept["danger_refused"] == {"es": [phrases[0]]}
    assert [one for tag in tags for one in kept["danger_words"][tag]] == phrases[1:]  # type: ignore[index]  # a mapping


def test_phrases_that_ring_are_read_and_accepted_together(console: Shell, double: Double) -> None:
    """Each is shown before it is asked about all; one is taken off later, and Enter leaves the others as they are."""
    at_double(console, double)
    lines = LINES[console.language]
    tags = ["es"] if console.language == "es" else ["es", "en"]
    phrases = [phrase for tag in tags for phrase in danger.proposed(tag)]
    before = [value for key, value in lines.items() if key not in {"danger_now", "minors", "review"}]
    shown = console.good("setup", typed="\n".join([*before, "", *[""] * len(tags), lines["minors"], "", "n"]) + "\n")
    assert all(f"· {phrase}" in shown for phrase in phrases)
    assert console.says("cli.setup.danger.kept", number=len(phrases)) in shown
    off = ["", "n", *[""] * (len(phrases) - 1)]
    console.good("setup", typed="\n".join([lines["language"], "n", "12", *off, "", "n"]) + "\n")

    kept = record(console)
    assert kept["danger_refused"] == {"es": [phrases[0]]}
    assert [one for tag in tags for one in kept["danger_words"][tag]] == phrases[1:]  # type: ignore[index]  # a mapping


def test_a_care_card_says_whom_to_turn_to(console: Shell, double: Double) -> None:
    """A nought is no card, and two digits are no number: each is said, with an example, and asked for again."""
    at_double(console, double)
    lines = {**LINES[console.language]}
    wrong = {"care_card": f"0\n{lines['care_card']}", "care_whom": "0\nRosa\n95\n951 123 4567\n\n\n\nn\n\n"}
    given = {key: value for key, value in {**lines, **wrong}.items() if key != "care_dialled"}
    told = console.good("setup", typed=typed(given, *NOT_NOW))

    assert told.count(console.says("cli.setup.care.whom.wrong", given="0")) == 2
    assert console.says("cli.setup.care.number.wrong", given="95") in told
    assert [each["number"] for each in record(console)["care_lines"]] == ["951 123 4567"]  # type: ignore[index, union-attr]  # a list of mappings


WRONG = {
    "name": ("", "cli.setup.name.empty", {}),
    "zone": ("Oaxca", "cli.setup.zone.near", {"hint": "Oaxaca"}),
    "languages": ("klingon", "cli.setup.languages.wrong", {"given": "klingon"}),
    "reading_days": ("\na veces", "cli.setup.reading_days.wrong", {"given": "a"}),
    "retention_months": ("500", "cli.setup.retention_months.wrong", {"most": 120}),
    "care_card": ("", "cli.setup.care_card.empty", {}),
    "cohorts": ("", "cli.error.cohort_name", {}),
    "why": ("", "cli.setup.why.empty", {}),
    "stop_when": ("no", "cli.setup.stop_when.empty", {}),
}


def test_each_mistake_is_said_and_asked_again(console: Shell, double: Double) -> None:
    """Whatever cannot be used is told with an example, and the same question waits."""
    at_double(console, double)
    lines = []
    for key, line in LINES[console.language].items():
        if key in WRONG:
            lines.append(WRONG[key][0])
        lines.append("no" if key == "watch" else line)
    told = console.good("setup", typed="\n".join([*lines, *NOT_NOW]) + "\n")

    for code, facts in ((code, facts) for _, code, facts in WRONG.values()):
        assert f"✗ {console.says(code, **facts)}" in told
    kept = record(console)
    assert kept["stop_when"] == LINES[console.language]["stop_when"]
    assert kept["watch"] == [], "no is nobody, not somebody's name"
    assert console.says("cli.setup.watch.kept", names=console.says("cli.setup.watch.nobody")) in told
    assert console.says("cli.setup.care.without", number="911") in told
    card = f"{console.language}: {LINES[console.language]['care_card']}"
    assert console.says("cli.setup.care.now", card=card)[: len(card)] in told


def test_the_chosen_language_holds_to_the_end(shell: Shell) -> None:
    """Whoever chose English is told in English where it stopped, whatever the console speaks; a slip is asked again."""
    shell.language = "es"
    english = texts().say("cli.setup.stopped", "en", command=interview.resume_command())

    assert shell.refused("setup", typed="x\nEnglish\n") == english
    assert shell("setup", typed="x\n").out.count("1 or 2?") == 2


def test_half_a_care_card_is_kept(shell: Shell) -> None:
    """What was written in one language is there, though the terminal closed before the next."""
    lines = {**LINES[shell.language], "token": NO_TOKEN}
    first = dict(list(lines.items())[:10])
    assert shell("setup", typed=typed(first, lines["care_card"])).code == 1

    assert record(shell)["care_card"] == {shell.language: lines["care_card"]}


def test_enter_leaves_the_token_and_the_groups_as_they_are(console: Shell, double: Double) -> None:
    """Looking at an answer that can only be added to, or that is hidden, changes nothing and leads on."""
    at_double(console, double)
    lines = LINES[console.language]
    console.good("setup", typed=typed(lines, *NOT_NOW))
    told = console.good("setup", typed=f"{lines['language']}\nn\n2\n\n8\n\n\nn\n")

    assert console.says("cli.setup.no_token") not in told
    assert console.says("cli.setup.q.token.more") in told
    assert f"HILO_TELEGRAM_TOKEN={TOKEN}" in (console.folder / ".env").read_text("utf-8")
    assert record(console)["groups"] == [lines["cohorts"]]


def test_a_slip_is_no_address(console: Shell) -> None:
    """What has no dot is asked for again: it would stand in every link that is handed out."""
    lines = {**LINES[console.language], "token": "\n0\nhilo.escuela.mx"}
    told = console.good("setup", typed=typed(lines, *NOT_NOW))

    assert f"✗ {console.says('cli.setup.public_url.wrong', given='0')}" in told
    assert "HILO_PUBLIC_URL=https://hilo.escuela.mx" in (console.folder / ".env").read_text("utf-8")


def test_a_key_on_one_paper_is_kept_though_no_second_came(shell: Shell) -> None:
    """The first holder's two words count, though the terminal closes at the question for another one."""
    shell.good("setup", typed=typed({**LINES[shell.language], "token": NO_TOKEN}, *NOT_NOW))
    words_asked = "\n".join(["", "", *key_words(shell, 4, 17)])
    assert shell.refused("key", "show", typed=f"{words_asked}\n") == shell.says("cli.stopped")

    assert record(shell)["key kept"] is True


@pytest.mark.parametrize(
    ("answer", "code"),
    [("public_url: hilo.example.org", "config.url"), ("token: 12:ab\u2019c", "cli.error.token")],
)
def test_a_file_s_slip_is_told_and_nothing_written(console: Shell, answer: str, code: str) -> None:
    """An address or a token that cannot be one is refused before it stands in `.env` and stops every command."""
    (console.folder / "answers.yaml").write_text(f"name: Casa\n{answer}\n", "utf-8")
    facts = {"name": "public_url", "value": "hilo.example.org"} if code == "config.url" else {}
    assert console.refused("setup", "--from", "answers.yaml") == console.says(code, **facts)

    assert not (console.folder / ".env").exists()
    assert "name" not in record(console) if (console.folder / "hilo.db").exists() else True


def test_a_file_s_token_waits_for_the_network(console: Shell) -> None:
    """Where Telegram does not answer, that is one sentence, and nothing is written."""
    console.settings["HILO_TELEGRAM_API"] = "http://127.0.0.1:9"
    (console.folder / "answers.yaml").write_text(f"name: Casa\ntoken: {TOKEN}\n", "utf-8")

    assert console.refused("setup", "--from", "answers.yaml") == console.says("cli.error.network")
    assert "name" not in record(console)


PLACES = {
    "Guadalajara": "America/Mexico_City",
    "La Paz": "America/Mazatlan",
    "Córdoba": "America/Mexico_City",
    "Ciudad Juárez": "America/Ciudad_Juarez",
    "San Cristóbal": "America/Mexico_City",
    "Lima": "America/Lima",
}


@pytest.mark.parametrize(("place", "zone"), PLACES.items(), ids=PLACES)
def test_a_city_of_mexico_comes_before_one_of_its_name_elsewhere(place: str, zone: str) -> None:
    """Whoever types La Paz or Córdoba means the one in Mexico; the cities of other countries are known, too."""
    assert answers.zone(place) == zone


def test_a_token_in_a_wrong_shape_is_not_shown(console: Shell) -> None:
    """What a terminal shows stays in its history: the refusal names the answer, and never what stood there."""
    for written in (f"token: {{a: '{TOKEN}'}}", f"token: ['{TOKEN}']"):
        (console.folder / "answers.yaml").write_text(written + "\n", "utf-8")
        ended = console("setup", "--from", "answers.yaml")
        assert ended.code == 1
        assert "token" in ended.err
        assert TOKEN.partition(":")[2] not in ended.out + ended.err


def test_a_token_nobody_knows_is_asked_again(console: Shell, double: Double) -> None:
    """A wrong token is said so at once, and never written down."""
    at_double(console, double)
    double.allow("Unauthorized", "Not Found")
    lines = LINES[console.language]
    wrong = {**lines, "token": f"7000000001:AAEwrongWrongWrongWrongWrongWrongWr\n{TOKEN}"}
    told = console.good("setup", typed=typed(wrong, *NOT_NOW))

    assert f"✗ {console.says('cli.setup.token.wrong')}" in told
    assert "wrong" not in (console.folder / ".env").read_text("utf-8")


def test_without_a_token_the_web_chat_alone_is_chosen(console: Shell) -> None:
    """An empty token is an answer, too: it is not asked again at the next run, and can be given later."""
    lines = {**LINES[console.language], "token": NO_TOKEN}
    told = console.good("setup", typed=typed(lines, *NOT_NOW))
    assert console.says("cli.setup.no_token") in told
    told = console.good("setup", typed=f"{lines['language']}\nn\n\nn\n")

    assert console.says("cli.setup.q.token") not in told


def test_without_a_token_the_address_is_asked_for(console: Shell) -> None:
    """An address that is none is asked again; the right one stands in `.env`, and the first admin gets a link."""
    lines = {**LINES[console.language], "token": "\nhttp://\nhilo.example.org"}
    told = console.good("setup", typed=typed(lines, *NOT_NOW))

    assert console.says("cli.setup.q.public_url") in told
    assert "HILO_PUBLIC_URL=https://hilo.example.org" in (console.folder / ".env").read_text("utf-8")
    assert "https://hilo.example.org/join/" in told


def test_a_token_given_later_is_asked_for_again_where_it_is_missing(console: Shell, double: Double) -> None:
    """A backup brings the record and not the token: on a new machine it is asked for, whatever was chosen first."""
    at_double(console, double)
    lines = {**LINES[console.language], "token": NO_TOKEN}
    console.good("setup", typed=typed(lines, *NOT_NOW))
    console.good("setup", typed=f"{lines['language']}\nn\n2\n{TOKEN}\n\nn\n")
    (console.folder / ".env").unlink()
    told = console.good("setup", typed=f"{lines['language']}\n\n\nn\n\nn\n")

    assert console.says("cli.setup.q.token") in told
    assert "@hilo_double_bot" not in told


def test_an_answer_is_changed_by_its_number(console: Shell) -> None:
    """A second run shows every answer; the one that is named is asked again, the others stay."""
    lines = {**LINES[console.language], "token": NO_TOKEN}
    console.good("setup", typed=typed(lines, *NOT_NOW))
    console.good("setup", typed=f"{lines['language']}\nn\n99\n1\nCasa Nueva\n\nn\n")

    kept = record(console)
    assert (kept["name"], kept["stop_when"]) == ("Casa Nueva", lines["stop_when"])


def test_the_key_is_shown_once_and_two_words_are_asked_back(console: Shell) -> None:
    """Right words make it kept, for a second holder too; a wrong one shows them again."""
    console.good("cohort", "add", "Sierra Norte")
    yes = "s" if console.language == "es" else "y"
    fourth, seventeenth, ninth, last = key_words(console, 4, 17, 9, 22)
    lines = [yes, "", "nada", "", fourth, words.folded_word(seventeenth), yes, "", ninth, last]
    told = console.good("key", "show", typed="\n".join(lines) + "\n")

    assert console.says("cli.key.needs") in told
    of_key = words.of_key(load_key(console.folder / "hilo.key"), console.language)
    assert all(re.search(rf"{place:>2} {word}\b", told) for place, word in enumerate(of_key, 1))
    assert f"✗ {console.says('cli.key.wrong')}" in told
    assert record(console)["key kept"]
    assert record(console)["key_holders"] == 2


def test_without_epochs_the_paper_needs_no_other_file(console: Shell) -> None:
    """A key in a setting alone: its words open the database as before, and nothing else is said."""
    console.settings["HILO_MASTER_KEY"] = "07" * 32
    console.good("cohort", "add", "Sierra Norte")

    assert console.says("cli.key.needs") not in console.good("key", "show", typed="n\n")


def test_a_lost_key_comes_back_from_its_words(console: Shell) -> None:
    """The error of a lost key names the way; the words write the file anew, and the data opens again."""
    console.good("cohort", "add", "Sierra Norte")
    key = console.folder / "hilo.key"
    written, was = words.of_key(load_key(key), "es"), key.read_bytes()
    key.unlink()
    assert "hilo key restore" in console.refused("cohort", "list")
    told = console.good("key", "restore", typed="\n".join([" ".join(written[:10]), " ".join(written[10:])]) + "\n")

    assert console.says("cli.key.restored", path=key) in told
    assert key.read_bytes() == was
    assert key.stat().st_mode & 0o777 == 0o600
    assert "Sierra Norte" in console.good("cohort", "list")


def test_no_key_is_written_over_another_or_for_another_s_data(console: Shell) -> None:
    """A key that is there stays; words of another organisation are not taken for this database's."""
    console.good("cohort", "add", "Sierra Norte")
    key = console.folder / "hilo.key"
    mine, foreign = (" ".join(words.of_key(each, "en")) for each in (load_key(key), Vault.generate()))
    assert console("key", "restore", typed=mine + "\n").err == f"✗ {console.says('cli.key.same', path=key)}\n"
    assert console("key", "restore", typed=foreign + "\n").err == f"✗ {console.says('cli.key.another', path=key)}\n"
    key.unlink()
    assert console("key", "restore", typed=foreign + "\n").err == f"✗ {console.says('cli.key.foreign')}\n"

    assert not key.exists()


def test_a_file_of_answers_finds_the_bot_and_keeps_the_settings(console: Shell, double: Double) -> None:
    """With a token in the file, Telegram is asked whose it is; token and address go into `.env`."""
    at_double(console, double)
    file = console.folder / "answers.yaml"
    file.write_text(f"name: Casa Raíz\ntoken: '{TOKEN}'\npublic_url: https://hilo.example.org\n", "utf-8")
    told = console.good("setup", "--from", str(file))

    assert "https://t.me/hilo_double_bot?start=" in told
    assert "https://hilo.example.org/join/" in told
    loaded = Config.load({}, folder=console.folder)
    assert (loaded.token, loaded.public_url) == (TOKEN, "https://hilo.example.org")


def test_a_file_with_a_wrong_token_keeps_nothing(shell: Shell, double: Double) -> None:
    """A token nobody knows is refused before anything is written."""
    at_double(shell, double)
    double.allow("Unauthorized", "Not Found")
    file = shell.folder / "answers.yaml"
    file.write_text("name: Casa Raíz\ntoken: '7000000001:AAEwrongWrongWrongWrongWrongWrongWr'\n", "utf-8")

    assert shell.refused("setup", "--from", str(file)) == shell.says("cli.error.token")
    assert record(shell)["groups"] == []
    assert "name" not in record(shell)


def test_other_settings_stay_as_they_were(tmp_path: Path) -> None:
    """Writing one setting leaves every other line, comments too, in its place."""
    env = tmp_path / ".env"
    env.write_text("# ours\nPORT=8081\nexport HILO_LANGUAGE=en\n", "utf-8")
    dotenv.write(env, {"HILO_LANGUAGE": "es", "HILO_TELEGRAM_TOKEN": "1:a"})

    assert env.read_text("utf-8") == "# ours\nPORT=8081\nHILO_LANGUAGE=es\nHILO_TELEGRAM_TOKEN=1:a\n"
    assert env.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("value", ["1:$HOME", "1:a #b", "it's \\n", "niñez", "#1", ' "1" a', ""])
def test_what_is_written_is_read_again(tmp_path: Path, value: str) -> None:
    """Whatever a setting holds, the file gives it back; a last line without its end is ended first."""
    (tmp_path / ".env").write_text("PORT=8081", "utf-8")
    dotenv.write(tmp_path / ".env", {"OTHER": value, "HILO_LANGUAGE": "es"})

    assert Config.load({}, folder=tmp_path).language == "es"
    assert dotenv_values(tmp_path / ".env", interpolate=False)["OTHER"] == value


@pytest.mark.parametrize(
    ("key", "said", "value"),
    [
        ("zone", "america/cancun", "America/Cancun"),
        ("zone", "Ciudad de México", "America/Mexico_City"),
        ("zone", "Sonora", "America/Hermosillo"),
        ("zone", "Guatemala", "America/Guatemala"),
        ("languages", "es", ["es"]),
        ("languages", "Español, English y nah", ["es", "en", "nah"]),
        ("reading_days", "los sábados", [5]),
        ("reading_days", "Monday, wednesday", [0, 2]),
        ("retention_months", "2 años", 24),
        ("retention_months", "un año", 12),
        ("retention_months", "18", 18),
    ],
)
def test_answers_are_read_as_people_write_them(key: str, said: str, value: object) -> None:
    """States and cities, names of languages, days in either language, years."""
    assert answers.read(key, said) == value


@pytest.mark.parametrize(("key", "said"), [("zone", "Atlantis"), ("retention_months", "siempre"), ("name", " ")])
def test_what_cannot_be_read_is_refused(key: str, said: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(SetupError):
        answers.read(key, said)


def test_a_promise_in_what_is_typed_is_said_at_once_and_kept(console: Shell, double: Double) -> None:
    """The answer stays as it was typed; which words promise something is said below it."""
    at_double(console, double)
    why, said = {
        "es": ("Para que todo sea confidencial.", "confidencial"),
        "en": ("So that it is confidential.", "confidential"),
    }[console.language]
    told = console.good("setup", typed=typed({**LINES[console.language], "why": why}, *NOT_NOW))

    assert console.says("cli.setup.promise", words=said).strip() in told
    assert record(console)["why"] == why


def test_a_file_says_which_phrases_ring_and_which_do_not(console: Shell) -> None:
    """What the record says of phrases is written into a file and read again as it was; nothing is left to decide."""
    one, two, *rest = danger.proposed("es")
    said: dict[str, object] = {
        "danger_words": {"es": [one, "las del cerro bajan"]},
        "danger_refused": {"es": rest, "en": [*danger.proposed("en")]},
        "danger_marked": {"es": [two]},
    }
    file = console.folder / "answers.yaml"
    for _ in range(2):
        file.write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
        console("setup", "--from", "answers.yaml")
        kept = record(console)
        assert {key: kept[key] for key in said} == said
        assert danger_phrases.waiting(kept) == []
        said = {key: kept[key] for key in said}
    file.write_text("danger_refused: [me pega]", "utf-8")

    assert "danger_refused" in console.refused("setup", "--from", "answers.yaml")
