"""`course doctor`: one real look at this machine, and every failure made up."""

import html
import json
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
from jupyter_client.kernelspec import NoSuchKernel

from course_lib import system
from course_lib.classroom import machine
from course_lib.classroom.machine import Report, Row
from course_lib.cli import doctor
from course_lib.cli.doctor import Probe, ProbeError, examine, probe_kernel
from course_lib.cli.main import main
from course_lib.labs.tiny import weights
from course_lib.system import Memory, Version
from tests.conftest import ROOT


def states(rows):
    return {row.what: row.state for row in rows}


def sentences(rows):
    """What to do is one sentence, and there is none where all is fine."""
    for row in rows:
        assert bool(row.todo) == (row.state != "fine"), row
        if row.todo:
            assert row.todo[0].isupper() and row.todo.endswith("."), row
            assert "\n" not in row.todo + row.found and len(row.todo) < 250, row
    return rows


def see(rows, what, state, found="", todo=""):
    """The row of this name is in this state, and begins with these texts."""
    (row,) = [row for row in sentences(list(rows)) if row.what == what]
    assert row.state == state and row.found.startswith(found) and row.todo.startswith(todo), row
    return row


# the real thing


def test_this_machine_is_ready_and_draws_a_picture(report):
    found = examine()
    rows = {row.what: row for row in sentences(found.rows)}
    assert found.ready, found
    for what in ("Python", *system.NEEDED, "kernel", "slider", "offline", "lessons", "disk"):
        assert rows[what].state == "fine", rows[what]
    assert rows["slider"].found == "a widget's channel opens"
    report(f"course doctor: first picture {rows['first picture'].found}")


# the verdict


@pytest.mark.parametrize(
    ("found", "verdict", "status"),
    [
        (["fine", "fine"], "Ready", 0),
        (["fine", "remark"], "Ready, with remarks", 0),
        (["remark", "problem", "fine"], "Not ready", 1),
    ],
)
def test_the_worst_row_decides(found, verdict, status, monkeypatch, capsys):
    todo = {"fine": "", "remark": "Mend it.", "problem": "Repair it."}
    rows = [Row(f"thing {i}", state, "found", todo[state]) for i, state in enumerate(found)]
    monkeypatch.setattr(doctor, "examine", lambda: Report(tuple(rows)))
    assert main(["doctor"]) == status
    told = capsys.readouterr().out
    assert told.rstrip().endswith(f"{verdict}.")
    for row in rows:
        assert not row.todo or f"{row.what}: {row.todo}" in told
    assert main(["doctor", "--json"]) == status
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == verdict and [row["state"] for row in told["rows"]] == found


def test_a_class_in_one_table_without_the_names_of_its_folders(tmp_path, monkeypatch, capsys):
    with monkeypatch.context() as changed:
        changed.setattr("pathlib.Path.home", lambda: tmp_path / "ada")
        row = Row("disk", "problem", f"{tmp_path / 'ada'} is full", "Mend it.")
        told = Report((row,)).as_json()
    assert "ada" not in told and json.loads(told)["rows"][0]["found"] == "~ is full"
    ready = Report((Row("disk", "fine", "10 GB"),)).as_json()
    full = Report((Row("disk", "problem", "full", "Mend it."), Row("x", "remark", "y"))).as_json()
    for number in range(28):
        (tmp_path / f"person {number:02d}.json").write_text(ready)
    (tmp_path / "powershell.json").write_bytes(full.encode("utf-16"))  # as > writes it there
    (tmp_path / "broken.json").write_text(ready[:-9])
    assert main(["doctor", str(tmp_path)]) == 1
    told = capsys.readouterr().out.splitlines()
    found = [" ".join(line.split()) for line in told]
    assert found[1] == "broken Cannot be read have it sent once more"
    assert found[2] == "powershell Not ready disk: full"
    assert len(told) == 32 and told[-1] == "28 of 30 are ready."
    for name in ("broken", "powershell"):
        (tmp_path / f"{name}.json").unlink()
    assert main(["doctor", str(tmp_path)]) == 0
    assert main(["doctor", str(tmp_path / "none")]) == 1
    assert "There is no file .json in" in capsys.readouterr().err


def test_the_table_survives_a_console_that_knows_few_letters():
    """As a Windows console, or a pipe from it, may be."""
    code = (
        "from course_lib.cli.doctor import Report, Row, show_report\n"
        "show_report(Report((Row('disk', 'problem', 'full', 'Mend it.'),)))"
    )
    environment = os.environ | {"PYTHONIOENCODING": "cp1252"}
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, capture_output=True, cwd=ROOT, env=environment, check=True)
    assert b"Not ready." in run.stdout


# versions


