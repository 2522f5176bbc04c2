import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { ImportPosition, ImportQuestion, ImportReading } from "../src/api/types";
import { isGiven, mappingOf, NO_ANSWERS, replyTo } from "../src/import/answers";
import { appendedTo } from "../src/import/append";
import { besideOld } from "../src/import/beside";
import { PASTED, takenFrom } from "../src/import/book";
import { unreadColumns } from "../src/import/words";
import { emptyAsset, emptyDraft, type Draft } from "../src/portfolio/draft";
import { requestOf } from "../src/portfolio/wire";

const positions: ImportPosition[] = [
  { asset: "VTI", quantity: 12, price: 310.5, value: 3726, current_weight: 0.25, currency: "USD" },
  { asset: "BND", quantity: 40.5, price: 88.2, value: 3572.1, current_weight: 0.24, currency: "USD" },
];
const reading = (change: Partial<ImportReading> = {}): ImportReading =>
  ({
    kind: "positions",
    positions,
    cash: [{ currency: "USD", amount: 1250.75 }],
    questions: [],
    set_aside: [],
    nav: 8548.85,
    columns: [],
    ...change,
  }) as ImportReading;
const old: Draft = {
  ...emptyDraft(),
  name: "Old",
  cash: "9",
  riskFree: "3",
  assets: [emptyAsset({ asset: "GLD", quantity: "5" })],
};

function draftOf(change: Partial<ImportReading> = {}, answers = NO_ANSWERS): Draft {
  const taken = takenFrom(reading(change), answers, old, "schwab.csv");
  assert.ok("draft" in taken, JSON.stringify(taken));
  return taken.draft;
}

test("a file of positions becomes a book of units, prices and cash; the settings stay and the old book does not", () => {
  const draft = draftOf();
  assert.deepEqual(
    [draft.name, draft.entry, draft.cash, draft.currency, draft.riskFree],
    ["schwab", "units", "1250.75", "USD", "3"],
  );
  const { assets, cash } = requestOf(draft);
  assert.equal(cash, 1250.75);
  assert.deepEqual(
    assets.map(({ asset, quantity, price, lot_size }) => [asset, quantity, price, lot_size]),
    [
      ["VTI", 12, 310.5, 1],
      ["BND", 40.5, 88.2, undefined],
    ],
  );
});

test("targets are the file's, or the weights there are when the reader says so, with cash at its own", () => {
  assert.deepEqual(
    draftOf().assets.map((row) => row.target),
    ["", ""],
  );
  const kept = draftOf({}, { ...NO_ANSWERS, keepsWeights: true });
  assert.deepEqual([kept.assets.map((row) => row.target), kept.cashTarget], [["25", "24"], "14.6306"]);
  const stated = draftOf({ positions: [{ ...(positions[0] as ImportPosition), target_weight: 0.6 }] });
  assert.equal(stated.assets[0]?.target, "60");
});

test("a file of weights is a book of weights, and its row of cash the cash target", () => {
  const draft = draftOf({
    positions: [
      { asset: "VTI", current_weight: 0.6, target_weight: 0.55 },
      { asset: "Cash", current_weight: 0.4, target_weight: 0.45, asset_class: "cash" },
    ],
    cash: [],
    nav: 1000,
  });
  assert.deepEqual(
    [draft.entry, draft.value, draft.cashTarget, draft.assets.map((row) => [row.asset, row.current, row.target])],
    ["weights", "1000", "45", [["VTI", "60", "55"]]],
  );
});

test("rows of one asset are one row where they agree, and two where they do not", () => {
  const lot = { asset: "VTI", quantity: 0.1, price: 310.5, currency: "USD", account: "joint" };
  const draft = draftOf({ positions: [lot, { ...lot, quantity: 0.2, account: "own" }, { ...lot, price: 300 }] });
  assert.deepEqual(
    draft.assets.map(({ quantity, price, account }) => [quantity, price, account]),
    [
      ["0.3", "310.5", ""],
      ["0.1", "300", "joint"],
    ],
  );
});

