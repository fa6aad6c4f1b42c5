"""The folder for a workshop without internet, with a small project and wheels made here."""

import ast
import ensurepip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from itertools import product
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace

import pytest

from course_lib.cli.lessons import CourseError
from course_lib.cli.main import main
from course_lib.cli.offline import can_be_offline, offline
from course_lib.cli.workshop import install
from course_lib.cli.workshop import stick as stick_module
from course_lib.cli.workshop.install import this_target
from course_lib.cli.workshop.stick import make_stick, read_me, targets_of

PLATFORM, _, PYTHON = this_target().rpartition("-py")
BUNDLED = Path(ensurepip.__file__).parent / "_bundled"

pytestmark = [
    pytest.mark.skipif(shutil.which("uv") is None, reason="uv is not installed"),
    pytest.mark.skipif(not list(BUNDLED.glob("pip-*.whl")), reason="this Python comes without pip"),
]

# a build backend of a few lines, so that no build tool has to be downloaded
BACKEND = """
import shutil
def build_wheel(folder, *_, **__):
    shutil.copy("small_course-1.0-py3-none-any.whl", folder)
    return "small_course-1.0-py3-none-any.whl"
"""


def wheel(folder, name, code, version="1.0", tag="py3-none-any"):
    info, of = (
        f"{name}-{version}.dist-info",
        f"Name: {name.replace('_', '-')}\nVersion: {version}\n",
    )
    with zipfile.ZipFile(folder / f"{name}-{version}-{tag}.whl", "w") as archive:
        for file, text in {
            f"{name}.py": code,
            f"{info}/METADATA": f"Metadata-Version: 2.1\n{of}",
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
            f"{info}/RECORD": "",
        }.items():
            archive.writestr(file, text)


@pytest.fixture(scope="module", autouse=True)
def capped(tmp_path_factory):
    """One's own limits do not get in the way."""
    limits = tmp_path_factory.mktemp("limits") / "capped.txt"
    limits.write_text("small-needed<1.0\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_CONSTRAINT", str(limits))
        yield


@pytest.fixture(scope="module")
def first_made(tmp_path_factory):
    """A small project, the wheels that it needs beside it, and the folder for a workshop."""
    here = tmp_path_factory.mktemp("made")
    make_stick(here / "stick", small_project(here), [this_target()], sources_beside(here), None)
    return here


@pytest.fixture
def project(tmp_path, first_made):
    for name in ("project", "links"):
        shutil.copytree(first_made / name, tmp_path / name)
    return tmp_path / "project"


def sources_beside(here):
    return [f"--find-links={here / 'links'}", "--no-index"]


def small_project(here):
    """A course of one lesson and one dependency, and the wheels it needs in `links`."""
    folder, links = here / "project", here / "links"
    for place in ("notebooks/source", "notebooks/learn"):
        (folder / place).mkdir(parents=True)
    links.mkdir()
    (folder / "notebooks" / "source" / "00_small.py").write_text("# %%\n1\n")
    (folder / "notebooks" / "learn" / "00_small.ipynb").write_text("{}")
    (folder / "backend.py").write_text(BACKEND)
    wheel(folder, "small_course", "import small_needed\n")
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "small-course"\nversion = "1.0"\n'
        'dependencies = ["small-needed>=1.0", "small-windows; sys_platform == \'win32\'"]\n'
    )
    wheel(links, "small_needed", "answer = 42\n")
    wheel(links, "small_windows", "")
    shutil.copy(next(BUNDLED.glob("pip-*.whl")), links)
    return folder


@pytest.fixture
def make(project, tmp_path):
    """Called with targets, by default this machine's: makes the folder `stick`, or goes on."""

    def make(targets=(), to=tmp_path / "stick", real=None):
        return make_stick(to, project, targets or [this_target()], sources_beside(tmp_path), real)

    return make


@pytest.fixture
def stick(tmp_path, first_made):
    return shutil.copytree(first_made / "stick", tmp_path / "stick")


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def also_needs(project, *names):
    path = project / "pyproject.toml"
    listed = ", ".join(f'"{name}"' for name in ("small-needed>=1.0", *names))
    path.write_text(path.read_text().replace('"small-needed>=1.0"', listed))


