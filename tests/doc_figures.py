#!/usr/bin/env python3
"""The figures in the documents are what their commands print.

    tests/doc_figures.py URL    # a running service

A difference is printed; when it is meant, paste the new output into the document.
"""

import difflib
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMPARED = [["examples/compare_policies.py", f"examples/{book}.json"] for book in ("risk_on_rally", "risk_off_shock", "rates_move")]
FIGURES = {"docs/policy.md": [*COMPARED, ["examples/compare_bands.py"]]}


def printed(url, command):
    script, *arguments = command
    ran = subprocess.run([sys.executable, script, url, *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=300)
    return ran.stdout.rstrip().splitlines()


def nearest(lines, wanted):
    """The lines of a document that stand where the wanted ones should, from the first line that they share."""
    start = next((i for i, line in enumerate(lines) if line == wanted[0]), 0)
    return lines[start : start + len(wanted)]


def main(url):
    failed = False
    for document, commands in FIGURES.items():
        lines = (ROOT / document).read_text().splitlines()
        for command in commands:
            wanted = printed(url, command)
            found = nearest(lines, wanted)
            if found != wanted:
                failed = True
                print("\n".join(difflib.unified_diff(found, wanted, document, " ".join(command), lineterm="")))
    if failed:
        sys.exit(1)
    print(f"{sum(map(len, FIGURES.values()))} commands print what the documents say")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1].rstrip("/"))
