"""Change detectors: the indices at which River finds changes on seeded streams (sudden, gradual, SEA, STAGGER), and CUSUM written out.

python tools/goldens/detectors.py   (pip install -r tools/goldens/requirements.txt)
The streams are in the file. Error streams are those of the first concept's rule, frozen. River 0.26.1 has no CUSUM:
its later documentation's example (changes at 201 and 251) is reproduced here by the formula first.
"""
import math
import random

import numpy as np
from river import drift
from river._river_rust.drift import AdaptiveWindowing
from river.datasets import synth

from cases import Cases

rng = np.random.default_rng(20130106)
out = Cases("detectors", "numpy", "river")


class Cusum:
    """Tabular CUSUM with a reference from the first `warm` values."""

    def __init__(self, warm=30, slack=.5, threshold=5., mode="both"):
        self.warm, self.slack, self.threshold, self.mode = warm, slack, threshold, mode
        self.drift_detected, self.seen = False, []
        self.up = self.down = 0.

    def update(self, x):
        if self.drift_detected:
            self.__init__(self.warm, self.slack, self.threshold, self.mode)
        self.seen.append(x)
        if len(self.seen) < self.warm:
            return
        if len(self.seen) == self.warm:
            # From the first value on: a constant warm-up has a deviation of 0, not of a rounding.
            moved = np.array(self.seen) - self.seen[0]
            self.mean, self.sd = self.seen[0] + moved.mean(), moved.std(ddof=1)
        mean, sd = self.mean, self.sd
        self.up = max(0., self.up + x - mean - self.slack * sd)
        self.down = max(0., self.down - (x - mean) - self.slack * sd)
        self.drift_detected = (self.mode != "down" and self.up > self.threshold * sd) or (self.mode != "up" and self.down > self.threshold * sd)


class Shrinking:
    """ADWIN as in the paper: River's window without River's reset."""

    def __init__(self, **options):
        self.window, self.drift_detected = AdaptiveWindowing(**options), False

    def update(self, x):
        self.drift_detected = bool(self.window.update(x))


def indices(detector, values):
    changes, warnings = [], []
    for at, x in enumerate(values):
        detector.update(x)
        if detector.drift_detected:
            changes.append(at)
        if getattr(detector, "warning_detected", False):
            warnings.append(at)
    return changes, warnings


example = random.Random(12345)
assert indices(Cusum(), [example.gauss(0, 1) for _ in range(200)] + [example.gauss(3, 1) for _ in range(200)])[0] == [201, 251]

ADWIN = dict(delta=.002, clock=32, max_buckets=5, min_window_length=5, grace_period=10)
REAL = [
    ({"detector": "adwin", "options": {}}, lambda: drift.ADWIN()),
    ({"detector": "adwin", "options": {"delta": .05, "clock": 1, "maxBuckets": 3, "minWindow": 8, "grace": 40}}, lambda: drift.ADWIN(delta=.05, clock=1, max_buckets=3, min_window_length=8, grace_period=40)),
    ({"detector": "adwin", "options": {"afterChange": "shrink"}}, lambda: Shrinking(**ADWIN)),
    ({"detector": "adwin", "options": {"afterChange": "shrink", "clock": 7}}, lambda: Shrinking(**{**ADWIN, "clock": 7})),
    ({"detector": "pageHinkley", "options": {}}, lambda: drift.PageHinkley()),
    ({"detector": "pageHinkley", "options": {"warmUp": 10, "delta": .1, "threshold": 8, "keep": 1}}, lambda: drift.PageHinkley(10, .1, 8, 1.)),
    ({"detector": "pageHinkley", "options": {"threshold": 15, "mode": "up"}}, lambda: drift.PageHinkley(threshold=15, mode="up")),
    ({"detector": "pageHinkley", "options": {"threshold": 15, "mode": "down"}}, lambda: drift.PageHinkley(threshold=15, mode="down")),
    ({"detector": "cusum", "options": {}}, lambda: Cusum()),
    ({"detector": "cusum", "options": {"warmUp": 100, "slack": .25, "threshold": 9}}, lambda: Cusum(100, .25, 9.)),
    ({"detector": "cusum", "options": {"mode": "up", "threshold": 8}}, lambda: Cusum(threshold=8., mode="up")),
    ({"detector": "cusum", "options": {"mode": "down", "threshold": 8}}, lambda: Cusum(threshold=8., mode="down")),
]
BITS = [
    ({"detector": "ddm", "options": {}}, lambda: drift.binary.DDM()),
    ({"detector": "ddm", "options": {"warmUp": 100, "warning": 1.5, "drift": 2.5}}, lambda: drift.binary.DDM(100, 1.5, 2.5)),
    ({"detector": "eddm", "options": {}}, lambda: drift.binary.EDDM()),
    ({"detector": "eddm", "options": {"warmUp": 60, "warning": .9, "drift": .75}}, lambda: drift.binary.EDDM(60, .9, .75)),
]


