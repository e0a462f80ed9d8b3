"""Settings: read from the environment and from a `.env` file in the working folder; the environment wins."""

import io
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit, urlunsplit

from dotenv.parser import Binding, parse_stream

from bot.errors import Problem
from bot.product_languages import begun_by
from dialogs import fuzzy_match, lang

_QUOTES = frozenset("'\"`«»\u201c\u201d\u2018\u2019\u00b4")  # and those that word processors put in their place

WEBHOOK_PORTS: Final = (443, 80, 88, 8443)  # the only ones that Telegram's own servers bring updates to
LONGEST_WEBHOOK: Final = 255
_WEBHOOK: Final = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(?:/[A-Za-z0-9._~-]+)+")
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")


class ConfigError(Problem):
    """A setting that cannot be used."""


TELEGRAMS, LARGEST = 50, 500  # megabytes of a file: as Telegram has it, and what memory has to hold a few times


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, as the documentation lists it."""

    name: str
    default: str


SETTINGS = (
    Setting("HILO_HOME", "var"),
    Setting("HILO_DATABASE_URL", ""),
    Setting("HILO_KEY_FILE", ""),
    Setting("HILO_MASTER_KEY", ""),
    Setting("HILO_EPOCHS", ""),
    Setting("HILO_TELEGRAM_TOKEN", ""),
    Setting("HILO_TELEGRAM_API", ""),
    Setting("HILO_LARGEST_FILE", "50"),
    Setting("HILO_TELEGRAM_CLIENT", "ptb"),
    Setting("HILO_WEBHOOK_URL", ""),
    Setting("HILO_WEBHOOK_SECRET", ""),
    Setting("HILO_PUBLIC_URL", ""),
    Setting("HILO_HOST", "127.0.0.1"),
    Setting("PORT", "8080"),
    Setting("HILO_METRICS_PORT", ""),
    Setting("HILO_DIALOGS_DIR", ""),
    Setting("HILO_SEND_RATE", "30"),
    Setting("HILO_PAID_RATE", "0"),
    Setting("HILO_CHAT_RATE", "1"),
    Setting("HILO_LANGUAGE", ""),
)


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting, checked.

    Attributes:
        home: folder for everything the bot writes.
        database_url: SQLAlchemy URL.
        key_file: where the organisation's key lies.
        master_key: the key itself in hex, or None to use `key_file`.
        epochs: folder of the epochs' keys: beside the key file, unless told otherwise; None with `master_key` alone.
        token: the bot's token, or None: web chat alone.
        api: base URL of the Bot API server, or None for Telegram's.
        largest_file: megabytes of a file that is sent to a chat.
        client: `ptb` or `aiogram`.
        webhook_url: where the messenger brings updates, or None: they are asked for.
        webhook_secret: what it shows each time; empty without `webhook_url`.
        public_url: base of personal links, without a slash at its end, or None.
        host: where the web side listens.
        port: and on which port.
        metrics_port: on which port of this machine alone it tells how it stands, or None.
        dialogs: folder of the organisation's own dialogs.
        rate: messages a second over all chats.
        paid: whether Telegram is paid for what is above its own limit.
        chat_rate: messages a second in one chat, after a first few.
        language: language of commands' output.
        practice: True for the practice database.
    """

    home: Path
    database_url: str
    key_file: Path
    master_key: str | None
    epochs: Path | None
    token: str | None
    api: str | None
    largest_file: int
    client: str
    webhook_url: str | None
    webhook_secret: str
    public_url: str | None
    host: str
    port: int
    metrics_port: int | None
    dialogs: Path
    rate: float
    paid: bool
    chat_rate: float
    language: str
    practice: bool

    @classmethod
    def load(
        cls, environment: Mapping[str, str] | None = None, *, practice: bool = False, folder: Path = Path()
    ) -> Self:
        """Read every setting; raises ConfigError naming the first one that cannot be used."""
        given = _dotenv(folder / ".env") | dict(os.environ if environment is None else environment)
        value = {setting.name: given.get(setting.name, "").strip() or setting.default for setting in SETTINGS}
        home = Path(value["HILO_HOME"])
        if practice:
            home /= "practice"
        database = "" if practice else value["HILO_DATABASE_URL"]
        key_file = value["HILO_KEY_FILE"] if not practice else ""
        key_path = Path(key_file) if key_file else home / "hilo.key"
        master_key = None if practice else value["HILO_MASTER_KEY"] or None
        client = value["HILO_TELEGRAM_CLIENT"]
        if client not in {"ptb", "aiogram"}:
            raise ConfigError("config.client", value=client)
        if (own := value["HILO_LANGUAGE"]) and begun_by(own) is None:
            raise ConfigError("config.language", name="HILO_LANGUAGE", value=own)
        api = url("HILO_TELEGRAM_API", value["HILO_TELEGRAM_API"])
        paid = _number("HILO_PAID_RATE", value["HILO_PAID_RATE"], 0, 1000)
        webhook = None if practice else _webhook(value["HILO_WEBHOOK_URL"], official=api is None)
        return cls(
            home=home,
            database_url=database or f"sqlite:///{home / 'hilo.db'}",
            key_file=key_path,
            master_key=master_key,
            epochs=_epochs("" if practice else value["HILO_EPOCHS"], None if master_key else key_path),
            token=None if practice else value["HILO_TELEGRAM_TOKEN"] or None,
            api=api,
            largest_file=_number("HILO_LARGEST_FILE", value["HILO_LARGEST_FILE"], 1, LARGEST if api else TELEGRAMS),
            client=client,
            webhook_url=webhook,
            webhook_secret=_secret(value["HILO_WEBHOOK_SECRET"]) if webhook else "",
            public_url=url("HILO_PUBLIC_URL", value["HILO_PUBLIC_URL"]),
            host="127.0.0.1" if practice else value["HILO_HOST"],
            port=_number("PORT", value["PORT"], 1, 65535),
            metrics_port=None if practice else _own_port(value["HILO_METRICS_PORT"], value["PORT"]),
            dialogs=Path(value["HILO_DIALOGS_DIR"]) if value["HILO_DIALOGS_DIR"] else home / "dialogs",
            rate=paid or _number("HILO_SEND_RATE", value["HILO_SEND_RATE"], 1, 1000),
            paid=paid > 0,
            chat_rate=_number("HILO_CHAT_RATE", value["HILO_CHAT_RATE"], 1, 1000),
            language=_language(given),
            practice=practice,
        )


