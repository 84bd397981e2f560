"""Scores and alarms of other tools' drift rules, by the tools themselves: Evidently's stattests, NannyML's methods.

python tools/goldens/presets.py   (pip install -r tools/goldens/requirements-presets.txt)
"""
import sys
import warnings

from cases import Cases

# Other packages import the standard library's `statistics`; beside this script lies one of that name.
sys.path.pop(0)

import numpy as np
import pandas as pd
from evidently.legacy.calculations import stattests
from evidently.legacy.core import ColumnType
from nannyml.drift.univariate.methods import FeatureType, MethodFactory
from nannyml.thresholds import StandardDeviationThreshold

warnings.filterwarnings("ignore")
rng = np.random.default_rng(20130105)
out = Cases("presets", "numpy", "scipy", "pandas", "evidently", "nannyml")
E = {"ks": "ks_stat_test", "wasserstein": "wasserstein_stat_test", "psi": "psi_stat_test", "jensenshannon": "jensenshannon_stat_test", "kl_div": "kl_div_stat_test", "hellinger": "hellinger_stat_test", "ed": "energy_dist_test"}
C = {"chisquare": "chi_stat_test", "z": "z_stat_test", "psi": "psi_stat_test", "jensenshannon": "jensenshannon_stat_test", "kl_div": "kl_div_stat_test", "hellinger": "hellinger_stat_test"}


def evidently(test, x, y, kind):
    r = getattr(stattests, test)(pd.Series(x), pd.Series(y), kind, None)
    return {"value": float(r.drift_score), "alarm": bool(r.drifted)}


# NannyML's chunks and the new window have one size, as in the tool.
VALUES = {
    "ordinary": (rng.normal(size=600), rng.normal(.2, 1, size=150)), "same law": (rng.normal(size=1000), rng.normal(size=100)), "large": (rng.normal(size=2000), rng.normal(.1, 1, size=400)),
    "skewed": (rng.lognormal(0, 1.5, size=800), rng.lognormal(.2, 1.5, size=200)), "ties": (rng.integers(0, 60, 900).astype(float), rng.integers(3, 64, 300).astype(float)),
    "outside": (rng.random(500), 2 + rng.random(100)), "tiny": (rng.normal(size=24), rng.normal(size=8)), "large numbers": (1e9 + rng.normal(size=400), 1e9 + .5 + rng.normal(size=100)),
}
for case, (x, y) in VALUES.items():
    x, y = np.round(x, 6), np.round(y, 6)
    for name, test in E.items():
        # Of tied values Evidently's Hellinger bins the distinct ones: another width. The preset bins all rows.
        if not (name == "hellinger" and case == "ties"):
            out.add("valuePreset", f"{case}, evidently/{name}", {"preset": f"evidently/{name}", "x": x, "y": y}, evidently(test, x, y, ColumnType.Numerical), "Evidently", 1e-8 if case != "large numbers" else 1e-6)
    for name in ("jensen_shannon", "hellinger"):
        method = MethodFactory.create(name, FeatureType.CONTINUOUS, chunker=None, threshold=StandardDeviationThreshold(), computation_params={})
        method._fit(pd.Series(x))
        size = len(y)
        chunks = [method._calculate(pd.Series(x[i : i + size])) for i in range(0, len(x) - size + 1, size)]
        limit = StandardDeviationThreshold(std_lower_multiplier=None).thresholds(np.array(chunks))[1]
        score = float(method._calculate(pd.Series(y)))
        out.add("valuePreset", f"{case}, nannyml/{name}", {"preset": f"nannyml/{name}", "x": x, "y": y}, {"value": score, "alarm": bool(score > limit)}, "NannyML", 1e-8)
FEW = (rng.integers(0, 8, 500).astype(float), rng.integers(0, 9, 120).astype(float))
for name in ("psi", "jensenshannon", "kl_div"):
    out.add("valuePreset", f"few values, evidently/{name}", {"preset": f"evidently/{name}", "x": FEW[0], "y": FEW[1]}, evidently(E[name], *FEW, ColumnType.Numerical), "Evidently", 1e-9)

COUNTS = {
    "ordinary": ([30, 20, 50], [25, 30, 45]), "a zero": ([300, 0, 500, 20], [25, 0, 45, 6]), "equal": ([10, 20, 30], [10, 20, 30]), "rare": ([20_000, 1, 40], [9000, 0, 30]),
    "new category": ([50, 50, 0], [40, 40, 20]), "two": ([900, 100], [80, 20]), "lost category": ([50, 50, 9], [40, 40, 0]), "tiny": ([1, 2], [2, 1]), "extreme": ([900, 10], [10, 900]),
}
for case, (a, b) in COUNTS.items():
    x, y = [np.repeat([f"c{i:02}" for i in range(len(c))], c) for c in (a, b)]
    for name, test in C.items():
        if name == "z" and (np.array(a) + b > 0).sum() != 2:
            continue
        want = evidently(test, x, y, ColumnType.Categorical)
        # 1 - cdf has no digits in the tail: there the preset's are better.
        out.add("countPreset", f"{case}, evidently/{name}", {"preset": f"evidently/{name}", "reference": a, "current": b}, want if want["value"] > 1e-12 or name not in ("z",) else {"alarm": want["alarm"]}, "Evidently", 1e-7)
out.write()
