#!/usr/bin/env python3
"""Lint of the contract: whether openapi/openapi.json generates clients that a reader of it would write by hand.

The document can be valid and still give a client `LimitType0` to `LimitType11`, a `code` that is any text, a member that is
sometimes missing and sometimes null, or two words for one concept. Each rule below refuses one of these.

tests/contract_allowed.json lists the places that break a rule today, each rule's places with the reason. A place that is not
listed fails the lint, and so does a listed place that keeps the rule: the list only gets shorter.

    tests/contract_lint.py                # counts per rule; fails on a new place and on a listed one that is in order
    tests/contract_lint.py --all          # prints every place, the listed ones too
    tests/contract_lint.py FILE           # another document
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = ROOT / "openapi" / "openapi.json"
ALLOWED = ROOT / "tests" / "contract_allowed.json"
WORDS = ROOT / "docs" / "words.md"

METHODS = ("get", "post", "put", "patch", "delete")
UNIONS = ("oneOf", "anyOf")


class Contract:
    """The document, and what the rules ask about it."""

    def __init__(self, document):
        self.document = document
        self.schemas = document["components"]["schemas"]
        asked, answered = set(), set()
        for _, operation in self.operations():
            self.collect(operation.get("requestBody", {}), asked)
            self.collect(operation["responses"], answered)
        self.asked, self.answered = asked, answered

    def operations(self):
        """Every operation under its id."""
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield item[method].get("operationId", f"{method} {path}"), item[method]

    def resolve(self, value):
        """What a reference stands for."""
        while "$ref" in value:
            found = self.document
            for part in value["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            value = found
        return value

    def collect(self, value, names):
        """Adds the names of all schemas that can be reached from `value`."""
        if isinstance(value, list):
            for item in value:
                self.collect(item, names)
        elif isinstance(value, dict):
            reference = value.get("$ref")
            if isinstance(reference, str) and reference.startswith("#/"):
                name = reference.rsplit("/", 1)[-1]
                if reference.startswith("#/components/schemas/"):
                    if name in names:
                        return
                    names.add(name)
                self.collect(self.resolve(value), names)
            for key, item in value.items():
                if key not in ("example", "examples"):
                    self.collect(item, names)

    def parts(self):
        """Every schema of the document with its place: named ones and the schemas inside them."""
        for name, schema in self.schemas.items():
            yield from self.inside(schema, name)

    def inside(self, schema, place):
        if not isinstance(schema, dict):
            return
        yield place, schema
        for member, inner in schema.get("properties", {}).items():
            yield from self.inside(inner, f"{place}.{member}")
        for key in ("items", "additionalProperties"):
            yield from self.inside(schema.get(key), f"{place}[]")
        for key in ("allOf", "prefixItems", *UNIONS):
            for i, inner in enumerate(schema.get(key, [])):
                yield from self.inside(inner, f"{place}/{i}")


def types_of(schema):
    """The JSON types a schema names itself."""
    kind = schema.get("type", [])
    return [kind] if isinstance(kind, str) else kind


def is_null(schema):
    return types_of(schema) == ["null"]


def is_nullable(schema):
    return "null" in types_of(schema) or any(is_null(part) for key in UNIONS for part in schema.get(key, []))


def unions(contract):
    """A union names its variants, and a member tells them apart: the discriminator of objects, or else the JSON type."""
    for place, schema in contract.parts():
        for key in UNIONS:
            variants = [part for part in schema.get(key, []) if not is_null(part)]
            if len(variants) < 2:
                continue
            if any("$ref" not in part for part in variants):
                yield f"{place}: a variant has no name"
            kinds = [tuple(types_of(contract.resolve(part))) or ("object",) for part in variants]
            if len(set(kinds)) < len(kinds) and "discriminator" not in schema:
                yield f"{place}: no discriminator"


def codes(contract):
    """A code, kind or type is one of a closed list."""
    for place, schema in contract.parts():
        for member in ("code", "kind", "type"):
            inner = schema.get("properties", {}).get(member)
            if inner is None:
                continue
            inner = contract.resolve(next(iter(inner.get("allOf", [])), inner))
            if "string" in types_of(inner) and "enum" not in inner and "const" not in inner:
                yield f"{place}.{member}: any text"


def absent_or_null(contract):
    """A member of an answer is either missing or null when there is nothing to say, and never both.

    What an answer repeats of a request keeps the rule of requests: null means absent.
    """
    for place, schema in contract.parts():
        name = re.match(r"\w+", place).group(0)
        if name not in contract.answered or name in contract.asked:
            continue
        for member, inner in schema.get("properties", {}).items():
            if is_nullable(inner) and member not in schema.get("required", []):
                yield f"{place}.{member}: optional and nullable"


def maps(contract):
    """The values of a map have a type."""
    for place, schema in contract.parts():
        values = schema.get("additionalProperties", False)
        if values is True or values == {}:
            yield f"{place}: a map of anything"
        if isinstance(values, dict) and values:
            found = contract.resolve(values)
            if not types_of(found) and not any(key in found for key in ("allOf", "enum", *UNIONS)):
                yield f"{place}: a map of values without a type"


def errors(contract):
    """An operation lists its refusals, and each of them the problem types it can have, with an example."""
    for name, operation in contract.operations():
        refusals = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        if not refusals:
            yield f"{name}: no refusal"
        for status, answer in refusals.items():
            content = contract.resolve(answer).get("content", {})
            if list(content) != ["application/problem+json"]:
                yield f"{name} {status}: not a problem document"
            elif not content["application/problem+json"].get("examples"):
                yield f"{name} {status}: no list of problem types"


def deprecations(contract):
    """The answers of a deprecated operation say since when it is, and when it ends."""
    for name, operation in contract.operations():
        if operation.get("deprecated"):
            outcomes = [contract.resolve(answer) for status, answer in operation["responses"].items() if status < "300"]
            for header in ("Deprecation", "Sunset"):
                if not all(header in answer.get("headers", {}) for answer in outcomes):
                    yield f"{name}: deprecated without the header {header}"


def examples(contract):
    """An operation shows a whole request and a whole answer."""
    for name, operation in contract.operations():
        body = contract.resolve(operation.get("requestBody", {}))
        answers = [contract.resolve(answer) for status, answer in operation["responses"].items() if status < "300"]
        shown = [("request", content) for content in body.get("content", {}).values()]
        shown += [("answer", content) for answer in answers for content in answer.get("content", {}).values()]
        for what in sorted({what for what, content in shown if not content.get("examples") and "example" not in content}):
            yield f"{name}: no example of its {what}"


def streams(contract):
    """What is not JSON is a text, as a client gets it; JSON lines name the type of a line and can be had as plain text."""
    for name, operation in contract.operations():
        for status, answer in operation["responses"].items():
            content = contract.resolve(answer).get("content", {})
            for media_type in content.keys() - {"application/json", "application/problem+json"}:
                if types_of(contract.resolve(content[media_type].get("schema", {}))) != ["string"]:
                    yield f"{name} {status}: {media_type} is not a text"
            lines = content.get("application/jsonl")
            if lines is not None and "contentSchema" not in lines["schema"]:
                yield f"{name} {status}: lines without a type"
            if lines is not None and "text/plain" not in content:
                yield f"{name} {status}: lines that are not plain text too"


def parameters(contract):
    """A parameter that is not sent is absent, never null: a header has no null."""
    for name, operation in contract.operations():
        for parameter in map(contract.resolve, operation.get("parameters", [])):
            if is_nullable(contract.resolve(parameter["schema"])):
                yield f"{name}: {parameter['name']} can be null"


def values(contract):
    """Values of a closed list are snake_case."""
    for place, schema in contract.parts():
        listed = schema.get("enum", [schema["const"]] if "const" in schema else [])
        for value in listed:
            # A problem type is a path (RFC 9457).
            if isinstance(value, str) and not value.startswith("/problems/") and not re.fullmatch(r"[a-z][a-z0-9_]*", value):
                yield f"{place}: {value}"


def twins(contract):
    """A list of values has one name."""
    names = {}
    for name, schema in contract.schemas.items():
        if len(schema.get("enum", [])) > 1:
            names.setdefault(frozenset(schema["enum"]), []).append(name)
    for same in names.values():
        if len(same) > 1:
            yield f"{' and '.join(sorted(same))}: the same values"


def times(contract):
    """A point in time is called `…_at`, and nothing else is."""
    for place, schema in contract.parts():
        for member, inner in schema.get("properties", {}).items():
            if member.endswith("_at") != (contract.resolve(inner).get("format") == "date-time"):
                yield f"{place}.{member}: {'no time' if member.endswith('_at') else 'a time'}"


def bounds(contract):
    """A bound is called `…_min` or `…_max`; the same quantity is not also limited under `…_limit`."""
    members = {member for _, schema in contract.parts() for member in schema.get("properties", {})}
    for place, schema in contract.parts():
        for member in schema.get("properties", {}):
            if re.match(r"(min|max)_", member) or member.endswith("_limit"):
                yield f"{place}.{member}: not named as a bound"
    for member in sorted(members):
        if member.endswith("_limit") and member.removesuffix("_limit") + "_max" in members:
            yield f"{member}: also {member.removesuffix('_limit')}_max"


def questions(contract):
    """What is asked of a stored thing without a body is asked with one method."""
    asked = {}
    for path, item in contract.document["paths"].items():
        word = path.rsplit("/", 1)[-1]
        for method in METHODS:
            operation = item.get(method, {})
            if operation and not word.startswith("{") and "requestBody" not in operation:
                asked.setdefault(word, {}).setdefault(method, []).append(path)
    for word, methods in asked.items():
        if len(methods) > 1:
            yield f"{word}: {', '.join(sorted(methods))}"


def identifiers(contract):
    """An identifier in a path is the name of a member, so that an answer says what to put there."""
    members = {member for _, schema in contract.parts() for member in schema.get("properties", {})}
    for path in contract.document["paths"]:
        for name in re.findall(r"{(\w+)}", path):
            if name not in members:
                yield f"{path}: no member is called {name}"


def words(contract):
    """What docs/words.md calls a member, a parameter, a schema or a value is one."""
    known = set(contract.schemas)
    for _, schema in contract.parts():
        known.update(schema.get("properties", {}))
        known.update(value for value in schema.get("enum", []) if isinstance(value, str))
    for _, operation in contract.operations():
        known.update(contract.resolve(parameter)["name"] for parameter in operation.get("parameters", []))
    for row in re.findall(r"^\| [^|]+ \| ([^|]+) \|", WORDS.read_text(), re.MULTILINE):
        for name in re.findall(r"`([^`]+)`", row):
            if name not in known:
                yield f"{name}: not in the contract"


RULES = {
    "unions": unions,
    "codes": codes,
    "absent-or-null": absent_or_null,
    "maps": maps,
    "errors": errors,
    "deprecations": deprecations,
    "examples": examples,
    "streams": streams,
    "parameters": parameters,
    "values": values,
    "twins": twins,
    "times": times,
    "bounds": bounds,
    "questions": questions,
    "identifiers": identifiers,
    "words": words,
}


def main(arguments):
    show_all = "--all" in arguments
    files = [argument for argument in arguments if argument != "--all"]
    contract = Contract(json.loads(Path(files[0] if files else CONTRACT).read_text()))
    allowed = json.loads(ALLOWED.read_text())
    for name in allowed.keys() - RULES.keys():
        print(f"{name}: there is no such rule", file=sys.stderr)
        return 1
    failed = 0
    for name, rule in RULES.items():
        found = sorted(set(rule(contract)))
        listed = {place: reason for reason, places in allowed.get(name, {}).items() for place in places}
        new = [place for place in found if place not in listed]
        settled = sorted(set(listed) - set(found))
        failed += len(new) + len(settled)
        print(f"{name}: {len(found)} places, {len(listed)} allowed")
        for place in new:
            print(f"    {place}")
        for place in settled:
            print(f"    {place}: is in order now, take it off the list")
        if show_all:
            for place in found:
                if place in listed:
                    print(f"    {place} (allowed: {listed[place]})")
    if failed:
        print(f"{failed} places break a rule of the contract or are listed without need", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
