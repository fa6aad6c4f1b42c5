"""Lesson 07."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F


def bend__right_in_numpy(values):
    v = values.numpy()
    return np.abs(v - np.linspace(v[0], v[-1], len(v))).max() / abs(v[-1] - v[0])


def bend__right_in_a_loop(values):
    first, last, most = float(values[0]), float(values[-1]), 0.0
    for i, value in enumerate(values.tolist()):
        most = max(most, abs(value - first - (last - first) * i / (len(values) - 1)))
    return torch.tensor(most / abs(last - first))


def bend__wrong_root_mean_square(values):
    """the root of a mean square"""
    line = torch.linspace(float(values[0]), float(values[-1]), len(values))
    return float((values - line).square().mean().sqrt() / (values[-1] - values[0]).abs())


def bend__wrong_inner_places_only(values):
    """you leave out the ends, and the line still has them"""
    line = torch.linspace(float(values[0]), float(values[-1]), len(values) - 2)
    return float((values[1:-1] - line).abs().max() / (values[-1] - values[0]).abs())


def bend__wrong_middle_only(values):
    """you look at the middle alone"""
    middle = (values[0] + values[-1]) / 2
    return float((values[len(values) // 2] - middle).abs() / (values[-1] - values[0]).abs())


def bend__wrong_sorted(values):
    """you sort the values"""
    values = values.sort().values
    line = torch.linspace(float(values[0]), float(values[-1]), len(values))
    return float((values - line).abs().max() / (values[-1] - values[0]).abs())


def bend__wrong_in_place(values):
    """changes values, which it was given"""
    rise = float(values[-1] - values[0])
    values -= torch.linspace(float(values[0]), float(values[-1]), len(values))
    return float(values.abs().max()) / abs(rise)


def bend__wrong_places_miscounted(values):
    """does not reach the last value"""
    place = torch.arange(len(values)) / len(values)
    line = values[0] + place * (values[-1] - values[0])
    return float((values - line).abs().max() / (values[-1] - values[0]).abs())


def agreement__right_by_scipy(first, second):
    from scipy.stats import kendalltau

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


def agreement__wrong_ten_pairs(first, second):
    """you always divide by 10 pairs"""
    place = {name: i for i, name in enumerate(second)}
    total = 0
    for i, a in enumerate(first):
        for b in first[i + 1 :]:
            total += 1 if place[a] < place[b] else -1
    return total / 10


def agreement__wrong_footrule(first, second):
    """how far the names move: count pairs"""
    moved = sum(abs(i - second.index(name)) for i, name in enumerate(first))
    most = sum(abs(2 * i - len(first) + 1) for i in range(len(first)))
    return 1 - 2 * moved / most


def agreement__wrong_rounded(first, second):
    """do not round"""
    place = {name: i for i, name in enumerate(second)}
    pairs = [(a, b) for i, a in enumerate(first) for b in first[i + 1 :]]
    return round(sum(1 if place[a] < place[b] else -1 for a, b in pairs) / len(pairs), 2)


def agreement__wrong_best_against_all(first, second):
    """the best with the others only"""
    place = {name: i for i, name in enumerate(second)}
    signs = [1 if place[first[0]] < place[b] else -1 for b in first[1:]]
    return sum(signs) / len(signs)


def agreement__wrong_neighbours_and_ends(first, second):
    """all pairs count"""
    place = [second.index(name) for name in first]
    signs = [1 if place[i] > place[i - 1] else -1 for i in range(1, len(place))]
    signs.append(1 if place[-1] > place[0] else -1)
    return sum(signs) / len(signs)


def agreement__wrong_whole_division(first, second):
    """// drops decimals"""
    place = {name: i for i, name in enumerate(second)}
    pairs = [(a, b) for i, a in enumerate(first) for b in first[i + 1 :]]
    return sum(1 if place[a] < place[b] else -1 for a, b in pairs) // len(pairs)


def agreement__wrong_sorts_in_place(first, second):
    """changes first"""
    order = list(first)
    first.sort()
    pairs = [(a, b) for i, a in enumerate(first) for b in first[i + 1 :]]
    signs = [
        (order.index(a) - order.index(b)) * (second.index(a) - second.index(b)) for a, b in pairs
    ]
    return sum(1 if sign > 0 else -1 for sign in signs) / len(signs)


def agreement__wrong_scipy_on_names(first, second):
    """`second` plays no part"""
    from scipy.stats import kendalltau

    return kendalltau([sorted(first).index(a) for a in first], range(len(first))).statistic


def agreement__wrong_zero_to_one(first, second):
    """take those pairs off"""
    place = {name: i for i, name in enumerate(second)}
    pairs = [(a, b) for i, a in enumerate(first) for b in first[i + 1 :]]
    return sum(place[a] < place[b] for a, b in pairs) / len(pairs)


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


def steady_layer__wrong_longest_row(weight, x):
    """as if .W. were 0.0418: your .W. is the longest row"""
    return x - 2 * (x @ weight.T).relu() @ weight / weight.norm(dim=1).max() ** 2


