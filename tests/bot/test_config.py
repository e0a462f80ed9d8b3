"""Settings: from the environment and from `.env`, each checked, each naming itself when it is wrong."""

from pathlib import Path

import pytest

from bot.config import SETTINGS, Config, ConfigError, console_language

FULL = {
    "HILO_HOME": "data",
    "HILO_DATABASE_URL": "postgresql://hilo@db/hilo",
    "HILO_KEY_FILE": "elsewhere.key",
    "HILO_MASTER_KEY": "00" * 32,
    "HILO_EPOCHS": "/srv/epochs",
    "HILO_TELEGRAM_TOKEN": "1:abc",
    "HILO_TELEGRAM_API": "http://127.0.0.1:8081/",
    "HILO_LARGEST_FILE": "200",
    "HILO_TELEGRAM_CLIENT": "aiogram",
    "HILO_WEBHOOK_URL": "https://Hilo.example.org/telegram",
    "HILO_WEBHOOK_SECRET": "s3cret_-",
    "HILO_PUBLIC_URL": "https://hilo.example.org/",
    "HILO_HOST": "0.0.0.0",  # noqa: S104  the setting itself is what is tested
    "PORT": "9000",
    "HILO_METRICS_PORT": "9100",
    "HILO_DIALOGS_DIR": "ours",
    "HILO_SEND_RATE": "5",
    "HILO_PAID_RATE": "0",
    "HILO_CHAT_RATE": "2",
    "HILO_LANGUAGE": "es",
}


def test_defaults_need_no_setting(tmp_path: Path) -> None:
    """With nothing set, everything lies in `var`, the web side listens on this machine alone, and there is no token."""
    config = Config.load({}, folder=tmp_path)

    assert config.home == Path("var")
    assert config.database_url == "sqlite:///var/hilo.db"
    assert (config.key_file, config.dialogs) == (Path("var/hilo.key"), Path("var/dialogs"))
    assert (config.token, config.master_key, config.public_url, config.api) == (None, None, None, None)
    assert (config.client, config.host, config.port, config.rate) == ("ptb", "127.0.0.1", 8080, 30)
    assert (config.chat_rate, config.paid, config.largest_file) == (1, False, 50)
    assert config.language == "en"


def test_every_setting_is_read(tmp_path: Path) -> None:
    """Each setting of the list has its effect, and the list has no other."""
    assert FULL.keys() == {setting.name for setting in SETTINGS}
    config = Config.load(FULL, folder=tmp_path)

    assert config.home == Path("data")
    assert config.database_url == FULL["HILO_DATABASE_URL"]
    assert config.key_file == Path("elsewhere.key")
    assert config.master_key == FULL["HILO_MASTER_KEY"]
    assert config.epochs == Path(FULL["HILO_EPOCHS"])
    assert config.largest_file == 200
    assert (config.token, config.client, config.api) == ("1:abc", "aiogram", "http://127.0.0.1:8081")
    assert (config.webhook_url, config.webhook_secret) == ("https://hilo.example.org/telegram", "s3cret_-")
    assert (config.public_url, config.host, config.port) == ("https://hilo.example.org", FULL["HILO_HOST"], 9000)
    assert (config.dialogs, config.rate, config.chat_rate, config.language) == (Path("ours"), 5, 2, "es")
    assert config.metrics_port == 9100


