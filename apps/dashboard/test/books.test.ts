import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, type Failure } from "../src/api/client";
import { Saving, type Surroundings } from "../src/books/saving";
import type { StoredBook } from "../src/books/service";
import { MOST_BOOKS, Shelf, type Kept, type ShelvedBook } from "../src/books/shelf";
import { emptyAsset, type Draft } from "../src/portfolio/draft";
import { draftOf, requestOf } from "../src/portfolio/wire";
import { Session } from "../src/session";

function store(most = Number.POSITIVE_INFINITY): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => {
      if (value.length > most) throw new Error("QuotaExceededError");
      kept.set(key, value);
    },
  } as unknown as Storage;
}

function draftNamed(name: string, price = 287.31): Draft {
  return draftOf({
    name,
    cash: 100,
    assets: ["VTI", "BND"].map((asset) => ({ asset, quantity: 212, price, target_weight: 0.5, lot_size: 1 })),
  });
}

const KEPT: Kept = { portfolioId: "b1", version: 3, digest: "a".repeat(64) };
const shelved = (name: string, kept?: Kept): ShelvedBook => ({
  name,
  savedAt: "2026-01-02T03:04:05Z",
  draft: draftNamed(name),
  kept,
});

test("a shelf gives back the books it was given, those saved last first", () => {
  const place = store();
  assert.equal(new Shelf(place).save(shelved("A", KEPT)), "kept");
  assert.equal(new Shelf(place).save(shelved("B")), "kept");
  assert.equal(new Shelf(place).save(shelved("A")), "kept", "a book takes the place of the one of its name");
  const books = new Shelf(place).list();
  assert.deepEqual(
    books.map(({ name, kept }) => [name, kept]),
    [
      ["A", undefined],
      ["B", undefined],
    ],
  );
  assert.deepEqual(requestOf(books[1]?.draft as Draft), requestOf(draftNamed("B")));
  new Shelf(place).remove("A");
  assert.deepEqual(
    new Shelf(place).list().map(({ name }) => name),
    ["B"],
  );
});

test("a shelf that is full keeps what it has and says so", () => {
  const shelf = new Shelf(store());
  for (let i = 0; i < MOST_BOOKS; i += 1) assert.equal(shelf.save(shelved(`${i}`)), "kept");
  assert.equal(shelf.save(shelved("one more")), "too many");
  assert.equal(shelf.save(shelved("7")), "kept", "a book of the shelf is saved again");
  const large = {
    ...shelved("0"),
    draft: { ...draftNamed("0"), assets: [emptyAsset({ history: Array<number>(400_000).fill(0.0123) })] },
  };
  assert.equal(shelf.save(large), "too large");
  assert.equal(shelf.list().length, MOST_BOOKS);
  assert.equal(new Shelf(store(10)).save(shelved("A")), "refused");
});

test("what is no shelf is an empty one, and what is no book on it is left out", () => {
  for (const text of ["", "{", "[]", "null", '{"version":2,"books":[]}', '{"version":1,"books":{}}'])
    assert.deepEqual(new Shelf({ getItem: () => text, setItem: () => undefined }).list(), [], text);
  const row = { name: "A", savedAt: "t", text: '{"version":1,"draft":{"assets":[]}}' };
  const books = [
    row,
    { ...row, text: "{" },
    { ...row, name: 7 },
    null,
    { ...row, kept: { portfolioId: "b", version: 1, digest: "x" } },
  ];
  const found = new Shelf({ getItem: () => JSON.stringify({ version: 1, books }), setItem: () => undefined }).list();
  assert.equal(found.length, 1);
});

/** A service of one table, as `/api/portfolios` answers. */
function service(): Surroundings["service"] & { all: StoredBook[]; keys: string[] } {
  const all: StoredBook[] = [];
  const keys: string[] = [];
  const refusal = (type: string): ApiError => new ApiError({ kind: "refused", title: type, detail: "", faults: [], type });
  const digest = (version: number): string => version.toString(16).padStart(64, "0");
  const at = (id: string): StoredBook => {
    const book = all.find(({ portfolio_id }) => portfolio_id === id);
    if (!book) throw refusal("/problems/portfolio-not-found");
    return book;
  };
  return {
    all,
    keys,
    list: async (_, query) => ({ items: all.filter(({ name }) => name.includes(query)) }),
    read: async (id) => at(id),
    create: async (name, request, key) => {
      keys.push(key);
      const book = { portfolio_id: `b${all.length}`, version: 1, name, saved_at: "t", digest: digest(1), request };
      all.push(book);
      return book;
    },
    replace: async (kept, name, request) => {
      const book = at(kept.portfolioId);
      if (book.digest !== kept.digest) throw refusal("/problems/stale-version");
      const next = { ...book, name, request, version: book.version + 1, digest: digest(book.version + 1) };
      all.splice(all.indexOf(book), 1, next);
      return next;
    },
    close: async ({ portfolio_id, digest: known }) => {
      const book = at(portfolio_id);
      if (book.digest !== known) throw refusal("/problems/stale-version");
      all.splice(all.indexOf(book), 1);
    },
  };
}

