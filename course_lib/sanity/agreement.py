"""Whether two kinds of picture of a unit show the same, by what judges see in them."""

from torch import Tensor
from torch.nn import functional as F


def agreement(first: Tensor, second: Tensor) -> Tensor:
    """Pearson's correlations (...) of a judge's logits for two pictures.

    Lesson 09 builds their mean by hand. Nobody needs to know what the pictures should show. A row
    of equal logits counts 0.

    Args:
        first, second: (..., K) logits, each row for a picture of the same unit.
    """
    one, other = (seen - seen.mean(-1, keepdim=True) for seen in (first, second))
    alike = F.cosine_similarity(one, other, dim=-1)
    for seen in (first, second):  # equal logits may differ from their mean, by rounding
        alike = alike.masked_fill(seen.amin(-1) == seen.amax(-1), 0)
    return alike
