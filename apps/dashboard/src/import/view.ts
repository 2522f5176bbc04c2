/** A file or a pasted table before it becomes the book: how the service reads it, what it asks, what it leaves out, beside the old book. */

import { api, failureOf } from "../api/client";
import type { ColumnRole, ImportQuestion, ImportReading, ImportRequest } from "../api/types";
import { dialog } from "../dom/dialog";
import { h, uniqueId, type Child } from "../dom/element";
import { dataTable } from "../dom/table";
import { amount, count, MISSING, money, percent, price, quantity } from "../format";
import type { Session } from "../session";
import { isGiven, NO_ANSWERS, mappingOf, replyTo, type Answers } from "./answers";
import { appendedTo } from "./append";
import { PASTED, takenFrom, type Taken } from "./book";
import { besideOld, navOf, type Beside } from "./beside";
import { base64Of, jsonIn, MAX_FILE_BYTES } from "./content";
import { MARKS, ROLES, ROLES_OF_HISTORY, unreadColumns } from "./words";

const SHOWN_ASIDE = 5;
const SEPARATORS: Readonly<Record<string, string>> = {
  "\t": "tabs",
  " ": "spaces",
  ",": "commas",
  ";": "semicolons",
  "|": "bars",
};

export interface ImportActions {
  /** Takes a request in JSON, which the page reads itself. */
  json: (text: string) => Promise<void>;
  /** Says what came of a file that no dialog is open for. */
  say: (text: string) => void;
  /** The reader took the book. */
  used: (remark: string) => void;
}

export interface ImportView {
  element: HTMLElement;
  /** Asks for a file. */
  choose: () => void;
  /** Shows how a pasted table is read; `change` leads back to its text. */
  table: (text: string, options: { appends: boolean; change: () => void }) => void;
}

/** What is read, and what it is for. */
interface Source {
  name: string;
  content: Pick<ImportRequest, "text" | "base64">;
  /** Whether its rows come behind those of the book, which otherwise gives way. */
  appends: boolean;
  /** Back to the text, of a table that was pasted. */
  change?: () => void;
}

