# SPDX-License-Identifier: MIT
# Estimates pi from random points with NumPy, a million at a time.
import sys

import numpy


def inside(count, random):
    x = random.random(count)
    y = random.random(count)
    return int(numpy.count_nonzero(x * x + y * y <= 1))


samples = int(sys.argv[1])
random = numpy.random.default_rng(1)
block = 1_000_000
hits = sum(inside(min(block, samples - at), random) for at in range(0, samples, block))
print(4 * hits / samples)
