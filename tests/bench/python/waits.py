# SPDX-License-Identifier: MIT
# Squares numbers, each after a wait, with a pool of threads.
import sys
import time
from concurrent.futures import ThreadPoolExecutor


def square(i):
    time.sleep(float(sys.argv[2]))
    return i * i


with ThreadPoolExecutor(max_workers=32) as pool:
    for i, value in enumerate(pool.map(square, range(int(sys.argv[1])))):
        print(f"{i}\t{value}")
