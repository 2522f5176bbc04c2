"""Histories of different lengths as one panel, recomputed independently of the service: docs/adr/0024.

What a shorter history lacks is completed from the longer ones: ridge regression with the penalty of the smallest generalised
cross-validation error, and the residuals of the regression in turn. Python's standard library only.
"""

import math

DAYS_PER_YEAR = 252
PRIOR_INFORMATION_RATIO = 0.5
MOST_REGRESSORS = 16
PENALTIES = (100.0, 30.0, 10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01)
FLAT = 1e-12


def mean(values):
    return math.fsum(values) / len(values)


def spread(values, centre):
    """Standard deviation, ddof 0."""
    return math.sqrt(math.fsum((v - centre) ** 2 for v in values) / len(values))


def inverse(matrix):
    """Gauss and Jordan with the largest pivot of a column."""
    size = len(matrix)
    rows = [list(row) + [float(i == j) for j in range(size)] for i, row in enumerate(matrix)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda i: abs(rows[i][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        scale = rows[column][column]
        rows[column] = [value / scale for value in rows[column]]
        for i in range(size):
            if i != column and rows[i][column] != 0.0:
                factor = rows[i][column]
                rows[i] = [value - factor * base for value, base in zip(rows[i], rows[column])]
    return [row[size:] for row in rows]


def ridge(regressors, variance, periods):
    """Coefficients on standardised regressors and the degrees of freedom they spend; zeros when none beats the mean."""
    size = len(regressors)
    coefficients, freedom = [0.0] * size, 0.0
    if size == 0 or periods < 3:
        return coefficients, freedom
    standard = [x["standard"] for x in regressors]
    correlation = [[math.fsum(a * b for a, b in zip(x, y)) / periods for y in standard] for x in standard]
    covariance = [x["covariance"] for x in regressors]
    best = variance / (1.0 - 1.0 / periods) ** 2
    for penalty in PENALTIES:
        loaded = inverse([[r + (penalty if i == j else 0.0) for j, r in enumerate(row)] for i, row in enumerate(correlation)])
        beta = [math.fsum(a * c for a, c in zip(row, covariance)) for row in loaded]
        spent = size - penalty * math.fsum(loaded[i][i] for i in range(size))
        explained = [math.fsum(r * b for r, b in zip(row, beta)) for row in correlation]
        residual = variance - 2.0 * math.fsum(c * b for c, b in zip(covariance, beta)) + math.fsum(b * e for b, e in zip(beta, explained))
        left = 1.0 - (1.0 + spent) / periods
        if left > 0.0 and max(residual, 0.0) / left**2 < best:
            best, coefficients, freedom = max(residual, 0.0) / left**2, beta, spent
    return coefficients, freedom


def missing_returns(history, complete, missing, risk_free):
    """The returns before a history begins, oldest first, from complete histories."""
    n, centre = len(history), mean(history)
    variance = spread(history, centre) ** 2
    regressors = []
    for position, column in enumerate(complete if spread(history, centre) > FLAT else []):
        tail = column[-n:]
        middle = mean(tail)
        deviation = spread(tail, middle)
        if deviation > FLAT:
            covariance = math.fsum((x - middle) * (y - centre) for x, y in zip(tail, history)) / (n * deviation)
            standard = [(x - middle) / deviation for x in tail]
            regressors.append({"column": column, "standard": standard, "deviation": deviation, "covariance": covariance, "place": position})
    regressors.sort(key=lambda x: (-abs(x["covariance"]), x["place"]))
    del regressors[MOST_REGRESSORS:]
    coefficients, freedom = ridge(regressors, variance, n)
    betas = [(x["column"], b / x["deviation"]) for x, b in zip(regressors, coefficients)]
    left = [y - math.fsum(beta * column[len(column) - n + t] for column, beta in betas) for t, y in enumerate(history)]
    alpha = mean(left)
    scale = math.sqrt(n / max(n - 1.0 - freedom, 1.0))
    residuals = [scale * (e - alpha) for e in left]
    cash = risk_free * (1.0 - math.fsum(beta for _, beta in betas))
    belief = n / (n + DAYS_PER_YEAR / PRIOR_INFORMATION_RATIO**2)
    base = cash + belief * (alpha - cash)
    return [
        max(base + math.fsum(beta * column[t] for column, beta in betas) + residuals[n - 1 - (missing - 1 - t) % n], -1.0)
        for t in range(missing)
    ]


def one_panel(histories, annual_risk_free):
    """Histories that end together as columns of one length: that of the longest history which half of them reach."""
    lengths = sorted(map(len, histories), reverse=True)
    periods = lengths[(len(lengths) - 1) // 2]
    columns = [history[-periods:] for history in histories]
    if min(lengths) < 2:
        return [column[len(column) - min(lengths) :] for column in columns]
    risk_free = (1.0 + annual_risk_free) ** (1.0 / DAYS_PER_YEAR) - 1.0
    complete = []
    for n in sorted({len(column) for column in columns}, reverse=True):
        group = [i for i, column in enumerate(columns) if len(column) == n]
        filled = [missing_returns(columns[i], complete, periods - n, risk_free) if n < periods else [] for i in group]
        for i, missing in zip(group, filled):
            columns[i] = missing + columns[i]
            complete.append(columns[i])
    return columns
