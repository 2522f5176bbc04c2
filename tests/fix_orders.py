#!/usr/bin/env python3
"""FIX messages of orders against the same orders in JSON, read by an independent parser (`simplefix`).

    tests/fix_orders.py COMMAND...    # run as COMMAND... json and COMMAND... fix, with HOUSEHOLD as sender and BROKER as target

The commands of the gate: the example `print` of crates/orders, and
`rebalancer orders FILE --sender HOUSEHOLD --target BROKER --format`.
"""

import json
import subprocess
import sys

import simplefix

SIDES = {"Buy": "1", "Sell": "2"}
TYPES = {"market": "1", "limit": "2"}
TIMES = {"day": "0", "good_till_cancelled": "1"}
SOURCES = {"isin": "4", "cusip": "1", "figi": "S"}


def printed(command, form):
    return subprocess.run([*command, form], check=True, stdout=subprocess.PIPE, timeout=60).stdout


def messages_in(raw):
    """The messages of a file, each parsed, with the bytes that the parser's own encoder gives for its fields."""
    parser = simplefix.FixParser()
    parser.append_buffer(raw)
    messages = []
    while (message := parser.get_message()) is not None:
        messages.append(message)
    if parser.get_buffer():
        sys.exit(f"after the last message stand {len(parser.get_buffer())} bytes")
    # With `raw` unset the encoder counts BodyLength and CheckSum itself.
    again = b"".join(message.encode() for message in messages)
    if again != raw:
        sys.exit("BodyLength, CheckSum or the order of the fields is not what the independent encoder writes")
    return messages


def expected(order, i):
    """What the message of an order has to say, by tag."""
    identifiers = order["identifiers"]
    name = next((name for name in SOURCES if name in identifiers), None)
    text = ": ".join(part for part in (order["name"], order["reason"]) if part)
    encoded = text.encode()
    fields = {
        8: "FIX.4.4",
        35: "D",
        49: "HOUSEHOLD",
        56: "BROKER",
        34: str(i + 1),
        11: order["client_order_id"],
        1: order["account"],
        55: identifiers.get("ticker", order["asset"]),
        48: identifiers.get(name),
        22: SOURCES.get(name),
        54: SIDES[order["side"]],
        38: order["quantity"],
        40: TYPES[order["order_type"]],
        44: order["limit_price"],
        15: order["currency"],
        59: TIMES[order["time_in_force"]],
        58: "".join(c if ord(c) < 128 else "?" for c in text) or None,
        347: None if text.isascii() else "UTF-8",
        354: None if text.isascii() else str(len(encoded)),
        355: None if text.isascii() else text,
    }
    return fields


def main():
    command = sys.argv[1:]
    if not command:
        sys.exit(__doc__)
    orders = json.loads(printed(command, "json"))["orders"]
    messages = messages_in(printed(command, "fix"))
    faults = []
    if not orders:
        faults.append("the command prints no order")
    if len(messages) != len(orders):
        faults.append(f"{len(messages)} messages for {len(orders)} orders")
    placed = []
    for i, (order, message) in enumerate(zip(orders, messages)):
        for tag, want in expected(order, i).items():
            got = message.get(tag)
            got = None if got is None else got.decode()
            if got != want:
                faults.append(f"order {i + 1}, field {tag}: {got!r}, expected {want!r}")
        for tag in (9, 10, 52, 60):
            if message.get(tag) is None:
                faults.append(f"order {i + 1} has no field {tag}")
        if not set(order["waits_for"]) <= set(placed):
            faults.append(f"order {i + 1} waits for an order that does not stand before it")
        placed.append(order["client_order_id"])
    if len(set(placed)) != len(placed):
        faults.append("two orders have one id")
    sales = [order["side"] for order in orders]
    if sales != sorted(sales, reverse=True):
        faults.append("a purchase stands before a sale")
    if faults:
        sys.exit("\n".join(faults))
    print(f"{' '.join(command[:3])}: {len(messages)} FIX messages agree with their orders")


if __name__ == "__main__":
    main()
