/** Puts the service's faults, which are JSON pointers into the request, beside the fields they name. */

import { pathInWords } from "../api/pointer";
import type { Fault } from "../api/types";
import { fill, h, uniqueId } from "../dom/element";
import { shift } from "./decimal";

/** Members whose fields are in percent while the service counts in fractions. */
const IN_PERCENT = new RegExp(
  `/(${[
    "target_weight|current_weight|market_return",
    "drift_threshold|turnover_limit|risk_free_rate|tracking_error_budget|tracking_error_max|cash_min|cash_max",
    "cash_target_weight|cash_band|destination|band/(relative|floor|cap)",
    "(groups/\\d+/|optimization/)(lower|upper)(/\\d+)?",
    "trade_max/\\d+",
    "verdict_limits/\\w+/\\w+_above",
  ].join("|")})$`,
);
/** Fields of one asset: rows are built anew when assets come, go or move. */
const OF_A_ROW = /^\/assets\/|^\/optimization\/(lower|upper|trade_max)\/\d+$/;

interface Place {
  control: HTMLElement;
  message: HTMLElement;
  /** Name of the field for the summary, or how it is called at the moment. */
  label: string | (() => string);
}

export class FaultBoard {
  readonly summary = h("div", { class: "fault-summary", role: "alert", hidden: true });
  readonly #places = new Map<string, Place>();
  #faults: readonly Fault[] = [];
  /** Brings the field of a pointer onto the page, e.g. by turning to its page of rows. */
  reveal: (pointer: string) => void = () => undefined;

  /** `heading` stands above the faults. */
  constructor(readonly heading = "The portfolio cannot be planned yet") {}

  /** Makes the message element of a field and ties both to `pointer`. */
  register(pointer: string, control: HTMLElement, label: Place["label"]): HTMLElement {
    const message = h("p", { class: "field-fault", id: uniqueId("fault"), hidden: true });
    this.#places.set(pointer, { control, message, label });
    control.addEventListener("input", () => this.#mark(pointer, []));
    return message;
  }

  /** Forgets the rows, before they are built anew. */
  forgetRows(): void {
    for (const pointer of this.#places.keys()) if (OF_A_ROW.test(pointer)) this.#places.delete(pointer);
  }

  /** Forgets the fields under a pointer, before they are built anew. */
  forget(under: string): void {
    for (const pointer of this.#places.keys()) if (pointer.startsWith(`${under}/`)) this.#places.delete(pointer);
  }

  /** Shows faults at their fields and in the summary; the first field gets the focus when `focus`. */
  show(faults: readonly Fault[], detail: string, focus: boolean): void {
    this.#faults = faults;
    this.summary.hidden = false;
    const list = h("ul");
    for (const fault of faults) {
      const text = `${this.#name(pointerOf(fault))}: ${inFieldUnits(fault)}`;
      list.append(
        h("li", {}, h("button", { type: "button", class: "link", onclick: () => this.#focus(pointerOf(fault)) }, text)),
      );
    }
    fill(this.summary, h("h2", {}, this.heading), faults.length > 0 ? list : h("p", {}, detail));
    this.markAll();
    if (focus && faults[0]) this.#focus(pointerOf(faults[0]));
  }

  clear(): void {
    this.#faults = [];
    this.summary.hidden = true;
    fill(this.summary);
    this.markAll();
  }

  /** Marks every known field; called again after rows were rebuilt. */
  markAll(): void {
    const byPlace = new Map<string, Fault[]>();
    for (const fault of this.#faults) {
      const place = this.#nearest(pointerOf(fault));
      if (place !== undefined) byPlace.set(place, [...(byPlace.get(place) ?? []), fault]);
    }
    for (const pointer of this.#places.keys()) this.#mark(pointer, byPlace.get(pointer) ?? []);
  }

  #mark(pointer: string, faults: readonly Fault[]): void {
    const place = this.#places.get(pointer);
    if (!place) return;
    const { control, message } = place;
    message.hidden = faults.length === 0;
    message.textContent = faults.map((fault) => sentence(pointer, fault)).join(" ");
    if (faults.length > 0) {
      control.setAttribute("aria-invalid", "true");
      control.setAttribute("aria-describedby", message.id);
    } else {
      control.removeAttribute("aria-invalid");
      if (control.getAttribute("aria-describedby") === message.id) control.removeAttribute("aria-describedby");
    }
  }

  #focus(pointer: string): void {
    this.reveal(pointer);
    const nearest = this.#nearest(pointer);
    const control = nearest === undefined ? undefined : this.#places.get(nearest)?.control;
    control?.focus();
    control?.scrollIntoView({ block: "center" });
  }

  /** A field in words; rows that are not on the page are named by their number. */
  #name(pointer: string): string {
    const nearest = this.#nearest(pointer);
    const place = nearest === undefined ? undefined : this.#places.get(nearest);
    const called = typeof place?.label === "function" ? place.label() : place?.label;
    const [label, rest] = called !== undefined && nearest !== undefined ? [called, pointer.slice(nearest.length)] : away(pointer);
    return upperFirst([label, pathInWords(rest)].filter(Boolean).join(", ")) || "The request";
  }

  /** The field itself, or the one around it: a fault inside a history lands on the row's history. */
  #nearest(pointer: string): string | undefined {
    for (let at = pointer; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) if (this.#places.has(at)) return at;
    return undefined;
  }
}

/** The member at fault; the page sends no query, so each fault has one. */
function pointerOf(fault: Fault): string {
  return fault.pointer ?? "";
}

/** A range in the unit of its field, in digits: the service counts in fractions where the field counts in percent, and writes 1e-8. */
export function inFieldUnits(fault: Fault): string {
  if (fault.code !== "range") return fault.detail;
  const [places, unit] = IN_PERCENT.test(pointerOf(fault)) ? [2, "%"] : [0, ""];
  return fault.detail.replace(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi, (number) => `${shift(number, places)}${unit}`);
}

function sentence(place: string, fault: Fault): string {
  const deeper = pointerOf(fault).length > place.length ? `${pathInWords(pointerOf(fault).slice(place.length))}: ` : "";
  return upperFirst(`${deeper}${inFieldUnits(fault)}.`);
}

/** Label and rest of a pointer whose field is not on the page: rows have a number all the same. */
function away(pointer: string): [label: string, rest: string] {
  const [, index, rest = ""] = /^\/assets\/(\d+)(.*)$/.exec(pointer) ?? [];
  return index === undefined ? ["", pointer] : [`Row ${Number(index) + 1}`, rest];
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
