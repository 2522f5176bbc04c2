import assert from "node:assert/strict";
import { test } from "node:test";
import { bandGroupsOf, bandGroupsRequest, newBandGroup } from "../src/portfolio/band-groups";
import { emptyAsset, emptyDraft, withoutBook } from "../src/portfolio/draft";
import { draftFrom, textOf } from "../src/portfolio/keep";
import { NO_TRIGGER } from "../src/portfolio/trigger";
import { triggerOf, triggerRequest } from "../src/portfolio/trigger-wire";
import { draftOf, requestOf } from "../src/portfolio/wire";

test("bands of classes and sleeves come back as they were sent", () => {
  const groups = [
    { asset_class: "equity", band: { relative: 0.25, cap: 0.05 } },
    { name: "Growth", sleeve: "core", band: { relative: 0.2, floor: 0.015 } },
    { sleeve: "satellite", band: "self" },
  ] as never;
  const fields = bandGroupsOf(groups);
  assert.deepEqual(
    fields.map(({ by, of, name, band, floor }) => [by, of, name, band, floor]),
    [
      ["asset_class", "equity", "", "5/25", ""],
      ["sleeve", "core", "Growth", "hybrid", "1.5"],
      ["sleeve", "satellite", "", "self", ""],
    ],
  );
  assert.deepEqual(bandGroupsRequest(fields), groups);
  assert.equal(bandGroupsRequest([]), undefined);
});

test("a group that is added takes a class that has no band yet, then a sleeve", () => {
  const assets = [emptyAsset({ assetClass: "equity " }), emptyAsset({ assetClass: "bond", sleeve: "core" })];
  const first = newBandGroup(assets, []);
  const second = newBandGroup(assets, [first]);
  const third = newBandGroup(assets, [first, second]);
  assert.deepEqual(
    [first, second, third, newBandGroup(assets, [first, second, third])].map(({ by, of }) => `${by} ${of}`),
    ["asset_class equity", "asset_class bond", "sleeve core", "asset_class "],
  );
});

test("a width that is no number is sent as typed, so that its field is marked", () => {
  const group = { ...newBandGroup([], []), of: "equity", band: "hybrid", cap: "wide" } as const;
  assert.deepEqual(bandGroupsRequest([group]), [{ asset_class: "equity", band: { cap: "wide" } }]);
});

test("a trigger comes back as it was sent", () => {
  const triggers = [
    { kind: "threshold", persistence_days: 3, breached_since: "2026-11-25" },
    { kind: "calendar", days: ["2026-12-31", "2027-06-30"] },
    { kind: "threshold", staggering: { window_days: 5, destination_jitter: 0, seed: 7 }, due_on: "2026-11-25" },
    { kind: "either", days: ["2026-12-31"], calendar: { exchange: "WEEKDAYS" } },
    {
      kind: "both",
      calendar: { exchange: "XNYS", every: "quarter_end" },
      last_rebalance: "2026-09-30",
      cooldown_days: 31,
    },
  ] as never[];
  for (const trigger of triggers) assert.deepEqual(triggerRequest(triggerOf(trigger)), trigger);
  assert.equal(triggerRequest(triggerOf(undefined)), undefined);
});

test("what does not go with the kind of a trigger is kept in its field and not sent", () => {
  const both = {
    ...NO_TRIGGER,
    triggerKind: "both",
    triggerDays: "2026-12-31;2027-06-30 2027-12-31",
    persistenceDays: "3",
  };
  assert.deepEqual(triggerRequest(both), {
    kind: "both",
    days: ["2026-12-31", "2027-06-30", "2027-12-31"],
    persistence_days: 3,
  });
  const sessions = { ...both, triggerExchange: "XNYS", triggerEvery: "month_end" };
  assert.deepEqual(triggerRequest(sessions), {
    kind: "both",
    calendar: { exchange: "XNYS", every: "month_end" },
    persistence_days: 3,
  });
  assert.deepEqual(triggerRequest({ ...sessions, triggerKind: "threshold" }), {
    kind: "threshold",
    calendar: { exchange: "XNYS" },
    persistence_days: 3,
  });
  assert.deepEqual(triggerRequest({ ...both, triggerKind: "calendar" }), {
    kind: "calendar",
    days: ["2026-12-31", "2027-06-30", "2027-12-31"],
  });
});

test("groups, trigger and sleeves are of the draft: sent, kept over a reload, gone with the book", () => {
  const request = {
    groups: [{ sleeve: "core", band: "self" }],
    trigger: { kind: "threshold" },
    assets: [{ asset: "A", sleeve: "core", target_weight: 1, quantity: 1, price: 1 }],
  } as never;
  const draft = draftFrom(textOf(draftOf(request)));
  assert.ok(draft);
  const sent = requestOf(draft);
  assert.deepEqual(
    [sent.groups, sent.trigger, sent.assets[0]?.sleeve],
    [[{ sleeve: "core", band: "self" }], { kind: "threshold" }, "core"],
  );
  const next = requestOf(withoutBook(draft));
  assert.deepEqual([next.groups, next.trigger], [undefined, undefined]);
  assert.deepEqual(requestOf(emptyDraft()).groups, undefined);
});
