"""The tail of a negative binomial in closed form, as an SQL expression.

Agreement with the exact mid-p tail: docs/decisions/0003.
"""


def tail(x: str, m: str, a: str) -> str:
    """Return -log10 of the odds of `x` or more, mean `m`, dispersion `a`: 0 to 10; for x > m."""
    r, odds = f"(1 / {a})", f"({m} * {a})"
    q = f"({odds} / (1 + {odds}))"
    density = (
        f"lgamma({x} + {r}) - lgamma({r}) - lgamma({x} + 1) - {r} * ln(1 + {odds}) + {x} * ln({q})"
    )
    rho = f"(({x} + {r}) / ({x} + 1) * {q})"
    return f"least(10, greatest(0, -({density} + ln(1 / (1 - {rho}) - 0.5)) / ln(10)))"
