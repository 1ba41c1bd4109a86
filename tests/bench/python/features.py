# SPDX-License-Identifier: MIT
# Adds two columns to a CSV file, each computed from another, row by row.
import csv
import sys

with open(sys.argv[1], newline="") as table:
    rows = csv.DictReader(table)
    names = list(rows.fieldnames) + ["feature3", "feature4"]
    out = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    out.writeheader()
    for row in rows:
        row["feature3"] = int(row["feature1"]) ** 5
        row["feature4"] = int(row["feature2"]) * 100
        out.writerow(row)
