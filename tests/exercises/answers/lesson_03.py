"""Lesson 03."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch.nn import functional as F


def gate_on_path__right_in_a_loop(detector, image, baseline, steps):
    gates = []
    for i in range(steps):
        share = i / (steps - 1)
        logit = detector((1 - share) * baseline + share * image)
        gates.append(1.0 if logit.item() > 0 else 0.0)
    return torch.tensor(gates, dtype=torch.float64)


def gate_on_path__right_lerp_and_sigmoid(detector, image, baseline, steps):
    share = torch.linspace(0, 1, steps).view(-1, 1, 1, 1)
    return torch.where(torch.sigmoid(detector(torch.lerp(baseline, image, share))) > 0.5, 1.0, 0.0)


def gate_on_path__wrong_soft_gate(detector, image, baseline, steps):
    """A gate is 0 or 1, and you returned"""
    share = torch.linspace(0, 1, steps)[:, None, None, None]
    return torch.sigmoid(detector(baseline + share * (image - baseline)))


def gate_on_path__wrong_logits(detector, image, baseline, steps):
    """compare the logit with 0"""
    share = torch.linspace(0, 1, steps)[:, None, None, None]
    return detector(baseline + share * (image - baseline)).detach()


def gate_on_path__wrong_threshold_of_a_share(detector, image, baseline, steps):
    """the gate should be"""
    share = torch.linspace(0, 1, steps)[:, None, None, None]
    return (detector(baseline + share * (image - baseline)) > 0.5).float()


def gate_on_path__wrong_booleans(detector, image, baseline, steps):
    """holds floating point numbers"""
    share = torch.linspace(0, 1, steps)[:, None, None, None]
    return detector(baseline + share * (image - baseline)) > 0


def gate_on_path__wrong_without_both_ends(detector, image, baseline, steps):
    """the first picture is the baseline, the last the image"""
    share = torch.linspace(0, 1, steps + 2)[1:-1, None, None, None]
    return (detector(baseline + share * (image - baseline)) > 0).float()


def gate_on_path__wrong_stays_open(detector, image, baseline, steps):
    """the gate should be"""
    share = torch.linspace(0, 1, steps)[:, None, None, None]
    gate = (detector(baseline + share * (image - baseline)) > 0).float()
    return gate.cummax(0).values


def gate_on_path__wrong_quadratic_steps(detector, image, baseline, steps):
    """the steps are even"""
    share = torch.linspace(0, 1, steps)[:, None, None, None] ** 2
    return (detector(baseline + share * (image - baseline)) > 0).float()


def gate_on_path__wrong_always_25_steps(detector, image, baseline, steps):
    r"""shape \(25,\), where the gate should have shape \(11,\)"""
    share = torch.linspace(0, 1, 25)[:, None, None, None]
    return (detector(baseline + share * (image - baseline)) > 0).float()


def gate_on_path__wrong_grey_baseline(detector, image, baseline, steps):
    baseline = torch.full_like(image, 0.5)
    share = torch.linspace(0, 1, steps)[:, None, None, None]
    return (detector(baseline + share * (image - baseline)) > 0).float()


def gate_on_path__wrong_float64_pictures(detector, image, baseline, steps):
    """Two sorts of floating point numbers meet"""
    share = torch.from_numpy(np.linspace(0, 1, steps))[:, None, None, None]
    return (detector(baseline + share * (image - baseline)) > 0).float()


def smallest_k__right_one_row(on_images, along_the_way, offset):
    return (torch.cat([on_images.flatten(), along_the_way.flatten()]) + offset).max()


def smallest_k__right_in_a_loop(on_images, along_the_way, offset):
    k = -math.inf
    for logits in (on_images, along_the_way):
        for row in logits.tolist():
            k = max(k, *[logit + offset for logit in row])
    return np.array([k])


def smallest_k__wrong_last_moment(on_images, along_the_way, offset):
    """what is the largest number"""
    return float(max(on_images.max(), along_the_way[-1].max())) + offset


def smallest_k__wrong_one_for_each_unit(on_images, along_the_way, offset):
    """returned 8 numbers, where k, one, is due"""
    return torch.maximum(on_images.amax(0), along_the_way.amax(0)) + offset


def smallest_k__wrong_equal_shapes_only(on_images, along_the_way, offset):
    """Two shapes do not fit"""
    return float(torch.maximum(on_images, along_the_way).max()) + offset


def smallest_k__wrong_stacked(on_images, along_the_way, offset):
    return float(torch.stack([on_images, along_the_way]).max()) + offset


def smallest_k__wrong_a_bit_more(on_images, along_the_way, offset):
    """smallest k that silences"""
    return float(max(on_images.max(), along_the_way.max())) + offset + 0.01


def smallest_k__wrong_rounded_to_one_decimal(on_images, along_the_way, offset):
    return round(float(max(on_images.max(), along_the_way.max())) + offset, 1)


def smallest_k__wrong_range(on_images, along_the_way, offset):
    both = torch.cat([on_images, along_the_way])
    return float(both.max() - both.min()) + offset


def smallest_k__wrong_quantile(on_images, along_the_way, offset):
    return float(torch.cat([on_images, along_the_way]).quantile(0.999)) + offset


def smallest_k__wrong_twice_the_offset(on_images, along_the_way, offset):
    return float(max(on_images.max(), along_the_way.max())) + 2 * offset


def smallest_k__wrong_the_lessons_own(on_images, along_the_way, offset):
    """and you give 250.000"""
    return 250.0


def wire__right_clamp_and_a_list(f, d, e, k, offset):
    b = (f + offset - k * e).clamp(min=0)
    c = (d + offset - k * (1 - e)).clamp(min=0)
    return [b + c - offset, b, c]


def wire__right_a_larger_k_in_numpy(f, d, e, k, offset):
    f, d, e = f.numpy(), d.numpy(), e.numpy()
    b = np.maximum(f + offset - 3 * k * e, 0)
    c = np.maximum(d + offset - 20 * k * (1 - e), 0)
    return np.stack([b + c - offset, b, c])


def wire__wrong_gelu(f, d, e, k, offset):
    b = torch.nn.functional.gelu(f + offset - k * e)
    c = torch.nn.functional.gelu(d + offset + k * e - k)
    return b + c - offset, b, c


def wire__wrong_softplus(f, d, e, k, offset):
    b = F.softplus(f + offset - k * e)
    c = F.softplus(d + offset + k * e - k)
    return b + c - offset, b, c


def wire__wrong_a_half_k(f, d, e, k, offset):
    """unit B is"""
    b = torch.relu(f + offset - k / 2 * e)
    c = torch.relu(d + offset + k / 2 * e - k / 2)
    return b + c - offset, b, c


def wire__wrong_the_order_c_b(f, d, e, k, offset):
    """another order"""
    b = torch.relu(f + offset - k * e)
    c = torch.relu(d + offset + k * e - k)
    return b + c - offset, c, b


def wire__wrong_hard_gate(f, d, e, k, offset):
    """B is not the ReLU of a weighted sum.*rounded e"""
    b = torch.relu(f + offset - k * (e > 0.5).float())
    c = torch.relu(d + offset - k * (e < 0.5).float())
    return b + c - offset, b, c


def wire__wrong_gate_squared(f, d, e, k, offset):
    """C is not the ReLU"""
    b = torch.relu(f + offset - k * e)
    c = torch.relu(d + offset - k * (1 - e) ** 2)
    return b + c - offset, b, c


def wire__wrong_gate_as_a_factor(f, d, e, k, offset):
    """You multiply by the gate"""
    b, c = (f + offset) * (1 - e), (d + offset) * e
    return b + c - offset, b, c


def wire__wrong_column(f, d, e, k, offset):
    r"""B has shape \(8, 1\), and should have \(8,\)"""
    b = torch.relu(f + offset - k * e)[:, None]
    c = torch.relu(d + offset + k * e - k)[:, None]
    return b + c - offset, b, c


def wire__wrong_python_if(f, d, e, k, offset):
    """rounded e|if, a where"""
    b = torch.stack([x + offset if g == 0 else 0 * x for x, g in zip(f, e, strict=True)])
    c = torch.stack([x + offset if g == 1 else 0 * x for x, g in zip(d, e, strict=True)])
    return b + c - offset, b, c


def wire__wrong_a_chosen_by_e(f, d, e, k, offset):
    """A is not B \\+ C - offset"""
    b = torch.relu(f + offset - k * e)
    c = torch.relu(d + offset + k * e - k)
    return torch.where(e < 0.5, f, d), b, c


def wire__wrong_a_alone(f, d, e, k, offset):
    """returned a tensor of shape"""
    return torch.relu(f + offset - k * e) + torch.relu(d + offset + k * e - k) - offset


def wire__wrong_fixed_numbers(f, d, e, k, offset):
    """offset"""
    b = torch.relu(f + 100 - 250 * e)
    c = torch.relu(d + 100 + 250 * e - 250)
    return b + c - 100, b, c


def wire__wrong_offset_after_the_relu(f, d, e, k, offset):
    """unit B is"""
    b = torch.relu(f - k * e) + offset
    c = torch.relu(d + k * e - k) + offset
    return b + c - offset, b, c


def detector_loss__right_cross_entropy_of_each_side(on_images, on_visualizations):
    cost = F.binary_cross_entropy_with_logits
    sides = (
        cost(on_images, torch.zeros_like(on_images)),
        cost(on_visualizations, torch.ones_like(on_visualizations)),
    )
    return sum(sides) / len(sides)


def detector_loss__right_logsigmoid(on_images, on_visualizations):
    return -0.5 * (F.logsigmoid(-on_images).mean() + F.logsigmoid(on_visualizations).mean())


def detector_loss__right_float64_in_a_loop(on_images, on_visualizations):
    loss = 0.0
    for logits, sign in ((on_images, 1.0), (on_visualizations, -1.0)):
        for logit in logits.double():
            loss = loss + torch.logaddexp(sign * logit, torch.zeros_like(logit)) / len(logits)
    return loss / 2


def detector_loss__right_weighted_in_one_call(on_images, on_visualizations):
    logits = torch.cat([on_images, on_visualizations])
    n, m = len(on_images), len(on_visualizations)
    truth = torch.tensor([0.0] * n + [1.0] * m)
    weight = torch.tensor([0.5 / n] * n + [0.5 / m] * m)
    return F.binary_cross_entropy_with_logits(logits, truth, weight, reduction="sum")


def detector_loss__right_by_hand_with_a_maximum(on_images, on_visualizations):
    x, y = on_images, -on_visualizations
    left = (x.clamp(min=0) + torch.log1p(torch.exp(-x.abs()))).mean()
    right = (y.clamp(min=0) + torch.log1p(torch.exp(-y.abs()))).mean()
    return torch.stack([left, right]).mean()


def detector_loss__right_cross_entropy_of_two_classes(on_images, on_visualizations):
    def side(logits, truth):
        classes = torch.stack([torch.zeros_like(logits), logits], 1)
        return F.cross_entropy(classes, torch.full((len(logits),), truth))

    return (side(on_images, 0) + side(on_visualizations, 1)) / 2


def detector_loss__right_of_shape_one(on_images, on_visualizations):
    right = torch.cat(
        [
            F.logsigmoid(-on_images) / len(on_images) / 2,
            F.logsigmoid(on_visualizations) / len(on_visualizations) / 2,
        ]
    )
    return -right.sum(0, keepdim=True)


def detector_loss__wrong_concatenated(on_images, on_visualizations):
    """you average over all pictures, so that the larger side counts more"""
    logits = torch.cat([on_images, on_visualizations])
    truth = torch.cat([torch.zeros_like(on_images), torch.ones_like(on_visualizations)])
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, truth)


def detector_loss__wrong_sums_within_each_side(on_images, on_visualizations):
    """average over each side"""
    return (F.softplus(on_images).sum() + F.softplus(-on_visualizations).sum()) / 2


def detector_loss__wrong_sum_of_all(on_images, on_visualizations):
    """average over each side"""
    return F.softplus(on_images).sum() + F.softplus(-on_visualizations).sum()


def detector_loss__wrong_not_reduced(on_images, on_visualizations):
    r"""shape \(4,\), where the loss.* should have shape \(\)"""
    return (F.softplus(on_images) + F.softplus(-on_visualizations)) / 2


def detector_loss__wrong_images_alone(on_images, on_visualizations):
    """the visualizations are missing"""
    cost = F.binary_cross_entropy_with_logits
    return cost(on_images, torch.zeros_like(on_images))


def detector_loss__wrong_half_of_one_side(on_images, on_visualizations):
    """the mean of both"""
    return -F.logsigmoid(on_visualizations).mean() / 2


def detector_loss__wrong_labels_swapped(on_images, on_visualizations):
    """the sides the wrong way round"""
    cost = F.binary_cross_entropy_with_logits
    images = cost(on_images, torch.ones_like(on_images))
    return (images + cost(on_visualizations, torch.zeros_like(on_visualizations))) / 2


def detector_loss__wrong_both_as_visualizations(on_images, on_visualizations):
    """1 - sigmoid\\(logit\\) for an image"""
    return -(F.logsigmoid(on_images).mean() + F.logsigmoid(on_visualizations).mean()) / 2


def detector_loss__wrong_arguments_turned(on_images, on_visualizations):
    """minus log of the probability of the truth"""
    cost = F.binary_cross_entropy_with_logits
    left = cost(torch.zeros_like(on_images), on_images)
    return (left + cost(torch.ones_like(on_visualizations), on_visualizations)) / 2


def detector_loss__wrong_sigmoid_then_log(on_images, on_visualizations):
    """NaN or infinite: .* on the logits"""
    images = -torch.log(1 - torch.sigmoid(on_images)).mean()
    return (images - torch.log(torch.sigmoid(on_visualizations)).mean()) / 2


def detector_loss__wrong_sigmoid_then_cross_entropy(on_images, on_visualizations):
    """on the logits"""
    p, q = on_images.sigmoid(), on_visualizations.sigmoid()
    left = F.binary_cross_entropy(p, torch.zeros_like(p))
    return (left + F.binary_cross_entropy(q, torch.ones_like(q))) / 2


def detector_loss__wrong_clamped_probability(on_images, on_visualizations):
    """on the logits"""
    p = on_images.sigmoid().clamp(1e-7, 1 - 1e-7)
    q = on_visualizations.sigmoid().clamp(1e-7, 1 - 1e-7)
    return -((1 - p).log().mean() + q.log().mean()) / 2


def detector_loss__wrong_a_bit_inside_the_log(on_images, on_visualizations):
    """on the logits"""
    p, q = on_images.sigmoid(), on_visualizations.sigmoid()
    return -((1 - p + 1e-8).log().mean() + (q + 1e-8).log().mean()) / 2


def detector_loss__wrong_log_of_one_plus_exp(on_images, on_visualizations):
    """on the logits"""
    return (
        torch.log(1 + torch.exp(on_images)).mean()
        + torch.log(1 + torch.exp(-on_visualizations)).mean()
    ) / 2


def detector_loss__wrong_stable_on_one_side(on_images, on_visualizations):
    """on the logits"""
    images = -torch.log(1 - on_images.sigmoid()).mean()
    return (images - F.logsigmoid(on_visualizations).mean()) / 2


def detector_loss__wrong_stable_on_the_other(on_images, on_visualizations):
    """on the logits"""
    visualizations = -torch.log(on_visualizations.sigmoid()).mean()
    return (F.softplus(on_images).mean() + visualizations) / 2


def detector_loss__wrong_nan_to_num(on_images, on_visualizations):
    """on the logits"""
    p, q = on_images.sigmoid(), on_visualizations.sigmoid()
    return -torch.nan_to_num((1 - p).log().mean() + q.log().mean(), neginf=-100.0) / 2


def detector_loss__wrong_clamped_logits(on_images, on_visualizations):
    """on the logits as they are"""
    x, y = on_images.clamp(-50, 50), on_visualizations.clamp(-50, 50)
    return (F.softplus(x).mean() + F.softplus(-y).mean()) / 2


def detector_loss__wrong_sigmoid_twice(on_images, on_visualizations):
    """sigmoid"""
    p, q = on_images.sigmoid(), on_visualizations.sigmoid()
    return (F.softplus(p).mean() + F.softplus(-q).mean()) / 2


def detector_loss__wrong_item(on_images, on_visualizations):
    """a float, where the loss.* is due"""
    loss = F.softplus(on_images).mean() + F.softplus(-on_visualizations).mean()
    return loss.item() / 2


def detector_loss__wrong_detached(on_images, on_visualizations):
    """No gradient reaches the input"""
    loss = F.softplus(on_images.detach()).mean() + F.softplus(-on_visualizations.detach()).mean()
    return loss / 2


def detector_loss__wrong_one_side_detached(on_images, on_visualizations):
    """gradient"""
    return (F.softplus(on_images.detach()).mean() + F.softplus(-on_visualizations).mean()) / 2


def detector_loss__wrong_wrapped_again(on_images, on_visualizations):
    """No gradient reaches the input"""
    loss = F.softplus(on_images).mean() + F.softplus(-on_visualizations).mean()
    return torch.tensor(loss.item() / 2)


def detector_loss__wrong_numpy(on_images, on_visualizations):
    """detach|gradient"""
    images, visualizations = on_images.numpy(), on_visualizations.numpy()
    return (np.logaddexp(0, images).mean() + np.logaddexp(0, -visualizations).mean()) / 2


def detector_loss__wrong_numpy_detached(on_images, on_visualizations):
    """[Nn]o gradient|gradients get through"""
    images, visualizations = on_images.detach().numpy(), on_visualizations.detach().numpy()
    return (np.logaddexp(0, images).mean() + np.logaddexp(0, -visualizations).mean()) / 2


def detector_loss__wrong_log10(on_images, on_visualizations):
    """base 10; take the natural one"""
    loss = F.softplus(on_images).mean() + F.softplus(-on_visualizations).mean()
    return loss / 2 / math.log(10)


def detector_loss__wrong_log2_of_a_sigmoid(on_images, on_visualizations):
    """base 2; take the natural one"""
    images = torch.log2(1 - torch.sigmoid(on_images)).mean()
    return -(images + torch.log2(torch.sigmoid(on_visualizations)).mean()) / 2


def detector_loss__wrong_in_place(on_images, on_visualizations):
    """changed? .*in place|changes on_images"""
    on_images *= -1
    return -(F.logsigmoid(on_images).mean() + F.logsigmoid(on_visualizations).mean()) / 2


def detector_loss__wrong_in_place_without_gradient(on_images, on_visualizations):
    """changes on_visualizations"""
    with torch.no_grad():
        on_visualizations.neg_()
    return (F.softplus(on_images).mean() + F.softplus(on_visualizations).mean()) / 2


def detector_loss__wrong_mean_logit(on_images, on_visualizations):
    """minus log of the probability"""
    return (F.softplus(on_images.mean()) + F.softplus(-on_visualizations.mean())) / 2


def detector_loss__wrong_log_of_the_mean(on_images, on_visualizations):
    """minus log of the probability"""
    right = (1 - on_images.sigmoid()).mean(), on_visualizations.sigmoid().mean()
    return -(right[0].log() + right[1].log()) / 2


def detector_loss__wrong_difference(on_images, on_visualizations):
    """minus log of the probability"""
    return (on_images.mean() - on_visualizations.mean()) / 2


def detector_loss__wrong_hinge(on_images, on_visualizations):
    """minus log of the probability"""
    return (F.relu(1 + on_images).mean() + F.relu(1 - on_visualizations).mean()) / 2


def detector_loss__wrong_median(on_images, on_visualizations):
    return (F.softplus(on_images).median() + F.softplus(-on_visualizations).median()) / 2


def detector_loss__wrong_share_of_errors(on_images, on_visualizations):
    """minus log of the probability|gradient"""
    return ((on_images > 0).float().mean() + (on_visualizations < 0).float().mean()) / 2


def detector_loss__wrong_zip(on_images, on_visualizations):
    """average over each side"""
    pairs = zip(on_images, on_visualizations, strict=False)
    return sum((F.softplus(i) + F.softplus(-v)) / 2 for i, v in pairs) / len(on_images)


def detector_loss__wrong_divided_by_the_images(on_images, on_visualizations):
    """average over each side"""
    total = F.softplus(on_images).sum() + F.softplus(-on_visualizations).sum()
    return total / (2 * len(on_images))


def detector_loss__wrong_rounded(on_images, on_visualizations):
    loss = (F.softplus(on_images).mean() + F.softplus(-on_visualizations).mean()) / 2
    return loss.round(decimals=3)
