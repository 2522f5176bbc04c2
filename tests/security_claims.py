#!/usr/bin/env python3
"""Each promise of SECURITY.md names its tests, and each test that it names exists.

    tests/security_claims.py

A row of the table of promises names, in its last brackets, files of tests or functions of tests. A file must be there; a function must be
one of a file that the row names, or a function of a Rust test anywhere in the repository. Python's standard library only.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROW = re.compile(r"^\| (?P<threat>[^|]+) \| (?P<answer>.+) \|$")
NAMED = re.compile(r"`([^`]+)`")
FUNCTION = re.compile(r"[a-z][a-z0-9_]+")


def rust_tests():
    """The names of functions in Rust files, as far as tests have them."""
    files = subprocess.run(["git", "ls-files", "*.rs"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    names = set()
    for file in files:
        text = (ROOT / file).read_text(encoding="utf-8")
        if "#[test]" in text or "::test(" in text or "::test]" in text or "both!(" in text or "proptest!" in text:
            names.update(re.findall(r"\bfn ([a-z0-9_]+)", text))
    return names


def faults_of(text, functions):
    """What is wrong with the table, and the number of its rows."""
    table = text.split("## What it promises", 1)[1].split("\n## ", 1)[0]
    rows = [row for line in table.splitlines() if (row := ROW.match(line)) and row["threat"] not in ("threat", "---")]
    faults = []
    for row in rows:
        brackets = re.findall(r"\(([^()]*)\)", row["answer"])
        named = NAMED.findall(brackets[-1]) if brackets and row["answer"].rstrip().endswith(")") else []
        if not named:
            faults.append(f"{row['threat']}: names no test at its end")
        sources = []
        for name in named:
            if "/" in name or "." in name:
                path = ROOT / name
                if path.is_file():
                    sources.append(path.read_text(encoding="utf-8"))
                else:
                    faults.append(f"{row['threat']}: there is no {name}")
        for name in named:
            if FUNCTION.fullmatch(name):
                is_there = name in functions or any(re.search(rf"\b(def|fn) {name}\b", source) for source in sources)
                if not is_there:
                    faults.append(f"{row['threat']}: there is no test {name}")
    return faults, len(rows)


def main():
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    functions = rust_tests()
    faults, rows = faults_of(text, functions)
    # It finds what it is for.
    sample = "## What it promises\n\n| threat | answer |\n| --- | --- |\n| A | nothing |\n| B | x (`tests/none.py`) |\n| C | x (`no_such_test_anywhere`) |\n"
    found, of = faults_of(sample, functions)
    if (len(found), of) != (3, 3):
        faults.append(f"the check itself: {found}")
    for fault in faults:
        print(f"FAULT {fault}")
    print(f"security claims: {rows} promises, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
