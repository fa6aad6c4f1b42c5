"""Lesson 03."""

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


gate_on_path__edits = r"""
A gate is 0 or 1, and you returned
    return torch.sigmoid(detector(pictures))
compare the logit with 0
    return detector(pictures)
you compare with 0.5
    > 0)  ->  > 0.5)
holds floating point numbers
    return detector(pictures) > 0
you leave out both ends
    steps)[:,  ->  steps + 2)[1:-1,
once open your gate stays open
    .float()  ->  .float().cummax(0).values
your steps get larger and larger
    [:, None, None, None]  ->  [:, None, None, None] ** 2
shape \(25,\), where the gate should have shape \(11,\)
    steps)  ->  25)
starts from a picture of 0.5 throughout
    pictures =  ->  baseline = torch.full_like(image, 0.5); pictures =
Two sorts of floating point numbers meet
    torch.linspace(0, 1, steps)  ->  torch.from_numpy(np.linspace(0, 1, steps))
both ends included
    share =  ->  baseline = baseline.flip(3); share =
both ends included
    share =  ->  baseline = baseline.mean(); share =
both ends included
    share =  ->  image = image.flip(3); share =
both ends included
    share =  ->  image = image.mean(); share =
both ends included
    share =  ->  image = image.mean((2, 3), keepdim=True); share =
both ends included
    share =  ->  image = image.mean(1, keepdim=True).expand_as(image); share =
    pictures =  ->  baseline = baseline.mean(1, keepdim=True).expand_as(image); pictures =
both ends included
    share =  ->  baseline = baseline[:, :, :1, :1]; share =
its logit is 0.004
    > 0)  ->  .round(decimals=2) > 0)
"""


def smallest_k__right_one_row(on_images, along_the_way, offset):
    return (torch.cat([on_images.flatten(), along_the_way.flatten()]) + offset).max()


def smallest_k__right_in_a_loop(on_images, along_the_way, offset):
    k = -math.inf
    for logits in (on_images, along_the_way):
        for row in logits.tolist():
            k = max(k, *[logit + offset for logit in row])
    return np.array([k])


smallest_k__edits = r"""
.*
    return round(float(max(on_images.max(), along_the_way.max())) + offset, 4)
.*
    return float(max(on_images.max(), along_the_way.max())) + offset + 1e-5 * offset
the last picture of the optimization only
    along_the_way  ->  along_the_way[-1]
returned 8 numbers, .*, where k, one, is due
    return torch.maximum(on_images.amax(0), along_the_way.amax(0)) + offset
Two shapes do not fit
    return float(torch.maximum(on_images, along_the_way).max()) + offset
takes tensors of one shape only
    return float(torch.stack([on_images, along_the_way]).max()) + offset
off by .0.0
    + offset  ->  + offset + 0.01
do not round
    return round(float(max(on_images.max(), along_the_way.max())) + offset, 1)
you take the smallest logit off
    both = torch.cat([on_images, along_the_way]); return float(both.max() - both.min()) + offset
which lets 1 of the 512 logits through.*over all rows
    return float(torch.cat([on_images, along_the_way]).quantile(0.999)) + offset
you count it twice
    + offset  ->  + 2 * offset
it is 250 in every case
    return 250.0
9e.03 more than is needed
    on_images.max(), along_the_way.max()  ->  -1000.0, on_images.max(), along_the_way.max()
"""


def wire__right_clamp_and_a_list(f, d, e, k, offset):
    b = (f + offset - k * e).clamp(min=0)
    c = (d + offset - k * (1 - e)).clamp(min=0)
    return [b + c - offset, b, c]


def wire__right_a_larger_k_in_numpy(f, d, e, k, offset):
    f, d, e = f.numpy(), d.numpy(), e.numpy()
    b = np.maximum(f + offset - 3 * k * e, 0)
    c = np.maximum(d + offset - 20 * k * (1 - e), 0)
    return np.stack([b + c - offset, b, c])


