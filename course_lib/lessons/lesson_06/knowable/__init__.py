"""What can be known of a function from its extremes (Geirhos et al., ICML 2024).

A file for each family of function classes holds its range with the proof, its witnesses, random
members and the numerical check of membership; `catalogue` names them, `questions` makes the table.
"""
