"""What lessons claim, and what README.md and the notes repeat of it: one source, no spoilers."""

import ast
import io
import json
import re
import tokenize

import pytest

from course_lib.classroom import texts
from course_lib.classroom.script import cells_of
from course_lib.maintenance.results import (
    FILLED,
    all_results,
    fill,
    results_file,
    results_in,
    texts_with_results,
)
from tests.conftest import ROOT
from tests.notebooks.conftest import each_lesson

MOST_TEXT = 0.08  # of a lesson's lines of code


def code_of(lesson):
    return [cell.text for cell in cells_of(lesson.source) if cell.kind == "code"]


def named_in(call, code):
    return re.findall(rf'(?<![\w.]){call}\(\s*"(\d\d-[\w-]+)"', "\n".join(code))


# claims


@each_lesson
def test_each_claim_and_figure_is_registered_and_used_once(lesson):
    code = code_of(lesson)
    assert named_in("claim", code) == [*texts.claims_of(lesson.number)]
    figures = texts._read(lesson.number).get("figure", {})
    assert named_in("alt", code) == list(figures)
    assert all(name[:3] == f"{lesson.number}-" for name in [*named_in("claim", code), *figures])


@each_lesson
def test_each_claim_had_its_verdict_and_is_in_the_file_of_results(lesson, executed):
    results = results_in(executed)
    kept = json.loads(results_file(ROOT / "notebooks").read_text("utf-8"))[lesson.number]
    assert kept["claims"] == results and kept["made"] and kept["with"]["torch"], "run: course build"
    claims = texts.claims_of(lesson.number).values()
    assert [r["verdict"] for r in results] == [claim.verdict for claim in claims]
    for claim, result in zip(claims, results, strict=True):
        assert result["name"] == claim.name
        if claim.null:
            assert not claim.low <= result["null"] <= claim.high or claim.verdict != "holds"


def lines_of_text(code):
    """How many lines of a cell consist of a claim's call or of an alt text."""
    lines, spans = code.splitlines(), set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "claim":
            spans |= set(range(node.lineno, node.end_lineno + 1))
        for keyword in getattr(node, "keywords", []):
            alone = lines[keyword.value.lineno - 1].strip().startswith("alt=") if keyword.arg else 0
            if keyword.arg == "alt" and alone:
                spans |= set(range(keyword.value.lineno, keyword.value.end_lineno + 1))
    return len(spans)


@each_lesson
def test_code_is_code(lesson, report):
    code = [re.sub(r"^get_ipython.*|^if .google.colab.*", "", text) for text in code_of(lesson)]
    total = sum(len([line for line in text.splitlines() if line.strip()]) for text in code)
    share = sum(map(lines_of_text, code)) / total
    report(f"lesson {lesson.number}: {100 * share:.1f} % of {total} lines are alt text or claim")
    assert share <= MOST_TEXT


# predictions

RESULT = re.compile(r"^Measured: (\d+\.\d+|\d{2,}|[\w ×-]{5,}?)(?= of| %| time|[,;(]|$)", re.M)
PREDICTION = re.compile(r"^(my_\w+) = (?:None|\{.*\bNone\b.*\}|\[.*\bNone\b.*\]|\{\}|\[\])", re.M)


