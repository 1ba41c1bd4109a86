# SPDX-License-Identifier: MIT
# The sum of the square roots of squares, by joblib's processes.
import math
import sys

from joblib import Parallel, delayed


def root_of_square(i):
    return math.sqrt(i**2)


roots = Parallel(n_jobs=-1)(delayed(root_of_square)(i) for i in range(int(sys.argv[1])))
print(int(sum(roots)))