function desk(of = service(), place = store()): { session: Session; saving: Saving } {
  const session = new Session();
  let key = 0;
  const saving = new Saving(session, new Shelf(place), {
    now: () => "2026-01-02T03:04:05Z",
    newKey: () => `${(key += 1)}`,
    service: of,
  });
  return { session, saving };
}

const textOf = (told: object): string => (told as { text?: string }).text ?? "";

test("a book without a title is not saved", async () => {
  const { session, saving } = desk();
  session.edit({ ...draftNamed(" ") });
  assert.match(saving.here().text, /title first/);
  assert.match(textOf(await saving.inService()), /title first/);
  assert.ok(session.hasWork);
});

test("a saved book is no work that would be lost, until it is changed", () => {
  const { session, saving } = desk();
  session.edit({ ...draftNamed("Growth") });
  assert.ok(session.hasWork);
  assert.deepEqual(saving.here(), { good: true, text: "“Growth” is saved in this browser." });
  assert.ok(!session.hasWork && !saving.takesPlace);
  session.edit({ cash: "7" });
  assert.ok(session.hasWork);
});

test("another book of the name is not replaced unasked", () => {
  const { session, saving } = desk();
  session.edit({ ...draftNamed("Growth") });
  saving.here();
  session.load(requestOf(draftNamed("Growth", 1)), "example");
  assert.ok(saving.takesPlace, "an example of the name is another book");
  session.edit({ name: "Another" });
  assert.ok(!saving.takesPlace);
  saving.openHere(saving.shelf.find("Growth") as ShelvedBook);
  assert.ok(!saving.takesPlace, "it is the book of the shelf");
});

test("a book is saved in the service version by version", async () => {
  const of = service();
  const { session, saving } = desk(of);
  session.edit({ ...draftNamed("Growth") });
  assert.match(textOf(await saving.inService()), /version 1 and in this browser/);
  session.edit({ cash: "7" });
  assert.match(textOf(await saving.inService()), /version 2/);
  assert.deepEqual([of.all.length, of.all[0]?.version, of.all[0]?.request.cash], [1, 2, 7]);
  session.edit({ name: "Income" });
  assert.match(textOf(await saving.inService()), /“Income” is saved in the service as version 1/);
  assert.deepEqual(
    of.all.map(({ name }) => name),
    ["Growth", "Income"],
  );
});

test("after a reload the book is still the one of the service", async () => {
  const [of, place] = [service(), store()];
  const first = desk(of, place);
  first.session.edit({ ...draftNamed("Growth") });
  await first.saving.inService();
  const second = desk(of, place);
  second.session.restore(draftNamed("Growth", 5));
  assert.match(textOf(await second.saving.inService()), /version 2/);
});

test("a book that is there again after a reload, as it was saved, is no work that would be lost", () => {
  const place = store();
  const first = desk(service(), place);
  first.session.edit({ ...draftNamed("Growth") });
  first.saving.here();
  const [second, third] = [desk(service(), place), desk(service(), place)];
  second.session.restore(first.session.draft);
  assert.ok(!second.session.hasWork && !second.saving.takesPlace);
  third.session.restore({ ...first.session.draft, cash: "7" });
  assert.ok(third.session.hasWork && third.saving.takesPlace);
});

