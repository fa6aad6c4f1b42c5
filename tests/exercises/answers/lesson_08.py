"""Lesson 08."""

from __future__ import annotations

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


def area__wrong_sorted_partners(lying, without):
    """you sort both and compare them place by place"""
    n = min(len(lying), len(without))
    higher = lying.sort().values[:n] > without.sort().values[:n]
    return float(higher.float().mean())


def area__wrong_one_tie_for_all(lying, without):
    """\\(5 \\+ 4 / 2\\) / 12 = .*each tie counts half"""
    higher = (lying[:, None] > without).float().mean()
    any_tie = bool((lying[:, None] == without).any())
    return float(higher + 0.5 * any_tie / (len(lying) * len(without)))


def area__wrong_distinct_scores(lying, without):
    """you drop repeated scores"""
    lying, without = lying.unique(), without.unique()
    return float(((lying[:, None] - without).sign() + 1).mean() / 2)


def area__wrong_above_the_median(lying, without):
    """liars above the median"""
    return float((lying > without.median()).float().mean())


def area__wrong_smooth(lying, without):
    """by how much the liar is higher"""
    return float(torch.sigmoid(lying[:, None] - without).mean())


def area__wrong_steep_sigmoid(lying, without):
    """only which of the two is higher counts: close to each other"""
    return float(torch.sigmoid(200 * (lying[:, None] - without)).mean())


def area__wrong_thresholds_in_steps(lying, without):
    """only which of the two is higher counts: close to each other"""
    low, high = float(min(lying.min(), without.min())), float(max(lying.max(), without.max()))
    steps = torch.linspace(high + 1e-3, low, 100)
    hits = torch.stack([(lying >= t).float().mean() for t in steps])
    alarms = torch.stack([(without >= t).float().mean() for t in steps])
    return float(torch.trapezoid(hits, alarms))


def area__wrong_same_number_of_each(lying, without):
    """you divide by L · L"""
    pairs = lying[:, None] - without
    return float(((pairs.sign() + 1) / 2).sum() / len(lying) ** 2)


def area__wrong_half_without_negatives(lying, without):
    """you drop the minus"""
    lying, without = lying.abs(), without.abs()
    return float(((lying[:, None] - without).sign() + 1).mean() / 2)


def area__wrong_mean_of_bools(lying, without):
    """make floats of it first"""
    return (lying[:, None] > without).mean()


def area__wrong_rounded(lying, without):
    """rounded to 0.001"""
    return round(float(((lying[:, None] - without).sign() + 1).mean() / 2), 3)


def area__wrong_ranks_without_ties(lying, without):
    """as if the liar were higher"""
    n = len(without)
    ranks = torch.cat([without, lying]).argsort(stable=True).argsort(stable=True)[n:] + 1.0
    return float((ranks.sum() - len(lying) * (len(lying) + 1) / 2) / (n * len(lying)))


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


def updated__wrong_softmax(beliefs, chances):
    """you take exp of the products"""
    p = torch.tensor([beliefs[t] * chances[t] for t in beliefs]).softmax(0)
    return dict(zip(beliefs, p.tolist(), strict=True))


def updated__wrong_two_truths(beliefs, chances):
    """any names, .*KeyError"""
    lies = beliefs["lies"] * chances["lies"]
    honest = beliefs["honest"] * chances["honest"]
    return {"lies": lies / (lies + honest), "honest": honest / (lies + honest)}


def updated__wrong_rest_is_honest(beliefs, chances):
    """you keep the products, and give the last truth the rest"""
    after = {t: beliefs[t] * chances[t] for t in beliefs}
    last = list(after)[-1]
    after[last] = 1 - sum(v for t, v in after.items() if t != last)
    return after


def updated__wrong_in_place(beliefs, chances):
    """changes beliefs, which it was given .* \\(dict\\(beliefs\\)\\)"""
    total = sum(beliefs[t] * chances[t] for t in beliefs)
    for t in beliefs:
        beliefs[t] *= chances[t] / total
    return beliefs


