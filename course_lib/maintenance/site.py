"""`course site`: the web edition, from what is in the repository and without running anything."""

import posixpath
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import nbformat

from course_lib.cli.lessons import (
    CourseError,
    LessonFiles,
    find_lessons,
    notebooks_folder,
    writing_into,
)
from course_lib.cli.stamp import current_address
from course_lib.maintenance.shown import answering, is_set_up, read_executed, without_badges

_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)(?P<path>[^)#\s]+)(?P<anchor>#[^)\s]*)?(?=\))")
_DRAWING = re.compile(r"^```mermaid\n.*?^```$", re.MULTILINE | re.DOTALL)  # GitHub draws it
_TERM = re.compile(r"^(?P<lesson>\d\d) \*\*(?P<term>.+?)\*\*: (?P<meaning>.+?)\\?$", re.MULTILINE)
_FIELD = re.compile(r"^([a-z_]+): ")

_CONTENTS = {
    "Lessons": ":glob:\n[0-9]*",
    "Teach": ":glob:\nteach/README\nteach/*",
    "Look up": "glossary\nreference",
}
_REFERENCE = """
# Reference

What `import course_lib` offers.

```{eval-rst}
.. automodule:: course_lib
   :members:
```
"""


def build_site(to: Path) -> None:
    """The web edition, written into a folder that opens without a web server; a CourseError where
    Sphinx is not installed, a page is wrong, or the folder is another's or cannot be written."""
    try:
        from sphinx.application import Sphinx
    except ModuleNotFoundError:
        raise CourseError(
            "The site is made by Sphinx, which is not installed: 'uv run --group site course site' "
            "brings it, or, with pip, 'pip install --group site'."
        ) from None
    if to.exists() and any(to.iterdir()) and not (to / "searchindex.js").exists():
        raise CourseError(f"{to} holds something else: name a new or empty folder with --to.")
    root = notebooks_folder().parent
    github = f"https://github.com/{current_address(root)}"
    with tempfile.TemporaryDirectory() as work:
        pages, built, told = Path(work, "pages"), Path(work, "site"), StringIO()
        write_pages(pages, root, github)
        sphinx = Sphinx(
            pages, None, built, Path(work, "doctrees"), "html", settings(github),
            status=None, warning=told,
        )  # fmt: skip
        sphinx.connect("autodoc-process-docstring", _list_fields)
        sphinx.connect("autodoc-skip-member", _is_plain_field)
        sphinx.build()
        if told.getvalue():
            raise CourseError(f"The site was not written, for this is wrong:\n{told.getvalue()}")
        for lesson in find_lessons([]):  # to download: the one to learn with
            shutil.copy(lesson.learn, built / "_sources")
        with writing_into(to):
            shutil.rmtree(to, ignore_errors=True)
            shutil.copytree(built, to)
    print(f"wrote {to / 'index.html'}")


def settings(github: str) -> dict[str, Any]:
    """Sphinx's configuration. github: the repository's address."""
    return {
        "project": "Don't Trust Your Eyes",
        "html_title": "Don't Trust Your Eyes",
        "extensions": ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"],
        "suppress_warnings": ["mystnb.unknown_mime_type"],  # a claim's numbers are for results.json
        "default_role": "code",
        "autodoc_typehints": "description",
        "myst_heading_anchors": 4,
        "nb_execution_mode": "off",
        "html_theme": "sphinx_book_theme",
        "html_theme_options": {
            "repository_url": github, "use_repository_button": True, "use_issues_button": True,
        },
        "html_context": {"default_mode": "auto"},  # dark where the reader's system is
        "html_sourcelink_suffix": "",
        "html_show_search_summary": False,  # it would fetch pages, and a folder serves none
    }  # fmt: skip


def _list_fields(app: Any, what: str, name: str, of: Any, options: Any, lines: list[str]) -> None:
    """Make a class's lines `field: what it holds` a list."""
    if what == "class":
        lines[:] = [_FIELD.sub(r":ivar \1: ", line) for line in lines]


def _is_plain_field(app: Any, what: str, name: str, of: Any, skip: bool, options: Any) -> bool:
    """Whether to leave a member out: what a NamedTuple's field holds, its class has told."""
    return skip or str(getattr(of, "__doc__", "")).startswith("Alias for field number")


def write_pages(to: Path, root: Path, github: str) -> None:
    """What Sphinx builds from. root: of the clone. github: the repository's address."""
    lessons, notebooks = find_lessons([]), root / "notebooks"
    kit, pictures = notebooks / "teach", notebooks / "pictures"
    places = {"README.md": "index.md"}  # in the clone, and on the site
    for lesson in lessons:
        for path in (lesson.executed, lesson.learn):
            places[path.relative_to(root).as_posix()] = f"{lesson.name}.ipynb"
    for path in [*kit.glob("*.md"), *pictures.glob("*.webp")]:
        places[path.relative_to(root).as_posix()] = path.relative_to(notebooks).as_posix()
    for name, place in places.items():
        here = to / place
        here.parent.mkdir(parents=True, exist_ok=True)
        if here.suffix == ".webp":
            shutil.copy(root / name, here)
        elif here.suffix == ".md":
            text = without_badges((root / name).read_text(encoding="utf-8"))
            text = _DRAWING.sub(f"[The same as a drawing]({github}/blob/main/{name})", text)
            text = _LINK.sub(lambda found: _moved(found, name, places, root, github), text)  # noqa: B023
            here.write_text(text, encoding="utf-8")
    with (to / "index.md").open("a", encoding="utf-8") as index:
        for caption, pages in _CONTENTS.items():
            index.write(f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n{pages}\n```\n")
    (to / "reference.md").write_text(_REFERENCE, encoding="utf-8")
    card = (kit / "vocabulary.md").read_text(encoding="utf-8")
    (to / "glossary.md").write_text(glossary(card, lessons), encoding="utf-8")
    for lesson in lessons:
        nbformat.write(lesson_page(lesson), to / f"{lesson.name}.ipynb")


def _moved(
    link: re.Match[str], page: str, places: Mapping[str, str], root: Path, github: str
) -> str:
    """Where a link of a page leads on the site, or else on GitHub; all that is none, as it is."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page), link["path"]))
    anchor = link["anchor"] or ""
    if target in places:
        return posixpath.relpath(places[target], posixpath.dirname(places[page]) or ".") + anchor
    if not (root / target).exists():
        return link[0]
    return f"{github}/{'tree' if (root / target).is_dir() else 'blob'}/main/{target}{anchor}"


def glossary(card: str, lessons: Sequence[LessonFiles]) -> str:
    """The vocabulary card as a page on which every term can be linked and searched."""
    page_of = {lesson.number: lesson.name for lesson in lessons}
    entries = (
        f"{term}\n  {meaning} First in [lesson {number}]({page_of[number]}.ipynb).\n"
        for number, term, meaning in _TERM.findall(card)
    )
    return "# Glossary\n\n```{glossary}\n:sorted:\n\n" + "\n".join(entries) + "```\n"


def lesson_page(lesson: LessonFiles) -> nbformat.NotebookNode:
    """An executed lesson for the site: what answers a prediction is folded."""
    notebook, cells = read_executed(lesson)
    folded = answering(cells)
    for place, (cell, shown) in enumerate(zip(cells, notebook.cells, strict=True)):
        if is_set_up(cell):
            shown.metadata["tags"] = ["remove-cell"]
        elif place in folded and shown.outputs:
            shown.metadata["tags"] = ["hide-output"]
            shown.metadata["mystnb"] = {
                "code_prompt_show": "Your prediction first; then open what was measured",
                "code_prompt_hide": "What was measured",
            }
    first = notebook.cells[0]
    download = f'<a href="_sources/{lesson.name}.ipynb" download>Download</a>'
    first.source = re.sub(
        r"(\[!\[.*\)\n)+", lambda badges: f"{without_badges(badges[0])}{download}\n", first.source
    )
    return notebook
