"""Lesson 09."""

import math

import numpy as np
import torch
from torch.nn import functional as F


def keep_and_lead__right_with_losses(answers, before, told, wanted, slope, lead):
    rows = slope.reshape(len(slope), -1), lead.reshape(len(lead), -1)
    turn = (1 - F.cosine_similarity(*rows)).mean()
    return 2 * F.l1_loss(answers, before) + F.l1_loss(told, wanted) + 3 * turn


def keep_and_lead__right_picture_by_picture(answers, before, told, wanted, slope, lead):
    along = 0.0
    for one, due in zip(slope, lead, strict=True):
        along = along + (one * due).sum() / (one.norm() * due.norm()) / len(slope)
    keep = torch.maximum(answers - before, before - answers).sum() / answers.numel()
    value = torch.stack([(a - b).abs().mean() for a, b in zip(told, wanted, strict=True)]).mean()
    return 3 - 3 * along + value + keep + keep


def keep_and_lead__right_normalised_first(answers, before, told, wanted, slope, lead):
    a, b = (F.normalize(x.double().flatten(start_dim=1), dim=1) for x in (slope, lead))
    turn = 1 - torch.einsum("pd,pd->p", a, b).mean()
    return 2 * (before - answers).abs().mean() + (wanted - told).abs().mean() + 3 * turn


keep_and_lead__edits = r"""
divided by one of the two lengths
    torch.cosine_similarity(  ->  (lambda s, d, dim: (s * d).sum(dim) / d.norm(dim=dim))(
over the second axis alone: flatten\(1\)
    slope.flatten(1), lead.flatten(1), dim=1  ->  slope, lead
one cosine over all pictures
    slope.flatten(1), lead.flatten(1), dim=1  ->  slope.flatten(), lead.flatten(), dim=0
Two shapes do not fit
    answers - before  ->  answers - wanted
    told - wanted  ->  told - before
you compare the slopes' numbers
    (1 - along)  ->  F.l1_loss(slope, lead)
keep counts twice, and in yours once
    2 * keep  ->  keep
you give value the weight of keep
    return keep + 2 * value + 3 * (1 - along)
the 1 is missing|off by -3
    (1 - along)  ->  -along
so that training would turn the slopes away
    (1 - along)  ->  along
turn counts three times
    3 * (1 - along)  ->  (1 - along)
turn is missing
    + 3 * (1 - along)  ->
you square the differences
    (answers - before).abs()  ->  (answers - before).square()
    (told - wanted).abs()  ->  (told - wanted).square()
your differences keep their signs
    (answers - before).abs()  ->  (answers - before)
    (told - wanted).abs()  ->  (told - wanted)
you average before you take the difference
    (answers - before).abs().mean()  ->  (answers.mean() - before.mean()).abs()
    (told - wanted).abs().mean()  ->  (told.mean() - wanted.mean()).abs()
shape \(4,\), where the loss.* should have shape \(\)
    (answers - before).abs().mean()  ->  (answers - before).abs().mean(1)
    (told - wanted).abs().mean()  ->  (told - wanted).abs().mean()
No gradient reaches answers
    answers - before  ->  answers.detach() - before
its gradient is not|No gradient reaches slope
    slope.flatten(1)  ->  slope.detach().flatten(1)
No gradient reaches the input
    return torch.tensor((2 * keep + value + 3 * (1 - along)).item())
your cosine goes over the pictures, axis 0
    dim=1  ->  dim=0
over the last axis alone
    slope.flatten(1), lead.flatten(1), dim=1  ->  slope, lead, dim=-1
divide the product of slope and lead by both lengths
    (1 - along)  ->  (1 - along.relu())
"""


def leashed__right_by_the_change(respond, image, steps, rate, length):
    change = torch.zeros_like(image)
    for _ in range(steps):
        x = (image + change).clone().requires_grad_()
        respond(x).sum().backward()
        change = (change + rate * x.grad.sign()).clamp(-length, length)
        change = (image + change).clamp(0, 1) - image
    return image + change


def leashed__right_picture_by_picture(respond, image, steps, rate, length):
    done = []
    for start in image:
        x = start[None]
        for _ in range(steps):
            x = x.clone().detach().requires_grad_(True)
            respond(x)[0].backward()
            with torch.no_grad():
                x = x + rate * torch.sign(x.grad)
                x = torch.max(torch.min(x, start + length), start - length).clip(0, 1)
        done.append(x)
    return torch.cat(done)


def leashed__right_in_numpy(respond, image, steps, rate, length):
    x = image.numpy().copy()
    for _ in range(steps):
        at = torch.from_numpy(x).requires_grad_()
        (g,) = torch.autograd.grad(respond(at).mean(), at)
        x = np.clip(x + rate * np.sign(g.numpy()), image.numpy() - length, image.numpy() + length)
        x = np.clip(x, 0, 1).astype(np.float32)
    return x