def test_the_ranges_are_those_of_the_package(monkeypatch):
    found = {package.name: package for package in system.package_versions()}
    assert found["torch"].accepted == ">=2.3" and found["torch"].fits
    assert set(system.NEEDED) <= set(found)
    assert "hypothesis" not in found
    assert system.python_version().accepted == ">=3.11, <3.14"
    assert Version("Python", "3.13.1rc1", ">=3.11, <3.14").fits
    assert not Version("Python", "3.14.0", ">=3.11, <3.14").fits


def test_without_an_installation_the_clone_tells(monkeypatch, tmp_path):
    monkeypatch.setattr(system, "COURSE", "a-course-that-is-not-installed")
    assert {"torch", "nbval"} <= {package.name for package in system.package_versions()}
    monkeypatch.setattr(system, "_PROJECT", tmp_path / "pyproject.toml")
    assert [package.name for package in system.package_versions()] == list(system.NEEDED)
    assert system.python_version().fits


def test_old_and_missing_packages(monkeypatch, capsys):
    versions = [
        Version("torch", "2.1.0", ">=2.3"), Version("captum", None, ">=0.7"),
        Version("nbval", "0.11", ">=0.11"), Version("scipy", "1.11", ">=1.11"),
        Version("rich", "12.0", ">=13.0"),
    ]  # fmt: skip
    monkeypatch.setattr(system, "package_versions", lambda: versions)
    rows = list(machine.look_at_packages())
    wrong = dict.fromkeys(("torch", "captum", "rich"), "problem")
    assert states(rows) == wrong | {"nbval": "fine"}
    see(rows, "torch", "problem", "2.1.0 (accepted: >=2.3)")
    see(rows, "captum", "problem", "missing (accepted: >=0.7)")
    monkeypatch.setattr(doctor, "examine", lambda: Report(tuple(rows)))
    assert main(["doctor"]) == 1
    told = capsys.readouterr().out  # the same advice once
    assert told.count("torch, captum, rich: Bring every package") == 1


def test_colab_needs_no_jupyterlab_and_no_clone(monkeypatch):
    monkeypatch.setattr(system, "package_versions", lambda: [Version("jupyterlab", None, ">=4")])
    monkeypatch.setattr(system, "on_colab", lambda: True)
    see(machine.look_at_packages(), "jupyterlab", "fine")
    see(doctor.look_at_lessons(), "lessons", "fine")
    see(doctor.look_at_kernel(), "kernel", "fine", "not tried on Colab")
    assert list(doctor.look_at_widgets()) == []


@pytest.mark.parametrize(
    ("ipywidgets", "lab", "notebook", "state"),
    [
        ("8.1.5", "3.0.13", "4.0.13", "fine"),
        ("7.8.5", "1.1.11", "3.6.10", "fine"),
        ("7.7.1", "3.0.16", "3.6.6", "remark"),
        ("8.1.5", None, "4.0.13", "remark"),
        ("8.1.5", "3.0.13", "3.6.6", "remark"),
        ("9.0.0", "4.0.0", "5.0.0", "fine"),
    ],
)
def test_widgets_and_their_front_end(ipywidgets, lab, notebook, state, monkeypatch):
    names = ("ipywidgets", "jupyterlab_widgets", "widgetsnbextension")
    have = dict(zip(names, (ipywidgets, lab, notebook), strict=True))
    monkeypatch.setattr(system, "found_version", have.get)
    row = see(doctor.look_at_widgets(), "widgets", state)
    assert row.found.endswith(f"for ipywidgets {ipywidgets}")
    assert ("of a newer kind" in row.found) is (ipywidgets == "9.0.0")


# memory and disk


@pytest.mark.parametrize(
    ("given", "look", "state", "found", "todo"),
    [
        (
            ("python_version", Version("Python", "3.10.2", ">=3.11")), "look_at_python",
            "problem", "3.10.2 (accepted: >=3.11)", "another Python, >=3.11",
        ),
        (("memory", Memory(8e9, 16e9)), "look_at_memory", "fine", "8.0 of 16.0 GB free", ""),
        (("memory", Memory(0.9e9, 4e9)), "look_at_memory", "remark", "at the moment", "Close oth"),
        (("memory", Memory(0.5e9, 1e9)), "look_at_memory", "problem", "0.5 of 1.0", "Use another"),
        (("memory", None), "look_at_memory", "remark", "unknown here", "See that 1.2 GB are free"),
    ],
)  # fmt: skip
def test_an_old_python_and_little_memory(given, look, state, found, todo, monkeypatch):
    monkeypatch.setattr(system, given[0], lambda: given[1])
    name = {"look_at_python": "Python", "look_at_memory": "memory"}[look]
    row = see(getattr(machine, look)(), name, state)
    assert found in row.found and todo in row.todo