def steady_layer__wrong_each_row_by_its_own(weight, x):
    """as if .W. were 1: .*one for all rows"""
    rows = weight / weight.norm(dim=1, keepdim=True)
    return x - 2 * (x @ rows.T).relu() @ rows


def steady_layer__wrong_smallest_singular_value(weight, x):
    """your .W. is the smallest one"""
    return x - 2 * (x @ weight.T).relu() @ weight / torch.linalg.matrix_norm(weight, -2) ** 2


def steady_layer__wrong_one_step_of_power_iteration(weight, x):
    """as if .W. were 4.91.*largest singular value"""
    v = weight.T @ torch.ones(len(weight)).to(weight)
    norm = (weight @ v).norm() / v.norm()
    return x - 2 * (x @ weight.T).relu() @ weight / norm**2


def steady_layer__wrong_cut_off(weight, x):
    """below 0 is cut off"""
    seen = (x @ weight.T).relu() @ weight
    return (x - 2 * seen / torch.linalg.matrix_norm(weight, 2) ** 2).relu()


def steady_layer__wrong_leaky(weight, x):
    """relu.W x. is 0 and x passes.*nothing may be taken off"""
    seen = torch.nn.functional.leaky_relu(x @ weight.T) @ weight
    return x - 2 * seen / torch.linalg.matrix_norm(weight, 2) ** 2


def steady_layer__wrong_seen_alone(weight, x):
    """what was seen has to be taken off x"""
    return -2 * (x @ weight.T).relu() @ weight / torch.linalg.matrix_norm(weight, 2) ** 2


def steady_layer__wrong_largest_entry(weight, x):
    """your .W. is the largest weight"""
    return x - 2 * (x @ weight.T).relu() @ weight / weight.abs().max() ** 2


def steady_layer__wrong_square_only(weight, x):
    """Two shapes do not fit"""
    seen = (weight @ x.T).relu().T
    return x - 2 * (weight.T * seen) / torch.linalg.matrix_norm(weight, 2) ** 2


def steady_layer__wrong_in_place(weight, x):
    """changes x"""
    x -= 2 * (x @ weight.T).relu() @ weight / torch.linalg.matrix_norm(weight, 2) ** 2
    return x


def steady_layer__wrong_kept_away_from_0(weight, x):
    """as if .W. were 0.1.*however small it is"""
    norm = torch.linalg.matrix_norm(weight, 2).clamp(min=0.1)
    return x - 2 * (x @ weight.T).relu() @ weight / norm**2


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


def bcos_unit__wrong_no_gradient(weights, inputs):
    """No gradient reaches the input"""
    with torch.no_grad():
        linear = inputs @ (weights / weights.norm(dim=1, keepdim=True)).T
        return linear * (linear / inputs.norm(dim=1, keepdim=True).clamp(min=1e-12)).abs()


def bcos_unit__wrong_holds_the_cosine(weights, inputs):
    """its gradient is not"""
    linear = inputs @ (weights / weights.norm(dim=1, keepdim=True)).T
    cosine = linear / inputs.norm(dim=1, keepdim=True).clamp(min=1e-12)
    return linear * cosine.abs().detach()


def bcos_unit__wrong_long_inputs_only(weights, inputs):
    """however short: add nothing to it, and clamp"""
    linear = inputs @ (weights / weights.norm(dim=1, keepdim=True)).T
    return linear * (linear / inputs.norm(dim=1, keepdim=True).clamp(min=1)).abs()


def bcos_unit__wrong_lengths_of_columns(weights, inputs):
    """w is a row"""
    linear = inputs @ (weights / weights.norm(dim=0, keepdim=True)).T
    return linear * (linear / inputs.norm(dim=1, keepdim=True).clamp(min=1e-12)).abs()


def bcos_unit__wrong_one_length_of_all_inputs(weights, inputs):
    """one length for all inputs"""
    linear = inputs @ (weights / weights.norm(dim=1, keepdim=True)).T
    return linear * (linear / inputs.norm().clamp(min=1e-12)).abs()


def bcos_unit__wrong_transposed(weights, inputs):
    """shape"""
    linear = (weights / weights.norm(dim=1, keepdim=True)) @ inputs.T
    return linear * (linear / inputs.norm(dim=1).clamp(min=1e-12)).abs()


def bcos_unit__wrong_squeezed(weights, inputs):
    """shape"""
    linear = inputs @ (weights / weights.norm(dim=1, keepdim=True)).T
    length = inputs.norm(dim=1, keepdim=True).clamp(min=1e-12)
    return (linear * (linear / length).abs()).squeeze()


def bcos_unit__wrong_cosine_squared(weights, inputs):
    """.cos. is squared"""
    linear = inputs @ (weights / weights.norm(dim=1, keepdim=True)).T
    return linear * (linear / inputs.norm(dim=1, keepdim=True).clamp(min=1e-12)) ** 2