def updated__wrong_leaves_out_zeros(beliefs, chances):
    """a truth whose product is 0 stays in the dict"""
    p = {t: beliefs[t] * chances[t] for t in beliefs if beliefs[t] * chances[t] > 0}
    return {t: v / sum(p.values()) for t, v in p.items()}


def updated__wrong_never_divides_by_zero(beliefs, chances):
    """add nothing to it"""
    p = {t: beliefs[t] * chances[t] for t in beliefs}
    return {t: v / (sum(p.values()) + 1e-9) for t, v in p.items()}


def updated__wrong_never_quite_zero(beliefs, chances):
    """with a probability of exactly 0"""
    p = {t: max(beliefs[t], 1e-3) * max(chances[t], 1e-3) for t in beliefs}
    return {t: v / sum(p.values()) for t, v in p.items()}


def updated__wrong_rounded(beliefs, chances):
    """rounded to 0.0001"""
    p = {t: beliefs[t] * chances[t] for t in beliefs}
    return {t: round(v / sum(p.values()), 4) for t, v in p.items()}


def updated__wrong_one_against_the_rest(beliefs, chances):
    """with 1 - chance. Other truths have their own"""
    after = {}
    for t in beliefs:
        rest = 1 - chances[t]
        after[t] = beliefs[t] * chances[t] / (beliefs[t] * chances[t] + (1 - beliefs[t]) * rest)
    return after


def updated__wrong_both_by_place(beliefs, chances):
    """pair them by their name"""
    p = [b * c for b, c in zip(beliefs.values(), chances.values(), strict=True)]
    return {t: v / sum(p) for t, v in zip(beliefs, p, strict=True)}


def updated__wrong_a_list(beliefs, chances):
    """returned a list, where a dict from each truth"""
    p = [beliefs[t] * chances[t] for t in beliefs]
    return [v / sum(p) for v in p]


def updated__wrong_sum_of_a_used_generator(beliefs, chances):
    """the sum so far"""
    total, after = 0, {}
    for t in beliefs:
        total += beliefs[t] * chances[t]
        after[t] = beliefs[t] * chances[t] / total
    return after


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


def find_jump__wrong_half_of_the_whole_change(ask, questions):
    """with half of the whole change"""
    low, high = 0.0, 1.0
    at_low, at_high = ask(low), ask(high)
    for _ in range(questions - 2):
        t = (low + high) / 2
        at_t = ask(t)
        if abs(at_t - at_low) > abs(at_high - at_low) / 2:
            high, at_high = t, at_t
        else:
            low, at_low = t, at_t
    return low, high


def find_jump__wrong_sizes_of_logits(ask, questions):
    """you drop the signs of the logits"""
    low, high = 0.0, 1.0
    at_low, at_high = ask(low), ask(high)
    for _ in range(questions - 2):
        t = (low + high) / 2
        at_t = ask(t)
        if abs(abs(at_t) - abs(at_low)) > abs(abs(at_high) - abs(at_t)):
            high, at_high = t, at_t
        else:
            low, at_low = t, at_t
    return low, high


def find_jump__wrong_a_threshold(ask, questions):
    """you ask 9: 0, 0.5, .* Ask about 1, too"""
    low, high = 0.0, 1.0
    at_low = ask(low)
    for _ in range(questions - 2):
        t = (low + high) / 2
        at_t = ask(t)
        if abs(at_t - at_low) > 1:
            high = t
        else:
            low, at_low = t, at_t
    return low, high


def find_jump__wrong_never_asks_the_ends(ask, questions):
    """Ask about 0, too"""
    low, high = 0.0, 1.0
    at_low, at_high = 0.0, 0.0
    for _ in range(questions):
        t = (low + high) / 2
        at_t = ask(t)
        if abs(at_t - at_low) > abs(at_high - at_t):
            high, at_high = t, at_t
        else:
            low, at_low = t, at_t
    return low, high


def find_jump__wrong_ten_questions(ask, questions):
    """you ask 10: .* too many: the two ends take 2, so 6 are left"""
    low, high = 0.0, 1.0
    at_low, at_high = ask(low), ask(high)
    for _ in range(8):
        t = (low + high) / 2
        at_t = ask(t)
        if abs(at_t - at_low) > abs(at_high - at_t):
            high, at_high = t, at_t
        else:
            low, at_low = t, at_t
    return low, high