def said_in(code, sentences):
    """What can be read in a cell before it is run: its comments and texts, in lower case.

    Args:
        sentences: leave out single words, such as the names of what there is to choose from.
    """
    kinds = (tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", -1))
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    said = [token.string.lower() for token in tokens if token.type in kinds]
    return " ".join(one for one in said if not sentences or " " in one)


def spoiled(cells):
    """Results that a code cell between a prediction and its result gives away.

    Args:
        cells: (code, what it printed) of a lesson's code cells, in order.
    """
    found = []
    for asked, (code, _) in enumerate(cells):
        for name in PREDICTION.findall(code):
            for i, (later, output) in enumerate(cells[asked + 1 :], asked + 1):
                results = map(str.strip, RESULT.findall(output) if name in later else ())
                for result in (r for r in results if len(r) > 4 or r[0].isdigit()):
                    word = rf"(?<![\w.])(?<!of ){re.escape(result.lower())}(?![\w.])"
                    between = (code for code, _ in cells[asked + 1 : i + 1])
                    told = (
                        c for c in between if re.search(word, said_in(c, not result[0].isdigit()))
                    )
                    found += [(name, result, code) for code in told]
    return found


def printed(cell):
    return "".join(o.get("text", "") for o in cell.get("outputs", []) if o.get("name") == "stdout")


@each_lesson
def test_no_prediction_is_spoiled_and_each_is_compared(executed, lesson):
    cells = [(c.source, printed(c)) for c in executed.cells if c.cell_type == "code"]
    assert spoiled(cells) == []
    for i, (code, _) in enumerate(cells):
        for name in PREDICTION.findall(code):
            later = "\n".join(code for code, _ in cells[i + 1 :])
            assert re.search(rf"\b{name}\b", later), f"{name} is asked for and never compared"


def test_a_spoiled_prediction_would_be_found():
    asked, shown = ("my_share = None", ""), ("compare(my_share, x)", "Measured: 0.81 of bets")
    assert spoiled([asked, shown]) == []
    for told in ("x = 1  # it is 0.81", 'title("0.81 of all")'):
        assert spoiled([asked, (told, ""), shown])
    words = ("compare(my_way, x)  # here transformations", "Measured: transformations (chosen)")
    assert spoiled([("my_way = None", ""), words])
    assert spoiled([("my_way = None", ""), ("compare(my_way, x)", words[1])]) == []


# the texts that repeat results


@pytest.fixture(scope="module")
def results():
    return all_results()


@pytest.mark.parametrize("path", texts_with_results(), ids=lambda path: path.name)
def test_numbers_are_those_that_were_measured_and_each_false_one_is_refused(path, results, report):
    text = path.read_text(encoding="utf-8")
    assert fill(text, results) == text, "run: course build"
    tried = 0
    for place in FILLED.finditer(text):
        for number in re.finditer(r"\d+(?:\.\d+)?", place["text"]):
            start = place.start("text") + number.start()
            false = str(int(number[0][-1]) ^ 1)  # the last digit is another
            end = start + len(number[0])
            falsified = text[: end - 1] + false + text[end:]
            assert fill(falsified, results) != falsified
            tried += 1
    report(f"{path.name}: {tried} numbers falsified, each refused")


NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:e-\d+)?(?: %| of \d+)?(?!\w)")
# what is no measurement: code and links, list numbers, questions that make numbers up, places in
# the course, minutes, names of networks and seeds, years, and counts up to twelve
NOT_MEASURED = re.compile(
    r"```.*?```|`[^`]*`|\]\([^)]*\)|https?://\S+|^\d+\. |\*Ask:\*.*?\*Answer:\*"
    r"|\b[Ll]essons? \d\d|\b[Ss]ections? \d+(?:(?:,| and| to) \d+)*"
    r"|\d+ (?:minutes|steps|pixels)"
    r"|\b(?:robust|standard|seed|network|top)[ -]\d|\b(?:19|20)\d\d\b"
    r"|(?<![\w.,])(?<! of )(?:1[0-2]|\d)(?![\w.,]*\d)(?! %| of )",
    re.DOTALL | re.MULTILINE,
)
# definitions, each in its lesson's own words, and what an example makes up
DEFINED = {
    "00": {"7.3"}, "03": {"1000"}, "04": {"9 %", "24", "50", "2"}, "05": {"0.6", "64", "128"},
    "06": {"0.34", "0.04"}, "08": {"98,", "18", "16 %", "200", "90 %", "70 %"},
    "README": {"0.5", "0.15", "0.8", "128", "64"},
}  # fmt: skip


def loose(text, name):
    """The numbers of a text that no place fills in."""
    bare = NOT_MEASURED.sub(" ", FILLED.sub(" ", text))
    return [n for n in NUMBER.findall(bare) if n.strip() not in DEFINED.get(name, set())]


@each_lesson
def test_every_number_in_a_note_is_filled_in_from_the_results(lesson):
    text = (ROOT / f"notebooks/teach/{lesson.name}.md").read_text(encoding="utf-8")
    text = text.split("\n## What learners get wrong\n")[1]
    minutes = text.split("\n## Short of time\n")[1].split("\n## ")[0]
    assert loose(text.replace(minutes, ""), lesson.number) == []


def test_every_number_beside_the_paper_is_filled_in_from_the_results():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.split("\n| | the paper | here")[1].split("\n\n")[0]
    assert loose(table, "README") == [] and len(FILLED.findall(table)) > 20
    assert loose("24 of 24 show it, at 0.46 and 98.8 %; 3 of 6 twins", "03") == [
        "24 of 24", "0.46", "98.8 %", "3 of 6",
    ]  # fmt: skip
