/** The audit trail: whether it holds, its signed end, and its entries. */

import { heldKey } from "../access/key";
import { api, failureOf } from "../api/client";
import type { AuditEntry, AuditHead, AuditVerification, ChainBreak } from "../api/types";
import { section } from "../decision/panel";
import { fill, h, type Child } from "../dom/element";
import { dataTable } from "../dom/table";
import { count, integer, short, utc } from "../format";
import { download } from "../exports/files";
import { planLink } from "./link";
import { pagedList } from "./pages";

const EXPORT = "/api/audit/export";

/** A browser follows a link without the key of the page: with one, the page reads the file itself. */
function exportWithKey(event: Event): void {
  if (heldKey() === undefined) return;
  event.preventDefault();
  void api.auditExport().then((text) => download("audit.jsonl", "application/jsonl", text));
}

export function auditView(actions: { open: (planId: string) => void }): { element: HTMLElement; load: () => void } {
  const status = h("div", { role: "status" });
  const again = h("button", { type: "button", onclick: () => void verify() }, "Verify again");
  const saveHead = h("button", { type: "button", disabled: true }, "Save signed head");
  let save: (() => void) | undefined;
  saveHead.addEventListener("click", () => save?.());
  const list = pagedList<AuditEntry>({
    read: (cursor) => api.auditPage(cursor),
    loading: "The trail is being read",
    empty: "The trail is empty: the first plan adds the first entry.",
    more: "Later entries",
    table: (items) =>
      dataTable(
        [
          { title: "Entry", heading: true, numeric: true, cell: (row) => integer(row.sequence) },
          { title: "Recorded, UTC", cell: (row) => h("span", { class: "nowrap" }, utc(row.created_at)) },
          { title: "What", cell: (row) => row.kind.replaceAll("_", " ") },
          { title: "By", cell: (row) => row.actor },
          { title: "Plan", cell: (row) => planCell(row) },
          {
            title: "Digest of the plan",
            cell: (row) => row.plan_digest && h("code", { title: row.plan_digest }, short(row.plan_digest)),
          },
          { title: "Hash before", cell: (row) => h("code", { title: row.previous_hash }, short(row.previous_hash)) },
          { title: "Hash", cell: (row) => h("code", { title: row.hash }, short(row.hash)) },
        ],
        items,
        { caption: "Audit trail, oldest first; each entry holds the hash of the one before it", pageSize: 1000, class: "audit" },
      ),
  });
  const chain = section(
    "Chain",
    "Every entry and every stored plan, checked against what was recorded",
    status,
    h(
      "div",
      { class: "toolbar" },
      again,
      saveHead,
      h("a", { class: "button", href: EXPORT, download: "audit.jsonl", onclick: exportWithKey }, "Save the whole trail"),
    ),
  );
  const element = h("div", { class: "audit-view" }, chain, section("Entries", null, list.element));
  return { element, load: () => void Promise.all([verify(), list.load()]) };

  async function verify(): Promise<void> {
    again.disabled = true;
    if (!status.hasChildNodes()) fill(status, h("p", { class: "empty waiting" }, "Verifying everything stored…"));
    try {
      const [found, head] = await Promise.all([api.verifyAudit(), api.auditHead()]);
      fill(status, ...verdict(found), signed(head));
      save = () => download("head.json", "application/json", `${JSON.stringify(head.head, null, 2)}\n`);
      saveHead.disabled = false;
    } catch (error) {
      const { title, detail } = failureOf(error);
      fill(status, h("p", { class: "outcome bad", role: "alert" }, `${title}. ${detail}`));
    }
    again.disabled = false;
  }

  function planCell({ kind, plan_id: id }: AuditEntry): Child {
    if (!id) return null;
    const code = h("code", { title: id }, short(id));
    if (kind === "plan_erased") return code;
    return h("a", { href: planLink(id), onclick: (event) => open(event as MouseEvent, id) }, code);
  }

  function open(event: MouseEvent, id: string): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    actions.open(id);
  }
}

type BookBreak = "portfolio_missing" | "portfolio_digest" | "portfolio_unrecorded";

const BREAKS: Record<ChainBreak["reason"] | BookBreak, string> = {
  sequence: "an entry is missing or stands twice",
  previous_hash: "the entry does not follow the one before it",
  hash: "the entry was changed",
  unreadable: "the record cannot be read",
  plan_missing: "the plan is gone",
  plan_digest: "the stored plan was changed",
  plan_unrecorded: "a plan is stored that no entry records",
  outcome_missing: "the outcome is gone",
  outcome_digest: "the stored outcome was changed",
  outcome_unrecorded: "an outcome is stored that no entry records",
  portfolio_missing: "the version of a book is gone",
  portfolio_digest: "the stored version of a book was changed",
  portfolio_unrecorded: "a version of a book is stored that no entry records",
  champion_missing: "the move of a champion is gone",
  champion_digest: "the stored move of a champion was changed",
  champion_unrecorded: "a move of a champion is stored that no entry records",
  control_missing: "the record of control is gone",
  control_digest: "the stored record of control was changed",
  control_unrecorded: "a record of control is stored that no entry records",
  cut_tail: "the chain was cut before this entry",
  other_history: "another entry stood here",
  unsigned: "the last entry is not signed with the key of the records",
  unguarded: "triggers that refuse changes of the records are missing or changed",
};

function verdict(found: AuditVerification): Child[] {
  const broken = found.first_break;
  const plan = broken?.plan_id ? ` (plan ${broken.plan_id})` : "";
  const fact = (name: string, value: Child): HTMLElement => h("div", {}, h("dt", {}, name), h("dd", {}, value));
  return [
    h(
      "p",
      { class: "chain-status" },
      h("span", { class: `chip ${found.valid ? "good" : "bad"}` }, found.valid ? "The chain holds" : "The chain is broken"),
      broken
        ? ` Entry ${integer(broken.sequence)}: ${BREAKS[broken.reason] ?? broken.reason}${plan}.`
        : ` ${integer(found.entries)} ${found.entries === 1 ? "entry" : "entries"} ` +
            `and ${count(found.plans, "stored plan")} are what was recorded.`,
    ),
    h(
      "dl",
      { class: "facts hashes" },
      fact(broken ? "Last entry that holds" : "Last entry", h("code", { class: "hash" }, found.head)),
      fact("Merkle root", h("code", { class: "hash" }, found.root)),
    ),
  ];
}

function signed({ head }: AuditHead): HTMLElement {
  const fact = (name: string, value: Child): HTMLElement => h("div", {}, h("dt", {}, name), h("dd", {}, value));
  return h(
    "div",
    {},
    h("h3", {}, "Signed head"),
    h(
      "p",
      { class: "note" },
      `Signed ${utc(head.signed_at)} UTC over ${head.entries === 1 ? "1 entry" : `${integer(head.entries)} entries`}. ` +
        "Kept elsewhere, it reveals any later truncation or rewrite: rebalancer audit verify --head FILE.",
    ),
    h(
      "dl",
      { class: "facts hashes" },
      fact("Public key, Ed25519", h("code", { class: "hash" }, head.public_key)),
      fact("Signature", h("code", { class: "hash" }, head.signature)),
    ),
  );
}
