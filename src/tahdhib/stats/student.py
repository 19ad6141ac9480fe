"""Quantiles of the normal and of Student's t distribution, without scipy."""

import math
from statistics import NormalDist

NORMAL = NormalDist()


def t_quantile(probability: float, degrees: float) -> float:
    """Quantile of Student's t for `probability` > 1/2 and `degrees` >= 1, whole or not.

    Hill's algorithm 396 (CACM 1970): within one part in ten thousand for two degrees and more;
    between one and two up to a twentieth too long.
    """
    both = 2 * (1 - probability)
    if degrees == 1:
        return math.tan(math.pi / 2 * (1 - both))
    if degrees == 2:
        return math.sqrt(2 / (both * (2 - both)) - 2)
    a = 1 / (degrees - 0.5)
    b = 48 / a**2
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * math.sqrt(a * math.pi / 2) * degrees
    y = (d * both) ** (2 / degrees)
    if y > 0.05 + a:
        x = NORMAL.inv_cdf(both / 2)
        y = x**2
        if degrees < 5:
            c += 0.3 * (degrees - 4.5) * (x + 0.6)
        c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c
        y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
        y = math.expm1(a * y**2)
    else:
        inner = 1 / (((degrees + 6) / (degrees * y) - 0.089 * d - 0.822) * (degrees + 2) * 3)
        y = ((inner + 0.5 / (degrees + 4)) * y - 1) * (degrees + 1) / (degrees + 2) + 1 / y
    return math.sqrt(degrees * y)
