/** The table of assets: add, remove, reorder, paste, upload, undo. */

import { dialog } from "../dom/dialog";
import { fill, h } from "../dom/element";
import { count, decimal } from "../format";
import type { Session } from "../session";
import { isNumber } from "./decimal";
import { emptyAsset, type DraftAsset } from "./draft";
import type { FaultBoard } from "./faults";
import { readPortfolio } from "./read";

const PAGE = 50;

type Column = {
  member: "asset" | "target" | "current" | "price" | "marketReturn" | "costBps" | "lower" | "upper" | "maxTrade";
  pointer: (row: number) => string;
  title: string;
  hint: string;
};
const ofAsset = (member: string) => (row: number) => `/assets/${row}/${member}`;
const ofLimit = (member: string) => (row: number) => `/optimization/${member}/${row}`;
/** The largest body the service accepts. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

const COLUMNS: readonly Column[] = [
  { member: "asset", pointer: ofAsset("asset"), title: "Asset", hint: "" },
  { member: "target", pointer: ofAsset("target_weight"), title: "Target, %", hint: "" },
  { member: "current", pointer: ofAsset("current_weight"), title: "Current, %", hint: "" },
  { member: "price", pointer: ofAsset("price"), title: "Price", hint: "100" },
  { member: "marketReturn", pointer: ofAsset("market_return"), title: "Latest return, %", hint: "none" },
  { member: "costBps", pointer: ofAsset("transaction_cost_bps"), title: "Own cost, bps", hint: "default" },
];
/** What the optimal method takes for each asset. */
const LIMIT_COLUMNS: readonly Column[] = [
  { member: "lower", pointer: ofLimit("lower"), title: "Minimum, %", hint: "default" },
  { member: "upper", pointer: ofLimit("upper"), title: "Maximum, %", hint: "default" },
  { member: "maxTrade", pointer: ofLimit("trade_max"), title: "Maximum trade, %", hint: "no limit" },
];
const RESTRICTIONS = [
  ["", "Buy and sell"],
  ["do_not_buy", "Sell only"],
  ["do_not_sell", "Buy only"],
  ["locked", "No trade"],
] as const;

