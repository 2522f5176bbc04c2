#!/usr/bin/env python3
"""What one downloads with the repository stays below 15 MB (docs/adr/0084): the tracked files, packed as `git archive` packs them.

    python3 tests/repository_size.py

A file of its own has a bound too, so that no large one comes in unseen. Python's standard library only.
"""

import gzip
import io
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Bytes of the packed archive, and of any file as it is.
MOST = 15_000_000
MOST_OF_A_FILE = 2_000_000


def tracked():
    """Paths of the tracked files that exist, or none outside a checkout."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    names = listed.stdout.split("\0") if listed.returncode == 0 else []
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def packed(files):
    """Bytes of these files as a compressed archive."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=6, mtime=0) as stream, tarfile.open(fileobj=stream, mode="w|") as archive:
        for file in files:
            archive.add(file, arcname=str(file.relative_to(ROOT)), recursive=False)
    return buffer.tell()


def main():
    files = tracked()
    if not files:
        print("no checkout of git: nothing to measure")
        return 0
    sizes = {file: file.stat().st_size for file in files}
    faults = [f"{file.relative_to(ROOT)} has {size:,} bytes, more than {MOST_OF_A_FILE:,}" for file, size in sizes.items() if size > MOST_OF_A_FILE]
    download = packed(files)
    if download > MOST:
        faults.append(f"the archive of the tracked files has {download:,} bytes, more than {MOST:,}")
    print(f"{len(files):,} files, {sum(sizes.values()) / 1e6:.1f} MB as they are, {download / 1e6:.1f} MB to download; at most {MOST / 1e6:.0f} MB")
    print("\n".join(faults), end="\n" if faults else "", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
