"""Lesson 04."""

import math

import numpy as np
import torch
from torch.nn import functional as F


def beyond__right_in_numpy(on_images, on_picture):
    images = on_images.numpy().astype(np.float64)
    zero, one = images.mean(axis=0), images.max(axis=0)
    return (on_picture.numpy() - zero) / (one - zero)


def beyond__right_in_a_loop(on_images, on_picture):
    reach = []
    for u in range(on_images.shape[1]):
        zero, one = on_images[:, u].mean(), on_images[:, u].max()
        reach.append((on_picture[u] - zero) / (one - zero))
    return torch.stack(reach)


beyond__edits = r"""
along the wrong axis
    on_images.mean(0), on_images.amax(0)  ->  on_images.mean(1), on_images.amax(1)
have shape \(4,\): each meets each, as where \(4, 1\), which keepdim=True leaves
    on_images.mean(0), on_images.amax(0)  ->  on_images.mean(1, True), on_images.amax(1, True)
the largest absolute value
    on_images.amax  ->  on_images.abs().amax
shape \(\)
    return ((on_picture - mean) / (largest - mean)).mean()
the ratio of the largest responses, less 1
    return on_picture / largest - 1
the largest response of any unit
    on_images.amax(0)  ->  on_images.max()
change nothing after that
    return ((on_picture - mean) / (largest - mean)).clamp(max=10)
do not round
    return ((on_picture - mean) / (largest - mean)).round(decimals=2)
with nothing added
    largest - mean  ->  largest - mean + 0.01
"""


def exceeding__right_in_a_loop(known, new, n):
    shares = []
    for start in range(0, len(known) - n + 1, n):
        largest = max(known[start : start + n].tolist())
        shares.append(sum(value > largest for value in new.tolist()) / len(new))
    return sum(shares) / len(shares)


