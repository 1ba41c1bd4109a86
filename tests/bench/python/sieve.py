# SPDX-License-Identifier: MIT
# Counts the primes up to a limit with the sieve of Eratosthenes, as a generator.
import sys


def primes(limit):
    candidates = [True] * (limit + 1)
    for n in range(2, limit + 1):
        if candidates[n]:
            yield n
            for multiple in range(n * n, limit + 1, n):
                candidates[multiple] = False


print(sum(1 for _ in primes(int(sys.argv[1]))))
