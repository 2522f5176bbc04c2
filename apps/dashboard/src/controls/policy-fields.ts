/** The fields of a policy. They write into the draft they were made for; faults come back to them by their JSON pointers. */

import type { WhenUnknown } from "../api/types";
import { fill, h, uniqueId, type Child } from "../dom/element";
import { dataTable } from "../dom/table";
import type { FaultBoard } from "../portfolio/faults";
import { numberField } from "../portfolio/number-field";
import { CONTROLS, type Control, type Unit } from "./catalogue";
import { unknownInWords, type OverrideDraft, type PolicyDraft } from "./policy-draft";

const UNITS: Record<Unit, string> = {
  money: "money",
  ratio: "× NAV",
  share: "%",
  units: "units",
  number: "",
  seconds: "seconds",
};
const UNKNOWNS: readonly WhenUnknown[] = ["hard", "soft", "not_assessed"];

export function policyFields(draft: PolicyDraft, faults: FaultBoard): HTMLElement {
  return h(
    "div",
    { class: "policy-fields" },
    levelsTable(draft, faults),
    h("p", { class: "hint" }, "A control without a limit is not checked. Limits in money need the currency below."),
    h("div", { class: "parameters" }, rules(draft, faults), restricted(draft, faults)),
    overridesOf(draft, faults),
  );
}

function levelsTable(draft: PolicyDraft, faults: FaultBoard): HTMLElement {
  const limit = (control: Control, level: "soft" | "hard"): HTMLElement => {
    const levels = draft.levels[control.name];
    return typed(
      faults,
      `/${control.name}/${level}`,
      `${control.label}, ${level}`,
      levels[level],
      control.unit === "share",
      (text) => {
        levels[level] = text;
      },
    );
  };
  const table = dataTable<Control>(
    [
      {
        title: "Control",
        heading: true,
        cell: ({ label, what }) => h("span", {}, label, h("span", { class: "beneath" }, what)),
      },
      { title: "Soft limit", cell: (control) => limit(control, "soft") },
      { title: "Hard limit", cell: (control) => limit(control, "hard") },
      { title: "Unit", cell: ({ unit }) => h("span", { class: "computed" }, UNITS[unit]) },
      { title: "Not known counts as", cell: (control) => unknownChoice(draft, faults, control) },
      {
        title: "Window, seconds",
        cell: (control) => {
          if (!control.isWindow) return "";
          const levels = draft.levels[control.name];
          const pointer = `/${control.name}/window_seconds`;
          return typed(faults, pointer, `${control.label}, window`, levels.window, false, (text) => (levels.window = text));
        },
      },
    ],
    CONTROLS,
    { caption: "Limits by control", class: "asset-table policy-table" },
  );
  return table;
}

/** A number in a table cell, named for those who do not see its column. */
function typed(
  faults: FaultBoard,
  pointer: string,
  label: string,
  value: string,
  percent: boolean,
  take: (text: string) => void,
): HTMLElement {
  const { control, choice } = numberField(
    { class: "number", value, "aria-label": label, "data-pointer": pointer },
    { percent, take },
  );
  return h("span", { class: "field" }, control, choice, faults.register(pointer, control, label));
}

function unknownChoice(draft: PolicyDraft, faults: FaultBoard, { name, label }: Control): HTMLElement {
  const levels = draft.levels[name];
  const select = h(
    "select",
    { "aria-label": `${label}, not known counts as`, onchange: () => (levels.unknown = select.value as WhenUnknown) },
    ...UNKNOWNS.map((unknown) => h("option", { value: unknown }, unknownInWords(unknown))),
  );
  select.value = levels.unknown;
  // A fault of the control as a whole stands here: it is the one field that every control has.
  return h("span", { class: "field" }, select, faults.register(`/${name}`, select, label));
}

function rules(draft: PolicyDraft, faults: FaultBoard): HTMLElement {
  const box = (label: string, checked: boolean, take: (value: boolean) => void): HTMLElement => {
    const id = uniqueId("rule");
    const input = h("input", { type: "checkbox", id, checked, onchange: () => take(input.checked) });
    return h("span", { class: "check" }, input, h("label", { for: id }, label));
  };
  return h(
    "fieldset",
    {},
    h("legend", {}, "Approval"),
    box("Orders leave only after an approval", draft.isRequired, (value) => (draft.isRequired = value)),
    box("Another person than the proposer approves", draft.isMakerChecker, (value) => (draft.isMakerChecker = value)),
    labelled(faults, "/approval/price_age_seconds_max", "Oldest prices at an approval, seconds", draft.priceAge, (text) => {
      draft.priceAge = text;
    }),
    labelled(faults, "/currency", "Currency of limits in money", draft.currency, (text) => (draft.currency = text)),
  );
}