export function importView(session: Session, { json, say, used }: ImportActions): ImportView {
  const window = dialog("import-dialog");
  const input = h("input", {
    type: "file",
    accept: ".csv,.tsv,.txt,.xlsx,.json,text/csv,application/json",
    hidden: true,
    onchange: () => void chosen(),
  });
  const element = h("div", {}, input, window.element);
  let source: Source = { name: "", content: {}, appends: false };
  let answers: Answers = NO_ANSWERS;
  let asked = 0;
  /** Ids that stay from one reading to the next, so that the focus does too. */
  const fields = {
    columns: uniqueId("columns"),
    currency: uniqueId("currency"),
    mark: uniqueId("mark"),
    asset: uniqueId("asset"),
  };
  return {
    element,
    choose: () => input.click(),
    table: (text, options) => begin({ name: PASTED, content: { text }, ...options }),
  };

  async function chosen(): Promise<void> {
    const file = input.files?.[0];
    input.value = "";
    if (!file) return;
    const text = await jsonIn(file);
    if (text !== undefined) return json(text);
    if (file.size > MAX_FILE_BYTES) return say("The file is larger than the 6 MB that the service reads.");
    begin({ name: file.name, content: { base64: await base64Of(file) }, appends: false });
  }

  function begin(next: Source): void {
    source = next;
    answers = NO_ANSWERS;
    void read();
  }

  /** The way back to the text of a pasted table. */
  function changeButton(): HTMLElement | false {
    const { change } = source;
    return change !== undefined && h("button", { type: "button", onclick: () => (window.close(), change()) }, "Change the table");
  }

  /** Reads the file with the answers so far; an older reading does not take the place of a newer one. */
  async function read(): Promise<void> {
    asked += 1;
    const mine = asked;
    const title = source.change ? sentence(source.name) : source.name;
    const focused = window.element.contains(document.activeElement) ? document.activeElement?.id : undefined;
    if (!window.element.open)
      window.open(title, h("p", { class: "waiting" }, source.change ? "Reading the table…" : "Reading the file…"));
    try {
      const reading = await api.importPreview({ ...source.content, ...mappingOf(answers) });
      if (mine !== asked || !window.element.open) return;
      window.open(title, ...parts(reading));
      if (focused === undefined) return;
      const again = document.getElementById(focused) ?? window.element.querySelector<HTMLElement>(".question button, .primary");
      again?.focus();
    } catch (error) {
      if (mine !== asked) return;
      const failure = failureOf(error);
      const faults = failure.kind === "refused" ? failure.faults.map((fault) => fault.detail).join(" ") : "";
      const back =
        answers !== NO_ANSWERS &&
        h("button", { type: "button", onclick: () => answer(NO_ANSWERS) }, "Read it without my answers");
      const change = changeButton();
      window.open(
        title,
        h("p", { class: "outcome bad", role: "alert" }, `${failure.title}. ${faults || failure.detail}`),
        (back || change) && h("div", { class: "toolbar" }, back, change),
      );
    }
  }

  function answer(next: Answers): void {
    answers = next;
    void read();
  }

  function parts(reading: ImportReading): Child[] {
    const { name, appends } = source;
    const taken = appends ? appendedTo(session.draft, reading, answers, name) : takenFrom(reading, answers, session.draft, name);
    return [
      h("p", { class: "note" }, howRead(reading)),
      ...reading.questions.map((question) => questionPart(question, reading)),
      reading.further_questions > 0 && h("p", { class: "note" }, `And ${count(reading.further_questions, "more question")}.`),
      useBar(taken),
      comparison(reading, taken),
      notesPart(reading),
      asidePart(reading),
      mappingPart(reading),
    ];
  }

  function useBar(taken: Taken): HTMLElement {
    const change = changeButton();
    if ("reason" in taken) {
      const reason = h("p", { class: "outcome bad", role: "status" }, taken.reason);
      return change ? h("div", {}, reason, h("div", { class: "toolbar" }, change)) : reason;
    }
    const label = source.appends ? "Append these rows" : "Use this book";
    const use = h("button", { type: "button", class: "primary", onclick: () => take(taken) }, label);
    return h("div", { class: "toolbar" }, use, h("button", { type: "button", onclick: window.close }, "Keep my book"), change);
  }

  function take({ draft, remark }: Exclude<Taken, { reason: string }>): void {
    window.close();
    // Appended rows are work of the reader's own, as rows that are typed.
    if (source.appends) session.edit(draft, { rebuilt: true });
    else session.replace(draft);
    used(remark);
  }

  function questionPart(question: ImportQuestion, reading: ImportReading): HTMLElement {
    const at = [
      question.row !== undefined && `row ${question.row}`,
      question.column !== undefined && `column ${question.column}`,
    ];
    const place = at.filter(Boolean).join(", ");
    const advice = h("p", { class: "hint", role: "status", dir: "auto" });
    const buttons = question.readings.map((label) => {
      const reply = replyTo(question, label, reading, answers, session.draft.currency);
      const act = (): void => {
        if ("answers" in reply) answer(reply.answers);
        else if ("advice" in reply) advice.textContent = reply.advice;
        else document.getElementById(fields[reply.field])?.focus();
      };
      const pressed =
        "answers" in reply && question.answered_by === undefined ? String(isGiven(question, label, answers)) : undefined;
      return h("button", { type: "button", "aria-pressed": pressed, onclick: act }, sentence(label));
    });
    return h(
      "section",
      { class: "question", "aria-label": "Question about the file" },
      h("p", { dir: "auto" }, place !== "" && h("strong", {}, `${sentence(place)}: `), sentence(question.text)),
      h("div", { class: "toolbar" }, ...buttons),
      advice,
    );
  }

  function comparison(reading: ImportReading, taken: Taken): HTMLElement | false {
    const old = session.draft;
    if (reading.kind !== "positions") return series(reading, old);
    const currency = ("draft" in taken ? taken.draft : old).currency;
    const hasOld = old.assets.length > 0;
    const number = (title: string, cell: (row: Beside) => Child) => ({ title, numeric: true, cell });
    const cash = reading.cash.map((c) => money(c.amount, c.currency)).join(", ");
    const fact = (what: string, value: string, before: string | undefined): HTMLElement =>
      h("div", {}, h("dt", {}, what), h("dd", {}, value, hasOld && h("span", { class: "beneath" }, `now ${before ?? MISSING}`)));
    const before = navOf(old);
    return h(
      "div",
      {},
      h(
        "dl",
        { class: "facts" },
        fact(
          "NAV",
          reading.nav === undefined ? MISSING : money(reading.nav, currency),
          before && money(before.nav, old.currency),
        ),
        fact("Cash", cash || MISSING, before && money(before.cash, old.currency)),
      ),
      dataTable<Beside>(
        [
          { title: "Asset", heading: true, cell: (row) => named(row) },
          number("Units", ({ file }) => (file ? quantity(file.quantity) : "")),
          number("Price", ({ file }) => (file?.price === undefined ? "" : price(file.price))),
          number("Value", ({ file }) => (file?.value === undefined ? "" : amount(file.value, file.currency ?? currency))),
          number("Weight", ({ file }) => (file?.current_weight === undefined ? "" : percent(file.current_weight))),
          number("Target", ({ file }) => (file?.target_weight === undefined ? "" : percent(file.target_weight))),
          ...(hasOld
            ? [
                number("Units in my book", ({ mine }) => mine?.quantity ?? ""),
                number("Weight in my book", ({ mineWeight }) => (mineWeight === undefined ? "" : percent(mineWeight))),
              ]
            : []),
        ],
        besideOld(reading, old),
        { caption: captionOf(hasOld) },
      ),
    );
  }

  function captionOf(hasOld: boolean): string {
    const what = source.change ? "table" : "file";
    return hasOld ? `The ${what}, and my book beside it` : `The book of the ${what}`;
  }

  /** A history: from when to when, how many returns, and whose. */
  function series({ kind, history }: ImportReading, old: Session["draft"]): HTMLElement | false {
    if (!history) return false;
    const book = new Set(old.assets.map((row) => row.asset.trim()));
    const inBook = history.assets.filter((asset) => book.has(asset.trim())).length;
    const [first, last] = [history.dates[0], history.dates.at(-1)];
    const fact = (what: string, value: string): HTMLElement => h("div", {}, h("dt", {}, what), h("dd", {}, value));
    const growth = (i: number): number => (history.returns[i] ?? []).reduce((value, r) => value * (1 + r), 1) - 1;
    return h(
      "div",
      {},
      h(
        "dl",
        { class: "facts" },
        fact("Dates", first === undefined || last === undefined ? "None in the file" : `${first} to ${last}`),
        fact("Returns of each", String(history.observations)),
        fact("Assets in the file", String(history.assets.length)),
        fact("Of them in my book", String(inBook)),
      ),
      dataTable<{ asset: string; growth: number }>(
        [
          { title: "Asset", heading: true, cell: ({ asset }) => h("span", { dir: "auto" }, asset) },
          {
            title: kind === "returns" ? "Growth over all returns" : "Change from the first to the last price",
            numeric: true,
            cell: (row) => percent(row.growth),
          },
          { title: "In my book", cell: ({ asset }) => (book.has(asset.trim()) ? "Yes" : "No") },
        ],
        history.assets.map((asset, i) => ({ asset, growth: growth(i) })),
        { caption: "The series of the file" },
      ),
    );
  }

  /** Rows that were read in another way than their headings say, the first of them in view. */
  function notesPart({ notes = [] }: ImportReading): HTMLElement | false {
    if (notes.length === 0) return false;
    const line = ({ row, text }: (typeof notes)[number]): HTMLElement => h("li", { dir: "auto" }, `Row ${row}: ${text}`);
    const rest = notes.slice(SHOWN_ASIDE);
    return h(
      "section",
      {},
      h("h3", {}, `Read with a note: ${count(notes.length, "row")}`),
      h("ul", { class: "import-aside" }, ...notes.slice(0, SHOWN_ASIDE).map(line)),
      rest.length > 0 &&
        h("details", {}, h("summary", {}, count(rest.length, "more row")), h("ul", { class: "import-aside" }, ...rest.map(line))),
    );
  }

  function asidePart(reading: ImportReading): HTMLElement {
    const { set_aside, further_set_aside, header_row } = reading;
    const columns = unreadColumns(reading);
    const rows = set_aside.filter(({ row }) => row !== header_row);
    const line = ({ row, reason }: ImportReading["set_aside"][number]): HTMLElement =>
      h("li", { dir: "auto" }, row === header_row ? reason : `Row ${row}: ${reason}`);
    const rest = rows.slice(SHOWN_ASIDE);
    const folded = (title: string, lines: typeof set_aside): HTMLElement | false =>
      lines.length > 0 && h("details", {}, h("summary", {}, title), h("ul", { class: "import-aside" }, ...lines.map(line)));
    return h(
      "section",
      {},
      h("h3", {}, rows.length === 0 ? "No row is left out" : `Left out: ${count(rows.length + further_set_aside, "row")}`),
      rows.length > 0 && h("ul", { class: "import-aside" }, ...rows.slice(0, SHOWN_ASIDE).map(line)),
      folded(count(rest.length + further_set_aside, "more row"), rest),
      folded(`${count(columns.length, "column")} not read`, columns),
    );
  }

  /** What each column was taken for, and what the reader says instead. */
  function mappingPart(reading: ImportReading): HTMLElement {
    const isHistory = reading.kind !== "positions";
    const roles = Object.entries(ROLES).filter(([role]) =>
      isHistory
        ? ROLES_OF_HISTORY.includes(role as ColumnRole) || reading.columns.some((column) => column.role === role)
        : role !== "series",
    );
    const rows = reading.columns.map(({ heading, role }, i) => {
      const id = i === 0 ? fields.columns : `${fields.columns}-${i}`;
      const select = h(
        "select",
        { id, onchange: () => answer({ ...answers, columns: { ...answers.columns, [heading]: select.value as ColumnRole } }) },
        ...roles.map(([value, words]) => h("option", { value }, words)),
      );
      select.value = role;
      return h("div", { class: "field" }, h("label", { for: id, dir: "auto" }, heading || `Column ${i + 1}`), select);
    });
    const mark = h(
      "select",
      {
        id: fields.mark,
        onchange: () => answer({ ...answers, decimalMark: mark.value as Answers["decimalMark"] }),
      },
      ...Object.entries(MARKS).map(([value, words]) => h("option", { value }, words)),
    );
    mark.value = answers.decimalMark;
    const currency = h("input", {
      type: "text",
      id: fields.currency,
      maxlength: 3,
      autocomplete: "off",
      value: answers.currency,
      onchange: () => answer({ ...answers, currency: currency.value.trim().toUpperCase() }),
    });
    // A history of one asset may not name it, or name it by the kind of its price.
    const isOne = isHistory && (reading.history === undefined || reading.history.assets.length === 1);
    const asset = h(
      "select",
      { id: fields.asset, onchange: () => answer({ ...answers, assetName: asset.value }) },
      h("option", { value: "" }, "As the file says"),
      ...session.draft.assets.map((row) => h("option", { value: row.asset.trim() }, row.asset.trim())),
    );
    asset.value = answers.assetName;
    return h(
      "section",
      {},
      rows.length > 0 && h("h3", {}, "What each column holds"),
      rows.length > 0 && h("div", { class: "import-columns" }, ...rows),
      h("h3", {}, "Where the file does not say"),
      h(
        "div",
        { class: "import-columns" },
        h("div", { class: "field" }, h("label", { for: mark.id }, "Decimals"), mark),
        !isHistory && h("div", { class: "field" }, h("label", { for: currency.id }, "Currency of amounts"), currency),
        isOne && h("div", { class: "field" }, h("label", { for: asset.id }, "Asset of the history"), asset),
      ),
    );
  }
}

/** What an asset is called by, with its name beneath. */
function named({ asset, file }: Beside): HTMLElement {
  return h("span", { dir: "auto" }, asset, file?.name !== undefined && h("span", { class: "beneath" }, file.name));
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** How the file was understood, in a sentence. */
function howRead({ kind, dialect, encoding, delimiter, header_row }: ImportReading): string {
  const what = { positions: "Positions", price_history: "A history of prices", returns: "A history of returns" }[kind];
  const sign = delimiter === undefined ? undefined : (SEPARATORS[delimiter] ?? delimiter);
  const parts = [
    dialect && `as exported by ${dialect.split("-").map(sentence).join(" ")}`,
    encoding ? `text in ${encoding}` : "a workbook",
    sign && `cells separated by ${sign}`,
    header_row === undefined ? "without headings" : `headings in row ${header_row}`,
  ];
  return `${what}; ${parts.filter(Boolean).join("; ")}. Nothing is replaced before you say so.`;
}
