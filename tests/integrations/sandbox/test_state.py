"""The state file: what was answered is kept, under threads and processes, and one sandbox owns it."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from integrations.sandbox.server import Server
from integrations.sandbox.store import StateFileUnusable, Store
from integrations.sandbox.world import World
from tests.integrations.sandbox.toy_face import ToyFace, ask

WRITER = """
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=20)
for turn in range(30):
    connection.request("POST", "/notes", body=f"{sys.argv[2]}/{turn}".encode())
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 201, answer.status
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sandbox.db"


def texts(path: Path) -> list[str]:
    """What a newly started world finds in the file, in order."""
    world = World(state=path)
    try:
        return [note["text"] for note in world.store.table("hubspot", "notes").values()]
    finally:
        world.store.close()


class TestRestart:
    def test_brings_back_records_tokens_switches_and_the_clock(self, path: Path) -> None:
        before = World(state=path)
        with Server(face=ToyFace(before), world=before) as server:
            ask(server, "POST", "/notes", body="Jürgen 🌻".encode())
            ask(server, "POST", "/_sandbox/tokens", body={"scopes": ["a"]})
            ask(server, "POST", "/_sandbox/switch", body={"index_delay": 30})
            ask(server, "POST", "/_sandbox/clock", body={"advance_seconds": 86_400})
            told = before.clock.now()
        before.store.close()

        after = World(state=path)
        with Server(face=ToyFace(after), world=after) as server:
            assert ask(server, "GET", "/_sandbox/dump").json == {"notes": [{"id": "1", "text": "Jürgen 🌻"}]}
            assert after.store.table("toy", "tokens").get("made-up-token") == {"scopes": ["a"]}
            assert after.switch("hubspot.index_delay") == 30
            assert abs(after.clock.now() - told) < timedelta(minutes=5)
        after.store.close()

    def test_keeps_what_was_answered_even_without_a_proper_end(self, path: Path) -> None:
        script = (
            "import os, sys, pathlib\n"
            "from integrations.sandbox.server import Server\n"
            "from integrations.sandbox.world import World\n"
            "from tests.integrations.sandbox.toy_face import ToyFace, ask\n"
            "world = World(state=pathlib.Path(sys.argv[1]))\n"
            "server = Server(face=ToyFace(world), world=world).start()\n"
            "assert ask(server, 'POST', '/notes', body=b'kept').status == 201\n"
            "os.kill(os.getpid(), 9)\n"
        )

        ended = subprocess.run([sys.executable, "-c", script, str(path)], check=False, timeout=60, capture_output=True)

        assert ended.returncode == -9, ended.stderr
        assert texts(path) == ["kept"]


class TestManyClients:
    def test_lose_nothing_from_eight_threads(self, path: Path) -> None:
        world = World(state=path)
        with Server(face=ToyFace(world), world=world) as server, ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: ask(server, "POST", "/notes", body=str(number).encode()), range(200)))
        world.store.close()

        assert sorted(texts(path), key=int) == [str(number) for number in range(200)]

    def test_lose_nothing_from_several_processes(self, path: Path) -> None:
        world = World(state=path)
        with Server(face=ToyFace(world), world=world) as server:
            writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(server.port), str(number)]) for number in range(4)]
            codes = [writer.wait(timeout=60) for writer in writers]
        world.store.close()

        assert codes == [0] * 4
        assert set(texts(path)) == {f"{number}/{turn}" for number in range(4) for turn in range(30)}


class TestOwnership:
    def test_refuses_a_second_sandbox(self, path: Path) -> None:
        first = Store(path=path)

        with pytest.raises(StateFileUnusable, match="other sandbox"):
            Store(path=path)

        first.close()
        Store(path=path).close()

    def test_refuses_a_file_that_is_something_else(self, path: Path) -> None:
        path.write_text("Dear diary, " * 100, encoding="utf-8")

        with pytest.raises(StateFileUnusable, match=re.escape(path.name)):
            Store(path=path)


class TestOrder:
    def test_is_the_order_of_creation_in_memory_and_in_the_file(self, path: Path) -> None:
        store = Store(path=path)
        table = store.table("hubspot", "notes")
        for key in "abc":
            table.put(key, {"text": key})
        store.flush()
        table.put("a", {"text": "a, changed"})
        table.drop("b")
        table.put("d", {"text": "d"})
        table.put("b", {"text": "b, again"})
        in_memory = [row["text"] for row in table.values()]
        store.close()

        assert in_memory == ["a, changed", "c", "d", "b, again"]
        assert texts(path) == in_memory

    def test_forgets_what_was_dropped(self, path: Path) -> None:
        store = Store(path=path)
        store.table("hubspot", "notes").put("a", {"text": "a"})
        store.flush()
        store.table("hubspot", "notes").clear()
        store.close()

        assert texts(path) == []


class TestServing:
    def test_closes_while_a_call_is_under_way_without_losing_it(self, path: Path) -> None:
        world = World(state=path)
        server = Server(face=ToyFace(world), world=world).start()
        with world.lock:
            writer = threading.Thread(target=ask, args=(server, "POST", "/notes"), kwargs={"body": b"late"})
            writer.start()
            while not server.open_calls:
                threading.Event().wait(0.01)
        server.stop()
        writer.join(timeout=20)
        world.store.close()

        assert texts(path) == ["late"]
