"""Without a network: what is left is loopback, and a lesson that wants more fails."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from contextlib import closing

import nbformat
import pytest

from course_lib.cli import offline as offline_module
from course_lib.cli.lessons import CourseError, LessonFiles
from course_lib.cli.main import main
from course_lib.cli.offline import can_be_offline, offline
from course_lib.cli.verify import verify_lesson
from tests.conftest import registry_answers

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


@needs_namespace
def test_tests_marked_network_are_skipped_and_say_why(tmp_path):
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "from tests.conftest import pytest_runtest_setup as ask\n"
        "@pytest.mark.network\n"
        "def test_it(request):\n"
        "    ask(request.node)\n"
    )
    command = [sys.executable, "-m", "pytest", "-rs", "-q", "-p", "no:cacheprovider"]
    run = subprocess.run(
        offline([*command, str(tmp_path)]), capture_output=True, text=True, check=False
    )
    assert "1 skipped" in run.stdout and "no package registry can be reached" in run.stdout


@pytest.mark.network
def test_tests_marked_network_run_where_there_is_one():
    assert registry_answers()


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


def test_verify_never_runs_with_a_network_what_was_to_run_without(monkeypatch, tmp_path):
    monkeypatch.setattr("course_lib.cli.verify.can_be_offline", lambda: False)
    path = tmp_path / "none.ipynb"
    with pytest.raises(CourseError):
        verify_lesson(LessonFiles(path, path, path), without_network=True)
    assert offline_module.offline(["a"])[-1] == "a"