def bernoulli(shares):
    return [int(rng.random() < p) for p in shares]


def sigmoid(n, at, width, before, after):
    return [before + (after - before) / (1 + math.exp(-4 * (t - at) / width)) for t in range(n)]


def sea(seed, length, gradual=None):
    concepts = [synth.SEA(variant=v, noise=.1, seed=seed + v).take(4 * length) for v in (0, 1, 2, 3)]
    bits = []
    for at in range(4 * length):
        concept = at // length
        if gradual is not None and concept < 3 and rng.random() < 1 / (1 + math.exp(-4 * (at - (concept + 1) * length) / gradual)):
            concept += 1
        x, y = next(concepts[concept])
        bits.append(int(y != (x[0] + x[1] > 8)))
    return bits


def stagger(seed, length):
    bits = []
    for concept in (0, 1, 2):
        for x, y in synth.STAGGER(classification_function=concept, seed=seed + concept, balance_classes=False).take(length):
            bits.append(int(y != int(x["size"] == 0 and x["color"] == 0)))
    return bits


def add(name, values, runs, authority):
    answers = [indices(make(), values) for _, make in runs]
    text = "".join(map(str, values)) if set(values) <= {0, 1} else list(values)
    out.add("changeDetectors", name, {"values": text, "runs": [run for run, _ in runs]}, {"changes": [a for a, _ in answers], "warnings": [w for _, w in answers]}, authority, 0)
    print(name, [len(a) for a, _ in answers])


for name, bits in (
    ("errors at one rate", bernoulli([.2] * 4000)), ("errors, sudden", bernoulli([.2] * 1500 + [.4] * 1500)), ("errors, sudden and back", bernoulli([.05] * 1000 + [.3] * 1000 + [.05] * 1000)),
    ("errors, gradual", bernoulli(sigmoid(4000, 2000, 1000, .1, .35))), ("rare errors", bernoulli([.004] * 3000 + [.02] * 2000)), ("SEA, sudden", sea(11, 1000)), ("SEA, gradual", sea(12, 1000, 400)), ("STAGGER", stagger(13, 800)),
    ("no error at all", [0] * 300), ("errors alone", [1] * 300), ("one value", [1]), ("nothing", []),
):
    add(name, bits, BITS + REAL, "River; CUSUM written out")


def real(values):
    return [round(float(v), 3) for v in values]


for name, values in (
    ("normal, one law", real(rng.normal(size=3000))), ("normal, sudden", real(np.r_[rng.normal(size=1000), rng.normal(1, 1, 700), rng.normal(-.5, 1, 700)])),
    ("normal, gradual", real([rng.normal(m) for m in sigmoid(2500, 1200, 800, 0, 1.5)])), ("variance alone", real(np.r_[rng.normal(size=1000), rng.normal(0, 3, 1000)])),
    ("far offset", real(1e6 + np.r_[rng.normal(size=600), rng.normal(2, 1, 600)])), ("heavy tails", real(rng.standard_t(2, 2000))), ("constant, then not", [.1] * 500 + [.2] * 200),
):
    add(name, values, REAL, "River; CUSUM written out")

# KSWIN draws at random, so only its law can agree: the median delay over streams, within four Monte-Carlo errors of the difference.
streams = [real(np.r_[rng.normal(size=300), rng.normal(1.6, 1, 200)]) for _ in range(16)]
delays = []
for at, stream in enumerate(streams):
    changes, _ = indices(drift.KSWIN(alpha=.0005, seed=at), stream)
    delays.append(next(change for change in changes if change >= 300) - 300)
error = 4 * 1.2533 * math.sqrt(2 / len(delays)) * 1.4826 * np.median(np.abs(np.array(delays) - np.median(delays))) / np.median(delays)
print("KSWIN", delays, error)
out.add("kswinDelay", "a shift of 1.6 deviations", {"streams": streams, "from": 300, "options": {"alpha": .0005}}, {"delay": np.median(delays)}, "River, another generator", error)
out.write()
