"""A reference auditor: from what can be measured of a network to the probability that it lies."""
