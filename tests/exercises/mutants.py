"""Small changes to a function's source: what a check worth its name refuses.

`python -m tests.exercises.mutants NAME...` lists those of an exercise that pass its checks.
"""

import ast
import copy
import inspect
import linecache
import sys
import textwrap
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from course_lib.classroom.exercises.bank import exercises, find
from course_lib.classroom.exercises.exercise import Exercise
from course_lib.classroom.exercises.marking import mark

_OTHER_OPERATORS: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,), ast.MatMult: (ast.Mult,), ast.FloorDiv: (ast.Div,), ast.Mod: (ast.Mult,),
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,), ast.And: (ast.Or,), ast.Or: (ast.And,), ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}  # fmt: skip
_OTHER_NAMES = {
    "max": "min", "amax": "amin", "argmax": "argmin", "maximum": "minimum", "mean": "sum",
    "std": "var", "floor": "ceil", "sin": "cos", "exp": "log", "any": "all", "relu": "abs",
    "sigmoid": "tanh", "softmax": "log_softmax", "unique": "flatten", "norm": "sum",
    "abs": "square", "sqrt": "square", "rfftfreq": "fftfreq", "hypot": "add",
}  # fmt: skip
_OTHER_NAMES |= {other: name for name, other in _OTHER_NAMES.items() if other not in _OTHER_NAMES}
_SECONDS = 20


class Mutant(NamedTuple):
    """A changed function. change: the line before and after. function: ready to be handed in."""

    change: str
    function: Callable[..., Any]


def plain(exercise: Exercise) -> ast.Module:
    """An exercise's reference by the exercise's name, without its docstring and annotations."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(exercise.reference)))
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    del function.body[: isinstance(function.body[0], ast.Expr)]  # the docstring
    function.name, function.returns = exercise.name, None
    for argument in function.args.args:
        argument.annotation = None
    return tree


def made(exercise: Exercise, text: str, **beside: Any) -> Callable[..., Any]:
    """The function that a text in the place of an exercise's reference defines. beside: names."""
    names = beside | vars(inspect.getmodule(exercise.reference))
    file = f"<{exercise.name} {len(linecache.cache)}>"
    linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file  # as kernels do
    exec(compile(text, file, "exec"), names)
    return names[exercise.name]


def mutants(exercise: Exercise) -> Iterator[Mutant]:
    """Every small change of an exercise's reference that can be compiled, each once."""
    tree = plain(exercise)
    whole = ast.unparse(tree)
    seen = {_bare(whole)}
    names = [argument.arg for argument in tree.body[0].args.args]
    for number, node in enumerate(ast.walk(tree)):
        for changed in _changes(node, names):
            text = ast.unparse(_replaced(tree, number, changed))
            bare = _bare(text)
            if bare not in seen:
                seen.add(bare)
                yield Mutant(_difference(whole, text), made(exercise, text))


def _changes(node: ast.AST, names: list[str]) -> Iterator[ast.AST | None]:
    """Nodes to stand in a node's place; None to leave a statement out."""
    if isinstance(node, ast.BinOp | ast.AugAssign):
        yield from (_with(node, op=other()) for other in _OTHER_OPERATORS.get(type(node.op), ()))
    if isinstance(node, ast.BinOp):
        yield from (node.left, node.right)
        if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
            yield _with(node, left=node.right, right=node.left)
    if isinstance(node, ast.BoolOp):
        yield from node.values
    if isinstance(node, ast.Compare):
        for other in _OTHER_OPERATORS.get(type(node.ops[0]), ()):
            yield _with(node, ops=[other(), *node.ops[1:]])
    if isinstance(node, ast.UnaryOp):
        yield node.operand
    if isinstance(node, ast.Constant):
        yield from map(ast.Constant, _other_constants(node.value))
    if isinstance(node, ast.Return) and node.value is not None:
        yield _with(node, value=ast.UnaryOp(ast.USub(), node.value))
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from (ast.Name(other, node.ctx) for other in names if {node.id, other} <= {*names})
        if node.id in _OTHER_NAMES:
            yield ast.Name(_OTHER_NAMES[node.id], node.ctx)
    if isinstance(node, ast.Attribute) and node.attr in _OTHER_NAMES:
        yield _with(node, attr=_OTHER_NAMES[node.attr])
    if isinstance(node, ast.Call):
        yield from _other_calls(node)
    if isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)
    if isinstance(node, ast.If):
        yield from (_with(node, test=ast.Constant(value)) for value in (True, False))
    if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and len(node.elts) > 1:
        yield _with(node, elts=node.elts[::-1])
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.If):
        yield None


def _other_constants(value: Any) -> tuple[Any, ...]:
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return value + 1, value - 1
    return (value * 2, value / 2, 0.0) if isinstance(value, float) else ()


def _other_calls(call: ast.Call) -> Iterator[ast.AST]:
    if isinstance(call.func, ast.Attribute):
        yield call.func.value  # x.abs() becomes x
    if call.args:
        yield call.args[0]  # f(x) becomes x
    if len(call.args) > 1:
        yield _with(call, args=[call.args[1], call.args[0], *call.args[2:]])
        yield _with(call, args=call.args[:-1])
    for left_out in call.keywords:
        rest = [keyword for keyword in call.keywords if keyword is not left_out]
        yield _with(call, keywords=rest)
        if left_out.arg in ("min", "max"):
            other = "max" if left_out.arg == "min" else "min"
            yield _with(call, keywords=[*rest, _with(left_out, arg=other)])


def _with(node: ast.AST, **fields: Any) -> ast.AST:
    changed = copy.copy(node)
    vars(changed).update(fields)
    return changed


def _replaced(tree: ast.Module, number: int, changed: ast.AST | None) -> ast.Module:
    """A copy of a tree with another node in the place of its so manieth."""
    tree, changed = copy.deepcopy((tree, changed))
    target = list(ast.walk(tree))[number]

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Any:
            if node is target:
                return changed or ast.Pass()
            return self.generic_visit(node)

    return ast.fix_missing_locations(Replace().visit(tree))


def _bare(text: str) -> str:
    """A text without float(...): a tensor of one element is as good as its number."""

    class Strip(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> Any:
            self.generic_visit(node)
            is_float = isinstance(node.func, ast.Name) and node.func.id == "float"
            return node.args[0] if is_float else node

    return ast.unparse(Strip().visit(ast.parse(text)))


def _difference(before: str, after: str) -> str:
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    old, new = next(((a, b) for a, b in pairs if a != b), ("", ""))
    return f"{old.strip()}  ->  {new.strip()}"


def survivors(exercise: Exercise) -> tuple[int, list[str]]:
    """How many mutants there are, and the changes of those that pass."""
    made = list(mutants(exercise))
    passed = [
        m.change for m in made if mark(exercise, m.function, seconds=_SECONDS).state != "wrong"
    ]
    return len(made), passed


if __name__ == "__main__":
    for one in map(find, sys.argv[1:]) if sys.argv[1:] else exercises():
        count, passed = survivors(one)
        print(f"{one.name}: {count - len(passed)} of {count} refused", *passed, sep="\n    ")
