"""Error streams of an online learner on the standard generators, and the indices at which River finds changes on them.

python tools/goldens/detector_streams.py   (pip install -r tools/goldens/requirements.txt; about four minutes)
River's Gaussian naive Bayes is trained row by row on SEA (10 % of the labels flipped) and on STAGGER; each bit says whether
it was wrong before it learned the row. A stream begins after 1,000 rows of learning. The concept never changes
(stationary), at row 3,000 (sudden), or along ConceptDriftStream's sigmoid of width 1,000 whose centre is row 3,500, so
that it begins at row 3,000 too (gradual). KSWIN draws at random: it is run on the first 5,000 rows of stationary streams.
"""
import base64
import gzip
import itertools
import json
import sys
from importlib.metadata import version

import numpy as np
from river import drift, naive_bayes
from river.datasets import synth

from cases import FOLDER

LEARNED, STATIONARY, LENGTH, CHANGE, WIDTH = 1000, 50_000, 6000, 3000, 1000
KSWIN_ROWS = 5000
SEEDS = {"stationary": 10, "sudden": 24, "gradual": 24}


def concept(generator, number, seed):
    if generator == "SEA":
        return synth.SEA(variant=number % 4, noise=.1, seed=seed)
    return synth.STAGGER(classification_function=number % 3, seed=seed)


def rows(generator, kind, seed):
    before, after = concept(generator, seed, 2 * seed + 1), concept(generator, seed + 1, 2 * seed + 2)
    if kind == "stationary":
        return before.take(LEARNED + STATIONARY)
    if kind == "sudden":
        return itertools.chain(before.take(LEARNED + CHANGE), after.take(LENGTH - CHANGE))
    centre = LEARNED + CHANGE + WIDTH // 2
    return itertools.islice(synth.ConceptDriftStream(before, after, position=centre, width=WIDTH, seed=seed), LEARNED + LENGTH)


def errors(generator, kind, seed):
    model = naive_bayes.GaussianNB()
    bits = []
    for x, y in rows(generator, kind, seed):
        bits.append(int(model.predict_one(x) != y))
        model.learn_one(x, y)
    return bits[LEARNED:]


DETECTORS = {
    "adwin": lambda seed: drift.ADWIN(), "ddm": lambda seed: drift.binary.DDM(), "eddm": lambda seed: drift.binary.EDDM(),
    "pageHinkley": lambda seed: drift.PageHinkley(), "kswin": lambda seed: drift.KSWIN(seed=seed),
}


def alarms(detector, bits):
    found = []
    for at, bit in enumerate(bits):
        detector.update(bit)
        if detector.drift_detected:
            found.append(at)
    return found


streams = []
for generator in ("SEA", "STAGGER"):
    for kind, seeds in SEEDS.items():
        for seed in range(seeds):
            bits = errors(generator, kind, seed)
            river = {name: alarms(make(seed), bits[:KSWIN_ROWS] if name == "kswin" and kind == "stationary" else bits) for name, make in DETECTORS.items()}
            packed = base64.b64encode(np.packbits(np.array(bits, dtype=np.uint8)).tobytes()).decode()
            streams.append({"generator": generator, "kind": kind, "seed": seed, "length": len(bits), "change": None if kind == "stationary" else CHANGE, "bits": packed, "river": river})
        print(generator, kind, {name: sum(len(one["river"][name]) for one in streams if (one["generator"], one["kind"]) == (generator, kind)) for name in DETECTORS}, flush=True)

head = {"versions": {"python": sys.version.split()[0], "river": version("river"), "numpy": version("numpy")}, "kswinRows": KSWIN_ROWS}
text = json.dumps(head)[:-1] + ', "streams": [\n' + ",\n".join(json.dumps(one, separators=(",", ":")) for one in streams) + "\n]}\n"
path = FOLDER / "detector-streams.json.gz"
# Without a time in its header the file is the same whenever it is made.
path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
print(path, len(streams), path.stat().st_size)
