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
    """you compare with 0.5"""
    share = torch.linspace(0, 1, steps)[:, None, None, None]
    return (detector(baseline + share * (image - baseline)) > 0.5).float()


def gate_on_path__wrong_booleans(detector, image, baseline, steps):
    """holds floating point numbers"""
    share = torch.linspace(0, 1, steps)[:, None, None, None]
    return detector(baseline + share * (image - baseline)) > 0


def gate_on_path__wrong_without_both_ends(detector, image, baseline, steps):
    """you leave out both ends"""
    share = torch.linspace(0, 1, steps + 2)[1:-1, None, None, None]
    return (detector(baseline + share * (image - baseline)) > 0).float()


def gate_on_path__wrong_stays_open(detector, image, baseline, steps):
    """once open your gate stays open"""
    share = torch.linspace(0, 1, steps)[:, None, None, None]
    gate = (detector(baseline + share * (image - baseline)) > 0).float()
    return gate.cummax(0).values


def gate_on_path__wrong_quadratic_steps(detector, image, baseline, steps):
    """your steps get larger and larger"""
    share = torch.linspace(0, 1, steps)[:, None, None, None] ** 2
    return (detector(baseline + share * (image - baseline)) > 0).float()


def gate_on_path__wrong_always_25_steps(detector, image, baseline, steps):
    r"""shape \(25,\), where the gate should have shape \(11,\)"""
    share = torch.linspace(0, 1, 25)[:, None, None, None]
    return (detector(baseline + share * (image - baseline)) > 0).float()


def gate_on_path__wrong_grey_baseline(detector, image, baseline, steps):
    """starts from a picture of 0.5 throughout"""
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
    """the last picture of the optimization only"""
    return float(max(on_images.max(), along_the_way[-1].max())) + offset


def smallest_k__wrong_one_for_each_unit(on_images, along_the_way, offset):
    """returned 8 numbers, .*, where k, one, is due"""
    return torch.maximum(on_images.amax(0), along_the_way.amax(0)) + offset


def smallest_k__wrong_equal_shapes_only(on_images, along_the_way, offset):
    """Two shapes do not fit"""
    return float(torch.maximum(on_images, along_the_way).max()) + offset


def smallest_k__wrong_stacked(on_images, along_the_way, offset):
    """takes tensors of one shape only"""
    return float(torch.stack([on_images, along_the_way]).max()) + offset


def smallest_k__wrong_a_bit_more(on_images, along_the_way, offset):
    """off by .0.0"""
    return float(max(on_images.max(), along_the_way.max())) + offset + 0.01


def smallest_k__wrong_rounded_to_one_decimal(on_images, along_the_way, offset):
    """do not round"""
    return round(float(max(on_images.max(), along_the_way.max())) + offset, 1)


def smallest_k__wrong_range(on_images, along_the_way, offset):
    """you take the smallest logit off"""
    both = torch.cat([on_images, along_the_way])
    return float(both.max() - both.min()) + offset


def smallest_k__wrong_quantile(on_images, along_the_way, offset):
    """which lets 1 of the 512 logits through.*over all rows"""
    return float(torch.cat([on_images, along_the_way]).quantile(0.999)) + offset


def smallest_k__wrong_twice_the_offset(on_images, along_the_way, offset):
    """you count it twice"""
    return float(max(on_images.max(), along_the_way.max())) + 2 * offset


def smallest_k__wrong_the_lessons_own(on_images, along_the_way, offset):
    """it is 250 whatever"""
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
    """that is GELU"""
    b = torch.nn.functional.gelu(f + offset - k * e)
    c = torch.nn.functional.gelu(d + offset + k * e - k)
    return b + c - offset, b, c


def wire__wrong_softplus(f, d, e, k, offset):
    """softplus is smooth"""
    b = F.softplus(f + offset - k * e)
    c = F.softplus(d + offset + k * e - k)
    return b + c - offset, b, c


def wire__wrong_a_half_k(f, d, e, k, offset):
    """half of k does not shut"""
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
    """C is not the ReLU.*or a power"""
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


def wire__wrong_a_chosen_by_e(f, d, e, k, offset):
    """A is not B \\+ C - offset"""
    b = torch.relu(f + offset - k * e)
    c = torch.relu(d + offset + k * e - k)
    return torch.where(e < 0.5, f, d), b, c


def wire__wrong_a_alone(f, d, e, k, offset):
    """returned a tensor of shape"""
    return torch.relu(f + offset - k * e) + torch.relu(d + offset + k * e - k) - offset


def wire__wrong_fixed_numbers(f, d, e, k, offset):
    """k is not always 250, nor the offset 100"""
    b = torch.relu(f + 100 - 250 * e)
    c = torch.relu(d + 100 + 250 * e - 250)
    return b + c - 100, b, c


def wire__wrong_offset_after_the_relu(f, d, e, k, offset):
    """you add the offset behind the ReLU"""
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
    """you sum within each side"""
    return (F.softplus(on_images).sum() + F.softplus(-on_visualizations).sum()) / 2


def detector_loss__wrong_not_reduced(on_images, on_visualizations):
    r"""shape \(4,\), where the loss.* should have shape \(\)"""
    return (F.softplus(on_images) + F.softplus(-on_visualizations)) / 2


def detector_loss__wrong_both_as_visualizations(on_images, on_visualizations):
    """you treat images as visualizations"""
    return -(F.logsigmoid(on_images).mean() + F.logsigmoid(on_visualizations).mean()) / 2


def detector_loss__wrong_sigmoid_then_log(on_images, on_visualizations):
    """NaN or infinite: .* on the logits"""
    images = -torch.log(1 - torch.sigmoid(on_images)).mean()
    return (images - torch.log(torch.sigmoid(on_visualizations)).mean()) / 2


def detector_loss__wrong_clamped_probability(on_images, on_visualizations):
    """Clamp neither logits nor probabilities"""
    p = on_images.sigmoid().clamp(1e-7, 1 - 1e-7)
    q = on_visualizations.sigmoid().clamp(1e-7, 1 - 1e-7)
    return -((1 - p).log().mean() + q.log().mean()) / 2


def detector_loss__wrong_clamped_logits(on_images, on_visualizations):
    """Clamp neither logits"""
    x, y = on_images.clamp(-50, 50), on_visualizations.clamp(-50, 50)
    return (F.softplus(x).mean() + F.softplus(-y).mean()) / 2


def detector_loss__wrong_sigmoid_twice(on_images, on_visualizations):
    """you apply a sigmoid twice"""
    p, q = on_images.sigmoid(), on_visualizations.sigmoid()
    return (F.softplus(p).mean() + F.softplus(-q).mean()) / 2


def detector_loss__wrong_one_side_detached(on_images, on_visualizations):
    """No gradient reaches on_images"""
    return (F.softplus(on_images.detach()).mean() + F.softplus(-on_visualizations).mean()) / 2


def detector_loss__wrong_log_of_the_mean(on_images, on_visualizations):
    """you average the probabilities before the logarithm"""
    right = (1 - on_images.sigmoid()).mean(), on_visualizations.sigmoid().mean()
    return -(right[0].log() + right[1].log()) / 2


def detector_loss__wrong_median(on_images, on_visualizations):
    """you take the median of each side"""
    return (F.softplus(on_images).median() + F.softplus(-on_visualizations).median()) / 2


def detector_loss__wrong_rounded(on_images, on_visualizations):
    """do not round"""
    loss = (F.softplus(on_images).mean() + F.softplus(-on_visualizations).mean()) / 2
    return loss.round(decimals=3)
