"""Every exercise of the bank: its reference, its stub, its mistakes, and whatever else comes in."""

import contextlib
import importlib
import inspect
import math
import re
import time
import tomllib
import types
from pathlib import Path

import numpy as np
import pytest
import torch

from course_lib.classroom.exercises.bank import exercises, find
from course_lib.classroom.exercises.exercise import untouched
from course_lib.classroom.exercises.marking import mark
from tests.exercises.answers import answers_to
from tests.exercises.mutants import made, survivors

ANSWERS = Path(__file__).parent / "answers"

EXERCISES = exercises()
each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)


def marked(exercise, function):
    """Marks given without haste: on a busy machine the exercise's own limit could turn it red."""
    named = types.FunctionType(
        function.__code__, function.__globals__, exercise.name, function.__defaults__,
        function.__closure__,
    )  # fmt: skip
    named.__kwdefaults__ = function.__kwdefaults__
    return mark(exercise, named, seconds=600)


@each_exercise
def test_it_is_complete_and_its_untouched_stub_is_told_apart(exercise):
    assert 1 <= exercise.difficulty <= 5 and 1 <= exercise.minutes <= 20
    assert len(exercise.hints) >= 2 and len(exercise.mistakes) >= 3 and len(exercise.checks) >= 2
    stub, hand_in = exercise.cell().rsplit("\n", 1)
    assert hand_in == f'{exercise.name} = lesson.hand_in("{exercise.name}", {exercise.name})'
    assert len(stub.splitlines()) <= 14
    names = vars(importlib.import_module(exercise.reference.__module__)).copy()
    exec(stub, names)  # as a kernel runs it
    assert mark(exercise, names[exercise.name]).state == "untouched"
    assert mark(exercise, untouched).state == "untouched"


@each_exercise
def test_a_mistake_gets_its_own_sentence_and_no_other(exercise):
    for mistake in exercise.mistakes:
        marks = marked(exercise, mistake.function)
        assert marks.state == "wrong", mistake.why
        assert mistake.why in marks.message, (mistake.why, marks.message)
        assert marks.message.endswith((".", "?"))


# answers as learners type them: tests/exercises/answers, a file a lesson


@each_exercise
def test_wrong_answers_are_refused_and_told_what_is_wrong(exercise):
    """A wrong answer's docstring, where it has one, is a regular expression for its message."""
    wrong = answers_to(exercise, "wrong")
    assert len(wrong) >= 5
    for answer in wrong:
        marks = marked(exercise, answer)
        assert marks.state == "wrong", answer.__name__
        assert re.search(answer.__doc__ or "", marks.message), (answer.__name__, marks.message)


@each_exercise
def test_the_reference_and_right_answers_in_another_style_pass_every_check(exercise):
    right = answers_to(exercise, "right")
    assert len(right) >= 2
    for answer in (exercise.reference, *right):
        marks = marked(exercise, answer)
        assert marks.state == "passed", (answer.__name__, marks.message)
        assert marks.found == tuple(check.finds for check in exercise.checks)


@each_exercise
def test_what_no_exercise_lets_pass(exercise):
    """A reference that also changes what it is given, seeds, rounds, or repeats itself."""
    reference, first = exercise.reference, []

    def changes(*given):
        value = reference(*given)
        for argument in given:
            if isinstance(argument, torch.Tensor):
                argument.detach().add_(1)
        return value

    def seeds(*given):
        torch.manual_seed(0)
        return reference(*given)

    def rounds(*given):
        return each(rounded, reference(*given))

    def repeats(*given):
        first.append(reference(*given))
        return first[0]

    takes_tensors = "Tensor" in str(list(inspect.signature(reference).parameters.values()))
    for spoilt in (*[changes] * takes_tensors, seeds, rounds, repeats):
        if spoilt is rounds and exercise.name in WHOLE:
            continue
        marks = mark(exercise, spoilt, seconds=600)
        assert marks.state == "wrong", spoilt.__name__
        first.clear()


# answers that rounding leaves alone
WHOLE = ("gate_on_path", "loudest", "most_middle_least", "my_test", "pick_recognised")