def run_installer(stick, home, *more, wrap=list):
    command = wrap([sys.executable, "-I", str(stick / "install.py"), "--to", str(home), *more])
    return subprocess.run(command, capture_output=True, text=True, check=False)


def one_sentence(stick, home):
    run = run_installer(stick, home)
    assert run.returncode == 1
    lines = run.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("install.py: "), run.stderr
    return lines[0]


def wheels(stick, target=None):
    names = [path.name for path in (stick / "wheels" / (target or this_target())).iterdir()]
    return {name.split("-")[0] for name in names}


# making


def test_the_folder_holds_what_is_needed_and_says_what_it_is(stick):
    assert wheels(stick) == {"small_course", "small_needed", "pip"}
    manifest = json.loads((stick / "manifest.json").read_text())
    there = {p.relative_to(stick).as_posix(): p for p in stick.rglob("*") if p.is_file()}
    there.pop("manifest.json")
    sums = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in there.items()}
    assert manifest["complete"] is True and manifest["files"] == sums
    assert "notebooks/learn/00_small.ipynb" in there


def test_running_again_replaces_what_is_damaged_and_downloads_nothing_else(stick, make):
    place = stick / "wheels" / this_target()
    needed = place / "small_needed-1.0-py3-none-any.whl"
    good = needed.read_bytes()
    needed.write_bytes(good[:100])
    pip = next(place.glob("pip-*.whl"))
    before = pip.stat().st_mtime_ns
    (stick / "wheels.part").mkdir()
    (stick / "wheels.part" / "left-over.whl").write_bytes(b"half")
    make()
    assert needed.read_bytes() == good
    assert pip.stat().st_mtime_ns == before
    assert not (stick / "wheels.part").exists()


@pytest.mark.full
def test_each_target_gets_the_wheels_made_for_it(tmp_path, project, make):
    tags = {
        "windows-x86_64-py3.12": "cp312-cp312-win_amd64",
        "windows-x86_64-py3.13": "cp313-cp313-win_amd64",
        # of two for Macs the one for the oldest that is packed for
        "macos-arm64-py3.13": "cp39-abi3-macosx_11_0_universal2",
        "linux-x86_64-py3.13": "cp313-cp313-manylinux_2_17_x86_64",
    }
    for tag in [*tags.values(), "cp313-cp313-macosx_14_0_arm64"]:
        wheel(project.parent / "links", "small_native", f"made_for = '{tag}'", tag=tag)
    also_needs(project, "small-native")
    stick, targets = tmp_path / "stick", list(tags)
    make(targets[:1])
    made = make(targets[1:])
    assert made == json.loads((stick / "manifest.json").read_text())["targets"] == sorted(targets)
    for target, tag in tags.items():
        packed = {"small_course", "small_needed", "small_native", "pip"}
        packed |= {"small_windows"} if target.startswith("windows") else set()
        assert wheels(stick, target) == packed
        assert (stick / "wheels" / target / f"small_native-1.0-{tag}.whl").exists()


def test_after_a_kill_it_is_not_complete_and_downloads_only_the_rest(
    stick, home, make, monkeypatch
):
    asked, real = [], stick_module._download

    def download(pins, *rest):
        asked.append([pin.split("==")[0] for pin in pins])
        if len(asked) == 2:
            raise KeyboardInterrupt
        return real(pins, *rest)

    monkeypatch.setattr(stick_module, "AT_ONCE", 1)
    monkeypatch.setattr(stick_module, "_download", download)
    shutil.rmtree(stick / "wheels")
    with pytest.raises(KeyboardInterrupt):
        make()
    assert "not finished" in one_sentence(stick, home)
    make()
    assert asked == [["pip"], ["small-needed"], ["small-needed"]]
    assert run_installer(stick, home, "--check").returncode == 0


