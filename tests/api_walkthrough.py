#!/usr/bin/env python3
"""Runs the Python snippets of docs/api.md in their order, as one program, against a server.

    tests/api_walkthrough.py GENERATED_FOLDER http://127.0.0.1:5000

GENERATED_FOLDER holds the client that openapi-python-client makes. A `text` block that follows a snippet is what the snippet prints:
any other output is a fault.
"""

import contextlib
import io
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "api.md"
FENCE = re.compile(r"^```(python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def main(generated, server):
    page = PAGE.read_text(encoding="utf-8")
    sys.path[:0] = [str(Path(generated).resolve()), str(ROOT / "examples")]
    os.environ["REBALANCER_URL"] = server
    os.chdir(ROOT)
    program = {"__name__": "__main__"}
    printed, snippets = "", 0
    for block in FENCE.finditer(page):
        kind, text = block.groups()
        line = page.count("\n", 0, block.start(2))
        if kind == "python":
            heard = io.StringIO()
            # Empty lines in front let a traceback name the line of the page.
            with contextlib.redirect_stdout(heard):
                exec(compile("\n" * line + text, str(PAGE), "exec"), program)
            printed, snippets = heard.getvalue(), snippets + 1
        elif printed != text:
            sys.exit(f"{PAGE}:{line + 1}: the page says\n{text}\nand the snippet printed\n{printed}")
    if snippets == 0:
        sys.exit(f"{PAGE} has no snippet")
    print(f"{snippets} snippets ran and printed what the page says")


if __name__ == "__main__":
    main(*sys.argv[1:3])
