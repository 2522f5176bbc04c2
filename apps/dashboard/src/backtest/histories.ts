/** Histories that come with the service: prices of its folder `data`, read when one is chosen. */

/** A history that the page offers beside that of the book. */
export interface ShippedHistory {
  readonly id: string;
  readonly label: string;
  /** What has to be known of it before any figure is believed. */
  readonly caveat: string;
}

export const SHIPPED: readonly ShippedHistory[] = [
  {
    id: "stocks_1990_2022",
    label: "20 US stocks, 1990 to 2022",
    caveat:
      "Twenty companies that are known to have survived until 2022, which nobody could have chosen in 1990: every wealth is too high. " +
      "Prices are adjusted for splits and dividends.",
  },
  {
    id: "multi_asset_1999_2017",
    label: "Stocks, Treasuries, oil and currencies, 1999 to 2017",
    caveat:
      "The stocks are companies that are known to have survived until 2022: every wealth is too high. Treasuries are total returns " +
      "computed from yields; oil is a spot price that nobody can hold without cost, and currencies earn no interest.",
  },
];

/** Daily returns by asset with the date of each. */
export interface DatedReturns {
  readonly dates: readonly string[];
  readonly returns: Readonly<Record<string, readonly number[]>>;
}

/** An index that is a price without dividends, and no asset. */
const INDEX = "SP500_INDEX";
/** Digits of a return: the prices have fewer. */
const DIGITS = 9;

/** The returns of a table of prices: a first line of names after `date`, and a line for each day. */
export function returnsOf(table: string): DatedReturns {
  const rows = table
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(","));
  const [head = [], ...days] = rows;
  const columns = head.map((name, i) => ({ name, i })).filter(({ name, i }) => i > 0 && name !== INDEX);
  const returns = Object.fromEntries(
    columns.map(({ name, i }) => {
      const prices = days.map((day) => Number(day[i]));
      if (!prices.every((price) => price > 0)) throw new Error(`${name} has a day without a price`);
      return [name, prices.slice(1).map((price, t) => Number((price / (prices[t] ?? price) - 1).toPrecision(DIGITS)))];
    }),
  );
  return { dates: days.slice(1).map((day) => day[0] ?? ""), returns };
}

const loaded = new Map<string, Promise<DatedReturns>>();

/** The returns of a shipped history; they are fetched once. */
export function shippedHistory(id: string): Promise<DatedReturns> {
  const known = loaded.get(id) ?? fetched(id);
  loaded.set(id, known);
  known.catch(() => loaded.delete(id));
  return known;
}

async function fetched(id: string): Promise<DatedReturns> {
  const response = await fetch(`/assets/histories/${id}.csv.gz`);
  if (!response.ok || !response.body) throw new Error(`The history could not be loaded (${response.status}).`);
  return returnsOf(await new Response(response.body.pipeThrough(new DecompressionStream("gzip"))).text());
}
