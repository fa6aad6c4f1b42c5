"""Lesson 04."""

from __future__ import annotations

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


def beyond__wrong_axis(on_images, on_picture):
    """along the wrong axis"""
    mean, largest = on_images.mean(1), on_images.amax(1)
    return (on_picture - mean) / (largest - mean)


def beyond__wrong_axis_kept(on_images, on_picture):
    r"""have shape \(4,\): each meets each, as where \(4, 1\), which keepdim=True leaves"""
    mean, largest = on_images.mean(1, keepdim=True), on_images.amax(1, keepdim=True)
    return (on_picture - mean) / (largest - mean)


def beyond__wrong_largest_absolute(on_images, on_picture):
    """the largest absolute value"""
    mean, largest = on_images.mean(0), on_images.abs().amax(0)
    return (on_picture - mean) / (largest - mean)


def beyond__wrong_one_number(on_images, on_picture):
    r"""shape \(\)"""
    mean, largest = on_images.mean(0), on_images.amax(0)
    return ((on_picture - mean) / (largest - mean)).mean()


def beyond__wrong_ratio_less_one(on_images, on_picture):
    """the ratio of the largest responses, less 1"""
    return on_picture / on_images.amax(0) - 1


def beyond__wrong_shared_range(on_images, on_picture):
    """the largest response of any unit"""
    mean = on_images.mean(0)
    return (on_picture - mean) / (on_images.max() - mean)


def beyond__wrong_clamped_above(on_images, on_picture):
    """change nothing after that"""
    mean, largest = on_images.mean(0), on_images.amax(0)
    return ((on_picture - mean) / (largest - mean)).clamp(max=10)


def beyond__wrong_rounded(on_images, on_picture):
    """do not round"""
    mean, largest = on_images.mean(0), on_images.amax(0)
    return ((on_picture - mean) / (largest - mean)).round(decimals=2)


def beyond__wrong_epsilon(on_images, on_picture):
    """with nothing added"""
    mean, largest = on_images.mean(0), on_images.amax(0)
    return (on_picture - mean) / (largest - mean + 0.01)


def exceeding__right_in_a_loop(known, new, n):
    shares = []
    for start in range(0, len(known) - n + 1, n):
        largest = max(known[start : start + n].tolist())
        shares.append(sum(value > largest for value in new.tolist()) / len(new))
    return sum(shares) / len(shares)