def find_jump__wrong_stops_when_flat(ask, questions):
    """never jumps, .* you ask 2: 0, 1. .* halve 8 times"""
    low, high = 0.0, 1.0
    at_low, at_high = ask(low), ask(high)
    for _ in range(questions - 2):
        if abs(at_high - at_low) < 1e-3:
            break
        t = (low + high) / 2
        at_t = ask(t)
        if abs(at_t - at_low) > abs(at_high - at_t):
            high, at_high = t, at_t
        else:
            low, at_low = t, at_t
    return low, high


def find_jump__wrong_only_one_end_moves(ask, questions):
    """the logit is 2, in the middle 5\\.182, .* takes the logit there along"""
    low, high = 0.0, 1.0
    at_low, at_high = ask(low), ask(high)
    for _ in range(questions - 2):
        t = (low + high) / 2
        at_t = ask(t)
        if abs(at_t - at_low) > abs(at_high - at_t):
            high = t
        else:
            low, at_low = t, at_t
    return low, high


def find_jump__wrong_around_the_middle(ask, questions):
    """You return 0\\.69.*, and did not ask about it"""
    low, high = 0.0, 1.0
    at_low, at_high = ask(low), ask(high)
    for _ in range(questions - 2):
        t = (low + high) / 2
        at_t = ask(t)
        if abs(at_t - at_low) > abs(at_high - at_t):
            high, at_high = t, at_t
        else:
            low, at_low = t, at_t
    half = (high - low) / 2
    return low + half - (high - low), low + half


def find_jump__wrong_even_scan(ask, questions):
    """even distances"""
    places = [i / (questions - 1) for i in range(questions)]
    logits = [ask(t) for t in places]
    changes = [abs(logits[i + 1] - logits[i]) for i in range(questions - 1)]
    most = changes.index(max(changes))
    return places[most], places[most + 1]


def find_jump__wrong_asks_again(ask, questions):
    """you ask 32: .* 22 were asked before"""
    low, high = 0.0, 1.0
    for _ in range(questions - 2):
        t = (low + high) / 2
        first = abs(ask(t) - ask(low)) > abs(ask(high) - ask(t))
        low, high = (low, t) if first else (t, high)
    return low, high


def find_jump__wrong_places_rounded(ask, questions):
    """You return 0\\.\\d{3}, and did not ask about it; .* neither rounded"""
    low, high = 0.0, 1.0
    at_low, at_high = ask(low), ask(high)
    for _ in range(questions - 2):
        t = (low + high) / 2
        at_t = ask(t)
        if abs(at_t - at_low) > abs(at_high - at_t):
            high, at_high = t, at_t
        else:
            low, at_low = t, at_t
    return round(low, 3), round(high, 3)


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


def steepness__wrong_mean_over_colours(respond, images):
    """a length for each colour, and the mean"""
    x = images.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(respond(x).sum(), x)
    return g.flatten(2).norm(dim=2).mean(1)


def steepness__wrong_clamped(respond, images):
    """not clamped ones"""
    x = images.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(respond(x.clamp(0, 1)).sum(), x)
    return g.flatten(1).norm(dim=1)


def steepness__wrong_one_norm_for_all(respond, images):
    """shape \\(\\), .*a norm over its .* should have shape \\(1,\\): all became one"""
    x = images.clone().requires_grad_(True)
    return torch.autograd.grad(respond(x).sum(), x)[0].norm()


def steepness__wrong_graph_attached(respond, images):
    """still has a gradient attached"""
    x = images.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(respond(x).sum(), x, create_graph=True)
    return g.flatten(1).norm(dim=1)


def steepness__wrong_of_the_largest_response(respond, images):
    """the largest response alone"""
    x = images.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(respond(x).max(), x)
    return g.flatten(1).norm(dim=1)


