import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from muse_site import environment
from muse_site.embedded import Postgres, Valkey, remove_run_directory
from muse_site.supervisor import proctable
from muse_site.supervisor.output import Output
from muse_site.supervisor.product import Product

ROOT = Path(__file__).parents[2]
UP = "everything runs"


class Running:
    """A supervisor that runs as a program of its own, and the output it has had so far."""

    def __init__(self, case: str, folder: Path, *arguments: str) -> None:
        self.log = folder / f"output-{time.monotonic_ns()}.txt"
        with self.log.open("wb") as log:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "tests.site.supervised", case, str(folder), *arguments],
                stdout=log,
                stderr=log,
                cwd=ROOT,
            )

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_for(self, pattern: str, times: int = 1) -> list[str]:
        """Wait until the output has this pattern so often; return what it found."""
        _wait_until(lambda: len(re.findall(pattern, self.output)) >= times, lambda: self.output)
        return re.findall(pattern, self.output)

    def pid_of(self, name: str, times: int = 1) -> int:
        """The process number that a small process printed when it started, for its n-th start."""
        return int(self.wait_for(rf"{name} +\| pid (\d+)", times)[-1])

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(60)


Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Running] = []

    def run(case: str, *arguments: str) -> Running:
        started.append(Running(case, tmp_path, *arguments))
        return started[-1]

    yield run
    for running in started:
        if running.popen.poll() is None:
            running.end()
    remove_run_directory(tmp_path)


