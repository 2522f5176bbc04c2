/** A field for a number as people type it: what is certain is put plainly, what is not is asked beside the field. */

import { fill, h } from "../dom/element";
import { readTyped } from "./typed";

export interface NumberField {
  control: HTMLInputElement;
  /** The question beside the field; empty and hidden while there is none. */
  choice: HTMLElement;
  /** Looks at the text again after it was set from outside. */
  refresh: () => void;
}

/** `percent`: the field is in percent, so a percent sign may stand behind the number. */
export function numberField(
  attributes: Record<string, string | undefined>,
  { percent, take }: { percent: boolean; take: (text: string) => void },
): NumberField {
  const control = h("input", { type: "text", autocomplete: "off", spellcheck: "false", inputmode: "decimal", ...attributes });
  const choice = h("p", { class: "choice", hidden: true });
  const refresh = (): void => {
    const typed = readTyped(control.value);
    const isOpen = typed.kind === "ambiguous" && (percent || !typed.percent);
    choice.hidden = !isOpen;
    if (!isOpen) return fill(choice);
    const option = (text: string): HTMLElement =>
      h("button", { type: "button", class: "link", onclick: () => decide(text) }, text.includes(".") ? text : grouped(text));
    fill(choice, `Is ${control.value.trim()} `, option(typed.thousands), " or ", option(typed.decimal), "?");
  };
  const decide = (text: string): void => {
    control.value = text;
    refresh();
    take(text);
    control.focus();
  };
  control.addEventListener("change", () => {
    const typed = readTyped(control.value);
    if (typed.kind === "number" && (percent || !typed.percent)) control.value = typed.text;
    refresh();
    take(control.value);
  });
  refresh();
  return { control, choice, refresh };
}

function grouped(digits: string): string {
  return digits.replace(/(\d)(?=(\d{3})+$)/g, "$1,");
}