def test_a_container_has_what_its_limit_leaves(monkeypatch, tmp_path):
    limit, used = tmp_path / "max", tmp_path / "current"
    monkeypatch.setattr(system, "_LIMITS", ((limit, used),))
    machine_wide = system.memory()
    assert machine_wide.total > 1e9 and 0 < machine_wide.available <= machine_wide.total
    limit.write_text("max\n")
    used.write_text("300000000\n")
    assert system.memory().total == machine_wide.total
    limit.write_text("1000000000\n")
    assert system.memory() == (pytest.approx(0.7e9), 1e9)
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert system.memory() is None


def test_a_folder_that_cannot_be_written_and_a_full_disk(tmp_path, monkeypatch):
    see(machine.look_at_disk(tmp_path), "disk", "fine")
    (blocked := tmp_path / "a file").write_text("")
    told = ("learn cannot be written (", "Copy the course into a folder of yours")
    see(machine.look_at_disk(blocked / "learn"), "disk", "problem", *told)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0.01e9))
    see(machine.look_at_disk(tmp_path), "disk", "problem", "0.0 GB free")


def test_missing_lessons(tmp_path, monkeypatch):
    source = tmp_path / "notebooks" / "source"
    source.mkdir(parents=True)
    (source / "07_tiny.py").write_text("# %%\n1\n")
    monkeypatch.chdir(tmp_path)
    see(doctor.look_at_lessons(), "lessons", "problem", "missing: 07_tiny")
    (learn := tmp_path / "notebooks" / "learn").mkdir()
    (learn / "07_tiny.ipynb").write_text("{}")
    see(doctor.look_at_lessons(), "lessons", "fine", "1 of 1 are here")


def test_any_command_without_its_package_says_so(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "examine", failing(ModuleNotFoundError(name="packaging")))
    assert main(["doctor"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("course: The package packaging is missing: install the course again")
    assert "Traceback" not in told


# PyTorch and the lab


def test_torchvision_that_was_built_for_another_torch(monkeypatch):
    class Other:
        def find_spec(self, name, *_):
            if name == "course_lib.labs.imagenet":
                raise RuntimeError("operator torchvision::nms does not exist")

    for name in [name for name in sys.modules if name.startswith("course_lib.labs.imagenet")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Other(), *sys.meta_path])
    told = "does not load: operator torchvision::nms does not exist"
    todo = "See that torch and torchvision belong together"
    see(machine.look_at_torch(), "PyTorch", "problem", told, todo)


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("robust-1.safetensors", "half"),
        ("lipschitz-0.safetensors", "gone"),
        ("detector/detector.safetensors", "half"),
    ],
)
def test_damaged_weights(tmp_path, monkeypatch, file, what):
    shutil.copytree(weights.FOLDER, tmp_path / "weights")
    monkeypatch.setattr(weights, "FOLDER", tmp_path / "weights")
    path = tmp_path / "weights" / file
    if what == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    told = f"The weights file {path.name} is "
    todo = "Install the course again, or get the file back with 'git"
    see(machine.look_at_torch(), "offline", "problem", told, todo)
    assert not machine.check_machine().ready


def test_half_a_download_of_the_real_network_and_no_photographs(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PHOTOS", str(tmp_path))
    path = tmp_path / "mobilenet_v2-b0353104.pth"
    monkeypatch.setattr("course_lib.labs.imagenet.weights_file", lambda _: path)
    see(machine.look_at_torch(), "real network", "fine", "not here (optional")
    path.write_bytes(b"half of it")
    told = f"The weights file {path.name} is damaged, or half a download"
    todo = "Delete it. Lessons run without it."
    see(machine.look_at_torch(), "real network", "remark", told, todo)
    path.unlink()
    monkeypatch.setenv("COURSE_PHOTOS", nowhere := str(tmp_path / "nowhere"))
    told = f"COURSE_PHOTOS names {nowhere}, which is no folder"
    see(machine.look_at_torch(), "real network", "remark", told)


def test_the_cifar_labs_photographs(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_CIFAR", raising=False)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    told = "CIFAR-10's are not here (optional); COURSE_CIFAR may name"
    see(doctor.look_at_photographs(), "photographs", "fine", told)
    monkeypatch.setenv("COURSE_CIFAR", str(tmp_path))
    see(doctor.look_at_photographs(), "photographs", "fine", "CIFAR-10's are here (optional)")
    monkeypatch.setenv("COURSE_CIFAR", str(tmp_path / "nowhere"))
    (row,) = doctor.look_at_photographs()
    assert row.state == "remark" and "nowhere' is not a folder" in row.found
    assert row.todo.startswith("Give a folder that holds torchvision's cifar-10-batches-py, or")
    assert row.todo.endswith("airplane, ..., truck. Lessons run without it.")
    monkeypatch.setitem(sys.modules, "course_lib.labs.cifar.photographs", None)
    assert not [*doctor.look_at_photographs()]  # as where PyTorch does not load


# the kernel


def failing(error):
    def fail(*_, **__):
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (RuntimeError("Kernel died before replying to kernel_info"), "does not start: Kernel died"),
        (OSError("Address already in use\nmore"), "does not start: Address already in use"),
        (RuntimeError(), "does not start: RuntimeError"),
        (NoSuchKernel("python3"), "there is no kernel python3"),
    ],
)
def test_a_kernel_that_does_not_start(error, found, monkeypatch):
    monkeypatch.setattr("jupyter_client.manager.start_new_kernel", failing(error))
    see(doctor.look_at_kernel(), "kernel", "problem", found)


