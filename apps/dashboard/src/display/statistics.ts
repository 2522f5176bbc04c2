/**
 * Series drawn by the page from the histories that were sent. They illustrate; the decision rests on the service's figures.
 */

export type Series = readonly number[];

/** The histories on their common tail: all end on the same day, so the last `min(length)` observations are common. */
export function commonTail(histories: readonly Series[]): number[][] {
  const length = histories.length === 0 ? 0 : Math.min(...histories.map((history) => history.length));
  return histories.map((history) => history.slice(history.length - length));
}

/** Daily returns of a portfolio brought back to `weights` every day; what the weights lack to one is cash that earns nothing. */
export function portfolioReturns(histories: readonly Series[], weights: readonly number[]): number[] {
  const length = histories[0]?.length ?? 0;
  const returns = new Array<number>(length).fill(0);
  histories.forEach((history, i) => {
    const weight = weights[i] ?? 0;
    for (let t = 0; t < length; t += 1) returns[t] = (returns[t] ?? 0) + weight * (history[t] ?? 0);
  });
  return returns;
}

/** Compounded value of one unit: `1, 1 + r1, (1 + r1)(1 + r2), …`. */
export function growth(returns: Series): number[] {
  const values = [1];
  for (const r of returns) values.push((values.at(-1) ?? 1) * (1 + r));
  return values;
}

/** Fall from the highest value so far, zero or negative. */
export function drawdown(values: Series): number[] {
  let peak = -Infinity;
  return values.map((value) => {
    peak = Math.max(peak, value);
    return peak > 0 ? value / peak - 1 : 0;
  });
}

/** Pearson correlation; null when a series does not move or is shorter than two. */
export function correlation(a: Series, b: Series): number | null {
  const n = Math.min(a.length, b.length);
  if (n < 2) return null;
  const mean = (s: Series): number => s.reduce((sum, x) => sum + x, 0) / n;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let t = 0; t < n; t += 1) {
    const [x, y] = [(a[t] ?? 0) - ma, (b[t] ?? 0) - mb];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 0 && bb > 0 ? Math.max(-1, Math.min(1, ab / Math.sqrt(aa * bb))) : null;
}
