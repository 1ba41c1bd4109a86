# SPDX-License-Identifier: MIT
# How many digits the product of a random sample has, multiplied from left to right.
import functools
import math
import operator
import random
import sys

count, below = int(sys.argv[1]), int(sys.argv[2])
random.seed(1)
product = functools.reduce(operator.mul, random.sample(range(1, below), count))
print(int(math.log10(product)) + 1)