def test_a_wheel_with_another_content_than_announced_is_refused(tmp_path, make, monkeypatch):
    real = stick_module._pins

    def other(*given):
        return [re.sub(r"sha256:\w+", "sha256:" + "0" * 64, pin) for pin in real(*given)]

    monkeypatch.setattr(stick_module, "_pins", other)
    with pytest.raises(CourseError, match=r"part 1 of 1 failed.*run the same command") as caught:
        make()
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "stick" / "wheels").rglob("*.whl"))


@pytest.mark.full
def test_torch_and_torchvision_of_different_builds_are_refused(tmp_path, project, make):
    also_needs(project, "torch", "torchvision")
    links = project.parent / "links"
    wheel(links, "torch", "", "2.99.0+cpu")
    wheel(links, "torchvision", "", "0.99.0")
    with pytest.raises(CourseError, match=r"torch==2\.99\.0\+cpu and torchvision==0\.99\.0, of"):
        make(["linux-x86_64-py3.12"])
    wheel(links, "torchvision", "", "0.99.0+cpu")
    make(["linux-x86_64-py3.12"])
    assert {"torch", "torchvision"} <= wheels(tmp_path / "stick", "linux-x86_64-py3.12")


def test_a_package_that_cannot_be_had_is_one_sentence(tmp_path, project, make):
    (project.parent / "links" / "small_needed-1.0-py3-none-any.whl").unlink()
    with pytest.raises(CourseError, match="small-needed") as caught:
        make()
    assert "\n" not in str(caught.value)
    assert json.loads((tmp_path / "stick" / "manifest.json").read_text())["complete"] is False


def test_a_folder_with_other_files_or_without_leave_to_write(tmp_path, make):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(CourseError, match="holds other files"):
        make(to=tmp_path / "mine")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
    with pytest.raises(CourseError, match="cannot be written"):
        make(to=tmp_path / "mine" / "thesis.txt" / "x")


@pytest.mark.full
def test_the_real_network_goes_along(tmp_path, make, home):
    photos = tmp_path / "photos" / "cat"
    photos.mkdir(parents=True)
    (photos / "one.png").write_bytes(b"a cat")
    (tmp_path / "net.bin").write_bytes(b"weights")
    make(real=(tmp_path / "net.bin", tmp_path / "photos"))
    assert run_installer(tmp_path / "stick", home).returncode == 0
    assert (home / "real" / "photos" / "cat" / "one.png").read_bytes() == b"a cat"
    kept = home / "real" / "torch_home" / "hub" / "checkpoints" / "net.bin"
    assert kept.read_bytes() == b"weights"
    script = home / ("course.bat" if os.name == "nt" else "course.sh")
    assert "COURSE_PHOTOS" in script.read_text() and "TORCH_HOME" in script.read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--platform", "amiga"], "'amiga' is no platform"),
        (["--platform", "macos-intel"], "no such wheels for Macs with Intel"),
        (["--python", "2.7"], "'2.7' is no Python for the course: 3.11, 3.12, 3.13 are."),
    ],
)
def test_the_command_refuses_what_it_cannot_pack(tmp_path, capsys, arguments, sentence):
    assert main(["workshop", "--to", str(tmp_path / "stick"), *arguments]) == 1
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "stick").exists()


def test_platforms_and_pythons_multiply():
    assert targets_of([], []) == [this_target()]
    both = ["windows-x86_64-py3.12", "macos-arm64-py3.12"]
    assert targets_of(["windows", "macos"], ["3.12"]) == both


# installing


def test_it_installs_without_a_network_and_again_without_harm(stick, tmp_path):
    home = tmp_path / "a home with spaces"
    wrap = offline if can_be_offline() else list
    run = run_installer(stick, home, wrap=wrap)
    assert run.returncode == 0, run.stderr
    python = home / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ask = "import small_course, small_needed; print(small_needed.answer)"
    assert subprocess.run([python, "-c", ask], capture_output=True, text=True).stdout == "42\n"
    worked_in = home / "notebooks" / "learn" / "00_small.ipynb"
    worked_in.write_text("my work")
    assert run_installer(stick, home, wrap=wrap).returncode == 0
    assert worked_in.read_text() == "my work"


