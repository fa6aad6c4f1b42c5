"""What the web edition and the slides make of a lesson, before Sphinx or reveal.js see it."""

import nbformat
import pytest

from course_lib.classroom.script import Cell
from course_lib.cli.lessons import CourseError, LessonFiles, find_lessons
from course_lib.cli.main import main
from course_lib.maintenance import site
from course_lib.maintenance.shown import answering, asked_in, read_executed
from course_lib.maintenance.slides import LINES, Piece, slide_cells
from tests.conftest import ROOT


def code(text, section=1, exercise=None):
    return Cell("code", text, section, "", exercise)


def text(words="words", section=1):
    return Cell("markdown", words, section)


def test_only_what_is_kept_free_asks_for_a_prediction():
    asked = 'my_a = None  # yours\nmy_b = {"x": None}\nmy_c = []\nWAYS = ["x"]\nmy_network = 3'
    assert asked_in(code(asked)) == {"my_a", "my_b", "my_c"}
    assert not asked_in(code(asked, exercise="wire")) and not asked_in(text(asked))


def test_an_answer_is_all_from_the_question_to_the_next_text():
    cells = [
        code("my_a = None"),
        code("a = 1"),
        code("print(my_a, a)"),
        code("a"),
        text(),
        code("a"),
    ]
    assert answering(cells) == {1, 2, 3}


def test_a_question_of_another_section_folds_only_what_reads_it():
    cells = [code("my_a = None"), text("## 2", 2), code("b = 1", 2), code("print(my_a)", 2)]
    assert answering(cells) == {3}
    assert answering([*cells[:3], code("print(b)", 2)]) == set()
    # an exercise's cell says nothing of what was measured
    assert answering([code("my_a = None"), code("b = 1", 1, "wire"), code("my_a")]) == {2}


def test_every_lesson_but_none_without_predictions_has_answers():
    for lesson in find_lessons([]):
        shown = read_executed(lesson)
        places = answering(shown.cells)
        compared = {p for p, cell in enumerate(shown.cells) if cell.text.count("compare(my_")}
        assert compared and compared <= places, lesson.name


def test_a_lesson_that_was_changed_and_not_built_is_refused(tmp_path):
    lesson = find_lessons(["00"])[0]
    source = tmp_path / lesson.source.name
    source.write_text(lesson.source.read_text(encoding="utf-8").replace("first", "1st"), "utf-8")
    with pytest.raises(CourseError, match="Lesson 00 was changed and not built: 'course build 00'"):
        read_executed(LessonFiles(source, lesson.executed, lesson.learn))
    with pytest.raises(CourseError, match="not built"):
        read_executed(lesson._replace(executed=tmp_path / "none.ipynb"))


def test_a_link_leads_to_the_site_s_page_or_else_to_github(tmp_path, monkeypatch):
    github = "https://github.com/bo/x"
    monkeypatch.setattr(site, "lesson_page", lambda _: nbformat.v4.new_notebook())
    site.write_pages(tmp_path, ROOT, github)
    kit = (tmp_path / "teach" / "03_the_fooling_circuit.md").read_text(encoding="utf-8")
    assert "(../03_the_fooling_circuit.ipynb)" in kit and "learn/" not in kit
    index = (tmp_path / "index.md").read_text(encoding="utf-8")
    for link in ("(pictures/same_answers.webp)", "(teach/README.md)", "(#teach)",
                 f"({github}/blob/main/CONTRIBUTING.md)",
                 f"({github}/tree/main/course_lib/labs/tiny/weights)"):  # fmt: skip
        assert link in index, link
    assert "badge.svg" not in "".join(p.read_text("utf-8") for p in tmp_path.rglob("*.md"))
    assert "(https://colab.research.google.com/github/" in index


def test_every_term_of_the_card_is_in_the_glossary():
    card = (ROOT / "notebooks" / "teach" / "vocabulary.md").read_text(encoding="utf-8")
    page = site.glossary(card, find_lessons([]))
    assert card.count(" **") == page.count("First in [lesson ") > 30
    assert "\njudge\n  Another network, asked what it sees" in page


def test_the_site_never_takes_another_s_folder(tmp_path, capsys):
    pytest.importorskip("sphinx", reason="Sphinx is missing: uv run --group site pytest")
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    assert main(["site", "--to", str(tmp_path)]) == 1
    assert "holds something else: name a new or empty folder" in capsys.readouterr().err
    assert mine.read_text() == "mine"


def test_what_is_missing_is_said_with_the_line_that_brings_it(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "sphinx.application", None)
    monkeypatch.setattr("course_lib.maintenance.slides.find_spec", lambda _: None)
    for command in ("site", "slides"):
        assert main([command, "--to", str(tmp_path / "to")]) == 1
        assert f"'uv run --group site course {command}' brings it" in capsys.readouterr().err
    assert not (tmp_path / "to").exists()


def kinds(*pieces):
    cells = slide_cells([Piece(nbformat.v4.new_markdown_cell("x"), **one) for one in pieces])
    return "".join({"slide": "S", "subslide": "s", "-": "-"}[c.metadata.slideshow.slide_type]
                   for c in cells)  # fmt: skip


def test_pieces_share_a_slide_as_long_as_they_fit():
    begin = {"lines": 1.0, "heading": "1 · x"}
    assert kinds(begin, {"lines": 2.0}, {"lines": 3.0}) == "S--"
    assert kinds(begin, {"lines": LINES}) == "Ss-"
    # a result never stands below the text that asks for it; a text may stand below a result
    assert kinds(begin, {"lines": 1.0, "result": True}, {"lines": 1.0}) == "Ss--"
    # a question is alone, but for the heading above it
    alone = {"lines": 1.0, "alone": True}
    assert kinds(begin, alone, {"lines": 1.0}) == "S-s-"
    assert kinds(begin, {"lines": 1.0}, alone) == "S-s-"