test("of two desks on one version the second is told, and can load or save under another title", async () => {
  const of = service();
  const [one, other] = [desk(of), desk(of)];
  one.session.edit({ ...draftNamed("Growth") });
  await one.saving.inService();
  await other.saving.openFromService("b0");
  other.session.edit({ cash: "1" });
  one.session.edit({ cash: "2" });
  await one.saving.inService();
  const told = (await other.saving.inService()) as { good: boolean; text: string; newer?: string };
  assert.match(told.text, /Someone saved a newer version of “Growth”: load it, or save yours under another title/);
  assert.deepEqual([told.good, told.newer, of.all[0]?.request.cash], [false, "b0", 2]);
  assert.ok(other.session.hasWork, "what was typed is still to be saved");
  other.session.edit({ name: "Growth, mine" });
  assert.match(textOf(await other.saving.inService()), /“Growth, mine” is saved in the service as version 1/);
  await other.saving.openFromService("b0");
  assert.equal(other.session.draft.cash, "2");
});

test("a name that the service has already is told before anything is stored", async () => {
  const of = service();
  const [one, other] = [desk(of), desk(of)];
  one.session.edit({ ...draftNamed("Growth") });
  await one.saving.inService();
  other.session.edit({ ...draftNamed("Growth", 9) });
  const told = (await other.saving.inService()) as { text: string; newer?: string };
  assert.match(told.text, /has a book “Growth” already, version 1/);
  assert.deepEqual([told.newer, of.all.length], ["b0", 1]);
});

test("opening a book of the service leaves the browser's book of its name", async () => {
  const of = service();
  const [one, other] = [desk(of), desk(of)];
  one.session.edit({ ...draftNamed("Growth") });
  await one.saving.inService();
  other.session.edit({ ...draftNamed("Growth", 9) });
  other.saving.here();
  await other.saving.openFromService("b0");
  assert.equal(other.saving.shelf.find("Growth")?.draft.assets[0]?.price, "9");
});

test("a creation whose answer was lost is sent again with its key", async () => {
  const of = service();
  const create = of.create;
  let lost = true;
  const failure: Failure = {
    kind: "offline",
    title: "The service does not answer",
    detail: "The connection failed.",
    retryMs: 1,
  };
  of.create = async (...sent) => {
    const book = await create(...sent);
    if (lost) throw new ApiError(failure);
    return book;
  };
  const { session, saving } = desk(of);
  session.edit({ ...draftNamed("Growth") });
  assert.match(textOf(await saving.inService()), /does not answer/);
  assert.ok(session.hasWork);
  lost = false;
  await saving.inService();
  assert.deepEqual(of.keys, ["1", "1"]);
});

test("a book that was closed meanwhile is told, and saved as a new one", async () => {
  const of = service();
  const { session, saving } = desk(of);
  session.edit({ ...draftNamed("Growth") });
  await saving.inService();
  of.all.length = 0;
  session.edit({ cash: "7" });
  assert.match(textOf(await saving.inService()), /was closed in the service meanwhile/);
  assert.match(textOf(await saving.inService()), /as version 1/);
});

test("a closed book is in this browser only, and its next save makes a new one", async () => {
  const of = service();
  const { session, saving } = desk(of);
  session.edit({ ...draftNamed("Growth") });
  await saving.inService();
  assert.deepEqual(await saving.closeInService(of.all[0] as StoredBook), {
    good: true,
    text: "“Growth” is closed in the service. Its versions stay in the audit trail.",
  });
  assert.deepEqual([of.all.length, saving.shelf.find("Growth")?.kept], [0, undefined]);
  session.edit({ cash: "7" });
  assert.match(textOf(await saving.inService()), /is saved in the service as version 1/);
});

test("a book that somebody saved since it was listed is not closed", async () => {
  const of = service();
  const [one, other] = [desk(of), desk(of)];
  one.session.edit({ ...draftNamed("Growth") });
  await one.saving.inService();
  const listed = of.all[0] as StoredBook;
  one.session.edit({ cash: "7" });
  await one.saving.inService();
  const told = await other.saving.closeInService(listed);
  assert.match(told.text, /Someone saved a newer version of “Growth” meanwhile: it was not closed/);
  assert.deepEqual([told.good, of.all.length], [false, 1]);
});

test("faults of the book are faults of the portfolio's fields", async () => {
  const of = service();
  of.create = async () => {
    const faults = [{ pointer: "/request/assets/0/price", code: "range", detail: "must be at least 0.00000001" }] as never;
    throw new ApiError({ kind: "refused", title: "t", detail: "d", faults, type: "/problems/invalid-request" });
  };
  const { session, saving } = desk(of);
  session.edit({ ...draftNamed("Growth", 0) });
  const told = (await saving.inService()) as { refused: Extract<Failure, { kind: "refused" }> };
  assert.equal(told.refused.faults[0]?.pointer, "/assets/0/price");
});