function labelled(faults: FaultBoard, pointer: string, label: string, value: string, take: (text: string) => void): HTMLElement {
  const id = uniqueId("policy");
  const input = h("input", { type: "text", id, value, autocomplete: "off", onchange: () => take(input.value) });
  return h("div", { class: "field" }, h("label", { for: id }, label), input, faults.register(pointer, input, label));
}

function restricted(draft: PolicyDraft, faults: FaultBoard): HTMLElement {
  const list = (member: "noPurchases" | "noSales", pointer: string, label: string): HTMLElement => {
    const id = uniqueId("restricted");
    const area = h("textarea", { id, rows: 3, onchange: () => (draft[member] = area.value) });
    area.value = draft[member];
    return h("div", { class: "field" }, h("label", { for: id }, label), area, faults.register(pointer, area, label));
  };
  return h(
    "fieldset",
    {},
    h("legend", {}, "Restricted list"),
    list("noPurchases", "/restricted_list/no_purchases", "May not be bought: one asset a line"),
    list("noSales", "/restricted_list/no_sales", "May not be sold: one asset a line"),
  );
}

const OVERRIDE_FIELDS: readonly (readonly [keyof OverrideDraft, member: string, label: string])[] = [
  ["subject", "subject", "Only for"],
  ["who", "who", "Granted by"],
  ["why", "why", "Why"],
  ["starts", "starts_at", "From, UTC"],
  ["ends", "ends_at", "Until, UTC"],
];

/** Hard breaches that count as soft ones for a while. */
function overridesOf(draft: PolicyDraft, faults: FaultBoard): HTMLElement {
  const rows = h("div");
  const refresh = (focus?: number): void => {
    faults.forget("/overrides");
    fill(rows, ...draft.overrides.map((override, i) => overrideRow(override, i)));
    if (focus !== undefined) rows.querySelectorAll<HTMLElement>(".override")[focus]?.querySelector("select")?.focus();
  };
  const add = h(
    "button",
    { type: "button", onclick: () => (draft.overrides.push(emptyOverride()), refresh(draft.overrides.length - 1)) },
    "Add override",
  );
  refresh();
  return h(
    "fieldset",
    {},
    h("legend", {}, "Overrides"),
    h(
      "p",
      { class: "hint" },
      "A hard breach of the control counts as a soft one meanwhile. Times as 2026-11-27T09:00:00Z, at most 31 days.",
    ),
    rows,
    add,
  );

  function overrideRow(override: OverrideDraft, index: number): HTMLElement {
    const select = h(
      "select",
      { "aria-label": `Control, override ${index + 1}`, onchange: () => (override.control = select.value) },
      ...CONTROLS.map(({ name, label }) => h("option", { value: name }, label)),
      h("option", { value: "restricted_list" }, "Restricted list"),
    );
    select.value = override.control;
    const field = ([member, name, label]: (typeof OVERRIDE_FIELDS)[number]): Child => {
      const full = `${label}, override ${index + 1}`;
      const input = h("input", {
        type: "text",
        value: override[member],
        "aria-label": full,
        placeholder: label,
        autocomplete: "off",
        onchange: () => (override[member] = input.value),
      });
      return h("span", { class: "field" }, input, faults.register(`/overrides/${index}/${name}`, input, full));
    };
    const remove = h(
      "button",
      { type: "button", onclick: () => (draft.overrides.splice(index, 1), refresh(), add.focus()) },
      "Remove",
      h("span", { class: "visually-hidden" }, ` override ${index + 1}`),
    );
    return h(
      "div",
      { class: "override" },
      h(
        "span",
        { class: "field" },
        select,
        faults.register(`/overrides/${index}/control`, select, `Control, override ${index + 1}`),
      ),
      ...OVERRIDE_FIELDS.map(field),
      remove,
    );
  }
}

function emptyOverride(): OverrideDraft {
  return { control: "order_notional", subject: "", who: "", why: "", starts: "", ends: "" };
}
