#!/usr/bin/env python3
"""Circles of files: prints every circle of more than three files of one crate, and fails when there is one.

A file reads another when it names something that is defined there: in a `use`, or in a path (`crate::…`, `super::…`, `self::…`, or
from a child module or an imported one). Names are followed through re-exports to the file that defines them, so a `lib.rs` or
`mod.rs` that only re-exports is in nobody's way. A module is made of its child modules: what it names of them is no reading.
Test modules and comments do not count either: a test may look at who uses its file.

A circle is a strongly connected set of files: each can be reached from each. None of them can be understood, moved or tested
without the others, which two or three can bear and more cannot.

    tests/circles.py              # every crate under crates/ and apps/
    tests/circles.py crates/risk  # one of them, with the circles of two and three files and every edge in a circle
"""

import re
import sys
from pathlib import Path

MOST = 3
ROOT = Path(__file__).resolve().parent.parent

TOKENS = re.compile(
    r"""//[^\n]*|/\*.*?\*/                              # comments
      | b?r(\#*)".*?"\1 | b?"(?:\\.|[^"\\])*"          # strings
      | b?'(?:\\(?:x..|u\{[^}]*\}|.)|[^'\\])'          # characters
      | '[A-Za-z_]\w* | \#!?\[ | [A-Za-z_]\w* | :: | [{}()\[\];,*=<>!] | \S""",
    re.S | re.X,
)
WORD = re.compile(r"[A-Za-z_]\w*$")


def tokens_of(text):
    """The words and signs of a source file, without comments, strings, attributes and test modules."""
    raw = [m.group(0) for m in TOKENS.finditer(text)]
    raw = [t for t in raw if not t.startswith(("//", "/*", "'")) and not re.match(r'b?r?#*"', t)]
    out, i = [], 0
    test_only = False
    while i < len(raw):
        if raw[i] in ("#[", "#!["):
            end = closing(raw, i, "[", "]")
            if raw[i : i + 4] == ["#[", "cfg", "(", "test"] or raw[i : i + 3] == ["#[", "test", "]"]:
                test_only = True
            i = end + 1
        elif test_only:
            i = end_of_item(raw, i)
            test_only = False
        else:
            out.append(raw[i])
            i += 1
    return out


def closing(tokens, start, opening, end):
    depth = 0
    for i in range(start, len(tokens)):
        if tokens[i].endswith(opening):
            depth += 1
        elif tokens[i] == end:
            depth -= 1
            if depth == 0:
                return i
    return len(tokens)


def end_of_item(tokens, start):
    """The position after the item that begins at `start`: after its body, or after its semicolon."""
    for i in range(start, len(tokens)):
        if tokens[i] == "{" and tokens[start] != "use":
            return closing(tokens, i, "{", "}") + 1
        if tokens[i] == ";":
            return i + 1
    return len(tokens)


def use_tree(tokens, i, prefix):
    """Reads one tree of a `use` at `i`: the (path, alias) pairs in it, and the position after it."""
    path = list(prefix)
    while True:
        token = tokens[i]
        if token == "{":
            pairs, i = [], i + 1
            while tokens[i] != "}":
                more, i = use_tree(tokens, i, path)
                pairs += more
                i += tokens[i] == ","
            return pairs, i + 1
        if token == "*":
            return [(path, "*")], i + 1
        if token == "::":
            i += 1
            continue
        if token == "self" and path:
            alias = path[-1]
        else:
            path, alias = [*path, token], token
        i += 1
        if tokens[i] == "as":
            alias, i = tokens[i + 1], i + 2
        if tokens[i] != "::":
            return [(path, alias)], i


