"""The guide to a hub: its snippets are well formed, and its figures were measured."""

import json
import re
import statistics
import subprocess

import yaml

from tests.conftest import ROOT

GUIDE = ROOT / "notebooks" / "teach" / "hub.md"
MEASURED = GUIDE.with_name("hub_measured.json")


def blocks(language):
    text = GUIDE.read_text()
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", text, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", code, flags=re.MULTILINE) for indent, code in found]


def test_the_charts_values_are_yaml_and_fit_together():
    (values,) = blocks("yaml")
    user = yaml.safe_load(values)["singleuser"]
    assert isinstance(user["image"]["tag"], str), "an unquoted tag could be read as a date"
    assert user["memory"]["guarantee"] <= user["memory"]["limit"]
    assert user["extraEnv"] == {"OMP_NUM_THREADS": "1"}


def test_shell_snippets_parse():
    snippets = blocks("bash")
    assert len(snippets) >= 6
    for snippet in snippets:
        subprocess.run(["bash", "-n"], input=snippet, text=True, check=True)


def rows(runs):
    def seconds(run, what):
        all_ = [one[f"seconds from login to {what}"] for one in run["each"]]
        middle, last = statistics.median(all_), max(all_)
        return f"{middle:.0f} s" if len(all_) == 1 else f"{middle:.0f} s (slowest {last:.0f} s)"

    def largest(run, what):
        return f"{max(one[what] for one in run['each']) / 1e9:.2f} GB"

    together = "bytes at one time, all learners and the hub (PSS)"
    told = {
        "failures": lambda run: f"{sum(len(one['failures']) for one in run['each'])}",
        "a learner's server and kernel, largest": lambda run: largest(
            run, "bytes, server and kernel (PSS)"
        ),
        "a kernel with all it shares, largest": lambda run: largest(run, "bytes, kernel (VmHWM)"),
        "everything at one time, hub included": lambda run: f"{run[together] / 1e9:.1f} GB",
        "login to own server": lambda run: seconds(run, "server"),
        "login to first picture": lambda run: seconds(run, "first picture"),
        "login to the lesson's end": lambda run: seconds(run, "end"),
    }
    heads = [f"{n} at once" if n > 1 else "1 learner" for n in (run["learners"] for run in runs)]
    yield "| | " + " | ".join(heads) + " |"
    yield "|---" * (len(runs) + 1) + "|"
    for name, tell in told.items():
        yield f"| {name} | " + " | ".join(tell(run) for run in runs) + " |"


def test_the_table_is_what_was_measured():
    runs = json.loads(MEASURED.read_text())
    assert "\n".join(rows(runs)) in GUIDE.read_text(), "\n".join(
        ["the table should be:", *rows(runs)]
    )
    for run in runs:
        assert run["lesson"].startswith("01") and run["cores"] == 2
        assert not any(one["failures"] for one in run["each"])
        assert max(one["bytes, kernel (VmHWM)"] for one in run["each"]) <= 1.2e9
    assert max(run["learners"] for run in runs) == 8
