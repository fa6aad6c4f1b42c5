"""Lesson 08."""

import math

import numpy as np
import torch


def area__right_in_loops(lying, without):
    points = 0
    for liar in lying:
        for other in without:
            if liar > other:
                points += 1
            elif liar == other:
                points += 0.5
    return points / (len(lying) * len(without))


def area__right_by_the_roc_curve(lying, without):
    thresholds = torch.cat([lying, without]).unique().flip(0)
    hits = [0.0] + [float((lying >= t).double().mean()) for t in thresholds]
    alarms = [0.0] + [float((without >= t).double().mean()) for t in thresholds]
    return np.trapezoid(hits, alarms) if hasattr(np, "trapezoid") else np.trapz(hits, alarms)


def area__right_by_signs(lying, without):
    return ((lying[:, None] - without).sign() + 1).double().mean() / 2


def area__right_by_ranks(lying, without):
    scores = torch.cat([lying.double(), without.double()])
    ranks = [(scores < s).sum() + ((scores == s).sum() + 1) / 2 for s in lying]
    n, m = len(lying), len(without)
    return (sum(ranks) - n * (n + 1) / 2) / (n * m)


def area__wrong_thresholds_in_steps(lying, without):
    """only which of the two is higher counts: close to each other"""
    low, high = float(min(lying.min(), without.min())), float(max(lying.max(), without.max()))
    steps = torch.linspace(high + 1e-3, low, 100)
    hits = torch.stack([(lying >= t).float().mean() for t in steps])
    alarms = torch.stack([(without >= t).float().mean() for t in steps])
    return float(torch.trapezoid(hits, alarms))


def area__wrong_ranks_without_ties(lying, without):
    """as if the liar were higher"""
    n = len(without)
    ranks = torch.cat([without, lying]).argsort(stable=True).argsort(stable=True)[n:] + 1.0
    return float((ranks.sum() - len(lying) * (len(lying) + 1) / 2) / (n * len(lying)))


area__edits = r"""
you sort both and compare them place by place
    higher =  ->  n = min(len(lying), len(without)); higher =
    lying[:, None] > without[None]  ->  lying.sort().values[:n] > without.sort().values[:n]
    return float(higher.float().mean())
\(5 \+ 4 / 2\) / 12 = .*each tie counts half
    return float(higher.float().mean() + 0.5 * ties.any() / ties.numel())
you drop repeated scores
    higher =  ->  lying, without = lying.unique(), without.unique(); higher =
liars above the median
    return float((lying > without.median()).float().mean())
by how much the liar is higher
    return float(torch.sigmoid(lying[:, None] - without).mean())
only which of the two is higher counts: close to each other
    return float(torch.sigmoid(200 * (lying[:, None] - without)).mean())
you divide by L · L
    mean()  ->  sum() / len(lying) ** 2
you drop the minus
    higher =  ->  lying, without = lying.abs(), without.abs(); higher =
make floats of it first
    return higher.mean()
rounded to 0.001
    return round(float((higher.float() + ties.float() / 2).mean()), 3)
"""


def updated__right_in_loops(beliefs, chances):
    after, total = dict(beliefs), 0
    for truth in after:
        after[truth] *= chances[truth]
        total += after[truth]
    for truth in after:
        after[truth] /= total
    return after


def updated__right_in_the_order_of_chances(beliefs, chances):
    total = sum(beliefs[truth] * chance for truth, chance in chances.items())
    return {truth: beliefs[truth] * chance / total for truth, chance in chances.items()}


def updated__right_in_logs(beliefs, chances):
    names = list(beliefs)
    logs = torch.tensor([beliefs[t] for t in names]).log()
    logs = logs + torch.tensor([chances[t] for t in names]).log()
    return dict(zip(names, logs.softmax(0), strict=True))


def updated__right_chances_first(beliefs, chances):
    c = {t: v / sum(chances.values()) for t, v in chances.items()}
    p = {t: beliefs[t] * c[t] for t in beliefs}
    return {t: v / sum(p.values()) for t, v in p.items()}