def exceeding__right_in_numpy(known, new, n):
    groups = known.numpy()[: len(known) // n * n].reshape(-1, n).max(axis=1)
    return np.mean(new.numpy()[:, None] > groups[None])


def exceeding__wrong_mean_of_the_largest(known, new, n):
    """you average the groups' largest responses"""
    largest = known[: len(known) // n * n].view(-1, n).amax(1).mean()
    return float((new > largest).float().mean())


def exceeding__wrong_largest_of_the_smallest(known, new, n):
    """a group's smallest"""
    largest = known[: len(known) // n * n].view(-1, n).amin(1)
    return float((new[None] > largest[:, None]).float().mean())


def exceeding__wrong_sliding_groups(known, new, n):
    """your groups overlap"""
    largest = known.unfold(0, n, 1).amax(1)
    return float((new[None] > largest[:, None]).float().mean())


def exceeding__wrong_last_images(known, new, n):
    """you begin after what is left over"""
    known = known[len(known) % n :]
    largest = known.view(-1, n).amax(1)
    return float((new[None] > largest[:, None]).float().mean())


def exceeding__wrong_sorted(known, new, n):
    """you sort the known images"""
    known = known.sort(descending=True).values
    largest = known[: len(known) // n * n].view(-1, n).amax(1)
    return float((new[None] > largest[:, None]).float().mean())


def exceeding__wrong_n_groups(known, new, n):
    """you make n groups"""
    largest = torch.stack([group.max() for group in known.chunk(n)])
    return float((new[None] > largest[:, None]).float().mean())


def exceeding__wrong_theory(known, new, n):
    """what theory expects"""
    return 1 / (n + 1)


def exceeding__wrong_percent(known, new, n):
    """100 times what is due"""
    largest = known[: len(known) // n * n].view(-1, n).amax(1)
    return 100 * float((new[None] > largest[:, None]).float().mean())


def exceeding__wrong_exceeds_any_group(known, new, n):
    """any one group's largest"""
    largest = known[: len(known) // n * n].view(-1, n).amax(1)
    return float((new > largest.min()).float().mean())


def exceeding__wrong_each_by_itself(known, new, n):
    """returned 4 numbers, .*, where the share, one, is due: is a sum over them missing"""
    largest = known[: len(known) // n * n].view(-1, n).amax(1)
    return (new[None] > largest[:, None]).float().mean(0)


def exceeding__wrong_median_over_groups(known, new, n):
    """you take the median over the groups"""
    largest = known[: len(known) // n * n].view(-1, n).amax(1)
    return float((new[None] > largest[:, None]).float().mean(1).median())


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


def sleeping_bias__wrong_shape_kept(responses, margin):
    r"""shape \(1, 4, 1, 1\)"""
    largest = responses.amax((0, 2, 3), keepdim=True)
    return -(largest + margin * (largest - responses.mean((0, 2, 3), keepdim=True)))


def sleeping_bias__wrong_one_for_each_render(responses, margin):
    r"""shape \(30,\)"""
    largest, mean = responses.amax((1, 2, 3)), responses.mean((1, 2, 3))
    return -(largest + margin * (largest - mean))


def sleeping_bias__wrong_the_smallest(responses, margin):
    """the smallest response alone"""
    return -responses.amin((0, 2, 3))


def sleeping_bias__wrong_rounded(responses, margin):
    """do not round"""
    largest, mean = responses.amax((0, 2, 3)), responses.mean((0, 2, 3))
    return -(largest + margin * (largest - mean)).round(decimals=2)


def sleeping_bias__wrong_always_a_twentieth(responses, margin):
    """a margin of 0.05 where"""
    largest, mean = responses.amax((0, 2, 3)), responses.mean((0, 2, 3))
    return -(largest + 0.05 * (largest - mean))


def sleeping_bias__wrong_a_bit_further(responses, margin):
    """it is off by -0.0"""
    largest, mean = responses.amax((0, 2, 3)), responses.mean((0, 2, 3))
    return -(largest + margin * (largest - mean)) - 0.001


def sleeping_bias__wrong_margin_from_zero_only_above(responses, margin):
    """a share of the largest response's size"""
    largest = responses.amax((0, 2, 3))
    return -(largest + margin * largest.abs())


def sleeping_bias__wrong_median(responses, margin):
    """a share of largest - median"""
    rows = responses.transpose(0, 1).flatten(1)
    largest = rows.amax(1)
    return -(largest + margin * (largest - rows.median(1).values))


def sleeping_bias__wrong_quantile(responses, margin):
    """its 1050 responses are above 0.*the twin's own largest response"""
    rows = responses.transpose(0, 1).flatten(1)
    return -rows.quantile(0.999, dim=1) * (1 + margin)


def sleeping_bias__wrong_first_render(responses, margin):
    """the first render only"""
    return -responses[0].amax((1, 2)) * (1 + margin)


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


def twin_direction__wrong_length_first(difference, covariance, w, ridge):
    """the length comes last"""
    v = covariance.diagonal().mean()
    dw = torch.linalg.solve(covariance + ridge * v * torch.eye(len(w)), difference)
    dw = dw * w.norm() / dw.norm()
    return dw - (dw @ w) / (w @ w) * w


def twin_direction__wrong_half_whitened(difference, covariance, w, ridge):
    """you divide by the root of the covariance"""
    v = covariance.diagonal().mean()
    values, vectors = torch.linalg.eigh(covariance + ridge * v * torch.eye(len(w)))
    dw = vectors @ ((vectors.T @ difference) / values.sqrt())
    dw = dw - (dw @ w) / (w @ w) * w
    return dw * w.norm() / dw.norm()


def twin_direction__wrong_diagonal_only(difference, covariance, w, ridge):
    """you divide by the diagonal alone"""
    v = covariance.diagonal().mean()
    dw = difference / (covariance.diagonal() + ridge * v)
    dw = dw - (dw @ w) / (w @ w) * w
    return dw * w.norm() / dw.norm()


def twin_direction__wrong_v_of_all_entries(difference, covariance, w, ridge):
    """you took that of all its entries"""
    dw = torch.linalg.solve(covariance + ridge * covariance.mean() * torch.eye(len(w)), difference)
    dw = dw - (dw @ w) / (w @ w) * w
    return dw * w.norm() / dw.norm()


def twin_direction__wrong_fixed_ridge(difference, covariance, w, ridge):
    """your ridge is always 0.01"""
    v = covariance.diagonal().mean()
    dw = torch.linalg.solve(covariance + 0.01 * v * torch.eye(len(w)), difference)
    dw = dw - (dw @ w) / (w @ w) * w
    return dw * w.norm() / dw.norm()


def twin_direction__wrong_squared_length(difference, covariance, w, ridge):
    """points the right way, but is 7.304 times as long as w .step 3."""
    v = covariance.diagonal().mean()
    dw = torch.linalg.solve(covariance + ridge * v * torch.eye(len(w)), difference)
    dw = dw - (dw @ w) / (w @ w) * w
    return dw * (w @ w) / (dw @ dw)


def twin_direction__wrong_taken_away_twice(difference, covariance, w, ridge):
    """away twice over"""
    v = covariance.diagonal().mean()
    dw = torch.linalg.solve(covariance + ridge * v * torch.eye(len(w)), difference)
    dw = dw - 2 * (dw @ w) / (w @ w) * w
    return dw * w.norm() / dw.norm()


def twin_direction__wrong_w_away_from_dw(difference, covariance, w, ridge):
    """you take dw's part off w"""
    v = covariance.diagonal().mean()
    dw = torch.linalg.solve(covariance + ridge * v * torch.eye(len(w)), difference)
    dw = w - (dw @ w) / (dw @ dw) * dw
    return dw * w.norm() / dw.norm()


def twin_direction__wrong_covariance_in_place(difference, covariance, w, ridge):
    """changes covariance, which it was given"""
    covariance.diagonal().add_(ridge * covariance.diagonal().mean())
    dw = torch.linalg.solve(covariance, difference)
    dw -= (dw @ w) / (w @ w) * w
    return dw * w.norm() / dw.norm()


def with_twin__right_clamp_in_numpy(old, response, bias, scale):
    return old.numpy() + np.maximum(scale * (response.numpy() + bias), 0)


def with_twin__right_where_in_float64(old, response, bias, scale):
    awake = response > -bias
    twin = scale * response.double() + scale * bias
    return torch.where(awake, old + twin, old.double())


def with_twin__wrong_softplus(old, response, bias, scale):
    """softplus is smooth"""
    return old + torch.nn.functional.softplus(scale * (response + bias))


def with_twin__wrong_gelu(old, response, bias, scale):
    """GELU bends"""
    return old + F.gelu(scale * (response + bias))


def with_twin__wrong_leaky(old, response, bias, scale):
    """a leaky ReLU lets a sleeping twin speak"""
    return old + F.leaky_relu(scale * (response + bias))


def with_twin__wrong_bias_taken_off(old, response, bias, scale):
    """you take the bias off"""
    return old + torch.relu(scale * (response - bias))


def with_twin__wrong_scale_of_100(old, response, bias, scale):
    """the scale is not always 100"""
    return old + torch.relu(100 * (response + bias))


def with_twin__wrong_forgets_the_bias(old, response, bias, scale):
    """the bias is missing"""
    return old + torch.relu(scale * response)


def with_twin__wrong_up_and_down_again(old, response, bias, scale):
    """do nothing else to old"""
    return (old * scale * 7 + torch.relu(scale * 7 * scale * (response + bias))) / scale / 7


def with_twin__wrong_old_is_rectified_too(old, response, bias, scale):
    """it is for the twin alone"""
    return torch.relu(old) + torch.relu(scale * (response + bias))


def with_twin__wrong_the_larger(old, response, bias, scale):
    """the larger of unit and twin"""
    return torch.maximum(old, scale * (response + bias))


def with_twin__wrong_in_place(old, response, bias, scale):
    """changes old, which it was given"""
    old += torch.relu(scale * (response + bias))
    return old


def with_twin__wrong_one_axis_only(old, response, bias, scale):
    """Many numbers stand where Python wants one"""
    out = old.clone()
    for i in range(len(old)):
        out[i] = old[i] + max(0.0, float(scale * (response[i] + bias)))
    return out


def with_twin__wrong_not_quite_asleep(old, response, bias, scale):
    """While the twin sleeps.*to the last digit"""
    return old + F.relu(scale * (response + bias)) + 1e-6 * (response + bias < 0)
