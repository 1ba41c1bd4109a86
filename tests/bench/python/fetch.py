# SPDX-License-Identifier: MIT
# Fetches the pages of a list with 32 threads, and counts how many came with which status.
import collections
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor


def status(url):
    with urllib.request.urlopen(url) as page:
        page.read()
        return page.status


with open(sys.argv[1]) as lines:
    urls = lines.read().split()
with ThreadPoolExecutor(max_workers=32) as pool:
    counts = collections.Counter(pool.map(status, urls))
for code, count in sorted(counts.items()):
    print(code, count)
