"""Without a network: what is left is loopback, and a lesson that wants more fails."""

import json
import socket
import subprocess
import sys
import threading
from contextlib import closing

import nbformat
import pytest

from course_lib.cli.lessons import LessonFiles
from course_lib.cli.main import main
from course_lib.cli.offline import can_be_offline, offline
from course_lib.cli.verify import verify_lesson

needs_namespace = pytest.mark.skipif(
    not can_be_offline(), reason="this system does not let this user make a network namespace"
)
# 192.0.2.1 is set aside for examples (RFC 5737): nobody is there, and a network would still try
LOOK = """
import json, socket, sys
def knock(host, port):
    try:
        socket.create_connection((host, port), 2).close()
    except OSError as error:
        return type(error).__name__ if error.errno is None else error.errno
    return "open"
own = socket.create_server(("127.0.0.1", 0))
try:
    found = socket.getaddrinfo("example.org", 80) and "found"
except OSError:
    found = "unknown"
print(json.dumps({
    "interfaces": [name for _, name in socket.if_nameindex()],
    "own": knock(*own.getsockname()),
    "outside": knock("127.0.0.1", int(sys.argv[1])),
    "far": knock("192.0.2.1", 80),
    "name": found,
}))
"""


@pytest.fixture
def outside():
    """The port of a server on this machine's own loopback, outside every namespace."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def answer() -> None:
            while True:
                try:
                    server.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def look(port, wrap):
    command = wrap([sys.executable, "-c", LOOK, str(port)])
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@needs_namespace
def test_loopback_works_and_nothing_else_can_be_reached(outside):
    inside = look(outside, offline)
    assert inside["interfaces"] == ["lo"]
    assert inside["own"] == "open"
    assert inside["far"] == 101  # ENETUNREACH: there is no way out, not even one that times out
    assert inside["outside"] == 111  # ECONNREFUSED: it is another loopback
    assert inside["name"] == "unknown"


def test_the_same_look_from_outside_reaches_the_server(outside):
    assert look(outside, list)["outside"] == "open"


@pytest.mark.full
@needs_namespace
def test_a_lesson_that_wants_a_network_passes_with_it_and_fails_without(outside, tmp_path):
    notebook = nbformat.v4.new_notebook()
    wants = f"import socket\nsocket.create_connection(('127.0.0.1', {outside}), 5).close()"
    notebook.cells = [nbformat.v4.new_code_cell(wants)]
    path = tmp_path / "07_wants.ipynb"
    nbformat.write(notebook, path)
    lesson = LessonFiles(path, path, path)
    assert verify_lesson(lesson).passed
    verdict = verify_lesson(lesson, without_network=True)
    assert not verdict.passed
    assert "ConnectionRefusedError" in verdict.report


def test_where_the_system_refuses_one_sentence_says_so(monkeypatch, capsys):
    monkeypatch.setattr("course_lib.cli.verify.can_be_offline", lambda: False)
    assert main(["test", "00", "--offline"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("course: This system cannot take the network away")
    assert len(error.splitlines()) == 1


@needs_namespace
def test_a_command_that_is_not_there_is_one_sentence():
    run = subprocess.run(offline(["no-such-command"]), capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert run.stderr == "offline: no-such-command cannot be run (No such file or directory)\n"