def each(change, value):
    """A value, or each of several, changed."""
    if isinstance(value, dict):
        return {key: each(change, part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(each(change, part) for part in value)
    return change(value)


def rounded(value):
    return value.round(decimals=1) if isinstance(value, torch.Tensor) else value and round(value, 1)


@pytest.mark.parametrize(
    "exercise",
    [
        pytest.param(e, marks=() if e.name in ("bend", "wire") else pytest.mark.full)
        for e in EXERCISES
    ],
    ids=lambda e: e.name,
)
def test_every_small_change_to_a_reference_is_refused(exercise, report):
    """But for those in answers/equal_NN.toml, each with the reason why it is equally right."""
    listed = ANSWERS / f"equal_{exercise.lesson}.toml"
    equal = tomllib.loads(listed.read_text(encoding="utf-8")).get(exercise.name, {})
    count, passed = survivors(exercise)
    report(f"{exercise.name}: {count - len(passed)} of {count} small changes refused")
    assert sorted(passed) == sorted(equal)
    assert all(len(reason.split()) > 2 for reason in equal.values())


# whatever comes in gets one sentence

ODD_VALUES = (
    (None, r"Your function returned None, where .* is due: is a return missing\?"),
    ("seven", r"Your function returned a str, where .* is due.*"),
    ([1.0, 2.0, 3.0, 4.0], r"Your function returned a list.*, where .* is due.*"),
    (np.zeros((7, 2)), r"Your function returned .*(where|should).*"),
    (torch.full((1, 3, 64, 64), math.nan), r".*(NaN|numbers|tensor of shape).*"),
    (torch.zeros(5, 4, 3), r".*(shape|numbers|gradient).*"),
)


@each_exercise
def test_odd_values_and_nan_of_the_right_shape_get_a_sentence(exercise):
    def broken(*arguments):
        return each(lambda value: value * math.nan, exercise.reference(*arguments))

    answers = [(lambda *_, value=value: value, told) for value, told in ODD_VALUES]
    for answer, told in (*answers, (broken, r"(?s).*(NaN or infinite|returned nan).*")):
        marks = marked(exercise, answer)
        assert marks.state == "wrong"
        assert re.fullmatch(told, marks.message), marks.message
        assert "check could not work with" not in marks.message


# how marks are given, on one exercise: it is the same for all


ONE = find("ascent_step")


def takes_one(first):
    return first


@pytest.mark.parametrize(
    ("thing", "expected"),
    [
        (lambda *a: None, "You handed in a lambda: write it as def ascent_step(...)"),
        (type("Answer", (), {}), "You handed in a class: hand in a function, def ascent_step(...)"),
        (3.0, "You handed in a float, not a function: hand in ascent_step"),
        (takes_one, "Your function takes first; ascent_step takes network, "),
    ],
)
def test_what_is_no_function_of_these_arguments_gets_a_sentence(thing, expected):
    marks = mark(ONE, thing)
    assert marks.state == "wrong" and marks.message.startswith(expected)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (KeyError("no thing"), r"Your function raised KeyError: 'no thing' \(in line \d+ "),
        (SystemExit(), "Your function raised SystemExit"),
        (RecursionError(), "Your function raised RecursionError"),
        (NotImplementedError("later"), "Something is still to be written"),  # yet no stub
    ],
)
def test_an_error_is_told_and_does_not_break_the_lesson(error, told):
    def fails(*_arguments):
        raise error

    marks = mark(ONE, fails)
    assert marks.state == "wrong" and re.match(told, marks.message), marks.message


@pytest.mark.parametrize(
    ("expression", "advice"),
    [
        ("image.argsort().mean()", "A tensor of whole numbers, or of True and False, has no mean"),
        ("image + rate * x.grad", r"\.grad is None until backward\(\) has been called"),
        ("rate * torch.autograd.grad(network(x)[0, unit], x)", "That is a tuple. torch.autograd"),
        ("x.add_(rate)", "A tensor whose gradient is wanted can't be changed in place"),
        ("torch.autograd.grad(network(x)[0, unit].detach(), x)", "There is no way from the result"),
        ("torch.autograd.grad(network(x)[0], x)[0]", "A slope is that of one number, and here are"),
        ("network(image.double())", "Two sorts of floating point numbers meet"),
        ("image * torch.ones(7)", "Two shapes do not fit"),
        ("image[0][torch.arange(3), torch.arange(8)]", "Two lists of places are read in pairs"),
        ("image if image > 0 else rate", "Many numbers stand where Python wants one"),
        ("imagee", "Use what the function is given, and what is imported"),
    ],
)
def test_an_error_that_learners_meet_often_comes_with_advice(expression, advice):
    head = (
        "def ascent_step(network, image, unit, rate):\n    x = image.clone().requires_grad_(True)\n"
    )
    message = mark(ONE, made(ONE, f"{head}    return {expression}")).message
    found = re.match(rf"{advice}.*\. Your function raised \w+: .* \(in line 3 of", message)
    assert found, message


def test_a_loop_without_end_is_stopped():
    def loops(*_arguments):
        while True:
            with contextlib.suppress(Exception):
                sum(range(1000))

    marks = mark(ONE, loops, seconds=0.2)
    assert marks.message.startswith("Your function was still at work after 0.2 seconds")


def test_what_compares_each_with_each_is_told_before_the_time_is_up():
    """PyTorch cannot be stopped within a computation: a smaller one says how long it takes."""

    def each_with_each(a, b):
        time.sleep(3e-8 * a.numel() ** 2)  # half a second for 4,096 values
        return find("rank_correlation").reference(a, b)

    marks = marked(find("rank_correlation"), each_with_each)
    assert re.match(r"Your function would take some 3\d seconds: a map of conv1 has", marks.message)
    assert len(marks.found) == 2


def test_checks_leave_no_trace():
    """A learner's function may draw, print and even seed; the lesson must not notice."""
    seeding = []

    def careless(*arguments):
        if seeding:
            torch.manual_seed(5)
        np.random.seed(5)
        torch.rand(3)
        print("here I am")
        return ONE.reference(*arguments)

    torch.manual_seed(0)
    np.random.seed(0)
    expected = torch.rand(3), np.random.rand(3)
    for state in ("passed", "wrong"):
        torch.manual_seed(0)
        np.random.seed(0)
        marks = mark(ONE, careless)
        assert torch.equal(torch.rand(3), expected[0])
        assert np.array_equal(np.random.rand(3), expected[1])
        assert marks.state == state, marks.message
        seeding.append("from now on")
    assert "here I am" in marks.printed
    assert len(marks.printed.splitlines()) <= 13


def test_an_unknown_name_names_the_known():
    with pytest.raises(ValueError, match=r"'ascent_stp'\. Did you mean 'ascent_step'\?"):
        find("ascent_stp")
