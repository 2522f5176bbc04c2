/** The table of positions: add, remove, reorder, paste, undo. */

import { dialog } from "../dom/dialog";
import { fill, h, uniqueId } from "../dom/element";
import { amount, count, percent } from "../format";
import type { Session } from "../session";
import { columnsOf, LOCKS, type Column } from "./columns";
import { emptyAsset, emptyPosition, filledRows, withoutBook, type Draft, type DraftAsset, type Entry, type Lock } from "./draft";
import type { FaultBoard } from "./faults";
import { historyEditor } from "./history";
import { enteredBy, figureOf, holdingsOf, type Holdings } from "./holdings";
import { numberField } from "./number-field";
import { isJson, readRequest } from "./read";

const PAGE = 50;

export interface EditorActions {
  /** Asks, where the draft holds work that another book would take the place of. */
  mayReplace: () => Promise<boolean>;
  /** Asks for a file to import. */
  importFile: () => void;
  /** Shows how the service reads a pasted table before it takes the book's place or is appended; `change` leads back to its text. */
  previewTable: (table: string, options: { appends: boolean; change: () => void }) => void;
}

export interface Editor {
  element: HTMLElement;
  /** Takes a whole book from a request in JSON. */
  readText: (text: string) => Promise<void>;
  /** Says what came of a file. */
  say: (text: string) => void;
}

