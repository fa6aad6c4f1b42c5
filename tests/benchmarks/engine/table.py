"""What was measured, as one record, and as the README's table."""

import json
import statistics
import textwrap
from itertools import product
from pathlib import Path
from typing import Any

from course_lib.stored import fingerprint, note, write_whole
from course_lib.visualization.defaults import engine_defaults

MEASURED = Path(__file__).with_name("measured.json")
NAMES = ("GoogLeNet", "MobileNetV2", "tiny lab")


def ratio(seconds: dict[str, list[float]], name: str, to: str) -> tuple[float, float, float]:
    """The median, least and greatest ratio of two contenders, paired by rounds."""
    pairs = [a / b for a, b in zip(seconds[name], seconds[to], strict=True)]
    return statistics.median(pairs), min(pairs), max(pairs)


def keep(path: Path, part: str, value: Any) -> None:
    """Put one part of the record into its file, in place of the part that was there."""
    record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    text = json.dumps({**record, part: value}, indent=1, sort_keys=True)
    write_whole(path, text + "\n")
    note(path, fingerprint(engine=engine_defaults()))


def as_markdown(record: dict[str, Any]) -> str:
    """The README's table and the sentences below it, from what was measured."""
    lines = [
        "| network, pictures at once | engine | Lucent | engine, 2 threads | Lucent, 2 threads "
        "| memory: engine | Lucent |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, batch in product(NAMES, (1, 8)):
        steps = [record[f"step, {name}, batch {batch}, {n}"] for n in ("1 thread", "2 threads")]
        times = [f"{step[way]['ratio']:.2f}" for step in steps for way in ("engine", "lucent")]
        peaks = [f"{record[f'memory, {name}, batch {batch}'][way]:.0f} MB" for way in _PAIR]
        lines.append(f"| {' | '.join([f'{name}, {batch}', *times, *peaks])} |")
    told = " ".join((_small(record), _reach(record), _quality(record)))
    return "\n".join(lines) + "\n\n" + _filled(told)


def _small(record: dict[str, Any]) -> str:
    small = record["step, GoogLeNet, batch 1, 1 thread"]["lucent_128"]["ratio"]
    bare = record["step, GoogLeNet, batch 1, 1 thread"]["bare"]["ratio"]
    return (
        "Lucent draws 128 pixels by default and enlarges them to 224; then it takes "
        f"{small:.2f} for GoogLeNet, one picture, one thread. A loop that computes the weights' "
        f"gradients, too, as one writes it at first, takes {bare:.2f}."
    )


def _reach(record: dict[str, Any]) -> str:
    logits, inner = (record[f"reach, tiny lab, {where}"] for where in ("logits", "inception4a"))
    seen, asked = logits["recognised"], logits["of"]
    return (
        "To the activation that Lucent reaches in its default run of 512 steps, by one plain "
        f"forward pass, it takes the engine {logits['median']:.0f} times less time for "
        f"{logits['units']} logits of the tiny lab ({logits['least']:.1f} to {logits['most']:.1f}) "
        f"and {inner['median']:.0f} times less for {inner['units']} inner channels "
        f"({inner['least']:.0f} to {inner['most']:.0f}). Channels that the engine leaves silent "
        f"and Lucent does not: {inner['lost']}; where Lucent's picture is no stronger than grey "
        f"there is no race ({inner['void']} more). Of the logits' pictures then "
        f"other networks recognise {seen['engine']} of {asked}, of Lucent's {seen['lucent']}."
    )


def _quality(record: dict[str, Any]) -> str:
    parts = [record[f"quality, {part}"] for part in ("fold_batch_norms", "quicken_input_gradients")]
    without = " and ".join(f"{part['logits'][1]:.2f}" for part in parts)
    return (
        f"The mean logit of {parts[0]['of']} pictures is {parts[0]['logits'][0]:.2f}; without the "
        f"one or the other of the two speed-ups it is {without}."
    )


_PAIR = ("engine", "lucent")


def _filled(sentences: str) -> str:
    return textwrap.fill(sentences, 100, break_long_words=False, break_on_hyphens=False)
