"""What learners can do about the errors of Python and PyTorch that they meet most."""

import linecache
import re
import traceback
from collections.abc import Callable
from typing import Any

# A sentence that comes before an error's own words stands below what it is for: regular expressions
# for the beginning of "Type: message" and, in a line of its own, the code that raised it.
_ADVICE = r"""
.*(floating point|complex).*(Long|Int|Bool|Byte)
.*not implemented for '(Long|Bool)'
    A tensor of whole numbers, or of True and False, has no mean, length or slope: make floats of it
    first, with .float().
TypeError: (unsupported operand.*|.*must be Tensor, not )NoneType.*\n.*\.grad\b
    .grad is None until backward() has been called on something that was computed from this very
    tensor, and only a tensor with requires_grad, itself not the result of a computation, gets one.
(TypeError: unsupported operand|AttributeError: ).*NoneType
    Something here is None: a function without a return gives None, and so does the .grad of a
    tensor that nothing was differentiated by.
TypeError: (can't multiply sequence|unsupported operand.*'tuple'|.*must be Tensor, not tuple)
AttributeError: 'tuple' object
    That is a tuple. torch.autograd.grad returns one, with a tensor for each thing that it
    differentiates by: (slope,) = torch.autograd.grad(...) takes the first out.
RuntimeError: (a leaf Variable|a view of a leaf)
    A tensor whose gradient is wanted can't be changed in place: make a new one (image = image +
    ..., torch.stack, torch.cat), or change a .clone() of it.
RuntimeError: (element 0 of tensors does not require grad|One of the differentiated)
    There is no way from the result back to what you differentiate by: requires_grad_(True) has to
    come before the computation, the result has to be computed from that very tensor, and .detach(),
    .item(), float(...), torch.tensor(...) and NumPy cut the way.
RuntimeError: grad can be implicitly created only for scalar
    A slope is that of one number, and here are several: sum them up first, with .sum().
RuntimeError: Can't call numpy\(\) on Tensor that requires grad
    NumPy cannot be differentiated: stay with PyTorch, or take .detach() first where no gradient is
    needed.
RuntimeError: .*(Double|double|Float|float|Half).*(Double|double|Float|float|Half)
    Two sorts of floating point numbers meet, float32 (PyTorch's) and float64 (NumPy's, and that of
    .double()): bring them together with .to(other.dtype).
RuntimeError: shape '.*' is invalid for input of size
    view and reshape keep all numbers, and here are more or fewer than the shape asks for: take its
    sizes from the tensor's own .shape, as sizes differ.
RuntimeError: (The size of tensor|shape|mat1 and mat2|size mismatch|inconsistent tensor)
ValueError: operands could not be broadcast
    Two shapes do not fit. They are lined up from the right, and each pair of sizes has to be equal
    or have a 1 in it; [:, None] adds an axis of size 1.
IndexError: shape mismatch: indexing tensors
    Two lists of places are read in pairs, so that they have to be equally long: take the length
    from what is given, as sizes differ.
RuntimeError: stack expects each tensor to be equal size
    torch.stack takes tensors of one shape only, and these differ: work on each by itself, or
    torch.cat them along an axis in which alone they differ.
RuntimeError: (Boolean value of Tensor|only one element tensors|a Tensor with \d+ elements cannot)
TypeError: only integer tensors
ValueError: (The truth value|only one)
    Many numbers stand where Python wants one: reduce them (.sum(), .mean(), .any()), or work on all
    of them at once, with torch.where in the place of an if.
IndexError: (too many indices|Dimension out of range)
    The tensor has fewer axes than that: print its .shape.
(NameError|UnboundLocalError):
    Use what the function is given, and what is imported or defined above it or in its cell.
"""


def told_error(error: BaseException, function: Callable[..., Any]) -> str:
    """What happened in a learner's function, with the line and, where it is known, what to do."""
    code = getattr(function, "__code__", None)
    what = str(error).strip().splitlines()
    message = f"Your function raised {type(error).__name__}" + (f": {what[0]}" if what else "")
    file = getattr(code, "co_filename", None)
    lines = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    text = ""
    if lines and file and lines[-1].lineno:
        text = linecache.getline(file, lines[-1].lineno).strip()
        message += f" (in line {lines[-1].lineno} of its cell" + (f": {text})" if text else ")")
    written = "NotImplementedError" in getattr(code, "co_names", ()) or text.startswith("raise ")
    if isinstance(error, NotImplementedError) and written:  # PyTorch raises them, too
        return "Something is still to be written: NotImplementedError is raised."
    return f"{_advice(error, text)}{message}."


def _advice(error: BaseException, line: str) -> str:
    """The sentence for an error, with a blank behind it; empty if there is none."""
    told = f"{type(error).__name__}: {error}".replace("\n", " ") + f"\n{line}"
    for errors, sentence in re.findall(r"((?:\S.*\n)+)((?: {4}.*\n)+)", _ADVICE):
        if any(re.match(one, told) for one in errors.splitlines()):
            return " ".join(sentence.split()) + " "
    return ""