test("no book is made of several currencies, of cash without one, or of nothing", () => {
  const reasonOf = (change: Partial<ImportReading>): string => {
    const taken = takenFrom(reading(change), NO_ANSWERS, old, "f.csv");
    assert.ok("reason" in taken);
    return taken.reason;
  };
  assert.match(reasonOf({ cash: [{ currency: "EUR", amount: 1 }] }), /USD and EUR/);
  assert.match(reasonOf({ cash: [{ currency: "XXX", amount: 1 }] }), /currency of the cash is open/);
  assert.match(reasonOf({ positions: [], cash: [] }), /no position/);
  assert.match(reasonOf({ kind: "returns", history: undefined }), /no history/);
});

test("a history goes to the assets of its names, and the book stays", () => {
  const history = {
    assets: ["GLD", "OIL"],
    observations: 2,
    dates: [],
    returns: [
      [0.01, -0.02],
      [0, 0],
    ],
  };
  const draft = draftOf({ kind: "returns", positions: [], cash: [], history });
  assert.deepEqual(
    [draft.name, draft.cash, draft.assets[0]?.quantity, draft.assets[0]?.history],
    ["Old", "9", "5", [0.01, -0.02]],
  );
  const dated = { ...history, dates: ["2026-01-05", "2026-01-06"] };
  const withDates = draftOf({ kind: "returns", positions: [], cash: [], history: dated });
  assert.deepEqual(requestOf(withDates).dates, dated.dates);
  // Dates of another number of returns are none of these.
  const longer = { ...withDates, assets: withDates.assets.map((row) => ({ ...row, history: [...row.history, 0.01] })) };
  assert.equal(requestOf(longer).dates, undefined);
  const none = takenFrom(reading({ kind: "returns", history: { ...history, assets: ["OIL", "GAS"] } }), NO_ANSWERS, old, "f.csv");
  assert.ok("reason" in none && /OIL, GAS/.test(none.reason));
});

test("a file of targets alone leaves what is held, and an asset that it does not name without a target", () => {
  const mine: Draft = { ...old, assets: [...old.assets, emptyAsset({ asset: "VTI", quantity: "7", target: "90" })] };
  const named = [
    { asset: "VTI", target_weight: 0.6 },
    { asset: "OIL", target_weight: 0.3 },
    { asset: "Cash", target_weight: 0.1, asset_class: "cash" },
  ];
  const taken = takenFrom(reading({ positions: named, cash: [] }), NO_ANSWERS, mine, "t.csv");
  assert.ok("draft" in taken);
  assert.deepEqual(
    taken.draft.assets.map(({ asset, quantity, target }) => [asset, quantity, target]),
    [
      ["GLD", "5", ""],
      ["VTI", "7", "60"],
      ["OIL", "", "30"],
    ],
  );
  assert.deepEqual([taken.draft.name, taken.draft.cash, taken.draft.cashTarget], ["Old", "9", "10"]);
});

test("a pasted table gives the book no name", () => {
  const taken = takenFrom(reading(), NO_ANSWERS, old, PASTED);
  assert.ok("draft" in taken);
  assert.deepEqual([taken.draft.name, taken.remark], ["", "2 positions and cash taken from the pasted table."]);
});

const mine: Draft = { ...old, entry: "units", currency: "USD", cash: "1,000.05" };
const weighed: ImportReading["columns"] = [{ heading: "Weight", role: "current_weight" }];
const appended = (change: Partial<ImportReading>, book: Draft = mine) => appendedTo(book, reading(change), NO_ANSWERS, PASTED);

test("appended rows come behind those of the book, with their cash, and nothing of the book is lost", () => {
  const taken = appended({});
  assert.ok("draft" in taken, JSON.stringify(taken));
  const { name, cash, entry, riskFree, assets } = taken.draft;
  assert.deepEqual([name, cash, entry, riskFree], ["Old", "2250.8", "units", "3"]);
  assert.deepEqual(
    assets.map(({ asset, quantity, current }) => [asset, quantity, current]),
    [
      ["GLD", "5", ""],
      ["VTI", "12", ""],
      ["BND", "40.5", ""],
    ],
  );
  assert.equal(taken.remark, "2 positions and cash appended from the pasted table.");
  const first = appended({}, { ...mine, cash: "", assets: [emptyAsset()] });
  assert.ok("draft" in first);
  assert.deepEqual(
    first.draft.assets.map(({ asset }) => asset),
    ["VTI", "BND"],
  );
  const weights = appended(
    { positions: [{ asset: "VTI", current_weight: 0.1, target_weight: 0.2 }], cash: [], columns: weighed },
    { ...mine, entry: "weights" },
  );
  assert.ok("draft" in weights);
  assert.deepEqual([weights.draft.entry, weights.draft.assets[1]?.current], ["weights", "10"]);
});