@pytest.mark.parametrize("cut", [pytest.param("INSTALLER", marks=pytest.mark.full), "METADATA"])
def test_it_goes_on_after_an_interruption(stick, home, cut):
    """As if it had been killed while small_needed was being unpacked, or before pip was done."""
    assert run_installer(stick, home).returncode == 0
    needed = next(home.rglob("small_needed.py"))
    needed.write_text("half of i")
    facts = next(home.rglob("small_needed-*.dist-info"))
    (facts / "INSTALLER").unlink()
    if cut == "METADATA":
        shutil.rmtree(facts)
    (home / ".venv" / "kept").write_text("")
    run = run_installer(stick, home)
    assert run.returncode == 0 and needed.read_text() == "answer = 42\n"
    assert (home / ".venv" / "kept").exists(), "what was done is not done again"
    assert re.search(r"Successfully installed small[-_]needed-1.0\n", run.stdout)
    assert (facts / "INSTALLER").exists()


@pytest.mark.full
@pytest.mark.parametrize("state", ["begun", "moved away"])
def test_it_goes_on_where_an_environment_was_only_begun(stick, home, state):
    (home / ".venv").mkdir(parents=True)
    (home / ".venv" / "installed.json").write_text("")
    if state == "moved away":
        (home / ".venv").rename(home / ".venv.before")
    assert run_installer(stick, home).returncode == 0
    assert next(home.rglob("small_needed.py")).read_text() == "answer = 42\n"
    assert not (home / ".venv.before").exists()


def test_an_environment_of_somebody_s_is_left_alone_and_so_is_a_file(stick, tmp_path):
    (tmp_path / ".venv").mkdir()
    assert "holds another environment" in one_sentence(stick, tmp_path)
    (tmp_path / "file").write_text("")
    sentence = one_sentence(stick, tmp_path / "file" / "home")
    assert "cannot be written to" in sentence and "--to" in sentence


@pytest.mark.full
def test_another_edition_replaces_the_whole_environment(stick, project, make, home):
    assert run_installer(stick, home).returncode == 0
    wheel(project.parent / "links", "small_needed", "answer = 43\n", "1.1")
    make()
    names = [path.name for path in (stick / "wheels").rglob("small_needed*")]
    assert names == ["small_needed-1.1-py3-none-any.whl"]
    assert run_installer(stick, home).returncode == 0
    assert len(list(home.rglob("small_needed-*.dist-info"))) == 1
    assert next(home.rglob("small_needed.py")).read_text() == "answer = 43\n"


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        ("wheels/*/small_needed*", lambda data: data[:100], "is damaged or half copied"),
        ("wheels/*/small_needed*", lambda data: data[:-1] + b"x", "is damaged or half copied"),
        ("wheels/*/small_needed*", lambda _: None, "is missing: copy the folder again"),
        *(
            ("manifest.json", lambda _, text=text: text, "copy the whole folder again")
            for text in (b"", b"{", b"[]", b'{"complete": false}')
        ),
    ],
)
def test_a_folder_that_is_not_whole_is_found_before_anything_is_installed(
    stick, home, name, change, sentence
):
    (path,) = stick.glob(name)
    changed = change(path.read_bytes())
    path.unlink()
    if changed is not None:
        path.write_bytes(changed)
    told = one_sentence(stick, home)
    assert path.name in told and sentence in told and "copy the" in told
    assert not (home / ".venv").exists()


@pytest.mark.full
def test_the_wrong_python(tmp_path, make, home):
    other = "3.13" if PYTHON != "3.13" else "3.12"
    make([f"{PLATFORM}-py{other}"])
    sentence = one_sentence(tmp_path / "stick", home)
    assert f"py{other}: run install.py with one of those" in sentence and this_target() in sentence
    assert not home.exists()


def test_old_pythons_can_read_the_installer():
    tree = ast.parse(Path(install.__file__).read_text(encoding="utf-8"), feature_version=(3, 6))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    assert {alias.name for node in imports for alias in node.names} <= sys.stdlib_module_names


