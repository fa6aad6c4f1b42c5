"""Forced-choice experiments: bets on which of two images excites a unit more."""