export function editorView(
  session: Session,
  faults: FaultBoard,
  { mayReplace, importFile, previewTable }: EditorActions,
): Editor {
  const body = h("tbody");
  const head = h("tr");
  const sums = h("p", { class: "sums", role: "status" });
  const pager = h("nav", { class: "pager", "aria-label": "Pages of assets" });
  const remark = h("p", { class: "note", role: "status" });
  const window = dialog("narrow-dialog");
  // What is typed has no dates, and those of the other assets may be of other days.
  const history = historyEditor(window, (key, returns) => patch(key, { history: returns }, true, { dates: [] }));
  /** Where the figures that follow from the typed ones stand, by the key of their row. */
  const computed = new Map<number, { value: HTMLElement; weight: HTMLElement }>();
  const entries = entryChoice();
  const more = h("input", { type: "checkbox", id: uniqueId("more"), onchange: () => render() });
  let page = 0;

  const button = (label: string, action: () => void): HTMLButtonElement =>
    h("button", { type: "button", onclick: action }, label);
  const undo = button("Undo", () => session.undo());
  const redo = button("Redo", () => session.redo());
  const element = h(
    "section",
    { class: "editor", "aria-label": "Assets" },
    h(
      "div",
      { class: "toolbar" },
      button("Add asset", () => add()),
      button("Paste table…", () => openPaste()),
      button("Import a file…", importFile),
      undo,
      redo,
      button("Remove all", () => session.edit({ assets: [] }, { rebuilt: true })),
    ),
    h(
      "div",
      { class: "toolbar" },
      entries.element,
      h("span", { class: "check" }, more, h("label", { for: more.id }, "More columns")),
    ),
    remark,
    h(
      "div",
      { class: "table-frame", tabindex: 0, role: "region", "aria-label": "Assets of the portfolio" },
      h(
        "table",
        { class: "asset-table" },
        h("caption", { class: "visually-hidden" }, "Assets of the portfolio"),
        h("thead", {}, head),
        body,
      ),
    ),
    pager,
    sums,
    window.element,
  );

  element.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!/[\t\n]/.test(text.trim()) || event.target instanceof HTMLTextAreaElement) return;
    event.preventDefault();
    openPaste(text);
  });
  element.addEventListener("keydown", (event) => {
    if (
      !(event.ctrlKey || event.metaKey) ||
      event.target instanceof HTMLInputElement ||
      event.target instanceof HTMLTextAreaElement
    )
      return;
    if (event.key === "z") (event.preventDefault(), event.shiftKey ? session.redo() : session.undo());
  });
  // As in a spreadsheet, Enter leads down; below the last row it begins another one.
  body.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.key !== "Enter" || event.isComposing || !(target instanceof HTMLInputElement)) return;
    event.preventDefault();
    const [cell, line] = [target.closest("td"), target.closest("tr")];
    const below = line?.nextElementSibling?.children[cell?.cellIndex ?? 0]?.querySelector("input");
    // Leaving the field takes what was typed.
    target.blur();
    if (below) below.focus();
    else add();
  });
  session.on("draft", ({ rebuilt }) => {
    if (rebuilt) render();
    status();
  });
  faults.reveal = (pointer) => {
    const row = Number(/^\/(?:assets|optimization\/(?:lower|upper|trade_max))\/(\d+)/.exec(pointer)?.[1] ?? Number.NaN);
    if (Number.isNaN(row) || Math.floor(row / PAGE) === page) return;
    page = Math.floor(row / PAGE);
    render();
  };
  render();
  status();
  return { element, readText, say: (text) => (remark.textContent = text) };

  function columns(): readonly Column[] {
    return columnsOf(session.draft, more.checked);
  }

  function entryChoice(): { element: HTMLElement; show: () => void } {
    const name = uniqueId("entry");
    const choices: [Entry, string][] = [
      ["units", "Units and prices"],
      ["weights", "Weights"],
    ];
    const radios = choices.map(([entry, label]) => {
      const radio = h("input", {
        type: "radio",
        name,
        id: `${name}-${entry}`,
        onchange: () => radio.checked && session.edit(enteredBy(session.draft, entry), { rebuilt: true }),
      });
      return { entry, radio, element: h("div", { class: "choice-button" }, radio, h("label", { for: radio.id }, label)) };
    });
    return {
      element: h(
        "fieldset",
        { class: "inline" },
        h("legend", {}, "Positions by"),
        h("div", { class: "choice-buttons" }, ...radios.map((r) => r.element)),
      ),
      show: () => radios.forEach(({ entry, radio }) => (radio.checked = session.draft.entry === entry)),
    };
  }

  function render(): void {
    const assets = session.draft.assets;
    const shown = columns();
    const heading = (title: string, numeric = false): HTMLElement =>
      h("th", { scope: "col", class: numeric ? "number" : undefined }, title);
    fill(
      head,
      ...shown.map((c) => heading(c.title, c.kind !== "words")),
      heading("May trade"),
      heading("History"),
      heading("Row"),
    );
    const pages = Math.max(1, Math.ceil(assets.length / PAGE));
    page = Math.min(page, pages - 1);
    faults.forgetRows();
    computed.clear();
    const rows = assets.slice(page * PAGE, (page + 1) * PAGE).map((asset, i) => row(asset, page * PAGE + i, shown));
    body.replaceChildren(...rows);
    if (rows.length === 0)
      body.append(
        h(
          "tr",
          {},
          h(
            "td",
            { colspan: head.children.length, class: "empty" },
            "No assets yet. Add one, paste a table, import a file, or look at an example above.",
          ),
        ),
      );
    fill(pager);
    pager.hidden = pages === 1;
    if (pages > 1) {
      const turn = (to: number) => () => ((page = to), render());
      const back = h("button", { type: "button", disabled: page === 0, onclick: turn(page - 1) }, "Earlier rows");
      const on = h("button", { type: "button", disabled: page === pages - 1, onclick: turn(page + 1) }, "Later rows");
      pager.append(
        back,
        h("span", {}, ` ${page * PAGE + 1} to ${Math.min((page + 1) * PAGE, assets.length)} of ${assets.length} `),
        on,
      );
    }
    faults.markAll();
    status();
  }

  function status(): void {
    undo.disabled = !session.undoStack.canUndo;
    redo.disabled = !session.undoStack.canRedo;
    entries.show();
    const held = holdingsOf(session.draft);
    for (const [key, { value, weight }] of computed) {
      const row = held.rows.get(key);
      value.textContent = row?.value === undefined ? "" : amount(row.value, session.draft.currency);
      weight.textContent = row?.weight === undefined ? "" : percent(row.weight);
    }
    sums.textContent = session.draft.assets.length === 0 ? "" : sumsInWords(held);
  }

  function sumsInWords(held: Holdings): string {
    const { entry, currency, assets, cashTarget } = session.draft;
    const beside = cashTarget.trim() === "" ? "" : ` beside ${cashTarget}% of cash`;
    const targets = `targets sum to ${percent(held.targets)}${beside}`;
    if (entry === "weights")
      return `${count(assets.length, "asset")}. T${targets.slice(1)}, current weights to ${percent(held.current)}.`;
    const money = (value: number): string => amount(value, currency);
    const open =
      held.unknown.length === 0 ? "" : ` Without row ${held.unknown.slice(0, 5).join(", ")}: its units or price are open.`;
    const share = held.nav > 0 ? ` (${percent(held.cash / held.nav)})` : "";
    return (
      `${count(assets.length, "asset")}. NAV ${money(held.nav)} ${currency}: positions ${money(held.positions)}, ` +
      `cash ${money(held.cash)}${share}; ${targets}.${open}`
    );
  }

  function row(asset: DraftAsset, index: number, shown: readonly Column[]): HTMLTableRowElement {
    const named = asset.asset || `row ${index + 1}`;
    const line = h("tr");
    for (const column of shown) line.append(cell(column, asset, index));
    const may = h(
      "select",
      { "aria-label": `May trade, row ${index + 1}`, onchange: () => patch(asset.key, { lock: may.value as Lock }, false) },
      ...LOCKS.map(([value, label]) => h("option", { value }, label)),
    );
    may.value = asset.lock;
    line.append(h("td", {}, may, faults.register(`/assets/${index}/role`, may, `Row ${index + 1}, May trade`)));
    const returns = h(
      "button",
      { type: "button", class: "quiet", onclick: () => openHistory(asset.key) },
      asset.history.length > 0 ? count(asset.history.length, "day") : "Add…",
      h("span", { class: "visually-hidden" }, ` returns of ${named}`),
    );
    returns.dataset["pointer"] = `/assets/${index}/historical_returns`;
    line.append(
      h("td", {}, returns, faults.register(`/assets/${index}/historical_returns`, returns, `Row ${index + 1}, history`)),
    );
    const tool = (label: string, sign: string, action: () => void, disabled = false): HTMLButtonElement =>
      h(
        "button",
        { type: "button", class: "quiet icon", "aria-label": `${label} ${named}`, title: label, disabled, onclick: action },
        sign,
      );
    const last = session.draft.assets.length - 1;
    const tools = h(
      "td",
      { class: "row-tools" },
      tool("Move up", "↑", () => move(index, -1), index === 0),
      tool("Move down", "↓", () => move(index, 1), index === last),
      tool("Remove", "×", () => remove(index)),
    );
    tools.append(faults.register(`/assets/${index}`, tools.lastElementChild as HTMLElement, `Row ${index + 1}`));
    line.append(tools);
    return line;
  }

  function cell(column: Column, asset: DraftAsset, index: number): HTMLElement {
    if (column.kind === "computed") {
      const output = h("span", { class: "computed" });
      const places = computed.get(asset.key) ?? { value: output, weight: output };
      computed.set(asset.key, { ...places, [column.member]: output });
      return h("td", { class: "number" }, output);
    }
    const { member } = column;
    const pointer = column.pointer(index);
    const take = (text: string): void => {
      const change = { [member]: text };
      const lot = member === "quantity" ? lotBeside(asset.key, text) : undefined;
      patch(asset.key, lot === undefined ? change : { ...change, lot }, false);
    };
    const attributes = {
      value: asset[member],
      "aria-label": `${column.title}, row ${index + 1}`,
      placeholder: column.hint || undefined,
      "data-pointer": pointer,
    };
    const label = `Row ${index + 1}, ${column.title}`;
    if (column.kind !== "words") {
      const { control, choice } = numberField({ ...attributes, class: "number" }, { percent: column.kind === "percent", take });
      return h("td", {}, control, choice, faults.register(pointer, control, label));
    }
    const control = h("input", {
      ...attributes,
      type: "text",
      autocomplete: "off",
      spellcheck: "false",
      dir: "auto",
      onchange: () => take(control.value),
    });
    return h("td", {}, control, faults.register(pointer, control, label));
  }

  /** A position that holds a fraction of a unit does not trade in whole ones; its field shows it at once. */
  function lotBeside(key: number, quantity: string): string | undefined {
    const row = session.draft.assets.find((other) => other.key === key);
    const figure = figureOf(quantity);
    if (row?.lot !== "1" || figure === undefined || Number.isInteger(figure)) return undefined;
    const index = session.draft.assets.indexOf(row);
    const field = body.querySelector<HTMLInputElement>(`input[data-pointer="/assets/${index}/lot_size"]`);
    if (field) field.value = "";
    return "";
  }

  function patch(key: number, change: Partial<DraftAsset>, rebuilt: boolean, besides: Partial<Draft> = {}): void {
    session.edit(
      { ...besides, assets: session.draft.assets.map((asset) => (asset.key === key ? { ...asset, ...change, key } : asset)) },
      { rebuilt },
    );
  }

  function add(): void {
    session.edit(
      { assets: [...session.draft.assets, session.draft.entry === "units" ? emptyPosition() : emptyAsset()] },
      { rebuilt: true },
    );
    page = Math.floor((session.draft.assets.length - 1) / PAGE);
    render();
    body.lastElementChild?.querySelector("input")?.focus();
  }

  function remove(index: number): void {
    session.edit({ assets: session.draft.assets.filter((_, i) => i !== index) }, { rebuilt: true });
    const next = body.children[Math.min(index - page * PAGE, body.children.length - 1)];
    next?.querySelector<HTMLElement>(".row-tools button:last-of-type")?.focus();
  }

  function move(index: number, by: -1 | 1): void {
    const assets = [...session.draft.assets];
    const [taken] = assets.splice(index, 1);
    if (!taken) return;
    assets.splice(index + by, 0, taken);
    session.edit({ assets }, { rebuilt: true });
    const tools = body.children[index + by - page * PAGE]?.querySelectorAll<HTMLButtonElement>(".row-tools button");
    const wanted = tools?.[by < 0 ? 0 : 1];
    (wanted?.disabled ? tools?.[by < 0 ? 1 : 0] : wanted)?.focus();
  }

  /** Takes rows from a request in JSON. Another book takes nothing over from the one before but the settings. */
  function take(text: string, replace: boolean): boolean {
    try {
      const reading = readRequest(text);
      const { draft } = session;
      if (replace) session.replace(reading.draft ?? { ...withoutBook(draft), assets: reading.assets });
      else session.edit({ assets: [...filledRows(draft), ...reading.assets] }, { rebuilt: true });
      remark.textContent = reading.remarks.join(" ");
      return true;
    } catch (error) {
      remark.textContent = error instanceof Error ? error.message : "The text could not be read.";
      return false;
    }
  }

  async function readText(text: string): Promise<void> {
    if (await mayReplace()) take(text, true);
  }

  function openPaste(pasted = ""): void {
    const area = h("textarea", {
      rows: 12,
      spellcheck: "false",
      value: pasted,
      "aria-label": "Table to paste",
      placeholder: "asset\tunits\tprice\ttarget\nVTI\t212\t287.31\t60%",
    });
    const result = h("p", { class: "field-fault", role: "alert" });
    const use = (replace: boolean) => async () => {
      const text = area.value;
      if (!isJson(text)) {
        window.close();
        previewTable(text, { appends: !replace, change: () => openPaste(text) });
        return;
      }
      if (replace && !(await mayReplace())) return;
      if (take(text, replace)) window.close();
      else result.textContent = remark.textContent;
    };
    window.open(
      "Paste a table",
      h(
        "p",
        {},
        "Columns with headings, in any order: asset, name, units, price, value, target, current, class, account. The page shows how they " +
          "are read before anything changes. JSON as the API takes it works too.",
      ),
      area,
      result,
      h(
        "div",
        { class: "toolbar" },
        h("button", { type: "button", class: "primary", onclick: () => void use(true)() }, "Replace portfolio"),
        h("button", { type: "button", onclick: () => void use(false)() }, "Append rows"),
      ),
    );
    area.focus();
  }

  function openHistory(key: number): void {
    const asset = session.draft.assets.find((row) => row.key === key);
    if (asset) history.open(asset);
  }
}