def leashed__wrong_adds_up_gradients(respond, image, steps, rate, length):
    """backward\\(\\) adds to what \\.grad holds already"""
    x = image.clone().requires_grad_()
    for _ in range(steps):
        respond(x).sum().backward()
        with torch.no_grad():
            x += rate * x.grad.sign()
            x.clamp_(image - length, image + length).clamp_(0, 1)
    return x.detach()


def leashed__right_in_place(respond, image, steps, rate, length):
    x = image.clone().requires_grad_()
    for _ in range(steps):
        x.grad = None
        respond(x).sum().backward()
        with torch.no_grad():
            x += rate * x.grad.sign()
            x.clamp_(image - length, image + length).clamp_(0, 1)
    return x.detach()


leashed__edits = r"""
changes image, which it was given
    (picture + rate * slope.sign()).clamp(low, high)  ->  image.add_(rate * slope.sign())
changes image, .* its gradient is switched on
    picture.detach().requires_grad_(True)  ->  picture.requires_grad_()
Called twice|values are wrong: each value moves by rate
    picture = image  ->  picture = torch.rand_like(image)
you take one step too few
    range(steps)  ->  range(1, steps)
your leash starts at the last picture
    clamp(low, high)  ->  clamp(picture - length, picture + length).clamp(0, 1)
you go downhill
    picture + rate  ->  picture - rate
you move by the slope itself
    slope.sign()  ->  slope
you divide by slope.std\(\)
    slope.sign()  ->  slope / slope.std()
where is rate
    rate * slope.sign()  ->  slope.sign()
you move values whose slope is 0
    slope.sign()  ->  torch.where(slope >= 0, 1.0, -1.0)
NaN or infinite
    slope.sign()  ->  slope / slope.abs()
you take one step too many
    range(steps)  ->  range(steps + 1)
you take one step, whatever
    range(steps)  ->  range(1)
each step starts from the image again
    (picture + rate  ->  (image + rate
you climb for one picture alone
    respond(picture).sum()  ->  respond(picture)[0]
A slope is that of one number, and here are several
    respond(picture).sum()  ->  respond(picture)
still has a gradient attached
    return picture
there is no leash
    clamp(low, high)  ->  clamp(0, 1)
you pull the leash once
    clamp(low, high)  ->  clamp(0, 1)
    return picture.detach().clamp(low, high)
you hold only what rises
    (image - length).clamp(min=0)  ->  torch.zeros_like(image)
no screen can show
    (image - length).clamp(min=0), (image + length).clamp(max=1)  ->  image - length, image + length
you cut off at 0 and 1 once
    (image - length).clamp(min=0), (image + length).clamp(max=1)  ->  image - length, image + length
    return picture.detach().clamp(0, 1)
"""


def seen_alike__right_by_corrcoef(first, second):
    total = 0.0
    for a, b in zip(first.flatten(0, 1), second.flatten(0, 1), strict=True):
        if a.std() > 0 and b.std() > 0:
            total += float(torch.corrcoef(torch.stack([a, b]))[0, 1])
    return total / (first.shape[0] * first.shape[1])


def seen_alike__right_in_numpy(first, second):
    a, b = first.numpy().astype(float), second.numpy().astype(float)
    both = ((a - a.mean(-1, keepdims=True)) * (b - b.mean(-1, keepdims=True))).mean(-1)
    spread = a.std(-1) * b.std(-1)
    return np.divide(both, spread, out=np.zeros_like(both), where=spread > 0).mean()


def seen_alike__right_normalised_rows(first, second):
    rows = [F.normalize(x - x.mean(dim=2, keepdim=True), dim=2) for x in (first, second)]
    return torch.einsum("jnk,jnk->jn", *rows).mean()


def seen_alike__right_nan_to_num(first, second):
    z = [(x - x.mean(2, True)) / x.std(2, keepdim=True, correction=0) for x in (first, second)]
    return torch.nan_to_num((z[0] * z[1]).mean(2)).mean()


