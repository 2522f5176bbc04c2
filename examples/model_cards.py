#!/usr/bin/env python3
"""The card of every built-in model and tool in words, as docs/model-cards.md shows them.

    examples/model_cards.py URL    # a running service
"""

import json
import sys
import urllib.request


def get(url):
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def figure(value):
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def metric(told):
    interval = f" ({figure(told['interval'][0])} to {figure(told['interval'][1])})" if "interval" in told else ""
    return f"  - {told['name']}: {figure(told['value'])}{interval}: {told['verdict']}"


def listed(title, entries):
    return [f"- **{title}**: {'; '.join(entries)}." if entries else f"- **{title}**: none."]


def words(text):
    return text.rstrip(".") + "."


def card_of(model):
    card = model["card"]
    lines = [f"### `{card['id']}` {card['version']}", ""]
    lines.append(f"{words(card['summary'])} A {card['kind']} for {card['purpose'].replace('_', ' ')}, tier {card['tier']}.")
    lines += ["", f"- **Use**: {words(card['intended_use'])}"]
    lines += listed("Not for", card["not_for"])
    lines += listed("Reads", card["features"])
    lines.append(f"- **Estimates**: {words(card['target'])}" if card["kind"] == "model" else f"- **Gives**: {words(card['target'])}")
    if card["kind"] == "model":
        lines.append(f"- **Trials**: {card['trials']}." + ("" if card["metrics"] else " No figure."))
        lines += [metric(told) for told in card["metrics"]]
        lines += ["- **Limits**:", *(f"  - {words(limit)}" for limit in card["known_limits"])]
        lines.append("- **Monitored**, instead of a date:")
        lines += [f"  - {told['measure']}: {told['threshold']}; then {words(told['action'])}" for told in card["monitoring_triggers"]]
    lines += listed("Depends on", [f"`{needed}`" for needed in card["dependencies"]])
    lines += [f"- **Outcomes**: {words(card['outcomes_analysis'])}", f"- **Owner**: {words(card['owner'])}", ""]
    return lines


def main(url):
    # What was trained or fitted through the service is not of the build.
    built_in = [model for model in get(f"{url}/api/models")["models"] if not model["id"].startswith(("boosted_trees_", "fitted_costs_"))]
    for model in built_in:
        print("\n".join(card_of(get(f"{url}/api/models/{model['id']}"))))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1].rstrip("/"))