updated__edits = r"""
the sum so far
    total = sum(products.values())  ->  total = 0
    return {truth: product / (total := total + product) for truth, product in products.items()}
you take exp of the products
    p = torch.tensor([*products.values()]).softmax(0); return dict(zip(beliefs, p.tolist()))
any names, .*KeyError
    for truth in beliefs  ->  for truth in ("lies", "honest")
with 1 - chance. Other truths have their own
    return {t: p / (p + (1 - beliefs[t]) * (1 - chances[t])) for t, p in products.items()}
pair them by their name
    beliefs[truth] * chances[truth] for truth  ->  beliefs[truth] * c for c, truth
    in beliefs  ->  in zip(chances.values(), beliefs)
you keep the products, and give the last truth the rest
    last = list(products)[-1]; products[last] += 1 - total; return products
changes beliefs, which it was given .* \(dict\(beliefs\)\)
    beliefs.update({t: p / total for t, p in products.items()}); return beliefs
a truth whose product is 0 stays in the dict
    for truth in beliefs  ->  for truth in beliefs if beliefs[truth] * chances[truth] > 0
add nothing to it
    sum(products.values())  ->  sum(products.values()) + 1e-09
with a probability of exactly 0
    beliefs[truth] * chances[truth]  ->  max(beliefs[truth], 0.001) * max(chances[truth], 0.001)
rounded to 0.0001
    product / total  ->  round(product / total, 4)
returned a list, where a dict from each truth
    return [product / total for product in products.values()]
"""


def find_jump__right_by_the_level(ask, questions):
    low, high = [0, ask(0)], [1, ask(1)]
    for _ in range(questions - 2):
        t = low[0] + (high[0] - low[0]) / 2
        value = ask(t)
        rises = high[1] > low[1]
        if (value > (low[1] + high[1]) / 2) == rises:
            high = [t, value]
        else:
            low = [t, value]
    return [low[0], high[0]]


def find_jump__right_with_memory_and_tensors(ask, questions):
    known = {}

    def say(t):
        t = float(t)
        if t not in known:
            known[t] = ask(t)
        return known[t]

    ends = torch.tensor([0.0, 1.0])
    while True:
        say(ends[0]), say(ends[1])
        if len(known) == questions:
            return ends
        t = ends.mean()
        first = (say(t) - say(ends[0])) ** 2 > (say(ends[1]) - say(t)) ** 2
        ends = torch.stack([ends[0], t] if first else [t, ends[1]])


def find_jump__right_recursive(ask, questions):
    def halve(low, high, at_low, at_high, left):
        if left == 0:
            return low, high
        t = (low + high) / 2
        at_t = ask(t)
        if abs(at_high - at_t) > abs(at_t - at_low):
            return halve(t, high, at_t, at_high, left - 1)
        return halve(low, t, at_low, at_t, left - 1)

    return np.array(halve(0.0, 1.0, ask(0.0), ask(1.0), questions - 2))


def find_jump__wrong_even_scan(ask, questions):
    """even distances"""
    places = [i / (questions - 1) for i in range(questions)]
    logits = [ask(t) for t in places]
    changes = [abs(logits[i + 1] - logits[i]) for i in range(questions - 1)]
    most = changes.index(max(changes))
    return places[most], places[most + 1]


def find_jump__wrong_steepest_of_even_then_halves(ask, questions):
    """you ask 10: 0, 0\\.25, 0\\.5, .* the middle of the half kept"""
    places = [0.0, 0.25, 0.5, 0.75, 1.0]
    said = [ask(t) for t in places]
    i = max(range(4), key=lambda i: abs(said[i + 1] - said[i]))
    low, high, at_low, at_high = places[i], places[i + 1], said[i], said[i + 1]
    for _ in range(questions - 5):
        t = (low + high) / 2
        at_t = ask(t)
        if abs(at_t - at_low) > abs(at_high - at_t):
            high, at_high = t, at_t
        else:
            low, at_low = t, at_t
    return low, high


find_jump__edits = r"""
.*
    abs(at_middle - at_low) > abs  ->  abs(at_middle - at_low) > 2 * abs
you ask 32: .* 22 were asked before
    at_low, at_high = (ask(low), ask(high))  ->  at_low = at_high = 0
    at_middle = ask(middle)  ->  at_middle = 0
    at_middle - at_low  ->  ask(middle) - ask(low)
    at_high - at_middle  ->  ask(high) - ask(middle)
with half of the whole change
    abs(at_high - at_middle)  ->  abs(at_high - at_low) / 2
you drop the signs of the logits
    ask(low), ask(high)  ->  abs(ask(low)), abs(ask(high))
    ask(middle)  ->  abs(ask(middle))
you ask 9: 0, 0.5, .* Ask about 1, too
    ask(high)  ->  0
    abs(at_high - at_middle)  ->  1
Ask about 0, too
    ask(low), ask(high)  ->  0.0, 0.0
    questions - 2  ->  questions
you ask 10: .* too many: the two ends take 2, so 6 are left
    questions - 2  ->  8
never jumps, .* you ask 2: 0, 1. .* halve 8 times
    questions - 2  ->  (questions - 2) * (abs(at_high - at_low) >= 0.001)
the logit is 2, in the middle 5\.182, .* takes the logit there along
    high, at_high = (middle, at_middle)  ->  high = middle
You return 0\.69.*, and did not ask about it
    half = (high - low) / 2; return low - half, low + half
You return 0\.\d{3}, and did not ask about it; .* neither rounded
    return round(low, 3), round(high, 3)
"""


