"""Golden values for libs/statistics from SciPy and mpmath-free closed forms.

Run with a Python that has numpy and scipy:  python tools/goldens/statistics.py
Writes libs/statistics/goldens/statistics.json with the versions that made it.
"""
import json
import math
import pathlib
import sys

import numpy as np
import scipy
from scipy import special, stats

OUT = pathlib.Path(__file__).resolve().parents[2] / "libs/statistics/goldens/statistics.json"


def table(function, rows):
    return [{"args": list(args), "value": float(function(*args))} for args in rows]


TAILS = [1e-300, 1e-200, 1e-100, 1e-50, 1e-20, 1e-10, 1e-6, 1e-3, 0.01, 0.05, 0.25, 0.5]
DOFS = [0.5, 1, 2, 3, 9, 19, 49, 100, 999, 5000]


def distributions():
    z = [-37, -20, -8, -3, -1, -0.1, 0, 1e-9, 0.5, 1, 2, 5, 10, 20, 37]
    chi = [(f * d, d) for d in DOFS for f in (1e-6, 0.01, 0.3, 0.7, 1, 1.3, 2, 5)] + [(1300, 9), (600, 1)]
    t = [(x, d) for d in (1, 2, 5, 30, 200, 5000) for x in (-50, -3, -0.5, 0.01, 0.7, 2, 8, 40)]
    b = [(x, a, c) for a, c in ((0.5, 0.5), (1, 1), (2, 5), (30, 3), (500, 700), (1, 1000)) for x in (1e-6, 0.01, 2 / 7, 0.42, 0.9, 0.999)]
    return {
        "normalSf": table(stats.norm.sf, [(x,) for x in z]),
        "normalCdf": table(stats.norm.cdf, [(x,) for x in z]),
        "normalUpperQuantile": table(stats.norm.isf, [(q,) for q in TAILS]),
        "chiSquareSf": [r for r in table(stats.chi2.sf, chi) if r["value"] > 1e-300],
        "chiSquareCdf": [r for r in table(stats.chi2.cdf, chi) if r["value"] > 1e-300],
        "chiSquareUpperQuantile": table(stats.chi2.isf, [(q, d) for q in TAILS for d in (1, 2, 3, 9, 19, 100, 999)]),
        "chiSquareQuantile": table(stats.chi2.ppf, [(p, d) for p in (1e-10, 1e-3, 0.05, 0.5, 0.9, 0.999) for d in (1, 2, 9, 100, 5000)]),
        "tSf": table(stats.t.sf, t),
        "tCdf": table(stats.t.cdf, t),
        "tQuantile": table(stats.t.ppf, [(p, d) for p in (1e-10, 1e-3, 0.025, 0.4, 0.9, 0.999) for d in (1, 2, 5, 30, 200)]),
        "betaCdf": [r for r in table(stats.beta.cdf, b) if r["value"] > 1e-300],
        "betaSf": [r for r in table(stats.beta.sf, b) if r["value"] > 1e-300],
        "betaQuantile": table(stats.beta.ppf, [(p, a, c) for p in (1e-6, 0.05, 0.5, 0.975) for a, c in ((0.5, 0.5), (2, 5), (30, 3), (500, 700))]),
        "kolmogorovSf": table(special.kolmogorov, [(x,) for x in (0.05, 0.2, 0.4, 0.6, 0.81, 0.82, 0.83, 1, 1.36, 2, 5, 15)]),
        "kolmogorovUpperQuantile": table(special.kolmogi, [(q,) for q in (1e-12, 1e-6, 1e-3, 0.05, 0.5, 0.95)]),
        "logGamma": table(special.gammaln, [(x,) for x in (1e-10, 0.1, 0.5, 1, 1.5, 2, 3.3, 10, 14.9, 15, 100.5, 1e6)]),
    }


