# SPDX-License-Identifier: MIT
# The sums of the primes up to several limits, by trial division: a process for each limit.
import sys
from multiprocessing import Pool


def is_prime(n):
    if n < 4:
        return n > 1
    if n % 2 == 0 or n % 3 == 0:
        return False
    divisor = 5
    while divisor * divisor <= n:
        if n % divisor == 0 or n % (divisor + 2) == 0:
            return False
        divisor += 6
    return True


def prime_sum(limit):
    return sum(n for n in range(2, limit + 1) if is_prime(n))


if __name__ == "__main__":
    limits = [int(word) for word in sys.argv[1:]]
    with Pool() as pool:
        for limit, total in zip(limits, pool.map(prime_sum, limits)):
            print(limit, total)
