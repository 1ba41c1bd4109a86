# SPDX-License-Identifier: MIT
# Estimates pi from random points, one after the other.
import random
import sys

samples = int(sys.argv[1])
random.seed(1)
hits = 0
for _ in range(samples):
    x = random.random()
    y = random.random()
    if x * x + y * y <= 1:
        hits += 1
print(4 * hits / samples)