def samples():
    rng = np.random.default_rng(20130101)
    ks = []
    for n, m, bins in ((50, 80, 10), (1000, 300, 20), (5, 5, 3)):
        edges = np.linspace(-3, 3, bins + 1)[1:-1]
        a = np.bincount(np.digitize(rng.normal(size=n), edges), minlength=bins)
        c = np.bincount(np.digitize(rng.normal(0.2, 1, size=m), edges), minlength=bins)
        # The same statistic by SciPy on the bin numbers.
        d = stats.ks_2samp(np.repeat(np.arange(bins), a), np.repeat(np.arange(bins), c)).statistic
        p, q = (a + 0.5) / (a + 0.5).sum(), (c + 0.5) / (c + 0.5).sum()
        used = (a > 0) | (c > 0)
        p, q = (a[used] + 0.5) / (a[used] + 0.5).sum(), (c[used] + 0.5) / (c[used] + 0.5).sum()
        ks.append({"reference": a.tolist(), "current": c.tolist(), "ks": float(d), "psi": float(stats.entropy(p, q) + stats.entropy(q, p))})
    ps = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 1.0]
    series = rng.normal(size=40).cumsum() * 0.1 + rng.normal(size=40)
    lag = 5
    x = series - series.mean()
    gammas = [float((x[k:] * x[: len(x) - k]).sum() / len(x)) for k in range(lag + 1)]
    lrv = gammas[0] + 2 * sum((1 - k / (lag + 1)) * gammas[k] for k in range(1, lag + 1))
    # Dirichlet-multinomial against the planned multinomial: by SciPy's own mass functions, the coefficient cancels.
    ratio = []
    for counts in ([800, 200], [805, 195], [0, 0], [7900, 2100], [700, 300], [0, 1], [333, 333, 334]):
        shares = [0.8, 0.2] if len(counts) == 2 else [1 / 3] * 3
        prior = 100 * np.array(shares)
        n = sum(counts)
        log = 0.0 if n == 0 else float(stats.dirichlet_multinomial.logpmf(counts, prior, n) - stats.multinomial.logpmf(counts, n, shares))
        ratio.append({"counts": counts, "shares": shares, "logE": log})
    return {
        "binned": ks,
        "benjaminiHochberg": {"p": ps, "adjusted": stats.false_discovery_control(ps).tolist()},
        "longRun": {"values": series.tolist(), "lag": lag, "variance": float(max(lrv, gammas[0])), "slotVariance": gammas[0], "autocorrelations": [g / gammas[0] for g in gammas[1:]]},
        "sampleRatio": ratio,
    }


def sequences():
    """Formulas of arXiv 2103.06476 written out once more; the two-sided case is also GrowthBook's published fixture."""
    rows = []
    for n, s2, alpha, tuned in ((100, 1.0, 0.05, 5000), (56, 2.5e-4, 0.05, 56), (1000, 3.0, 0.01, 500)):
        rho2 = (-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))) / tuned
        two = math.sqrt(s2) * math.sqrt(2 * (n * rho2 + 1) / (n**2 * rho2) * math.log(math.sqrt(n * rho2 + 1) / alpha))
        a2 = 2 * alpha
        rho2o = (-2 * math.log(a2) + math.log(1 - 2 * math.log(a2))) / tuned
        one = math.sqrt(s2) * math.sqrt(2 * (n * rho2o + 1) / (n**2 * rho2o) * math.log(1 + math.sqrt(n * rho2o + 1) / (2 * alpha)))
        mean = -0.2 * math.sqrt(s2)
        e2 = math.exp(rho2 * n * mean**2 / (s2 / n) / (2 * (n * rho2 + 1))) / math.sqrt(n * rho2 + 1)
        # Half-normal mixture, integrated numerically: E = ∫ 2 φ(λ; 0, ρ²) exp(λ S - λ² n / 2) dλ over λ > 0, S = -Σ x / σ.
        s = -mean * n / math.sqrt(s2)
        grid = np.linspace(0, 12 * math.sqrt(rho2o) + 3, 400001)
        e1 = np.trapezoid(2 * stats.norm.pdf(grid, 0, math.sqrt(rho2o)) * np.exp(grid * s - grid**2 * n / 2), grid)
        rows.append({"n": n, "variance": s2, "alpha": alpha, "tunedFor": tuned, "twoSided": two, "oneSided": one, "mean": mean, "twoSidedE": e2, "oneSidedE": float(e1)})
    return {"sequences": rows}


OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(
    json.dumps(
        {"versions": {"python": sys.version.split()[0], "numpy": np.__version__, "scipy": scipy.__version__}, "distributions": distributions(), **samples(), **sequences()},
        indent=1,
    )
    + "\n"
)
print(OUT)