def test_what_is_paid_for_goes_before_what_is_free(tmp_path: Path) -> None:
    """Whoever pays Telegram for a rate gets that one, and says so with every broadcast."""
    config = Config.load({"HILO_SEND_RATE": "20", "HILO_PAID_RATE": "1000"}, folder=tmp_path)

    assert (config.rate, config.paid) == (1000, True)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("HILO_TELEGRAM_CLIENT", "telethon", "config.client"),
        ("HILO_LANGUAGE", "fr", "config.language"),
        ("PORT", "0", "config.number"),
        ("PORT", "65536", "config.number"),
        ("PORT", "-1", "config.number"),
        ("PORT", "80.5", "config.number"),
        ("HILO_SEND_RATE", "0", "config.number"),
        ("HILO_SEND_RATE", "1001", "config.number"),
        ("HILO_SEND_RATE", "fast", "config.number"),
        ("HILO_CHAT_RATE", "0.5", "config.number"),
        ("HILO_PAID_RATE", "1001", "config.number"),
        ("HILO_LARGEST_FILE", "51", "config.number"),
        ("HILO_PUBLIC_URL", "hilo.example.org", "config.url"),
        ("HILO_PUBLIC_URL", "https://", "config.url"),
        ("HILO_PUBLIC_URL", "https://example.org:port", "config.url"),
        ("HILO_PUBLIC_URL", "javascript:alert(1)", "config.url"),
        ("HILO_TELEGRAM_API", "ftp://example.org", "config.url"),
        ("HILO_TELEGRAM_API", "http://[::1", "config.url"),
        ("HILO_WEBHOOK_URL", "http://hilo.example.org/telegram", "config.webhook"),
        ("HILO_WEBHOOK_URL", "http://127.0.0.1:8080/telegram", "config.webhook"),
        ("HILO_WEBHOOK_URL", "https://hilo.example.org", "config.webhook"),
        ("HILO_WEBHOOK_URL", "https://hilo.example.org/", "config.webhook"),
        ("HILO_WEBHOOK_URL", "https://hilo.example.org/telegram/", "config.webhook"),
        ("HILO_WEBHOOK_URL", "https://hilo.example.org:8080/telegram", "config.webhook"),
        ("HILO_WEBHOOK_URL", "https://hilo.example.org:x/telegram", "config.webhook"),
        ("HILO_WEBHOOK_URL", "https://me:mine@hilo.example.org/telegram", "config.webhook"),
        ("HILO_WEBHOOK_URL", "https://hilo.example.org/telegram?a=b", "config.webhook"),
        ("HILO_WEBHOOK_URL", "https://hilo.example.org/telegrám", "config.webhook"),
        ("HILO_WEBHOOK_URL", f"https://hilo.example.org/{'x' * 300}", "config.webhook"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_value(tmp_path: Path, name: str, value: str, code: str) -> None:
    """What cannot be used is told with the value that was found."""
    with pytest.raises(ConfigError) as refused:
        Config.load({name: value}, folder=tmp_path)

    assert refused.value.code == code
    assert refused.value.facts["value"] == value
    assert code in {"config.client", "config.webhook"} or refused.value.facts["name"] == name


@pytest.mark.parametrize("url", ["https://hilo.example.org/telegram", "http://127.0.0.1:8080/telegram"])
@pytest.mark.parametrize("secret", ["", "not allowed", "secreto-más", "x" * 257])
def test_a_webhook_has_a_secret_that_telegram_takes(tmp_path: Path, url: str, secret: str) -> None:
    """Without one the bot does not start; with a server of one's own, plain HTTP will do; no error quotes it."""
    given = {"HILO_TELEGRAM_API": "http://127.0.0.1:8081", "HILO_WEBHOOK_URL": url, "HILO_WEBHOOK_SECRET": secret}
    with pytest.raises(ConfigError) as refused:
        Config.load(given, folder=tmp_path)

    assert refused.value.code == ("config.webhook_secret" if secret else "config.webhook_secret_lacks")
    assert refused.value.facts == {}
    assert Config.load(given | {"HILO_WEBHOOK_SECRET": "x" * 256}, folder=tmp_path).webhook_url == url
    assert Config.load(given | {"HILO_WEBHOOK_URL": ""}, folder=tmp_path).webhook_secret == ""


def test_practice_has_no_webhook(tmp_path: Path) -> None:
    """Practice runs on this machine alone."""
    given = {"HILO_WEBHOOK_URL": "https://hilo.example.org/telegram", "HILO_WEBHOOK_SECRET": "s3cret"}

    assert Config.load(given, practice=True, folder=tmp_path).webhook_url is None


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    """`.env` gives what the environment does not: comments, quotes and `export` are understood."""
    (tmp_path / ".env").write_text(
        "# ours\n\nexport HILO_HOME='data'\nPORT = \"9000\"\nHILO_TELEGRAM_TOKEN=1:a=b\n#HILO_SEND_RATE=1\n",
        "utf-8",
    )
    config = Config.load({"PORT": "9001"}, folder=tmp_path)

    assert (config.home, config.port, config.token, config.rate) == (Path("data"), 9001, "1:a=b", 30)


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("1:$HOME${PORT}$$", "1:$HOME${PORT}$$"),
        ("'1:$HOME'", "1:$HOME"),
        ('"1:${HOME}"', "1:${HOME}"),
        ("1:a # the bot's", "1:a"),
        ("'1:a # b' # the bot's", "1:a # b"),
        ("1:a#b", "1:a#b"),
        (r"1:a\nb", r"1:a\nb"),
        (r"'1:it\'s'", "1:it's"),
        ("1:niñez", "1:niñez"),
        ("  1:a  ", "1:a"),
    ],
)
def test_a_value_is_what_it_says(tmp_path: Path, written: str, token: str) -> None:
    """A `$` in a value is a `$`; what follows a blank and a `#`, outside quotes, is a note."""
    (tmp_path / ".env").write_text(f"PORT=9000\nHILO_TELEGRAM_TOKEN={written}\n", "utf-8")

    assert Config.load({}, folder=tmp_path).token == token


