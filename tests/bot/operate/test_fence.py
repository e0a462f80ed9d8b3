"""The service under a systemd of its own, in namespaces: Hilo runs inside the fence, and what it must not do fails."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.cli.operate import units
from bot.config import Config
from tests.bot.shell import ROOT

SYSTEMD = Path("/usr/lib/systemd/systemd")
ACCOUNT = 4711
STUBS = ("sysinit", "basic", "shutdown", "network-online", "multi-user")
PATIENCE = 90  # seconds, on a machine that is busy
INSIDE = """\
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /run
while umount -R /sys/fs/cgroup 2>/dev/null; do :; done
mount -t cgroup2 cgroup2 /sys/fs/cgroup
cp /etc/passwd /etc/group /run
echo 'hilo:x:{account}:{account}::/:/usr/sbin/nologin' >> /run/passwd
echo 'hilo:x:{account}:' >> /run/group
echo 0123456789abcdef0123456789abcdef > /run/machine-id
for name in passwd group machine-id; do [ ! -e /etc/$name ] || mount --bind /run/$name /etc/$name; done
mkdir /run/code /run/units
mount --bind {code} /run/code
cp {folder}/units/* /run/units
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=755 tmpfs /srv
mkdir /srv/hilo /srv/data
mount --bind /run/code /srv/hilo
chown {account}:{account} /srv/data
chmod 700 /srv/data
exec env -i PATH="$PATH" SYSTEMD_UNIT_PATH=/run/units container=hilo \
    setpriv --bounding-set -sys_time,-sys_module,-sys_boot \
    {systemd} --system --unit=start.target --log-target=null --show-status=no
"""


def cgroup2() -> Path | None:
    """Return where the second kind of control groups is mounted, if anywhere."""
    lines = (line.split() for line in Path("/proc/self/mounts").read_text("utf-8").splitlines())
    return next((Path(line[1]) for line in lines if line[2] == "cgroup2"), None)


@dataclass(frozen=True)
class Machine:
    """A systemd in namespaces of its own, which knows no units but ours."""

    pid: int
    port: int

    def control(self, *words: str, check: bool = True) -> str:
        entered = ["nsenter", "-t", str(self.pid), "-m", "-p", "-C", "-u", "-i"]
        given = {"PATH": os.environ["PATH"], "SYSTEMD_UNIT_PATH": "/run/units"}
        command = [*entered, *words]
        done = subprocess.run(command, env=given, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert not check or done.returncode == 0, done
        return done.stdout

    def read(self, path: str) -> str:
        return self.control("cat", path)


def written(folder: Path, port: int) -> None:
    """Write the units as an installation at /srv/hilo has them, and one that runs the probe inside the same fence."""
    place = folder / "units"
    place.mkdir()
    config = Config.load({"HILO_HOME": "/srv/data"})
    python = "/srv/hilo/.venv/bin/python"
    for name, text in units.units(config, Path("/srv/hilo")).items():
        ours = text.replace(f"{units.program()} ", f"{python} -m bot ").replace(
            "ProtectHome=read-only", "ProtectHome=true"
        )
        given = f"Environment=HILO_HOME=/srv/data PORT={port} HILO_LANGUAGE=en\n"
        if "[Service]\n" in ours:
            ours = ours.replace("[Service]\n", f"[Service]\n{given}")
        (place / name).write_text(ours, "utf-8")
    fence = (place / units.BACKUP).read_text("utf-8")
    probe = f"{python} -m tests.bot.operate.fence_probe /srv/data\nStandardOutput=file:/srv/data/told"
    (place / "probe.service").write_text(fence.replace(f"{python} -m bot backup", probe), "utf-8")
    for name in STUBS:
        (place / f"{name}.target").write_text("[Unit]\nDefaultDependencies=no\n", "utf-8")
    (place / "start.target").write_text("[Unit]\nDefaultDependencies=no\n", "utf-8")


def child_of(pid: int) -> int | None:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return int(found[0]) if found else None


def _clear(group: Path) -> None:
    """Remove a control group with all below it, once the last of its processes has ended."""
    end = time.monotonic() + PATIENCE
    for folder in [*sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True), group]:
        while True:
            try:
                folder.rmdir()
                break
            except OSError:
                assert time.monotonic() < end, folder
                time.sleep(0.1)


@pytest.fixture
def machine(ajar: Path) -> Iterator[Machine]:
    groups = cgroup2()
    if os.geteuid() != 0 or not SYSTEMD.exists() or shutil.which("nsenter") is None or groups is None:
        pytest.skip("no systemd can be started here")
    spaces = ["-m", "-p", "-f", "-C", "-u", "-i"]
    if subprocess.run(["unshare", *spaces, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no namespaces can be made here")
    port = 20_000 + os.getpid() % 20_000
    written(ajar, port)
    script = ajar / "inside.sh"
    script.write_text(INSIDE.format(account=ACCOUNT, code=ROOT, folder=ajar, systemd=SYSTEMD), "utf-8")
    own = groups / f"hilo-test-{os.getpid()}"
    own.mkdir()
    outside = f"echo $$ > {own}/cgroup.procs && exec unshare {' '.join(spaces)} --kill-child --mount-proc sh {script}"
    with (ajar / "log").open("wb") as log:
        process = subprocess.Popen(["sh", "-c", outside], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    first = None
    try:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and process.poll() is None:
            first = first or child_of(process.pid)
            if first is not None:
                it = Machine(first, port)
                if it.control("systemctl", "is-active", "start.target", check=False).strip() == "active":
                    break
            time.sleep(0.2)
        else:
            pytest.fail((ajar / "log").read_text("utf-8", errors="replace")[-2000:])
        yield it
    finally:
        if first is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(first, signal.SIGKILL)  # with everything in its namespace
        process.kill()
        process.wait()
        _clear(own)


@pytest.mark.proof
@pytest.mark.timeout(300)
def test_hilo_runs_inside_its_fence_and_nothing_gets_out(machine: Machine) -> None:
    """The bot answers, its backup is made, its helpers run; the rest of the machine is out of its reach."""
    machine.control("systemctl", "start", units.BOT)
    end = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"http://127.0.0.1:{machine.port}/health", trust_env=False).status_code == 200:
                break
        assert time.monotonic() < end, machine.control("systemctl", "status", units.BOT, check=False)
        time.sleep(0.5)
    pid = machine.control("systemctl", "show", "-P", "MainPID", units.BOT).strip()
    status = dict(line.split(":\t", 1) for line in machine.read(f"/proc/{pid}/status").splitlines() if ":\t" in line)
    assert (status["Uid"].split()[0], status["NoNewPrivs"], status["Seccomp"]) == (str(ACCOUNT), "1", "2")
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0

    machine.control("systemctl", "start", units.BACKUP)
    assert ".keys" in machine.control("ls", "/srv/data/backups")
    machine.control("systemctl", "start", "probe.service")
    told = json.loads(machine.read("/srv/data/told"))
    descriptors = told.pop("descriptors")
    assert descriptors >= 10_000
    assert told == {
        "fork": 7,
        "spawn": True,
        "thread": True,
        "helper": 0,
        "memory": "done",
        "home": "done",
        "limits": "done",
        "unix": True,
        "names": True,
        "inet": "done",
        "core": 0,
        "netlink": "EAFNOSUPPORT",
        "packet": "EAFNOSUPPORT",
        "code": "EROFS",
        "system": "EROFS",
        "homes": "EACCES",
        "disks": [],
        "chroot": "EPERM",
        "namespace": "EPERM",
        "others": False,
    }
    assert machine.control("systemctl", "is-active", units.BOT).strip() == "active"
