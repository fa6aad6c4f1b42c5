"""Lesson 07."""

import numpy as np
import torch
from scipy.stats import kendalltau
from torch.nn import functional as F


def bend__right_in_numpy(values):
    v = values.numpy()
    return np.abs(v - np.linspace(v[0], v[-1], len(v))).max() / abs(v[-1] - v[0])


def bend__right_in_a_loop(values):
    first, last, most = float(values[0]), float(values[-1]), 0.0
    for i, value in enumerate(values.tolist()):
        most = max(most, abs(value - first - (last - first) * i / (len(values) - 1)))
    return torch.tensor(most / abs(last - first))


bend__edits = r"""
.*
    return float(min(1, (values - line).abs().max() / (values[-1] - values[0]).abs()))
.*
    .abs().max()  ->  [1:-2].abs().max()
.*
    (values[-1] - values[0]).abs()  ->  (values[-1] - values[0]).abs().clamp(min=1)
you leave out the ends, and the line still has them
    len(values)  ->  len(values) - 2
    values - line  ->  values[1:-1] - line
you look at the middle alone
    values - line  ->  values[len(values) // 2] - (values[0] + values[-1]) / 2
changes values, which it was given
    line =  ->  rise = float(values[-1] - values[0]); line =
    return float(values.sub_(line).abs().max()) / abs(rise)
does not reach the last value
    len(values))  ->  len(values) + 1)[:-1]
the root of a mean square
    return float((values - line).square().mean().sqrt() / (values[-1] - values[0]).abs())
you sort the values
    line =  ->  values = values.sort().values; line =
you subtract .first. from .last.
    values[-1] - values[0]  ->  values[-1].abs() - values[0].abs()
"""


def agreement__right_by_scipy(first, second):
    return kendalltau(range(len(first)), [second.index(name) for name in first]).statistic


def agreement__right_with_numpy(first, second):
    place = np.array([second.index(name) for name in first])
    signs = np.sign(place[None, :] - place[:, None])
    return np.triu(signs).sum() / (len(place) * (len(place) - 1) / 2)


def agreement__right_by_sorted_names(first, second):
    names, total = sorted(first), 0
    for i in range(len(names)):
        for j in range(i):
            a = first.index(names[i]) - first.index(names[j])
            total += 1 if a * (second.index(names[i]) - second.index(names[j])) > 0 else -1
    return torch.tensor(2 * total / len(names) / (len(names) - 1))


agreement__edits = r"""
how far the names move: count pairs
    return 1 - 2 * sum(abs(i - place[a]) for i, a in enumerate(first)) / (len(first) ** 2 // 2)
all pairs count
    pairs = same = 0  ->  pairs, same = len(first), place[first[0]] < place[first[-1]]
    first[i + 1:]  ->  first[i + 1:i + 2]
    pairs += 1  ->  pass
changes first
    pairs = same = 0  ->  pairs, same, order = 0, 0, list(first); first.sort()
    place[a] < place[b]  ->  (place[a] < place[b]) == (order.index(a) < order.index(b))
`second` plays no part
    return kendalltau(np.argsort(first), range(len(first))).statistic
you always divide by 10 pairs
    / pairs  ->  / 10
do not round
    return round((2 * same - pairs) / pairs, 2)
the best with the others only
    enumerate(first)  ->  enumerate(first[:1])
// drops decimals
    return (2 * same - pairs) // pairs
take those pairs off
    return same / pairs
"""


def steady_layer__right_unit_by_unit(weight, x):
    largest = np.linalg.svd(weight.numpy())[1][0]
    out = x.clone()
    for row in weight:
        out -= 2 / largest**2 * (x @ row).clamp(min=0)[:, None] * row
    return out


def steady_layer__right_in_numpy(weight, x):
    w, v = weight.double().numpy(), x.double().numpy()
    return v - 2 / np.linalg.norm(w, 2) ** 2 * np.maximum(v @ w.T, 0) @ w


def steady_layer__right_by_eigenvalues(weight, x):
    square = torch.linalg.eigvalsh(weight @ weight.T).max()
    return x - torch.einsum("ij,jk->ik", torch.relu(x @ weight.T), weight) * 2 / square


steady_layer__edits = r"""
as if .W. were 4.91.*largest singular value
    seen =  ->  v = weight.T @ torch.ones(len(weight)).to(weight); seen =
    torch.linalg.matrix_norm(weight, 2)  ->  ((weight @ v).norm() / v.norm())
Two shapes do not fit
    (x @ weight.T).relu() @ weight  ->  weight.T * (weight @ x.T).relu().T
as if .W. were 0.0418: your .W. is the longest row
    torch.linalg.matrix_norm(weight, 2)  ->  weight.norm(dim=1).max()
as if .W. were 1: .*one for all rows
    seen =  ->  weight = weight / weight.norm(dim=1, keepdim=True); seen =
    return x - 2 * seen
your .W. is the smallest one
    (weight, 2)  ->  (weight, -2)
below 0 is cut off
    return (x - 2 * seen / torch.linalg.matrix_norm(weight, 2) ** 2).relu()
relu.W x. is 0 and x passes.*nothing may be taken off
    (x @ weight.T).relu()  ->  torch.nn.functional.leaky_relu(x @ weight.T)
what was seen has to be taken off x
    x - 2 *  ->  -2 *
your .W. is the largest weight
    torch.linalg.matrix_norm(weight, 2)  ->  weight.abs().max()
changes x
    x -= 2 * seen / torch.linalg.matrix_norm(weight, 2) ** 2; return x
as if .W. were 0.1.*however small it is
    (weight, 2)  ->  (weight, 2).clamp(min=0.1)
divide by the number of units
    ** 2  ->  ** 2 / len(weight)
"""


