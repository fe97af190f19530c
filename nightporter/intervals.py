"""How sure a share is that was counted over few cases."""

from math import sqrt

# 95 % of a normal distribution lie within so many standard deviations.
Z = 1.959963984540054


def wilson(hits: int, cases: int) -> tuple[float, float]:
    """Return the Wilson 95 % interval of `hits` among `cases`; (0, 1) where there are none."""
    if not cases:
        return 0.0, 1.0
    share, weight = hits / cases, Z * Z / cases
    middle = (share + weight / 2) / (1 + weight)
    half = Z / (1 + weight) * sqrt(share * (1 - share) / cases + weight / (4 * cases))
    return max(0.0, middle - half), min(1.0, middle + half)
