/** What the service wants the reader to know about its figures, equal sentences together; hidden when there is nothing. */

import { placeInWords } from "../api/pointer";
import { fill, h } from "../dom/element";
import { count } from "../format";
import { section, type Panel } from "./panel";
import { warningInWords } from "./words";

const SHOWN_PLACES = 3;

export function warningsPanel(): Panel {
  const content = h("div");
  const element = section("Warnings", "What to know before relying on the figures", content);
  element.id = "warnings";
  return {
    element,
    show: ({ plan }) => {
      const names = plan.weights.map((w) => w.asset);
      const groups = new Map<string, { code: string; detail: string; places: string[] }>();
      // What takes off the data-quality score is a warning of its figures too.
      const issues = plan.data_quality.assets.flatMap((asset) => asset.issues);
      for (const warning of [...plan.warnings, ...issues]) {
        const id = `${warning.code} ${warning.detail}`;
        const group = groups.get(id) ?? { code: warning.code, detail: warning.detail, places: [] };
        group.places.push(placeInWords(warning.pointer, names));
        groups.set(id, group);
      }
      element.hidden = groups.size === 0;
      fill(
        content,
        h(
          "ul",
          { class: "warnings" },
          ...[...groups.values()].map((group) => {
            const more = group.places.length - SHOWN_PLACES;
            return h(
              "li",
              {},
              h("strong", {}, warningInWords(group.code)),
              ` ${group.detail} `,
              h("code", {}, group.code),
              " ",
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