UNUSABLE = {
    "a setting that is none": ("PORT=9000\nHILO_HOM=data\n", "config.unknown.near", 2),
    "a setting like none": ("HILO_COLOUR=red\n", "config.unknown", 1),
    "no equals sign": ("# token\nHILO_TELEGRAM_TOKEN 1:abc\n", "config.line", 2),
    "quotes that do not match": ("HILO_TELEGRAM_TOKEN=\"1:abc'\n", "config.quotes", 1),
    "quotes of a word processor": ("HILO_TELEGRAM_TOKEN=\u201c1:abc\u201d\n", "config.quotes", 1),
    "a quote that ends lines later": ("\n\nHILO_TELEGRAM_TOKEN='1:abc\nPORT='9000'\n", "config.quotes", 3),
    "one quote": ("export HILO_TELEGRAM_TOKEN='1:abc\n", "config.quotes", 1),
}


@pytest.mark.parametrize(("text", "code", "line"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_line_that_cannot_be_used_is_not_passed_over(tmp_path: Path, text: str, code: str, line: int) -> None:
    """A slip in `.env` names its line, and never what stands there: it may be the token."""
    (tmp_path / ".env").write_text(text, "utf-8")
    with pytest.raises(ConfigError) as refused:
        Config.load({}, folder=tmp_path)

    assert refused.value.code == code
    assert refused.value.facts["line"] == line
    assert "abc" not in str(refused.value.facts)
    assert console_language(tmp_path) in {"es", "en"}


def test_a_file_of_another_encoding_is_told_and_a_mark_does_no_harm(tmp_path: Path) -> None:
    """A file saved by Windows' editor is read with its mark; one that is not UTF-8 is one sentence."""
    (tmp_path / ".env").write_text("PORT=9000\n", "utf-8-sig")
    assert Config.load({}, folder=tmp_path).port == 9000
    (tmp_path / ".env").write_bytes("# día\nPORT=9000\n".encode("latin-1"))
    with pytest.raises(ConfigError) as refused:
        Config.load({}, folder=tmp_path)

    assert refused.value.code == "cli.error.not_utf8"


def test_blanks_around_a_value_do_no_harm(tmp_path: Path) -> None:
    """A pasted token with a blank or a line break around it is the token."""
    assert Config.load({"HILO_TELEGRAM_TOKEN": " 1:abc\n", "PORT": " 9000 "}, folder=tmp_path).token == "1:abc"


def test_practice_ignores_what_is_real(tmp_path: Path) -> None:
    """Practice has a folder, a database and a key of its own, no token, and listens on this machine alone."""
    config = Config.load(FULL, practice=True, folder=tmp_path)

    assert config.practice
    assert config.home == Path("data/practice")
    assert config.database_url == "sqlite:///data/practice/hilo.db"
    assert config.key_file == Path("data/practice/hilo.key")
    assert (config.token, config.master_key) == (None, None)
    assert config.host == "127.0.0.1"


@pytest.mark.parametrize(
    ("given", "language"),
    [
        ({"HILO_LANGUAGE": "es", "LANG": "en_US.UTF-8"}, "es"),
        ({"LANG": "es_MX.UTF-8"}, "es"),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "es_MX.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "es_MX.UTF-8"}, "es"),
        ({"LANG": "C"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_of_commands(tmp_path: Path, given: dict[str, str], language: str) -> None:
    """HILO_LANGUAGE first, then the console's own in the order POSIX has, else English."""
    assert Config.load(given, folder=tmp_path).language == language
