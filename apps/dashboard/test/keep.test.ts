import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyAsset, emptyDraft } from "../src/portfolio/draft";
import { draftFrom, keepDraft, keptDraft, textOf } from "../src/portfolio/keep";
import { draftOf, requestOf } from "../src/portfolio/wire";

function store(most = Number.POSITIVE_INFINITY): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => {
      if (value.length > most) throw new Error("QuotaExceededError");
      kept.set(key, value);
    },
    removeItem: (key: string) => void kept.delete(key),
  } as unknown as Storage;
}
const draft = draftOf({
  name: "Household",
  cash: 8431.22,
  intent: { kind: "invest_cash", amount: 5000 },
  method: "optimal",
  optimization: {
    groups: [{ name: "g", members: [1], lower: 0, upper: 1 }],
    exposures: [{ name: "duration", loadings: [1, 2], lower: 0, upper: 3 }],
  },
  assets: ["VTI", "BND"].map((asset) => ({ asset, quantity: 212, price: 287.31, target_weight: 0.5, lot_size: 1 })),
});

test("a kept book comes back as the request it stood for", () => {
  const place = store();
  assert.ok(keepDraft(draft, place));
  const back = keptDraft(place);
  assert.ok(back);
  assert.deepEqual(requestOf(back), requestOf(draft));
  assert.ok(
    back.assets.every(({ key }) => key < emptyAsset().key),
    "rows made from now on have keys of their own",
  );
});

test("text that was typed and is no number yet is kept too", () => {
  const typed = { ...emptyDraft(), assets: [emptyAsset({ asset: "A", price: "41,244" })] };
  assert.equal(draftFrom(textOf(typed))?.assets[0]?.price, "41,244");
});

test("what is no book, or one of another version, is left alone", () => {
  for (const text of [null, "", "{", "[]", '{"version":2,"draft":{"assets":[]}}', '{"version":1,"draft":{}}', '{"version":1}'])
    assert.equal(draftFrom(text), undefined, String(text));
  const odd = draftFrom('{"version":1,"draft":{"assets":[{"key":1,"asset":7,"price":"3"},null],"currency":[],"name":"n"}}');
  assert.deepEqual([odd?.name, odd?.currency, odd?.assets.length], ["n", "USD", 1]);
  assert.deepEqual([odd?.assets[0]?.asset, odd?.assets[0]?.price], ["", "3"]);
});

test("a book that is too large, or a browser that keeps nothing, is said", () => {
  const large = { ...emptyDraft(), assets: [emptyAsset({ history: Array.from({ length: 500_000 }, () => 0.012345) })] };
  assert.equal(keepDraft(large, store()), false);
  assert.equal(keepDraft(draft, store(10)), false);
  assert.equal(keepDraft(draft, undefined), false);
  assert.equal(
    keptDraft({
      getItem: () => {
        throw new Error("SecurityError");
      },
    } as unknown as Storage),
    undefined,
  );
});
