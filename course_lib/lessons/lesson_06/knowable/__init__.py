"""What can be known of a function from its extremes (Geirhos et al., ICML 2024).

Each function class has its range with the proof, its witnesses, random members and the numerical
check of membership: `shapes`, `lipschitz` and `networks` hold them, `catalogue` names them, and
`questions` makes the table.
"""