def bcos_unit__right_by_cosine_similarity(weights, inputs):
    unit = F.normalize(weights, dim=1)
    return F.linear(inputs, unit) * F.cosine_similarity(inputs[:, None], unit[None], dim=2).abs()


def bcos_unit__right_in_a_loop(weights, inputs):
    columns = []
    for w in weights:
        linear = inputs @ (w / w.norm())
        columns.append(linear * linear.abs() / (inputs.norm(dim=1) + 1e-6))
    return torch.stack(columns, dim=1)


def bcos_unit__right_in_float64(weights, inputs):
    w, x = weights.double(), inputs.double()
    linear = torch.einsum("ij,kj->ik", x, w) / w.square().sum(1).sqrt()
    return linear.sign() * linear**2 / (x.square().sum(1, keepdim=True) + 1e-20).sqrt()


bcos_unit__edits = r"""
No gradient reaches the input
    return linear  ->  linear, length = linear.detach(), length.detach(); return linear
its gradient is not
    .abs()  ->  .abs().detach()
however short: add nothing to it, and clamp
    min=1e-12  ->  min=1
w is a row
    weights.norm(dim=1  ->  weights.norm(dim=0
one length for all inputs
    inputs.norm(dim=1, keepdim=True)  ->  inputs.norm()
shape
    inputs @ unit.T  ->  unit @ inputs.T
    inputs.norm(dim=1, keepdim=True)  ->  inputs.norm(dim=1)
shape
    return (linear * (linear / length.clamp(min=1e-12)).abs()).squeeze()
.cos. is squared
    .abs()  ->  ** 2
below 0 is cut off
    inputs @ unit.T  ->  (inputs @ unit.T).relu()
For an input of zeros your gradient
    return linear * (linear / length).abs().nan_to_num()
.w. still counts in yours
    (linear /  ->  (inputs @ weights.T /
however short: add nothing to it
    length.clamp(min=1e-12)  ->  (length + 0.01)
"""


def steepest__right_in_a_loop(values, images):
    slopes = []
    for i in range(len(values) - 1):
        distance = float(((images[i + 1] - images[i]) ** 2).sum()) ** 0.5
        if distance > 0:
            slopes.append(abs(float(values[i + 1] - values[i])) / distance)
    return max(slopes)


def steepest__right_in_numpy(values, images):
    v, x = values.double().numpy(), images.double().numpy()
    with np.errstate(all="ignore"):
        slope = abs(np.diff(v)) / np.linalg.norm(np.diff(x.reshape(len(x), -1), axis=0), axis=1)
    return slope[np.isfinite(slope)].max()


def steepest__right_as_tensor(values, images):
    distance = torch.linalg.vector_norm(images[1:] - images[:-1], dim=(1, 2, 3))
    slope = (values[1:] - values[:-1]).abs() / distance.where(distance > 0, torch.inf)
    return slope.max()


steepest__edits = r"""
.*
    apart = distance > 0  ->  apart = (images[1:] != images[:-1]).flatten(1).all(1)
.*
    apart = distance > 0  ->  apart = images[1:, 0, 0, 0] != images[:-1, 0, 0, 0]
.*
    apart = distance > 0  ->  apart = images[1:].flatten(1).sum(1) != images[:-1].flatten(1).sum(1)
you give 0.16214, the slope of step 2
    i = int(distance.argmax()); return float(change[i] / distance[i])
you give 2.7742, the slope of step 4
    i = int(change.argmax()); return float(change[i] / distance[i])
the last image with the first
    values[1:] - values[:-1]  ->  values - values.roll(1)
    images[1:] - images[:-1]  ->  images - images.roll(1, 0)
one step, and you leave it out
    distance > 0  ->  distance > 0; apart[-1] = False
    return float((change[apart] / distance[apart]).max()) if apart.any() else 0.0
only a step of length 0 is left out
    distance > 0  ->  distance > 0.01
    return float((change[apart] / distance[apart]).max()) if apart.any() else 0.0
same image, 0 apart: leave them out
    return float((change / (distance + 1e-08)).max())
same image, 0 apart: leave them out.*division by zero
    return float((change / distance).max())
is a fall
    .abs()  ->
    .max()  ->  .max().abs()
that is the change alone
    return float(change.max())
do not round
    return round(float((change[apart] / distance[apart]).max()), 2)
by their own distance
    return float(change.max() / distance.median())
you take one channel alone
    images[1:] - images[:-1]  ->  images[1:, 0] - images[:-1, 0]
only a step of length 0 is left out
    distance > 0  ->  ~torch.isclose(images[1:], images[:-1]).flatten(1).all(1)
only a step of length 0 is left out
    distance > 0  ->  distance > 1e-05
"""


def steady_layer__wrong_one_unit_after_the_other(weight, x):
    """each unit sees what those before it left"""
    y, step = x.clone(), 2 / torch.linalg.matrix_norm(weight, 2) ** 2
    for w in weight:
        y = y - step * (y @ w).relu()[:, None] * w
    return y