export function editorView(session: Session, faults: FaultBoard): HTMLElement {
  const body = h("tbody");
  const head = h("tr");
  const sums = h("p", { class: "sums", role: "status" });
  const pager = h("nav", { class: "pager", "aria-label": "Pages of assets" });
  const remark = h("p", { class: "note", role: "status" });
  const window = dialog("narrow-dialog");
  let page = 0;

  const button = (label: string, action: () => void): HTMLButtonElement =>
    h("button", { type: "button", onclick: action }, label);
  const undo = button("Undo", () => session.undo());
  const redo = button("Redo", () => session.redo());
  const file = h("input", {
    type: "file",
    accept: ".json,.csv,.tsv,.txt,application/json,text/csv",
    class: "visually-hidden",
    tabindex: -1,
    "aria-label": "Portfolio file",
    onchange: () => void upload(),
  });

  const element = h(
    "section",
    { class: "editor", "aria-label": "Assets" },
    h(
      "div",
      { class: "toolbar" },
      button("Add asset", () => add()),
      button("Paste table…", () => openPaste()),
      button("Upload CSV or JSON…", () => file.click()),
      file,
      undo,
      redo,
      button("Remove all", () => session.edit({ assets: [] }, { rebuilt: true })),
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
    take(text, false);
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
  return element;

  function columns(): readonly Column[] {
    return session.draft.method === "optimal" ? [...COLUMNS, ...LIMIT_COLUMNS] : COLUMNS;
  }

  function render(): void {
    const assets = session.draft.assets;
    const heading = (title: string, numeric = false): HTMLElement =>
      h("th", { scope: "col", class: numeric ? "number" : undefined }, title);
    fill(
      head,
      ...columns().map((c) => heading(c.title, c.member !== "asset")),
      session.draft.method === "optimal" && heading("May trade"),
      heading("History"),
      heading("Row"),
    );
    const pages = Math.max(1, Math.ceil(assets.length / PAGE));
    page = Math.min(page, pages - 1);
    faults.forgetRows();
    const rows = assets.slice(page * PAGE, (page + 1) * PAGE).map((asset, i) => row(asset, page * PAGE + i));
    body.replaceChildren(...rows);
    if (rows.length === 0)
      body.append(
        h(
          "tr",
          {},
          h(
            "td",
            { colspan: head.children.length, class: "empty" },
            "No assets yet. Add one, paste a table, upload a file, or choose a scenario above.",
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
  }

  function status(): void {
    undo.disabled = !session.undoStack.canUndo;
    redo.disabled = !session.undoStack.canRedo;
    const sum = (member: "target" | "current"): string => {
      let total = 0;
      for (const asset of session.draft.assets) {
        if (isNumber(asset[member])) total += Number(asset[member]);
      }
      return `${decimal(total, 2)}%`;
    };
    sums.textContent =
      `${count(session.draft.assets.length, "asset")}. ` +
      `Targets sum to ${sum("target")}, current weights to ${sum("current")}.`;
  }

  function row(asset: DraftAsset, index: number): HTMLTableRowElement {
    const named = asset.asset || `row ${index + 1}`;
    const line = h("tr");
    for (const column of columns()) {
      const control = h("input", {
        type: "text",
        value: asset[column.member],
        autocomplete: "off",
        spellcheck: "false",
        "aria-label": `${column.title}, row ${index + 1}`,
        placeholder: column.hint || undefined,
        class: column.member === "asset" ? undefined : "number",
        dir: column.member === "asset" ? "auto" : undefined,
        inputmode: column.member === "asset" ? undefined : "decimal",
        onchange: () => patch(asset.key, { [column.member]: control.value }, false),
      });
      const pointer = column.pointer(index);
      control.dataset["pointer"] = pointer;
      line.append(h("td", {}, control, faults.register(pointer, control, `Row ${index + 1}, ${column.title}`)));
    }
    if (session.draft.method === "optimal") {
      const may = h(
        "select",
        { "aria-label": `May trade, row ${index + 1}`, onchange: () => patch(asset.key, { restriction: may.value }, false) },
        ...RESTRICTIONS.map(([value, label]) => h("option", { value }, label)),
      );
      may.value = asset.restriction;
      line.append(h("td", {}, may));
    }
    const history = h(
      "button",
      { type: "button", class: "quiet", onclick: () => openHistory(asset.key) },
      asset.history.length > 0 ? count(asset.history.length, "day") : "Add…",
      h("span", { class: "visually-hidden" }, ` returns of ${named}`),
    );
    history.dataset["pointer"] = `/assets/${index}/historical_returns`;
    line.append(
      h("td", {}, history, faults.register(`/assets/${index}/historical_returns`, history, `Row ${index + 1}, history`)),
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

  function patch(key: number, change: Partial<DraftAsset>, rebuilt: boolean): void {
    session.edit(
      { assets: session.draft.assets.map((asset) => (asset.key === key ? { ...asset, ...change, key } : asset)) },
      { rebuilt },
    );
  }

  function add(): void {
    session.edit({ assets: [...session.draft.assets, emptyAsset()] }, { rebuilt: true });
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

  function take(text: string, replace: boolean): boolean {
    try {
      const reading = readPortfolio(text);
      const kept = replace ? [] : session.draft.assets.filter((asset) => asset.asset.trim() !== "" || asset.target.trim() !== "");
      if (replace && reading.draft) session.replace(reading.draft);
      else
        session.edit(
          { assets: [...kept, ...reading.assets], ...(replace ? { name: "", description: "" } : {}) },
          { rebuilt: true },
        );
      remark.textContent = reading.remarks.join(" ");
      return true;
    } catch (error) {
      remark.textContent = error instanceof Error ? error.message : "The text could not be read.";
      return false;
    }
  }

  async function upload(): Promise<void> {
    const chosen = file.files?.[0];
    file.value = "";
    if (!chosen) return;
    if (chosen.size > MAX_BODY_BYTES) {
      remark.textContent = "The file is larger than the 8 MiB that the service accepts.";
      return;
    }
    take(await chosen.text(), true);
  }

  function openPaste(): void {
    const area = h("textarea", {
      rows: 12,
      spellcheck: "false",
      "aria-label": "Table to paste",
      placeholder: "asset\ttarget\tcurrent\tprice\nAAPL\t40%\t33%\t35.33",
    });
    const result = h("p", { class: "field-fault", role: "alert" });
    const use = (replace: boolean) => () => {
      if (take(area.value, replace)) window.close();
      else result.textContent = remark.textContent;
    };
    window.open(
      "Paste a table",
      h(
        "p",
        {},
        "Columns: asset, target, current, price, latest return, own cost in bps. " +
          "With headings they may come in any order. JSON as the API takes it works too.",
      ),
      area,
      result,
      h(
        "div",
        { class: "toolbar" },
        h("button", { type: "button", class: "primary", onclick: use(true) }, "Replace portfolio"),
        h("button", { type: "button", onclick: use(false) }, "Append rows"),
      ),
    );
    area.focus();
  }

  function openHistory(key: number): void {
    const asset = session.draft.assets.find((row) => row.key === key);
    if (!asset) return;
    const area = h("textarea", { rows: 14, spellcheck: "false", "aria-label": "Daily returns", value: asset.history.join("\n") });
    const save = (): void => {
      const tokens = area.value.split(/[\s,;]+/).filter((token) => token !== "");
      patch(key, { history: tokens.map((token) => (isNumber(token) ? Number(token) : token)) }, true);
      window.close();
    };
    window.open(
      asset.asset || "Returns",
      h(
        "p",
        {},
        "Simple returns per trading day as fractions (0.01 is 1%), oldest first, one per line. All assets end on the same day.",
      ),
      area,
      h("div", { class: "toolbar" }, h("button", { type: "button", class: "primary", onclick: save }, "Save returns")),
    );
  }
}