def test_a_kernel_of_another_python_and_a_slow_one_without_widgets(monkeypatch, tmp_path):
    other = Probe(str(tmp_path), 1.0, 1.0, True)
    monkeypatch.setattr(doctor, "probe_kernel", lambda: other)
    see(doctor.look_at_kernel(), "kernel", "problem", "notebooks start another Python")
    slow = Probe(sys.prefix, 1.0, 60.0, False)
    monkeypatch.setattr(doctor, "probe_kernel", lambda: slow)
    rows = sentences(list(doctor.look_at_kernel()))
    assert states(rows) == {"kernel": "fine", "slider": "remark", "first picture": "remark"}


@pytest.mark.parametrize(
    ("cell", "seconds", "message"),
    [
        ("1 / 0", 60, "a first cell fails: ZeroDivisionError: division by zero"),
        ("import os; os._exit(1)", 60, "the kernel died while it drew a first picture"),
        pytest.param(
            "import time; time.sleep(60)", 2, "no picture after 2 seconds", marks=pytest.mark.full
        ),
    ],
)
def test_a_cell_that_goes_wrong_in_a_real_kernel(cell, seconds, message):
    with pytest.raises(ProbeError) as caught:
        probe_kernel(cell, cell_seconds=seconds)
    found, todo = caught.value.args
    assert found == message and todo.endswith(".")


def test_a_kernel_without_a_widget():
    cell = "import json, sys; print(json.dumps({'prefix': sys.prefix, 'picture_seconds': 1}))"
    assert probe_kernel(cell)[2:] == (1, False)


# what lesson 00 shows of the same looks


def test_lesson_00_tells_the_same_in_the_same_words(monkeypatch):
    monkeypatch.setattr(system, "memory", lambda: Memory(8e9, 16e9))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2e9))
    for name in ("look_at_lessons", "look_at_widgets", "look_at_kernel"):
        monkeypatch.setattr(doctor, name, lambda: [Row("another", "fine", "look")])
    found = machine.check_machine()
    assert found.ready
    rest = {*examine().rows} - {*found.rows}
    assert len(found.rows) == 11 and {*found.rows} < {*examine().rows}
    assert {row.what for row in rest} == {"jupyterlab", "nbval", "photographs", "another"}
    lines = repr(found).splitlines()
    assert lines[0].startswith(f"✓ Python: 3.{sys.version_info[1]}.")
    assert "✓ memory: 8.0 of 16.0 GB free; a lesson needs up to 1.2 GB" in lines
    # and what a stored notebook tells does not change from day to day
    monkeypatch.setenv("COURSE_STATIC", "1")
    lines = repr(machine.check_machine()).splitlines()
    assert "✓ memory: enough; a lesson needs up to 1.2 GB" in lines
    told = "enough free for answers, which are kept in my_answers, beside the notebook"
    assert f"✓ disk: {told}" in lines


def test_lesson_00_stays_calm_about_memory_and_not_about_what_is_missing(monkeypatch):
    monkeypatch.setattr(system, "memory", lambda: Memory(0.9e9, 4e9))
    monkeypatch.setattr(system, "write_error", lambda _: "Read-only file system")
    monkeypatch.setattr(system, "package_versions", lambda: [Version("torch", None, ">=2.3")])
    found = machine.check_machine()
    assert not found.ready
    told = {line[2:].split(":")[0]: line for line in repr(found).splitlines()}
    assert told["memory"].startswith("✓ memory: 0.9 of 4.0 GB free at the moment; ")
    assert told["memory"].endswith(
        "Close other programs, and other notebooks' kernels, before the lesson."
    )
    assert told["torch"].startswith("✗ torch: missing (accepted: >=2.3). Bring every package")
    assert "(Read-only file system). Copy the course into a folder" in told["disk"]
    assert told["disk"] in html.unescape(found._repr_html_())
