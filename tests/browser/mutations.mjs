// Takes the mend of each fault out again and demands that the test of that fault fails without it and passes with it.
//
//   node tests/browser/mutations.mjs units     the functions of the page: seconds, no service
//   node tests/browser/mutations.mjs browser   what needs the page in Chromium: each builds the page and starts a service (debug build)
//   node tests/browser/mutations.mjs crates    what is held in the crates: each compiles
//   node tests/browser/mutations.mjs           all of it
//   … --only 7                                 one fault
//
// The functions are changed in a copy of the page. Everything else is changed in place and put back, also when this is interrupted; there a file
// with changes that are not committed is refused.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const top = fileURLToPath(new URL("../..", import.meta.url));
const page = "apps/dashboard/src/";
const unit = (file, name) => ({ kind: "units", file, name });
const browser = (file, name) => ({ kind: "browser", file, name });

/** What each fault was, the mend that is taken out (`find` becomes `put` in `file`), and the test that has to notice. */
const FAULTS = [
  {
    fault: 1,
    was: "share counts typed as weights became a plan",
    file: `${page}portfolio/doubts.ts`,
    find: "if (current > UNITS_ABOVE) {",
    put: "if (current > 1e9) {",
    test: unit("doubts", "share counts typed as weights are named as such"),
  },
  {
    fault: 2,
    was: "weights without cash were scaled unasked",
    file: `${page}portfolio/doubts.ts`,
    find: "return Math.abs(sum - whole) <= Math.min(0.005, 0.00005 * draft.assets.length) + 1e-9;",
    put: "return Math.abs(sum - whole) <= 0.2 + 0 * draft.assets.length;",
    test: unit("doubts", "weights that leave a rest are cash or a typing error, and are never scaled unasked"),
  },
  {
    fault: 3,
    was: "the value of the book before survived another book",
    file: `${page}portfolio/draft.ts`,
    find: "    metadata,\n    value,\n    cash,\n    cashTarget,\n    cashBand,\n    amount,\n    by,\n    benchmark,\n    benchmarkName,\n    dates,\n    groups,\n    bandGroups,\n    exposures,\n    ...NO_TRIGGER",
    put: "    metadata,\n    value: draft.value || value,\n    cash,\n    cashTarget,\n    cashBand,\n    amount,\n    by,\n    benchmark,\n    benchmarkName,\n    dates,\n    groups,\n    bandGroups,\n    exposures,\n    ...NO_TRIGGER",
    test: unit("holdings", "another book takes over settings, and neither value nor title of the one before"),
  },
  {
    fault: 4,
    was: "prices in the place of returns were approved",
    file: `${page}portfolio/returns.ts`,
    find: "if (middle < IMPLAUSIBLE_RETURN) return undefined;",
    put: "if (middle < 1e9) return undefined;",
    test: unit("returns", "prices in the place of returns are recognised"),
  },
  {
    fault: 5,
    was: "`-0,02` became two returns",
    file: `${page}portfolio/returns.ts`,
    find: 'const commaSeparates = text.includes(".") ||',
    put: 'const commaSeparates = text.includes(",") ||',
    test: unit("returns", "a decimal comma makes one return, a separating one two"),
  },
  {
    fault: 6,
    was: "a plan further from its policy was approved",
    file: "crates/pipeline/src/proposal/distance.rs",
    find: "(by >= 1.0).then_some(CheckReason::FurtherFromPolicy",
    put: "(by >= 1e9).then_some(CheckReason::FurtherFromPolicy",
    test: { kind: "crates", crate: "pipeline", name: "a_plan_that_takes_the_book_further_from_its_policy_is_not_approved" },
  },
  {
    fault: 7,
    was: "the critical figure, after the plan, was not among the flags",
    file: `${page}decision/flags.ts`,
    find: "const all = [...ofVerdict, ...ofBrief];",
    put: 'const all = [...ofVerdict.filter((check) => check.point === "now"), ...ofBrief];',
    test: unit("flags", "the figure that made the verdict is among the flags, the gravest first, with the book that it is of"),
  },
  {
    fault: 8,
    was: "two limits had one name",
    file: `${page}decision/words.ts`,
    find: '  turnover: "Two-way turnover",\n  unraised_cash',
    put: '  turnover: "Turnover limit",\n  unraised_cash',
    test: unit("page-faults", "a limit has one name, and no two limits share one"),
  },
  {
    fault: 9,
    was: "work was lost without a question",
    file: `${page}session.ts`,
    find: "return this.draft !== this.#safe && this.draft.assets.length > 0;",
    put: "return false && this.draft !== this.#safe;",
    test: unit("page-faults", "work is what is nowhere else, and a book that was changed is work"),
  },
  {
    fault: 10,
    was: "every look and every step of a slider stored a plan",
    file: `${page}api/client.ts`,
    find: "store: false",
    put: "store: true",
    test: unit("page-faults", "a plan that nobody committed is a draft that nobody stores"),
  },
  {
    fault: 11,
    was: "a row of cash was sold",
    file: `${page}portfolio/doubts.ts`,
    find: "const at = draft.assets.findIndex((row) => CASH.test(row.asset.trim()) && !row.isSecurity);",
    put: "const at = draft.assets.findIndex((row) => row.asset === \"\\0\" && CASH.test(row.asset));",
    test: unit("doubts", "a row of cash is booked as cash, unless the reader says that it is a security"),
  },
  {
    fault: 12,
    was: "an example of the contract was refused under Execute",
    file: "openapi/examples/create_tca.request.json",
    find: '"side": "buy"',
    put: '"side": "bought"',
    test: browser("faults", "Execute in the API browser answers 200 for its own example"),
  },
  {
    fault: 13,
    was: 'the reason said "back to target" while the turnover limit left a rest',
    file: `${page}decision/words.ts`,
    find: 'if (trade.reason === "drift_breach" && isBound)',
    put: 'if (trade.reason === "drift_breach" && isBound && trade.asset === "\\0")',
    test: unit("files", "an order file has one line an order, with side, quantity, price, account, date and plan in columns of their own"),
  },
  {
    fault: 14,
    was: "headline and rows were against two targets",
    file: `${page}decision/orders.ts`,
    find: "return weight.weight_after - weight.target_weight;",
    put: "return weight.weight_after - weight.optimized_target_weight;",
    test: unit("page-faults", "what remains is against the target of the policy, whatever the optimizer aimed at"),
  },
  {
    fault: 15,
    was: "number fields refused what paste accepts",
    file: `${page}portfolio/typed.ts`,
    find: 'digits.includes(",")) return number(digits.replaceAll(",", ""));',
    put: 'digits.includes(",")) return NONE;',
    test: unit("typed", "numbers are read as people type them"),
  },
  {
    fault: 16,
    was: "entries were counted from zero",
    file: `${page}api/pointer.ts`,
    find: "`entry ${Number(step) + 1}`",
    put: "`entry ${Number(step)}`",
    test: unit("words", "words count from one where a pointer counts from 0"),
  },
  {
    fault: 17,
    was: "the story of an example stayed after a slider made it false",
    file: `${page}portfolio/scenarios.ts`,
    find: 'if (like && (origin === "own" || !isAsLoaded))',
    put: 'if (like && origin === "own" && isAsLoaded)',
    test: unit("scenarios", "an example's story is told only while the book is as it came"),
  },
  {
    fault: 18,
    was: "the sliders stood before the verdict",
    file: `${page}decision/view.ts`,
    find: "    wide(report.element),\n    wide(verdict.element),\n    wide(orders.element),\n    wide(whatIfPanel(session, replan)),\n",
    put: "    wide(whatIfPanel(session, replan)),\n    wide(report.element),\n    wide(verdict.element),\n    wide(orders.element),\n",
    test: browser("book", "has its verdict before the sliders and its amounts in view at 360 px"),
  },
  {
    fault: 19,
    was: "files above 4 MiB were refused, of which the service takes 8",
    file: `${page}import/content.ts`,
    find: "export const MAX_FILE_BYTES = 6_000_000;",
    put: "export const MAX_FILE_BYTES = 4 * 1024 * 1024;",
    test: unit("page-faults", "a file may be as large as the service takes"),
  },
  {
    fault: 20,
    was: "a table pasted into a cell appended rows",
    file: `${page}portfolio/editor.ts`,
    find: "    openPaste(text);\n",
    put: "    session.edit({ assets: [...session.draft.assets, emptyAsset({ asset: text })] }, { rebuilt: true });\n",
    test: browser("book", "is a table pasted into a cell, and prices in the place of returns"),
  },
  {
    fault: 21,
    was: "an abstaining member showed its mean as a forecast",
    file: `${page}decision/member-words.ts`,
    find: "return abstained ? `abstains: ${abstained.reason}` : percent(forecast[member], 3);",
    put: "return abstained ? percent(forecast[member], 3) : percent(forecast[member], 3);",
    test: unit("members", "a member that abstains has no forecast"),
  },
  {
    fault: 22,
    was: "only the current weights were simulated",
    file: `${page}decision/simulation.ts`,
    find: "        target: target ? of(target) : MISSING,\n        after: after ? of(after) : MISSING,\n",
    put: "        target: target ? MISSING : MISSING,\n        after: after ? MISSING : MISSING,\n",
    test: browser("dashboard", "simulates what the plan simulated"),
  },
  {
    fault: 23,
    was: "limits that belong together stood in different rows",
    file: `${page}portfolio/parameters.ts`,
    // One more field before them moves each pair into two rows.
    find: '      {\n        member: "lower",\n',
    put: '      {\n        member: "years",\n        pointer: "/horizon_years",\n        label: "Another field",\n      },\n      {\n        member: "lower",\n',
    test: unit("page-faults", "limits that belong together stand in one row of the two columns"),
  },
  {
    fault: 24,
    was: "a link to no plan said that it would appear",
    file: `${page}session.ts`,
    find: 'throw wasAborted(error) ? error : unopened(failureOf(error));',
    put: "throw unopened === undefined ? failureOf(error) : error;",
    test: unit("page-faults", "a link that leads to no plan is a failure, and nothing to wait for"),
  },
];

