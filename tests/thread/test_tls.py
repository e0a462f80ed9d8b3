"""The recipe for https in the documents: Caddy takes it as it stands, and the web chat works behind it."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.thread.bot import ROOT, Hilo, free_port

CADDY = shutil.which("caddy")
PAGES = ("docs/operating.md", "docs/operar.md")

pytestmark = pytest.mark.skipif(CADDY is None, reason="Caddy is not installed")


def recipe(page: str) -> str:
    """Return the Caddyfile of a page."""
    text = (ROOT / page).read_text("utf-8")
    found = re.search(r"^    (hilo\.example\.org \{\n(?:        .*\n)+    \})$", text, re.MULTILINE)
    assert found is not None
    return found[1].replace("\n    ", "\n") + "\n"


def environment(folder: Path) -> dict[str, str]:
    return {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "PATH": "/usr/bin:/bin"}


def test_both_pages_have_the_same_recipe() -> None:
    """What is tested for one reader is tested for the other."""
    assert recipe(PAGES[0]) == recipe(PAGES[1])


def test_caddy_takes_the_recipe(tmp_path: Path) -> None:
    """As it stands in the documents it is a valid configuration."""
    file = tmp_path / "Caddyfile"
    file.write_text(recipe(PAGES[0]), "utf-8")
    done = subprocess.run(
        [str(CADDY), "validate", "--config", str(file), "--adapter", "caddyfile"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[tuple[Hilo, str]]:
    """A bot with its web chat behind Caddy, with a certificate of Caddy's own; gives both and the address."""
    port = free_port()
    address = f"https://localhost:{port}"
    hilo = Hilo(tmp_path / "var", None, HILO_PUBLIC_URL=address)
    served = recipe(PAGES[0]).replace("hilo.example.org", address).replace("127.0.0.1:8080", f"127.0.0.1:{hilo.port}")
    options = "{\n    admin off\n    skip_install_trust\n    auto_https disable_redirects\n}\n"
    file = tmp_path / "Caddyfile"
    file.write_text(options + served.replace("{\n", "{\n    tls internal\n", 1), "utf-8")
    hilo.command("cohort", "add", "Ensayo", "--for-practice")
    hilo.start()
    caddy = subprocess.Popen(
        [str(CADDY), "run", "--config", str(file), "--adapter", "caddyfile"],
        env=environment(tmp_path),
        stderr=subprocess.DEVNULL,
    )
    try:
        yield hilo, address
    finally:
        caddy.terminate()
        caddy.wait(10)
        hilo.stop()


@pytest.mark.proof
def test_the_web_chat_works_behind_it(behind: tuple[Hilo, str]) -> None:
    """A personal link opens by https, and its cookie is for https alone."""
    hilo, address = behind
    link = re.search(r"^web: (\S+)$", hilo.command("invite", "--cohort", "Ensayo"), re.MULTILINE)
    assert link is not None
    assert link[1].startswith(f"{address}/join/")
    with httpx.Client(verify=False, trust_env=False, follow_redirects=True) as browser:  # noqa: S501  Caddy's own certificate
        end = time.monotonic() + 20
        while True:
            try:
                if browser.get(f"{address}/health").status_code == 200:
                    break
            except httpx.TransportError:
                assert time.monotonic() < end
                time.sleep(0.1)
        page = browser.get(link[1])
        entered = browser.post(str(page.url), data=dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text)))

    assert page.status_code == 200
    cookies = [header for answer in (*entered.history, entered) for header in answer.headers.get_list("set-cookie")]
    sessions = [cookie for cookie in cookies if cookie.startswith("__Host-hilo=")]
    assert sessions, entered.text[:500]
    assert all("secure" in cookie.lower() for cookie in sessions)