def steepness__right_one_at_a_time(respond, images):
    lengths = []
    for image in images:
        x = image[None].clone().requires_grad_()
        respond(x)[0].backward()
        lengths.append(math.sqrt(float((x.grad**2).sum())))
    return torch.tensor(lengths, dtype=torch.float64)


def steepness__right_by_backward(respond, images):
    x = images.detach().clone().requires_grad_(True)
    respond(x).backward(torch.ones(len(images)))
    return np.sqrt((x.grad.numpy() ** 2).sum(axis=(1, 2, 3)))


def steepness__right_by_the_jacobian(respond, images):
    whole = torch.autograd.functional.jacobian(respond, images)
    return torch.stack([whole[i, i].norm() for i in range(len(images))])


def steepness__right_with_vmap(respond, images):
    slope = torch.func.vmap(torch.func.grad(lambda image: respond(image[None])[0]))
    return slope(images).flatten(1).norm(dim=1)


steepness__edits = r"""
a length for each colour, and the mean
    return g.flatten(2).norm(dim=2).mean(1)
not clamped ones
    respond(x)  ->  respond(x.clamp(0, 1))
shape \(\), .*a norm over its .* should have shape \(1,\): one number without an axis
    return g.norm()
still has a gradient attached
    .sum(), x  ->  .sum(), x, create_graph=True
the largest response alone
    sum()  ->  max()
take its sizes from the tensor's own \.shape
    flatten(1)  ->  view(-1, 3 * 64 * 64)
you cut responses off below 0
    respond(x)  ->  respond(x).relu()
you multiply the gradient by the image
    return (g * images).flatten(1).norm(dim=1)
you divide by the response
    return (g.flatten(1).norm(dim=1) / respond(x).abs()).detach()
one length over all images
    return g.norm() / math.sqrt(len(x)) * torch.ones(len(x))
nothing added: 0 where
    return (g.flatten(1).square().sum(1) + 1e-06).sqrt()
at the mean of the images
    images.clone()  ->  images.mean(0, keepdim=True)
    return g.flatten(1).norm(dim=1).expand(len(images))
"""


def my_test__right_path_and_steepness(findings):
    return findings.path[1] - findings.path[0] + findings.steep.max().log10()


def my_test__right_in_a_loop(findings):
    missed = 0
    for judge in range(4):
        for logit in range(8):
            missed += int(findings.votes[judge, logit]) != logit
    return missed / 32 + math.log10(max(findings.loud.tolist()))


def my_test__right_in_numpy(findings):
    votes, plain = findings.votes.numpy(), findings.plain.numpy()
    missed = (votes != np.arange(8)).mean() + (plain != np.arange(8)).mean()
    return missed + np.log10(findings.steep.numpy()).max()


def my_test__right_larger_of_two(findings):
    missed = (findings.votes != torch.arange(8)).float().mean()
    return torch.maximum(missed, findings.steep.max().log10())


my_test__edits = r"""
Turn what you take of `votes`, with a minus, round
    steepest =  ->  agree = (findings.votes == findings.votes[:1]).float().mean(); steepest =
    float(unrecognised  ->  float(agree - unrecognised
what you take of `votes` tells 'circuit' .* Compare each vote with the class of its logit
    torch.arange(8)  ->  torch.arange(4)[:, None]
another's `loud` by 20, which drowns it
    return float(findings.jumps.max() + findings.loud.max())
another's `steep` by 4\.8, which drowns it
    + steepest  ->  + 5 * steepest
what you take of `steep` tells 'silent units' .* what stands out
    max()  ->  median()
Called twice with the same arguments
    + steepest  ->  + steepest + 0.1 * torch.rand(())
how much `steep` counts depends on `votes`
    + steepest  ->  * steepest
root or logarithm of less than 0
    return float((findings.jumps - 100).log().max() + findings.steep.max())
changes findings
    steepest =  ->  findings.steep[:] = findings.steep.sort().values; steepest =
returned a str, where a score
    return "liar" if findings.steep.max() > 5 else "honest"
what you take of `alike` tells 'circuit'
    return float(findings.alike.mean() + steepest)
Say how much, not whether
    return float(unrecognised > 0.5) + float(findings.steep.max() > 5)
"""


def steepness__wrong_leaves_a_gradient(respond, images):
    """changes images, .* its .grad is filled now"""
    images.requires_grad_(True)
    respond(images).sum().backward()
    lengths = images.grad.flatten(1).norm(dim=1)
    images.requires_grad_(False)
    return lengths