def _epochs(given: str, key_file: Path | None) -> Path | None:
    """Return the folder of the epochs' keys: the one given, else one beside the key file, else none."""
    if given:
        return Path(given)
    return key_file.with_name(f"{key_file.name}.epochs") if key_file else None


def _dotenv(path: Path) -> dict[str, str]:
    """Read the settings in a file; raises ConfigError naming a line that would otherwise be skipped silently."""
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise ConfigError("cli.error.not_utf8", path=path) from error
    except OSError as error:
        raise ConfigError("config.dotenv", path=path, problem=error) from error
    # Not `dotenv_values`: it does not tell which line is wrong, and it expands a `$` in a token.
    return dict(_setting(path, binding) for binding in parse_stream(io.StringIO(text)) if _says_something(binding))


def _says_something(binding: Binding) -> bool:
    return binding.error or binding.key is not None


def _setting(path: Path, binding: Binding) -> tuple[str, str]:
    """Check one setting of a file; the error never quotes the line, which may hold the token."""
    said = binding.original.string
    line = binding.original.line + said[: len(said) - len(said.lstrip())].count("\n")
    known = [setting.name for setting in SETTINGS]
    if binding.value is None and "=" not in said:
        raise ConfigError("config.line", path=path, line=line)
    # The library gives no name for a line that it cannot read.
    name = binding.key or said.partition("=")[0].strip().removeprefix("export ").strip()
    if name.startswith("HILO_") and name not in known:
        hint = fuzzy_match.nearest(name, known)
        code = "config.unknown.near" if hint else "config.unknown"
        raise ConfigError(code, path=path, line=line, name=name, hint=hint)
    value = binding.value
    if value is None or "\n" in value or (value and name in known and {value[0], value[-1]} & _QUOTES):
        raise ConfigError("config.quotes", path=path, line=line, name=name)
    return name, value


def _number(name: str, value: str, low: int, high: int) -> int:
    if not value.isdecimal() or not low <= int(value) <= high:
        raise ConfigError("config.number", name=name, value=value, low=low, high=high)
    return int(value)


def _own_port(value: str, port: str) -> int | None:
    """Check a port that is not that of the pages; an empty one is None. Raises ConfigError."""
    if not value:
        return None
    if value == port:
        raise ConfigError("config.metrics_port", port=value)
    return _number("HILO_METRICS_PORT", value, 1, 65535)


def url(name: str, value: str) -> str | None:
    """Check a URL and return it; an empty one is None. Raises ConfigError."""
    if not value:
        return None
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError("config.url", name=name, value=value)
    return value.rstrip("/")


def _webhook(value: str, *, official: bool) -> str | None:
    """Check the address of a webhook, as Telegram's own servers want it (`official`) or a server of one's own."""
    if not value:
        return None
    try:
        parts = urlsplit(value)
        safe = parts.scheme == "https" and (parts.port or 443) in WEBHOOK_PORTS
        usable = safe or (not official and parts.scheme in {"http", "https"} and (parts.port or 1) > 0)
        # A path of its own, since pages have all others; and nothing that Telegram would write in another way.
        usable = usable and bool(parts.hostname) and len(value) <= LONGEST_WEBHOOK
        usable = usable and _WEBHOOK.fullmatch(value) is not None
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError("config.webhook", value=value)
    return urlunsplit(parts._replace(netloc=parts.netloc.lower()))


def _secret(value: str) -> str:
    """Check the secret of a webhook; an error never quotes it."""
    if not value:
        raise ConfigError("config.webhook_secret_lacks")
    if not _SECRET.fullmatch(value):
        raise ConfigError("config.webhook_secret")
    return value


def console_language(folder: Path = Path()) -> str:
    """Return the language of commands' output, without checking any other setting."""
    try:
        given = _dotenv(folder / ".env")
    except ConfigError:  # reported by the command that needs the settings
        given = {}
    return _language(given | dict(os.environ))


def _language(given: Mapping[str, str]) -> str:
    """Return HILO_LANGUAGE, else the console's language (POSIX order), else English."""
    if own := begun_by(given.get("HILO_LANGUAGE", "").strip()):
        return own
    console = next((given[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if given.get(name)), "")
    return begun_by(console) or lang.INTERNATIONAL


def is_unused(environment: Mapping[str, str], folder: Path = Path()) -> bool:
    """Return whether nothing real exists yet: no token, no database address, and no database."""
    try:
        given = _dotenv(folder / ".env")
    except ConfigError:  # reported by the command that needs the settings
        return False
    told = {name: environment.get(name) or given.get(name) for name in ("HILO_TELEGRAM_TOKEN", "HILO_DATABASE_URL")}
    home = environment.get("HILO_HOME") or given.get("HILO_HOME") or "var"
    return not any(told.values()) and not (folder / home / "hilo.db").exists()


if __name__ == "__main__":  # `make run` asks how to start
    if is_unused(os.environ):
        print("--practice")  # noqa: T201  the answer to that question