def test_too_little_room(stick, tmp_path, monkeypatch):
    monkeypatch.setattr(install.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(install.Stop, match="0 MB free and the course needs 11 MB"):
        install.prepare(tmp_path, "edition", 10_000_000)
    assert not (tmp_path / ".venv").exists()


# opening what was installed


def of_others():
    """The environment, without what makes this clone's modules known."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


@pytest.mark.skipif(os.name == "nt", reason="the scripts for other systems than Windows")
def test_the_last_line_opens_the_course_in_a_folder_of_any_name(tmp_path, stick):
    """A stand-in for the course tells what it was asked for, and where."""
    home = tmp_path / "Ada's $HOME (new)"
    run = run_installer(stick, home)
    line = run.stdout.splitlines()[-1]
    inside = home / ".venv" / "lib" / f"python{PYTHON}" / "site-packages" / "course_lib"
    inside.mkdir()
    (inside / "cli.py").write_text("import os, sys; print(sys.argv[1:], os.getcwd())")
    typed = {
        line: ["open"],
        f"{line} 03": ["open", "03"],
        f"{line.replace('/start.sh', '/course.sh')} doctor": ["doctor"],
    }
    for shell, (command, asked) in product(
        filter(shutil.which, ("sh", "bash", "zsh")), typed.items()
    ):
        ran = [shell, "-c", command]
        said = subprocess.run(ran, capture_output=True, text=True, check=False, env=of_others())
        assert said.stdout == f"{asked} {home}\n", said.stderr


def test_the_last_lines_on_windows_suit_both_of_its_shells_and_the_scripts_are_its_own():
    home = PureWindowsPath("C:/Users/Ada $mith/the `course`")
    in_powershell, in_command_prompt = install.start_lines(home, windows=True)
    quoted = r'"C:\Users\Ada `$mith\the ``course``\start.bat"'
    assert in_powershell == f"& {quoted}    in PowerShell"
    quoted = r'"C:\Users\Ada $mith\the `course`\start.bat"'
    assert in_command_prompt == f"{quoted}    in the Command Prompt"
    files = install.scripts(real=True, windows=True)
    assert set(files) == {"course.bat", "start.bat"}
    for text in files.values():
        assert text.replace("\r\n", "").count("\n") == 0 and text.endswith("\r\n")
    assert 'call "%~dp0course.bat" open %*' in files["start.bat"]
    assert 'set "COURSE_PHOTOS=%~dp0real\\photos"' in files["course.bat"]
    assert "COURSE_PHOTOS" not in install.scripts(real=False, windows=True)["course.bat"]


def test_the_read_me_tells_each_system_its_own_lines(stick, tmp_path):
    targets = ["windows-x86_64-py3.12", "windows-x86_64-py3.13", "macos-arm64-py3.12"]
    text = read_me(targets)
    assert "Windows, with Python 3.12 or 3.13:" in text and text.count("py -3.13 install.py") == 2
    assert '    & "$env:USERPROFILE\\dont-trust-your-eyes\\start.bat"' in text
    assert '    "%USERPROFILE%\\dont-trust-your-eyes\\start.bat"' in text
    assert "macOS, with Python 3.12:\n  python3.12 install.py\n" in text
    assert "Linux: not in this folder." in text and "python3 " not in text
    assert max(map(len, text.splitlines())) <= 100
    assert read_me([this_target()]) == (stick / "READ_ME.txt").read_text()


def test_the_read_me_s_lines_work_as_they_stand(stick, tmp_path):
    """Typed by somebody whose home has a blank in its name, in the folder, without a network."""
    if os.name == "nt" or not shutil.which(f"python{PYTHON}"):
        pytest.skip(f"no python{PYTHON} to type on this machine")
    home = tmp_path / "Ada Lovelace"
    home.mkdir()
    lines = [line for line in read_me([this_target()]).splitlines() if line.startswith("  ")]
    assert len(lines) == 2
    wrap = offline if can_be_offline() else list
    command = wrap(["sh", "-c", f"{lines[0]} && cd / && {lines[1]}"])
    own = of_others() | {"HOME": str(home)}
    run = subprocess.run(command, cwd=stick, env=own, capture_output=True, text=True, check=False)
    assert (home / "dont-trust-your-eyes" / "start.sh").exists(), run.stderr
    # the small course has no commands
    assert "No module named 'course_lib'" in run.stderr