test("rows that the book cannot take are not appended, and the reason is said", () => {
  const reasonOf = (change: Partial<ImportReading>, book: Draft = mine): string => {
    const taken = appended(change, book);
    assert.ok("reason" in taken, JSON.stringify(taken));
    return taken.reason;
  };
  const weights = { positions: [{ asset: "VTI", current_weight: 0.6 }], cash: [], columns: weighed };
  assert.match(reasonOf({ kind: "returns" }), /history has no rows/);
  assert.match(reasonOf({}, { ...mine, currency: "EUR" }), /table is in USD and the book in EUR/);
  assert.match(reasonOf(weights), /book is entered by units/);
  assert.match(reasonOf({}, { ...mine, entry: "weights" }), /book is entered by weights/);
  assert.match(reasonOf({}, { ...mine, cash: "41,244" }), /cash of the book is no number/);
  const cash = [...positions, { asset: "Cash", target_weight: 0.1, asset_class: "cash" }];
  assert.match(reasonOf({ positions: cash }, { ...mine, cashTarget: "5" }), /both have a target for cash/);
  assert.match(reasonOf({ positions: [], cash: [] }), /no position/);
});

test("the old book stands beside the file, assets that only it has at the end", () => {
  const mine: Draft = { ...old, assets: [...old.assets, emptyAsset({ asset: "BND", quantity: "7", price: "10" })] };
  assert.deepEqual(
    besideOld(reading(), mine).map(({ asset, file, mine }) => [asset, file?.quantity, mine?.quantity]),
    [
      ["VTI", 12, undefined],
      ["BND", 40.5, "7"],
      ["GLD", undefined, "5"],
    ],
  );
});

const question = (change: Partial<ImportQuestion>): ImportQuestion => ({ text: "?", readings: [], ...change });
const columns: ImportReading["columns"] = [
  { heading: "Weight", role: "current_weight" },
  { heading: "Model", role: "unused" },
];
const reply = (asked: ImportQuestion, label: string): unknown => replyTo(asked, label, { columns }, NO_ANSWERS, "CHF");
const sent = (asked: ImportQuestion, label: string): unknown => {
  const found = replyTo(asked, label, { columns }, NO_ANSWERS, "CHF");
  return found && "answers" in found ? mappingOf(found.answers) : found;
};

test("the readings of a question are members of the next request", () => {
  const mark = question({ answered_by: "decimal_mark", column: "Price" });
  assert.deepEqual(sent(mark, "67500 (the comma separates decimals)"), { decimal_mark: "comma" });
  assert.deepEqual(sent(mark, "the point separates decimals"), { decimal_mark: "point" });
  const dates = question({ answered_by: "date_order", readings: ["day first", "month first"] });
  assert.deepEqual(sent(dates, "day first"), { date_order: "day_first" });
  assert.deepEqual(sent(dates, "month first"), { date_order: "month_first" });
  const money = question({ answered_by: "currency" });
  assert.deepEqual(sent(money, "the currency of the portfolio"), { currency: "CHF" });
  assert.deepEqual(reply(money, "another currency"), { field: "currency" });
  const two = question({ answered_by: "columns", readings: ["Weight", "Model"] });
  assert.deepEqual(sent(two, "Model"), { columns: { Model: "current_weight", Weight: "unused" } });
  const names = question({ answered_by: "columns", column: "Ref", readings: ["yes", "no, map the columns"] });
  assert.deepEqual(sent(names, "yes"), { columns: { Ref: "asset" } });
  assert.deepEqual(reply(names, "no, map the columns"), { field: "columns" });
  const swapped = question({ answered_by: "columns", column: "Shares", readings: ["swapped", "as headed"] });
  const headed = [
    { heading: "Shares", role: "quantity" as const },
    { heading: "Price", role: "price" as const },
  ];
  const told = (label: string): unknown => {
    const found = replyTo(swapped, label, { columns: headed }, NO_ANSWERS, "CHF");
    return "answers" in found ? mappingOf(found.answers) : found;
  };
  assert.deepEqual(told("swapped"), { columns: { Shares: "price", Price: "quantity" } });
  assert.deepEqual(told("as headed"), { columns: { Shares: "quantity", Price: "price" } });
  const unit = question({ answered_by: "columns", column: "Weight", readings: ["percent", "fractions", "values", "units"] });
  assert.deepEqual(sent(unit, "units"), { columns: { Weight: "quantity" } });
  assert.deepEqual(reply(unit, "percent"), { advice: "Write a % sign after each weight, or % into the heading." });
  const unitOf = question({ answered_by: "history_unit", readings: ["prices", "returns as fractions", "returns in percent"] });
  assert.deepEqual(sent(unitOf, "prices"), { history_unit: "prices" });
  assert.deepEqual(sent(unitOf, "returns in percent"), { history_unit: "percent" });
  assert.deepEqual(sent(question({ answered_by: "splits" }), "a split"), { splits: "adjust" });
  assert.deepEqual(sent(question({ answered_by: "sheet" }), "2026"), { sheet: "2026" });
  const row = question({ answered_by: "rows", row: 8 });
  assert.deepEqual(
    ["cash", "an asset", "a total"].map((label) => sent(row, label)),
    [{ rows: { 8: "cash" } }, { rows: { 8: "asset" } }, { rows: { 8: "total" } }],
  );
  assert.deepEqual(reply(question({ answered_by: "asset_name" }), "an asset of the book"), { field: "asset" });
  assert.deepEqual(mappingOf({ ...NO_ANSWERS, assetName: "VTI" }), { asset_name: "VTI" });
  assert.deepEqual(mappingOf(NO_ANSWERS), {});
});