def exceeding__right_in_numpy(known, new, n):
    groups = known.numpy()[: len(known) // n * n].reshape(-1, n).max(axis=1)
    return np.mean(new.numpy()[:, None] > groups[None])


exceeding__edits = r"""
you average the groups' largest responses
    .amax(1)  ->  .amax(1).mean()[None]
a group's smallest
    amax  ->  amin
your groups overlap
    known[:groups * n].view(groups, n)  ->  known.unfold(0, n, 1)
you begin after what is left over
    known[:groups * n]  ->  known[len(known) % n:]
you sort the known images
    known[:groups * n]  ->  known.sort(descending=True).values[:groups * n]
you make n groups
    return  ->  largest = torch.stack([group.max() for group in known.chunk(n)]); return
what theory expects
    return 1 / (n + 1)
100 times what is due
    float(  ->  100 * float(
any one group's largest
    new[None] > largest[:, None]  ->  new > largest.min()
returned 4 numbers, .*, where the share, one, is due: is a sum over them missing
    return (new[None] > largest[:, None]).float().mean(0)
you take the median over the groups
    .mean()  ->  .mean(1).median()
"""


def sleeping_bias__right_one_row_each(responses, margin):
    rows = responses.transpose(0, 1).flatten(1)
    largest = rows.max(dim=1).values
    return -largest - margin * (largest - rows.mean(1))


def sleeping_bias__right_in_a_loop(responses, margin):
    biases = []
    for twin in range(responses.shape[1]):
        r = responses[:, twin].numpy().astype(np.float64)
        biases.append(-r.max() - margin * (r.max() - r.mean()))
    return np.array(biases)


sleeping_bias__edits = r"""
its 1050 responses are above 0.*the twin's own largest response
    return -responses.transpose(0, 1).flatten(1).quantile(0.999, dim=1) * (1 + margin)
shape \(1, 4, 1, 1\)
    amax((0, 2, 3))  ->  amax((0, 2, 3), True)
    mean((0, 2, 3))  ->  mean((0, 2, 3), True)
shape \(30,\)
    amax((0, 2, 3)), responses.mean((0, 2, 3))  ->  amax((1, 2, 3)), responses.mean((1, 2, 3))
the smallest response alone
    return -responses.amin((0, 2, 3))
do not round
    return -(largest + margin * (largest - mean)).round(decimals=2)
a margin of 0.05 where
    margin  ->  0.05
it is off by -0.0
    return -(largest + margin * (largest - mean)) - 0.001
a share of the largest response's size
    (largest - mean)  ->  largest.abs()
a share of largest - median
    responses.mean((0, 2, 3))  ->  responses.transpose(0, 1).flatten(1).median(1).values
the first render only
    return -responses[0].amax((1, 2)) * (1 + margin)
"""


def twin_direction__right_with_an_inverse(difference, covariance, w, ridge):
    v = covariance.diagonal().mean()
    dw = torch.linalg.inv(covariance + ridge * v * torch.eye(len(w), dtype=w.dtype)) @ difference
    unit = w / w.norm()
    dw = dw - (dw @ unit) * unit
    return F.normalize(dw, dim=0) * w.norm()


def twin_direction__right_in_numpy(difference, covariance, w, ridge):
    d, c, w = difference.numpy(), covariance.numpy(), w.numpy()
    dw = np.linalg.solve(c + ridge * np.trace(c) / len(w) * np.eye(len(w)), d)
    dw = dw - dw.dot(w) / w.dot(w) * w
    return dw / math.sqrt((dw**2).sum()) * math.sqrt((w**2).sum())


def twin_direction__wrong_half_whitened(difference, covariance, w, ridge):
    """you divide by the root of the covariance"""
    v = covariance.diagonal().mean()
    values, vectors = torch.linalg.eigh(covariance + ridge * v * torch.eye(len(w)))
    dw = vectors @ ((vectors.T @ difference) / values.sqrt())
    dw = dw - (dw @ w) / (w @ w) * w
    return dw * w.norm() / dw.norm()


twin_direction__edits = r"""
the length comes last
    dw = dw -  ->  dw = dw * w.norm() / dw.norm(); dw = dw -
    return dw
you divide by the diagonal alone
    dw = dw -  ->  dw = difference / (covariance.diagonal() + eps); dw = dw -
you took that of all its entries
    covariance.diagonal().mean()  ->  covariance.mean()
your ridge is always 0.01
    eps = ridge  ->  eps = 0.01
points the right way, but is 7.304 times as long as w .step 3.
    return dw * (w @ w) / (dw @ dw)
away twice over
    dw - dw @ w  ->  dw - 2 * (dw @ w)
you take dw's part off w
    dw - dw @ w / (w @ w) * w  ->  w - dw @ w / (dw @ dw) * dw
changes covariance, which it was given
    covariance.diagonal().mean()  ->  covariance.diagonal().mean(); covariance.diagonal().add_(eps)
    covariance + eps * torch.eye(len(w)).to(w)  ->  covariance
"""


def with_twin__right_clamp_in_numpy(old, response, bias, scale):
    return old.numpy() + np.maximum(scale * (response.numpy() + bias), 0)


def with_twin__right_where_in_float64(old, response, bias, scale):
    awake = response > -bias
    twin = scale * response.double() + scale * bias
    return torch.where(awake, old + twin, old.double())


def with_twin__wrong_one_axis_only(old, response, bias, scale):
    """Many numbers stand where Python wants one"""
    out = old.clone()
    for i in range(len(old)):
        out[i] = old[i] + max(0.0, float(scale * (response[i] + bias)))
    return out


with_twin__edits = r"""
softplus is smooth
    torch.relu  ->  torch.nn.functional.softplus
GELU bends
    torch.relu  ->  F.gelu
a leaky ReLU lets a sleeping twin speak
    torch.relu  ->  F.leaky_relu
you take the bias off
    response + bias  ->  response - bias
the scale is not always 100
    scale  ->  100
the bias is missing
    (response + bias)  ->  response
do nothing else to old
    return (old * scale * 7 + torch.relu(scale * 7 * scale * (response + bias))) / scale / 7
it is for the twin alone
    old  ->  torch.relu(old)
the larger of unit and twin
    return torch.maximum(old, scale * (response + bias))
changes old, which it was given
    old += torch.relu(scale * (response + bias)); return old
While the twin sleeps.*to the last digit
    old +  ->  old + 1e-06 * (response + bias < 0) +
"""