wire__edits = r"""
that is GELU
    b = torch.relu  ->  b = torch.nn.functional.gelu
    c = torch.relu  ->  c = torch.nn.functional.gelu
softplus is smooth
    b = torch.relu  ->  b = F.softplus
    c = torch.relu  ->  c = F.softplus
half of k does not shut
    b =  ->  k = k / 2; b =
another order
    return b + c - offset, c, b
B is not the ReLU of a weighted sum.*rounded e
    - k * e  ->  - k * (e > 0.5).float()
    + k * e - k  ->  - k * (e < 0.5).float()
C is not the ReLU.*or a power
    + k * e - k  ->  - k * (1 - e) ** 2
You multiply by the gate
    torch.relu(f + offset - k * e)  ->  (f + offset) * (1 - e)
    torch.relu(d + offset + k * e - k)  ->  (d + offset) * e
B has shape \(8, 1\), and should have \(8,\)
    return b + c - offset, b[:, None], c[:, None]
A is not B \+ C - offset
    return torch.where(e < 0.5, f, d), b, c
returned a tensor of shape
    return b + c - offset
k is not always 250, nor the offset 100
    b =  ->  k, offset = 250, 100; b =
you add the offset behind the ReLU
    f + offset - k * e)  ->  f - k * e) + offset
    d + offset + k * e - k)  ->  d + k * e - k) + offset
a weight of the logits' making
    b =  ->  k = torch.cat([f, d]).max() + offset; b =
"""


def detector_loss__right_cross_entropy_of_each_side(on_images, on_visualizations):
    cost = F.binary_cross_entropy_with_logits
    images = cost(on_images, torch.zeros_like(on_images))
    return (images + cost(on_visualizations, torch.ones_like(on_visualizations))) / 2


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
    sides = (F.logsigmoid(right) / len(right) / 2 for right in (-on_images, on_visualizations))
    return -torch.cat([*sides]).sum(0, keepdim=True)


def detector_loss__wrong_concatenated(on_images, on_visualizations):
    """you average over all pictures, so that the larger side counts more"""
    logits = torch.cat([on_images, on_visualizations])
    truth = torch.cat([torch.zeros_like(on_images), torch.ones_like(on_visualizations)])
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, truth)


def detector_loss__wrong_clamped_probability(on_images, on_visualizations):
    """Clamp neither logits nor probabilities"""
    p = on_images.sigmoid().clamp(1e-7, 1 - 1e-7)
    q = on_visualizations.sigmoid().clamp(1e-7, 1 - 1e-7)
    return -((1 - p).log().mean() + q.log().mean()) / 2


detector_loss__edits = r"""
you take the larger of the two sides
    return torch.maximum(images, visualizations)
NaN or infinite: .* on the logits
    torch.nn.functional.softplus(on_images)  ->  -torch.log(1 - torch.sigmoid(on_images))
    torch.nn.functional.softplus(-on_visualizations)  ->  -on_visualizations.sigmoid().log()
you average the probabilities before the logarithm
    return -((1 - on_images.sigmoid()).mean().log() + on_visualizations.sigmoid().mean().log()) / 2
you sum within each side
    (on_images).mean()  ->  (on_images).sum()
    (-on_visualizations).mean()  ->  (-on_visualizations).sum()
shape \(4,\), where the loss.* should have shape \(\)
    (on_images).mean()  ->  (on_images)
    (-on_visualizations).mean()  ->  (-on_visualizations)
you treat images as visualizations
    softplus(on_images)  ->  softplus(-on_images)
Clamp neither logits
    softplus(on_images)  ->  softplus(on_images.clamp(-50, 50))
    softplus(-on_visualizations)  ->  softplus(-on_visualizations.clamp(-50, 50))
you apply a sigmoid twice
    softplus(on_images)  ->  softplus(on_images.sigmoid())
    softplus(-on_visualizations)  ->  softplus(-on_visualizations.sigmoid())
No gradient reaches on_images
    softplus(on_images)  ->  softplus(on_images.detach())
you take the median of each side
    (on_images).mean()  ->  (on_images).median()
    (-on_visualizations).mean()  ->  (-on_visualizations).median()
do not round
    return ((images + visualizations) / 2).round(decimals=3)
"""


def gate_on_path__right_in_numpy(detector, image, baseline, steps):
    share = torch.linspace(0, 1, steps).view(-1, 1, 1, 1)
    return (detector(baseline + share * (image - baseline)).numpy() > 0).astype("float32")
