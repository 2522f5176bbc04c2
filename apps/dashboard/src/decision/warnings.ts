/** What the service wants the reader to know about its figures, equal sentences together; hidden when there is nothing. */

import type { Plan } from "../api/types";
import { placeInWords } from "../api/pointer";
import { fill, h } from "../dom/element";
import { count } from "../format";
import { section, type Panel } from "./panel";
import { warningInWords } from "./words";

const SHOWN_PLACES = 3;

interface Group {
  code: string;
  detail: string;
  places: string[];
}

/** Warnings of one kind and sentence are one, with all the places it is about. */
export function groupedWarnings(plan: Plan): Group[] {
  const names = plan.weights.map((w) => w.asset);
  const groups = new Map<string, Group>();
  // What takes off the data-quality score is a warning of its figures too.
  const issues = plan.data_quality.assets.flatMap((asset) => asset.issues);
  for (const warning of [...plan.warnings, ...issues]) {
    const id = `${warning.code} ${warning.detail}`;
    const group = groups.get(id) ?? { code: warning.code, detail: warning.detail, places: [] };
    group.places.push(placeInWords(warning.pointer, names));
    groups.set(id, group);
  }
  return [...groups.values()];
}

export function warningsPanel(): Panel {
  const content = h("div");
  const element = section("Warnings", "What to know before relying on the figures", content);
  element.id = "warnings";
  return {
    element,
    show: ({ plan }) => {
      const groups = groupedWarnings(plan);
      element.hidden = groups.length === 0;
      fill(
        content,
        h(
          "ul",
          { class: "warnings" },
          ...groups.map((group) => {
            const more = group.places.length - SHOWN_PLACES;
            return h(
              "li",
              {},
              h("strong", {}, warningInWords(group.code)),
              ` ${group.detail} `,
              h(
                "span",
                { class: "note", dir: "auto" },
                group.places.slice(0, SHOWN_PLACES).join("; "),
                more > 0 && ` and ${count(more, "more place")}`,
              ),
            );
          }),
        ),
      );
    },
  };
}
