# SPDX-License-Identifier: MIT
# Adds up the squares below a limit in a loop.
import sys

total = 0
for i in range(int(sys.argv[1])):
    total += i * i
print(total)