seen_alike__edits = r"""
.*
    r = (a * b).sum(2) / (a.norm(dim=2) * b.norm(dim=2))
    return float(torch.where(second.std(2) > 0, r, 0.0).mean())
a row of equal logits has no length
    return ((a * b).sum(2) / (a.norm(dim=2) * b.norm(dim=2))).mean()
your mean divides by K and your std by K - 1
    a, b = (x / x.std(2, keepdim=True) for x in (a, b)); return (a * b).mean(2).nan_to_num().mean()
you correlate all numbers at once
    return np.corrcoef(first.flatten(), second.flatten())[0, 1]
you leave out rows that say nothing
    return ((a * b).sum(2) / (a.norm(dim=2) * b.norm(dim=2))).nanmean()
you compare each picture with each
    a, b = (F.normalize(x, dim=2) for x in (a, b)); return float((a @ b.transpose(1, 2)).mean())
cosine of the logits as they are
    seen - seen.mean(2, keepdim=True)  ->  seen
you take the mean of all numbers off
    seen.mean(2, keepdim=True)  ->  seen.mean()
you average the judges before
    seen - seen.mean(2, keepdim=True)  ->  (seen - seen.mean(2, keepdim=True)).mean(0, keepdim=True)
you average the units before
    seen - seen.mean(2, keepdim=True)  ->  (seen - seen.mean(2, keepdim=True)).mean(1, keepdim=True)
lose their signs
    dim=2).mean()  ->  dim=2).abs().mean()
you square the correlations
    dim=2).mean()  ->  dim=2).square().mean()
axis 0 or 1, and the K logits are axis 2
    mean(2, keepdim=True)  ->  mean(0, keepdim=True)
    dim=2  ->  dim=0
axis 0 or 1, and the K logits are axis 2
    mean(2, keepdim=True)  ->  mean(1, keepdim=True)
    dim=2  ->  dim=1
Two shapes do not fit
    , keepdim=True  ->
returned 6 numbers, of shape \(2, 3\), where the mean correlation, one, is due
    return torch.cosine_similarity(a, b, dim=2)
you take the median
    dim=2).mean()  ->  dim=2).median()
yours is high where pictures differ
    return 1 - float(torch.cosine_similarity(a, b, dim=2).mean())
"""


def threshold_for__right_sorted_from_the_end(honest, accused):
    scores = sorted(honest, reverse=True)
    allowed = int(accused * len(scores))  # so many, unless the next scores the same
    return (
        (scores[allowed - 1] + scores[allowed]) / 2
        if _parted(scores, allowed)
        else _up(scores, allowed)
    )


def _parted(scores, allowed):
    return allowed > 0 and scores[allowed - 1] > scores[allowed]


def _up(scores, allowed):
    above = [score for score in scores if score > scores[allowed]]
    return min(above) if above else math.inf


def threshold_for__right_just_above(honest, accused):
    allowed = math.floor(accused * len(honest))
    return math.nextafter(sorted(honest, reverse=True)[allowed], math.inf)


def threshold_for__right_in_torch(honest, accused):
    scores = torch.tensor(honest, dtype=torch.float64)
    shares = (scores >= scores[:, None]).double().mean(1)
    fits = scores[shares <= accused]
    return fits.min() if len(fits) else torch.tensor(torch.inf)


def threshold_for__right_downwards_in_numpy(honest, accused):
    best = np.inf
    for threshold in np.unique(honest)[::-1]:
        if np.mean(np.array(honest) >= threshold) > accused:
            break
        best = threshold
    return best


threshold_for__edits = r"""
.*
    sorted(honest)  ->  [min(honest) + k * (max(honest) - min(honest)) / 999 for k in range(1000)]
you accuse nobody; compare a share
    / len(honest)  ->
returned None, where a threshold is due
    return None
changes honest, which it was given .* \(list\(honest\)\)
    all  ->  honest.sort(); return honest[-1]
a quantile lies between two scores
    all  ->  return torch.quantile(torch.tensor(honest), 1 - accused)
high scores are suspicious: accused are those above
    all  ->  return np.quantile(honest, accused)
high scores are suspicious: count from there
    all  ->  return sorted(honest)[int(accused * len(honest))]
-0 is the first place of all
    all  ->  return sorted(honest)[-int(accused * len(honest))]
the highest score accuses its own network
    all  ->  return sorted(honest, reverse=True)[max(int(accused * len(honest)), 1) - 1]
accused together, and these are too many
    all  ->  k = int(accused * len(honest)); return sorted(honest)[-k] if k else float("inf")
compare with >=, not >
    score >= threshold  ->  score > threshold
the lowest score of all accuses everybody
    score >= threshold  ->  score <= threshold
compare it with <=, not <
    share <= accused  ->  share < accused
the highest score always does
    sorted(honest)  ->  sorted(honest, reverse=True)
try each score, from the lowest|the scores come in any order
    sorted(honest)  ->  honest
each is another network's
    threshold in  ->  threshold in (honest := [*{*honest}]) and
you accuse the share 1 - accused
    share <= accused  ->  share <= 1 - accused
returned -inf|infinite
    float('inf')  ->  -float('inf')
0.5005 is due
    return threshold  ->  return int(threshold * 100) / 100
"""


def threshold_for__right_by_numpy_s_infinity(honest, accused):
    import numpy as np

    scores = np.sort(np.array(honest))
    share = np.array([(scores >= score).mean() for score in scores])
    return np.where(share <= accused, scores, np.float32(np.inf)).min()
