/**
 * Series drawn by the page from the histories that were sent. They illustrate; the decision rests on the service's figures.
 */

export type Series = readonly number[];

/** The histories on their common tail: all end on the same day, so the last `min(length)` observations are common. */
export function commonTail(histories: readonly Series[]): number[][] {
  const length = histories.length === 0 ? 0 : Math.min(...histories.map((history) => history.length));
  return histories.map((history) => history.slice(history.length - length));
}

/** The dates of the last `length` returns; none where fewer were told. */
export function datesOf(dates: readonly string[], length: number): readonly string[] {
  return length > 0 && dates.length >= length ? dates.slice(dates.length - length) : [];
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

export interface Moments {
  /** Mean simple returns, a year. */
  mu: number[];
  /** Sample covariance of simple returns, a year. */
  sigma: number[][];
}

const DAYS_A_YEAR = 252;

/** Annual mean and covariance of histories of one length. */
export function annualMoments(histories: readonly Series[]): Moments {
  const n = histories[0]?.length ?? 0;
  const means = histories.map((history) => history.reduce((sum, r) => sum + r, 0) / n);
  const sigma = histories.map(() => new Array<number>(histories.length).fill(0));
  histories.forEach((a, i) => {
    for (let j = 0; j <= i; j += 1) {
      const b = histories[j] ?? [];
      let sum = 0;
      for (let t = 0; t < n; t += 1) sum += ((a[t] ?? 0) - (means[i] ?? 0)) * ((b[t] ?? 0) - (means[j] ?? 0));
      const value = (DAYS_A_YEAR * sum) / (n - 1);
      (sigma[i] as number[])[j] = value;
      (sigma[j] as number[])[i] = value;
    }
  });
  return { mu: means.map((m) => DAYS_A_YEAR * m), sigma };
}

/** Mean return of weights, a year; cash earns nothing. */
export function meanOf({ mu }: Moments, weights: readonly number[]): number {
  return mu.reduce((sum, m, i) => sum + m * (weights[i] ?? 0), 0);
}

/** Volatility of weights, a year. */
export function volatilityOf({ sigma }: Moments, weights: readonly number[]): number {
  const variance = sigma.reduce(
    (sum, row, i) => sum + (weights[i] ?? 0) * row.reduce((inner, s, j) => inner + s * (weights[j] ?? 0), 0),
    0,
  );
  return Math.sqrt(Math.max(0, variance));
}