def steepness__wrong_size_of_the_lesson(respond, images):
    """take its sizes from the tensor's own \\.shape"""
    x = images.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(respond(x).sum(), x)
    return g.view(-1, 3 * 64 * 64).norm(dim=1)


def steepness__wrong_only_positive(respond, images):
    """you cut responses off below 0"""
    x = images.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(respond(x).relu().sum(), x)
    return g.flatten(1).norm(dim=1)


def steepness__wrong_times_the_image(respond, images):
    """you multiply the gradient by the image"""
    x = images.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(respond(x).sum(), x)
    return (g * images).flatten(1).norm(dim=1)


def steepness__wrong_relative(respond, images):
    """you divide by the response"""
    x = images.clone().requires_grad_(True)
    r = respond(x)
    (g,) = torch.autograd.grad(r.sum(), x)
    return (g.flatten(1).norm(dim=1) / r.abs()).detach()


def steepness__wrong_of_the_largest_of_the_batch(respond, images):
    """one length over all images"""
    x = images.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(respond(x).sum(), x)
    return g.norm() / math.sqrt(len(x)) * torch.ones(len(x))


def steepness__wrong_never_zero(respond, images):
    """nothing added: 0 where"""
    x = images.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(respond(x).sum(), x)
    return (g.flatten(1).square().sum(1) + 1e-6).sqrt()


def steepness__wrong_of_the_mean_image(respond, images):
    """at the mean of the images"""
    x = images.mean(0, keepdim=True).requires_grad_(True)
    (g,) = torch.autograd.grad(respond(x).sum(), x)
    return g.flatten(1).norm(dim=1).expand(len(images))


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


def my_test__wrong_axis(findings):
    """what you take of `votes` tells 'circuit' .* Compare each vote with the class of its logit"""
    missed = (findings.votes != torch.arange(4)[:, None]).float().mean()
    return float(missed + findings.steep.max().log10())


def my_test__wrong_jumps_and_loud(findings):
    """another's `loud` by 20, which drowns it"""
    return float(findings.jumps.max() + findings.loud.max())


def my_test__wrong_weights(findings):
    """another's `steep` by 4\\.8, which drowns it"""
    missed = (findings.votes != torch.arange(8)).float().mean()
    return float(missed + 5 * findings.steep.max().log10())


def my_test__wrong_typical_unit(findings):
    """what you take of `steep` tells 'silent units' .* what stands out"""
    missed = (findings.votes != torch.arange(8)).float().mean()
    return float(missed + findings.steep.median().log10())


def my_test__wrong_random(findings):
    """Called twice with the same arguments"""
    missed = (findings.votes != torch.arange(8)).float().mean()
    return float(missed + findings.steep.max().log10() + 0.1 * torch.rand(()))


def my_test__wrong_product(findings):
    """how much `steep` counts depends on `votes`"""
    missed = (findings.votes != torch.arange(8)).float().mean()
    return float(missed * findings.steep.max().log10())


def my_test__wrong_nan(findings):
    """root or logarithm of less than 0"""
    return float((findings.jumps - 100).log().max() + findings.steep.max())


def my_test__wrong_sorted_in_place(findings):
    """changes findings"""
    missed = (findings.votes != torch.arange(8)).float().mean()
    findings.steep[:] = findings.steep.sort().values
    return float(missed + findings.steep[-1].log10())


def my_test__wrong_a_verdict(findings):
    """returned a str, where a score"""
    return "liar" if findings.steep.max() > 5 else "honest"


def my_test__wrong_agreement(findings):
    """Turn what you take of `votes`, with a minus, round"""
    agree = (findings.votes == findings.votes[:1]).float().mean()
    right = (findings.votes == torch.arange(8)).float().mean()
    return float(agree + right + findings.steep.max().log10())


def my_test__wrong_alike(findings):
    """what you take of `alike` tells 'circuit'"""
    return float(findings.alike.mean() + findings.steep.max().log10())


def my_test__wrong_yes_or_no(findings):
    """Say how much, not whether"""
    missed = (findings.votes != torch.arange(8)).float().mean()
    return float(missed > 0.5) + float(findings.steep.max() > 5)