def _wait_until(condition: Callable[[], bool], describe: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, describe()
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    found = proctable.entry(pid)
    return found is not None and not found.gone


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_supervisor__child_killed__restarts_it(start: Start) -> None:
    running = start("three")
    running.wait_for(UP)
    os.kill(running.pid_of("first"), signal.SIGKILL)
    assert running.pid_of("first", times=2) != int(running.wait_for(r"first +\| pid (\d+)")[0])
    assert "first died (SIGKILL); restarting it in 0.1 s" in running.output


def test_supervisor__child_dies_again__waits_longer(start: Start) -> None:
    running = start("three")
    running.wait_for(UP)
    for time_ in (1, 2):
        os.kill(running.pid_of("third", times=time_), signal.SIGKILL)
        running.wait_for("third died", times=time_)
    assert re.findall(r"third died .* in (\S+) s", running.output) == ["0.1", "0.2"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_supervisor__asked_to_stop__stops_in_reverse_order(start: Start, number: signal.Signals) -> None:
    running = start("three")
    running.wait_for(UP)
    assert running.end(number) == 0
    assert re.findall(r"starting (\w+)", running.output) == ["first", "second", "third"]
    assert re.findall(r"stopped (\w+)", running.output) == ["third", "second", "first"]
    assert not _lives(running.pid_of("first"))


def test_supervisor__processes_of_one_stage__start_at_once_and_the_next_stage_waits_for_all(start: Start) -> None:
    running = start("stages")
    running.wait_for(UP)
    told = re.findall(r"(starting \w+|beside is healthy|pid)", running.output)
    assert told == ["starting slow", "starting beside", "pid", "beside is healthy", "starting later", "pid"]


def test_supervisor__asked_to_stop_while_starting__stops(start: Start) -> None:
    running = start("sick")
    running.wait_for("starting sick")
    assert running.end() == 0


def test_supervisor__started_twice__says_so_and_ends_with_1(start: Start) -> None:
    first = start("three")
    first.wait_for(UP)
    second = start("three")
    assert second.popen.wait(30) == 1
    assert f"already runs on {first.log.parent}, as process {first.popen.pid}" in second.output
    assert first.popen.poll() is None


def test_supervisor__killed__takes_its_children_along(start: Start) -> None:
    running = start("three")
    running.wait_for(UP)
    running.end(signal.SIGKILL)
    _wait_until(lambda: not _lives(running.pid_of("first")))


def test_supervisor__killed_and_a_child_lives_on__next_one_ends_it(start: Start) -> None:
    running = start("deaf")
    running.wait_for(UP)
    running.end(signal.SIGKILL)
    assert _lives(running.pid_of("deaf"))
    second = start("deaf")
    second.wait_for("ended deaf, left behind")
    assert not _lives(running.pid_of("deaf"))
    second.wait_for(UP)


def test_supervisor__child_ignores_the_request_to_end__is_killed(start: Start) -> None:
    running = start("deaf")
    running.wait_for(UP)
    assert running.end() == 0
    assert "deaf did not end in 1 s: killed" in running.output
    assert not _lives(running.pid_of("deaf"))


def test_supervisor__master_dies_before_its_workers__workers_end_too(start: Start) -> None:
    running = start("family")
    both = [int(pid) for pid in running.wait_for(r"family +\| pid (\d+)", times=2)]
    master = next(pid for pid in both if proctable.group(pid))
    os.kill(master, signal.SIGKILL)
    running.wait_for(r"family +\| pid (\d+)", times=4)
    assert not any(_lives(pid) for pid in both)


def test_supervisor__first_step_fails__stops_what_had_started(start: Start) -> None:
    running = start("failing")
    assert running.popen.wait(30) == 1
    assert "second ended with code 3" in running.output
    assert re.findall(r"stopped (\w+)", running.output) == ["first"]
    assert "starting third" not in running.output


def test_supervisor__never_healthy__fails(start: Start) -> None:
    running = start("sick")
    assert running.popen.wait(30) == 1
    assert "sick did not become healthy in 2 s" in running.output


def test_supervisor__dies_again_and_again_at_the_start__gives_up(start: Start) -> None:
    running = start("dying")
    assert running.popen.wait(30) == 1
    assert "dying died 3 times" in running.output


def test_supervisor__step_that_ends__runs_once(start: Start) -> None:
    running = start("once")
    running.wait_for(UP)
    running.end()
    assert running.output.count("starting once") == 1
    assert "done" in running.output


def test_watchdog__process_stopped__is_killed_and_restarted(start: Start) -> None:
    running = start("three")
    running.wait_for(UP)
    pid = running.pid_of("second")
    os.kill(pid, signal.SIGSTOP)
    running.pid_of("second", times=2)
    assert f"second: process {pid} is stopped: killing it" in running.output


def test_watchdog__service_hangs__is_killed_and_restarted(start: Start, tmp_path: Path) -> None:
    flag = tmp_path / "hang"
    running = start("hanging", str(_free_port()), str(flag))
    running.wait_for(UP)
    flag.touch()
    running.wait_for("service does not answer: killing it")
    flag.unlink()
    running.wait_for("service is healthy", times=2)


def test_supervisor__everything_killed__starts_again_with_its_data(start: Start, tmp_path: Path) -> None:
    running = start("services")
    running.wait_for(UP)
    postgres, valkey = Postgres(tmp_path), Valkey(tmp_path)
    client = redis.Redis.from_url(valkey.url)
    client.set("note", "kept")
    with psycopg.connect(postgres.owner_url) as owner:
        owner.execute("CREATE TABLE note AS SELECT 'kept' AS text")

    postmaster = int((postgres.cluster / "postmaster.pid").read_text().split()[0])
    for pid in (running.popen.pid, postmaster, client.info("server")["process_id"], running.pid_of("sleeper")):
        os.kill(pid, signal.SIGKILL)
    running.popen.wait()

    start("services").wait_for(UP)
    assert client.get("note") == b"kept"
    with psycopg.connect(postgres.app_url) as app:
        assert app.execute("SELECT text FROM note").fetchone() == ("kept",)


def test_supervisor__database_killed__comes_back_and_others_stay(start: Start, tmp_path: Path) -> None:
    running = start("services")
    running.wait_for(UP)
    postgres = Postgres(tmp_path)
    os.kill(int((postgres.cluster / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    running.wait_for("postgres is healthy", times=2)
    assert postgres.alive()
    assert running.output.count("starting sleeper") == 1


def test_supervisor__only_itself_killed__next_one_takes_over_the_services(start: Start, tmp_path: Path) -> None:
    running = start("services")
    running.wait_for(UP)
    running.end(signal.SIGKILL)
    second = start("services")
    second.wait_for(UP)
    assert Postgres(tmp_path).alive()
    assert second.end() == 0
    assert not Postgres(tmp_path).alive()
    assert not Valkey(tmp_path).alive()


def _names(**urls: str) -> list[str]:
    product = Product(data_directory=Path("/data"), project_directory=ROOT, **urls)
    return [process.name for process in product.processes()]


def test_product__no_urls__runs_everything_in_order() -> None:
    services = ["scoring-1", "scoring-2", "console", "consumer", "guard", "worker", "beat"]
    assert _names() == ["postgres", "valkey", "migrations", "assets", *services]


def test_product__urls_given__runs_no_database() -> None:
    names = _names(database_url="postgresql://db/muse", redis_url="redis://cache/0")
    assert names[0] == "migrations"


def test_product__urls_that_stood_in_files__are_read_by_its_processes(tmp_path: Path) -> None:
    url, file = "postgresql://muse_app@db/muse", tmp_path / "url"
    file.write_text(url)
    given = {f"{name}_FILE": str(file) for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    product = Product(data_directory=tmp_path, project_directory=ROOT, database_url=url, database_owner_url=url)
    for process in product.processes():
        if process.env:
            read = environment.read(given | dict(process.env))
            assert (read["DATABASE_URL"], read["DATABASE_OWNER_URL"]) == (url, url)


def test_output__lines_of_processes__bear_their_names() -> None:
    stream = io.StringIO()
    output = Output(["scoring"], stream)
    output.line("scoring", "hello")
    output.say("bye")
    assert stream.getvalue() == "scoring | hello\nmuse    | bye\n"
