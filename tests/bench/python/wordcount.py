# SPDX-License-Identifier: MIT
# Counts the words of a file's lines with a pool of processes.
import sys
from multiprocessing import Pool


def count(line):
    return len(line.split())


if __name__ == "__main__":
    with open(sys.argv[1], encoding="latin-1", newline="\n") as text:
        lines = text.read().split("\n")
    with Pool() as pool:
        print(sum(pool.map(count, lines, chunksize=10_000)))
