/** The switch of the forecast tilt, with its out-of-sample record beside it. */

import { h, uniqueId } from "../dom/element";
import { decimal, integer, sign } from "../format";
import type { Session } from "../session";
import { tilting, tilts, type Draft } from "./draft";
import walkForward from "./walk_forward.json";

/** Written by `walk_forward.json`'s own command; every test of the walk forward is in it. */
export const RECORD = walkForward;

/** What has to be known of the stocks data before a figure on them is believed. */
export const SURVIVORS =
  "The stocks are companies that are known to have survived until 2022, which nobody could have chosen beforehand.";

/** What the tilt of a model earned over the policy on data it had not seen; whatever came out is said. */
export function tiltRecord(model: string): string {
  const lines = RECORD.lines.filter((line) => line.model === `tilt of ${model}`);
  if (lines.length === 0) return "The tilt of this model has no out-of-sample record.";
  const results = lines.map(
    ({ data, months, bp_a_year, months_active, interval, t, p, verdict }) =>
      `${sign(bp_a_year, 1)} bp a year over the policy on the ${data} data ` +
      `(95 % interval ${sign(interval.lower, 1)} to ${sign(interval.upper, 1)} bp, ` +
      `active in ${integer(months_active)} of ${integer(months)} months, t ${sign(t)}, p ${decimal(p, 3)}): ${verdict}`,
  );
  const told = `Out of sample, after costs: ${results.join("; ")}. Verdicts are corrected for ${integer(RECORD.tests)} tests.`;
  return lines.some(({ data }) => data === "stocks") ? `${told} ${SURVIVORS}` : told;
}

/** Whether a tilt counts: the goal mean-variance has the forecasts in its objective instead. */
export function mayTilt({ method, goal }: Pick<Draft, "method" | "goal">): boolean {
  return method === "drift" || goal === "policy";
}

/** The switch in the form. `refresh` shows the draft. */
export function tiltSwitch(session: Session): { element: HTMLElement; refresh: () => void } {
  const id = uniqueId("tilt");
  const control = h("input", {
    type: "checkbox",
    id,
    "aria-describedby": `${id}-record`,
    onchange: () => session.edit(tilting(session.draft, control.checked)),
  });
  const record = h("p", { class: "hint", id: `${id}-record` });
  const element = h(
    "div",
    { class: "field" },
    h("div", { class: "check" }, control, h("label", { for: id }, "Let the forecasts tilt the targets")),
    record,
  );
  const refresh = (): void => {
    control.checked = tilts(session.draft);
    record.textContent = tiltRecord(session.draft.model);
    element.hidden = !mayTilt(session.draft);
  };
  return { element, refresh };
}
