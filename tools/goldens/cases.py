"""Shared by the golden scripts: a case is what a method was given and what its authority answered."""
import json
import math
import pathlib
import sys
from importlib.metadata import version

LIBS = pathlib.Path(__file__).resolve().parents[2] / "libs"
FOLDER = LIBS / "statistics/goldens"


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and math.isnan(value):
        raise ValueError("an authority answered NaN: say what is expected instead")
    return value


class Cases:
    def __init__(self, name, *packages, room="statistics"):
        self.name, self.packages, self.rows, self.folder = name, packages, [], LIBS / room / "goldens"

    def add(self, method, case, given, want, authority, tolerance=None):
        row = {"method": method, "case": case, "authority": authority, "given": plain(given), "want": plain(want)}
        if tolerance is not None:
            row["tolerance"] = tolerance
        self.rows.append(row)

    def write(self):
        head = {"versions": {"python": sys.version.split()[0], **{p: version(p) for p in self.packages}}}
        path = self.folder / f"{self.name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = ",\n".join(json.dumps(r, separators=(",", ":"), allow_nan=False) for r in self.rows)
        path.write_text(json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n")
        print(path, len(self.rows))
