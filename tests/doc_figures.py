#!/usr/bin/env python3
"""The figures in the documents are what their commands print.

    tests/doc_figures.py URL    # a running service

A difference is printed; when it is meant, paste the new output into the document.
"""

import difflib
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMPARED = [["examples/compare_policies.py", f"examples/{book}.json"] for book in ("risk_on_rally", "risk_off_shock", "rates_move")]
FIGURES = {"docs/policy.md": [*COMPARED, ["examples/compare_bands.py"], ["examples/footprint.py"]], "docs/model-cards.md": [["examples/model_cards.py"]]}
# Commands of the server, as the build has left it.
COMMANDS = {"docs/models.md": ["models"]}
# Scripts that run the server's command line.
SCRIPTS = {"docs/adr/0018-one-objective.md": ["examples/objective_table.py"]}
# Examples of the crates, as the build has left them.
EXAMPLES = {"docs/models.md": ["intervals", "forecasters_on_trial", "volatility", "covariances", "learners"], "docs/evidence.md": ["defaults_on_trial", "allocators_on_trial", "fitted_weights", "one_year_var"]}

# Examples of which a document has the table alone.
TABLES = {"docs/forecast.md": ["walk_forward"]}


def lines_of(command):
    ran = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=300)
    return ran.stdout.rstrip().splitlines()


def printed(url, command):
    script, *arguments = command
    return lines_of([sys.executable, script, url, *arguments])


def built(*path):
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).joinpath("debug", *path)


def example(name):
    return lines_of([built("examples", name)])


def told(command):
    return lines_of([built("rebalancer"), command])


def planned(script):
    return lines_of([sys.executable, script, built("rebalancer")])


def nearest(lines, wanted):
    """The lines of a document that stand where the wanted ones should, from the first line that they share, which may be indented as code."""
    for indent in ("", "    "):
        if indent + wanted[0] in lines:
            start = lines.index(indent + wanted[0])
            return [line.removeprefix(indent) for line in lines[start : start + len(wanted)]]
    return lines[: len(wanted)]


def main(url):
    failed = False
    outputs = [(document, command, printed(url, command)) for document, commands in FIGURES.items() for command in commands]
    outputs += [(document, [name], example(name)) for document, names in EXAMPLES.items() for name in names]
    for document, names in TABLES.items():
        outputs += [(document, [name], [line for line in example(name) if line.startswith("|")]) for name in names]
    outputs += [(document, [name], told(name)) for document, names in COMMANDS.items() for name in names]
    outputs += [(document, [script], planned(script)) for document, scripts in SCRIPTS.items() for script in scripts]
    for document, command, wanted in outputs:
        lines = (ROOT / document).read_text().splitlines()
        found = nearest(lines, wanted)
        if found != wanted:
            failed = True
            print("\n".join(difflib.unified_diff(found, wanted, document, " ".join(command), lineterm="")))
    if failed:
        sys.exit(1)
    print(f"{len(outputs)} commands print what the documents say")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1].rstrip("/"))