test("names and ISINs of a file are those of the book", () => {
  const named = [
    { ...(positions[0] as ImportPosition), asset: "US9229087690", name: "Example Total Market", isin: "US9229087690" },
    positions[1] as ImportPosition,
  ];
  assert.deepEqual(
    requestOf(draftOf({ positions: named })).assets.map(({ asset, name, identifiers }) => [asset, name, identifiers]),
    [
      ["US9229087690", "Example Total Market", { isin: "US9229087690" }],
      ["BND", undefined, undefined],
    ],
  );
});

test("every reading of a question answers it, or says what to change in the file", () => {
  const source = readFileSync(new URL("../../../crates/import/src/question.rs", import.meta.url), "utf8");
  const listed = source.slice(source.indexOf("pub fn readings"), source.indexOf("impl ImportQuestion"));
  const readings = [...listed.matchAll(/of\(&\[([^\]]*)\]\)/g)].flatMap(([, list = ""]) => [...list.matchAll(/"([^"]+)"/g)]);
  assert.ok(readings.length > 40);
  // Those that a member of the request answers have it in `answered_by`.
  const columnsOrMoney =
    /^(asset|quantity|price|value|(target|current) weight|values|units|swapped|as headed|the currency of .*|another currency)$/;
  const others = /^(correct the file|cash|an asset|a total|an asset of the book|prices|returns (as|in) .*|a split)$/;
  const sent = { test: (label: string): boolean => columnsOrMoney.test(label) || others.test(label) };
  for (const [, label = ""] of readings.filter(([, label = ""]) => !sent.test(label))) {
    const found = replyTo(question({}), label, { columns }, NO_ANSWERS, "CHF");
    if ("advice" in found) assert.doesNotMatch(found.advice, /says this/, label);
    if ("answers" in found && label !== "targets entered by hand") assert.ok(isGiven(question({}), label, found.answers), label);
  }
});

test("the headings of a table that cannot be read are no column that is left out", () => {
  const unknown = { row: 2, reason: "the headings of this table are not known: asset | free" };
  const column = { row: 2, reason: 'column "Cost" is not used' };
  assert.deepEqual(unreadColumns({ header_row: 2, set_aside: [unknown, column, { row: 3, reason: "a note" }] }), [column]);
});

test("weights that leave a rest, and rows without a target, are what the reader says", () => {
  const weights = reading({
    positions: [
      { asset: "A", current_weight: 0.5, target_weight: 0.5 },
      { asset: "B", current_weight: 0.4 },
    ],
    nav: 1000,
  });
  const answers = { ...NO_ANSWERS, restIsCash: true, openTargetsAreZero: true };
  const taken = takenFrom(weights, answers, emptyDraft(), "w.csv");
  assert.ok("draft" in taken);
  assert.deepEqual([taken.draft.policy, taken.draft.assets.map((row) => row.target)], ["cash_remainder", ["50", "0"]]);
});