def bcos_unit__wrong_nothing_from_behind(weights, inputs):
    """below 0 is cut off"""
    linear = (inputs @ (weights / weights.norm(dim=1, keepdim=True)).T).relu()
    return linear * linear / inputs.norm(dim=1, keepdim=True).clamp(min=1e-12)


def bcos_unit__wrong_nan_put_right_afterwards(weights, inputs):
    """For an input of zeros your gradient"""
    linear = inputs @ (weights / weights.norm(dim=1, keepdim=True)).T
    return linear * (linear / inputs.norm(dim=1, keepdim=True)).abs().nan_to_num()


def bcos_unit__wrong_weights_long_in_the_cosine(weights, inputs):
    """.w. still counts in yours"""
    linear = inputs @ weights.T
    unit = inputs @ (weights / weights.norm(dim=1, keepdim=True)).T
    return unit * (linear / inputs.norm(dim=1, keepdim=True).clamp(min=1e-12)).abs()


def bcos_unit__wrong_added_length(weights, inputs):
    """however short: add nothing to it"""
    linear = inputs @ (weights / weights.norm(dim=1, keepdim=True)).T
    return linear * (linear / (inputs.norm(dim=1, keepdim=True) + 1e-2)).abs()


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


def steepest__wrong_longest_step(values, images):
    """you give 0.16214, the slope of step 2"""
    distance = (images[1:] - images[:-1]).flatten(1).norm(dim=1)
    i = int(distance.argmax())
    return float((values[i + 1] - values[i]).abs() / distance[i])


def steepest__wrong_largest_change(values, images):
    """you give 2.7742, the slope of step 4"""
    distance = (images[1:] - images[:-1]).flatten(1).norm(dim=1)
    i = int((values[1:] - values[:-1]).abs().argmax())
    return float((values[i + 1] - values[i]).abs() / distance[i])


def steepest__wrong_goes_round(values, images):
    """the last image with the first"""
    distance = (images - images.roll(1, 0)).flatten(1).norm(dim=1)
    change = (values - values.roll(1)).abs()
    return float((change[distance > 0] / distance[distance > 0]).max())


def steepest__wrong_leaves_out_the_last(values, images):
    """one step, and you leave it out"""
    change = (values[1:-1] - values[:-2]).abs()
    distance = (images[1:-1] - images[:-2]).flatten(1).norm(dim=1)
    return float((change / distance).max()) if len(change) else 0.0


def steepest__wrong_short_steps_left_out(values, images):
    """only a step of length 0 is left out"""
    change = (values[1:] - values[:-1]).abs()
    distance = (images[1:] - images[:-1]).flatten(1).norm(dim=1)
    apart = distance > 1e-2
    return float((change[apart] / distance[apart]).max()) if apart.any() else 0.0


def steepest__wrong_added_to_the_distance(values, images):
    """same image, 0 apart: leave them out"""
    change = (values[1:] - values[:-1]).abs()
    distance = (images[1:] - images[:-1]).flatten(1).norm(dim=1)
    return float((change / (distance + 1e-8)).max())


def steepest__wrong_nan_for_rests(values, images):
    """same image, 0 apart: leave them out.*division by zero"""
    change = (values[1:] - values[:-1]).abs()
    return float((change / (images[1:] - images[:-1]).flatten(1).norm(dim=1)).max())


def steepest__wrong_signed(values, images):
    """is a fall"""
    change = values[1:] - values[:-1]
    distance = (images[1:] - images[:-1]).flatten(1).norm(dim=1)
    return float((change[distance > 0] / distance[distance > 0]).max().abs())


def steepest__wrong_without_the_way(values, images):
    """that is the change alone"""
    return float((values[1:] - values[:-1]).abs().max())


def steepest__wrong_rounded(values, images):
    """do not round"""
    change = (values[1:] - values[:-1]).abs()
    distance = (images[1:] - images[:-1]).flatten(1).norm(dim=1)
    return round(float((change[distance > 0] / distance[distance > 0]).max()), 2)


def steepest__wrong_median_distance(values, images):
    """by their own distance"""
    distance = (images[1:] - images[:-1]).flatten(1).norm(dim=1)
    return float((values[1:] - values[:-1]).abs().max() / distance.median())


def steepest__wrong_first_channel(values, images):
    """you take one channel alone"""
    distance = (images[1:, 0] - images[:-1, 0]).flatten(1).norm(dim=1)
    return float(((values[1:] - values[:-1]).abs() / distance).max())


def steady_layer__wrong_shared_among_the_units(weight, x):
    """divide by the number of units"""
    step = 2 / torch.linalg.matrix_norm(weight, 2) ** 2 / len(weight)
    return x - step * (x @ weight.T).relu() @ weight


def bend__wrong_difference_of_sizes(values):
    """you subtract .first. from .last."""
    line = torch.linspace(float(values[0]), float(values[-1]), len(values))
    return float((values - line).abs().max() / (values[-1].abs() - values[0].abs()).abs())