class Module:
    """One file of a crate."""

    def __init__(self, file, parent):
        self.file, self.parent = file, parent
        self.children, self.imports, self.globs, self.paths, self.inline = {}, {}, [], [], set()
        tokens = tokens_of(file.read_text())
        folder = file.parent if file.name in ("lib.rs", "main.rs", "mod.rs") else file.with_suffix("")
        self.read(tokens, folder)

    def read(self, tokens, folder):
        i = 0
        while i < len(tokens):
            token = tokens[i]
            if token == "use" and (i == 0 or tokens[i - 1] != "::"):
                pairs, i = use_tree(tokens, i + 1, [])
                for path, alias in pairs:
                    self.paths.append(path)
                    if alias == "*":
                        self.globs.append(path)
                    elif alias != "_":
                        self.imports[alias] = path
            elif token == "mod" and tokens[i + 2] == ";":
                name = tokens[i + 1]
                file = next(f for f in (folder / f"{name}.rs", folder / name / "mod.rs") if f.exists())
                self.children[name] = Module(file, self)
                i += 3
            elif token == "mod" and tokens[i + 2] == "{":
                self.inline.add(tokens[i + 1])
                i += 3
            elif WORD.match(token) and tokens[i + 1 : i + 2] == ["::"]:
                path = [token]
                while tokens[i + 1 : i + 2] == ["::"] and WORD.match(tokens[i + 2]):
                    path.append(tokens[i + 2])
                    i += 2
                self.paths.append(path)
                i += 1
            else:
                i += 1

    def root(self):
        return self if self.parent is None else self.parent.root()

    def all(self):
        return [self] + [m for child in self.children.values() for m in child.all()]

    def resolve(self, path, seen=()):
        """The module that defines what `path`, read in this module, names; None for what is not of this crate."""
        if (self, tuple(path)) in seen or not path:
            return self if not path else None
        seen = (*seen, (self, tuple(path)))
        first, rest = path[0], path[1:]
        if first == "crate":
            return self.root().resolve_in(rest, seen)
        if first == "self":
            return self.resolve_in(rest, seen)
        if first == "super":
            return self.parent.resolve_in(rest, seen) if self.parent else self
        return self.resolve_in(path, seen, False)

    def resolve_in(self, path, seen, defined=True):
        """As `resolve`, for a path inside this module; `defined` says that what is found nowhere else is defined here."""
        if not path:
            return self
        first, rest = path[0], path[1:]
        if first == "super":
            return self.parent.resolve_in(rest, seen) if self.parent else self
        if first in self.children:
            return self.children[first].resolve_in(rest, seen)
        if first in self.inline:
            return self
        if first in self.imports:
            target = self.imports[first]
            if target != [first]:
                return self.resolve([*target, *rest], seen)
        for glob in self.globs:
            module = self.resolve(glob, seen)
            if module and module is not self and module.exports(first):
                return module.resolve_in(path, seen)
        return self if defined else None

    def exports(self, name):
        return name in self.children or name in self.imports

    def reads(self):
        """The files whose definitions this one names, without those it is made of."""
        found = (self.resolve(path) for path in self.paths)
        return {module for module in found if module and module is not self and self not in module.ancestors()}

    def ancestors(self):
        return [] if self.parent is None else [self.parent, *self.parent.ancestors()]


def circles_of(modules):
    """Strongly connected sets of modules (Tarjan)."""
    edges = {module: sorted(module.reads(), key=lambda m: m.file) for module in modules}
    index, low, stack, circles = {}, {}, [], []

    def visit(module):
        index[module] = low[module] = len(index)
        stack.append(module)
        for other in edges[module]:
            if other not in index:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], index[other])
        if low[module] == index[module]:
            circle = set(stack[stack.index(module) :])
            del stack[stack.index(module) :]
            circles.append(circle)

    for module in modules:
        if module not in index:
            visit(module)
    return [(circle, edges) for circle in circles if len(circle) > 1]


def main(arguments):
    sys.setrecursionlimit(10_000)
    chosen = [Path(a).resolve() for a in arguments]
    failed = 0
    for manifest in sorted([*ROOT.glob("crates/*/Cargo.toml"), *ROOT.glob("apps/*/Cargo.toml")]):
        crate = manifest.parent
        if chosen and crate not in chosen:
            continue
        source = crate / "src" / "lib.rs"
        for circle, edges in circles_of(Module(source, None).all()):
            too_large = len(circle) > MOST
            failed += too_large
            if too_large or chosen:
                print(f"{crate.relative_to(ROOT)}: a circle of {len(circle)} files")
                for module in sorted(circle, key=lambda m: m.file):
                    others = [str(m.file.relative_to(crate / "src")) for m in edges[module] if m in circle]
                    print(f"    {module.file.relative_to(crate / 'src')} reads {', '.join(others)}")
    if failed:
        print(f"{failed} circles of more than {MOST} files", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