/** A copy of the page beside it, so that its tests find the documents that they compare with. */
const scratch = `${top}apps/.mutations`;
function copyThePage() {
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch);
  for (const part of ["src", "test", "package.json", "tsconfig.json"]) cpSync(`${top}apps/dashboard/${part}`, `${scratch}/${part}`, { recursive: true });
  symlinkSync(`${top}apps/dashboard/node_modules`, `${scratch}/node_modules`);
}

const escaped = (name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const named = (name) => `^${escaped(name)}$`;

function run(command, args, cwd = top) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", maxBuffer: 1 << 28 });
  return { passed: status === 0, told: `${stdout}${stderr}` };
}

/** Whether the test passes, and whether it ran at all: a name that is nowhere would pass too. */
function outcome({ kind, file, name, crate }) {
  if (kind === "units") {
    const args = ["--import", "tsx", "--test", "--test-reporter=tap", `--test-name-pattern=${named(name)}`, `test/${file}.test.ts`];
    return held(run("node", args, scratch), /^ok \d+ - (?!.*# SKIP)/m);
  }
  if (kind === "crates") return held(run("cargo", ["test", "-p", crate, "-p", "one-build", "--lib", name]), /test result: ok\. [1-9]/);
  const built = run("bash", ["-c", "npx vite build --logLevel error && node scripts/pack.mjs"], `${top}apps/dashboard`);
  if (!built.passed) throw new Error(`the page does not build:\n${built.told}`);
  const command = 'cd tests/browser && node --test --test-reporter=tap "--test-name-pattern=$0" "$1.test.mjs"';
  return held(run("tests/with_server.sh", ["bash", "-c", command, named(name), file]), /^ *ok \d+ - (?!.*# SKIP)/m);
}

function held({ passed, told }, ran) {
  return { passed, ran: ran.test(told), told };
}

const [group = "all"] = process.argv.slice(2).filter((word) => !word.startsWith("--") && !/^\d+$/.test(word));
const only = process.argv.includes("--only") ? Number(process.argv[process.argv.indexOf("--only") + 1]) : undefined;
const chosen = FAULTS.filter(({ fault, test }) => (group === "all" || test.kind === group) && (only === undefined || fault === only));
if (chosen.length === 0) throw new Error("no fault of this group");

const inPlace = chosen.filter(({ test }) => test.kind !== "units").map(({ file }) => file);
const dirty = inPlace.length > 0 ? run("git", ["status", "--porcelain", ...new Set(inPlace)]).told.trim() : "";
if (dirty) throw new Error(`commit these first, they are changed in place:\n${dirty}`);

if (inPlace.length < chosen.length) copyThePage();
let restore = () => undefined;
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => (restore(), process.exit(1)));

let faults = 0;
for (const { fault, was, file, find, put, test } of chosen) {
  const path = test.kind === "units" ? file.replace("apps/dashboard", scratch) : `${top}${file}`;
  const whole = readFileSync(path, "utf8");
  const parts = whole.split(find);
  const say = (verdict, told = "") => {
    if (verdict !== "held") faults += 1;
    console.log(`${verdict === "held" ? "ok  " : "FAIL"} ${fault}: ${was}; ${test.kind}, ${test.file ?? test.crate}: ${test.name}${verdict === "held" ? "" : `: ${verdict}\n${told.slice(-2000)}`}`);
  };
  if (parts.length !== 2) {
    say(`${parts.length - 1} places in ${file} to take the mend out`);
    continue;
  }
  const before = outcome(test);
  if (!before.passed || !before.ran) {
    say(before.ran ? "the test fails with the mend" : "the test does not run", before.told);
    continue;
  }
  restore = () => writeFileSync(path, whole);
  let without;
  try {
    writeFileSync(path, parts.join(put));
    without = outcome(test);
  } finally {
    restore();
    restore = () => undefined;
  }
  // What does not compile fails too, and proves nothing.
  const noticed = new RegExp(`not ok \\d+ - ${escaped(test.name)}|${escaped(test.name)} \\.\\.\\. FAILED`).test(without.told);
  say(without.passed ? "the test passes without the mend" : noticed ? "held" : "something else fails", without.told);
}
if (chosen.some(({ test }) => test.kind === "browser")) run("bash", ["-c", "npx vite build --logLevel error && node scripts/pack.mjs"], `${top}apps/dashboard`);
console.log(`${chosen.length - faults} of ${chosen.length} faults are held by their tests`);
process.exit(faults === 0 ? 0 : 1);
