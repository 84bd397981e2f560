"""The file scores as the booster does: through the reference runtime, missing and unseen values included."""

import contextlib
import io
import tempfile
import unittest

import lightgbm as lgb
import numpy as np
from onnx import load_model_from_string
from onnx.reference import ReferenceEvaluator

from mettle_trainer.fit import fit
from mettle_trainer.onnx_file import _largest_float32_up_to, to_onnx
from mettle_trainer.spec import read_spec
from mettle_trainer.table import read_table
from tests.snapshot import write_snapshot

ROWS = 400
TOLERANCE = 1e-6


class OnnxFile(unittest.TestCase):
    def difference(self, corrupt=None, **spec) -> float:
        with tempfile.TemporaryDirectory() as folder:
            read = read_spec(write_snapshot(folder, **spec))
            table = read_table(read)
            with contextlib.redirect_stdout(io.StringIO()):
                booster, _ = fit(read, table.training)
            content = to_onnx(booster, read.task, len(read.features))
        x = np.concatenate([table.training.x[:ROWS], table.holdout.x[:ROWS]])
        if corrupt is not None:
            corrupt(x)
        model = load_model_from_string(content)
        self.assertEqual([o.name for o in model.graph.output], ["variable" if read.task == "regression" else "probabilities"])
        self.assertEqual([(o.domain, o.version) for o in model.opset_import], [("", 15), ("ai.onnx.ml", 1)])
        (scored,) = ReferenceEvaluator(model).run(None, {"input": x})
        expected = booster.predict(x)
        return float(np.max(np.abs((scored if read.task == "multiclass" else scored[:, -1]) - expected)))

    def test_ordinal_categories_agree(self):
        self.assertLessEqual(self.difference(), TOLERANCE)

    def test_native_categories_agree(self):
        self.assertLessEqual(self.difference(parameters={"num_iterations": 60, "categories": "native"}), TOLERANCE)

    def test_a_regression_agrees(self):
        self.assertLessEqual(self.difference(task="regression"), TOLERANCE)

    def test_probabilities_of_classes_agree(self):
        for categories in ("ordinal", "native"):
            label = [float(i % 3 if i % 7 else (i // 7) % 4) for i in range(3000)]
            parameters = {"num_iterations": 30, "categories": categories}
            self.assertLessEqual(self.difference(task="multiclass", classes=4, label=label, parameters=parameters), TOLERANCE)

    def test_missing_values_agree_where_training_saw_none(self):
        def corrupt(x):
            x[np.random.default_rng(1).random(x.shape) < 0.3] = np.nan

        for categories in ("ordinal", "native"):
            parameters = {"num_iterations": 60, "categories": categories}
            self.assertLessEqual(self.difference(corrupt, nulls=False, parameters=parameters), TOLERANCE)

    def test_a_threshold_between_two_neighbouring_floats_still_separates_them(self):
        low = np.float32(5.3333335)
        high = np.nextafter(low, np.float32(np.inf))
        for threshold in (float(low), (float(low) + float(high)) / 2, np.nextafter(float(high), 0.0)):
            bound = _largest_float32_up_to(threshold)
            self.assertTrue(float(low) <= bound < float(high))
        self.assertEqual(_largest_float32_up_to(float(high)), float(high))

    def test_a_model_tells_neighbouring_floats_apart_as_the_booster_does(self):
        rng = np.random.default_rng(3)
        low = rng.random(6).astype(np.float32) + 1
        pairs = np.stack([low, np.nextafter(low, np.float32(2))], axis=1).ravel()
        x = np.repeat(pairs, 200)[:, None]
        y = np.repeat(np.tile([0.0, 1.0], 6), 200)
        parameters = {"objective": "binary", "num_threads": 1, "verbosity": -1, "min_data_in_bin": 1, "min_data_in_leaf": 1}
        booster = lgb.train(parameters, lgb.Dataset(x, y), 20)
        (scored,) = ReferenceEvaluator(load_model_from_string(to_onnx(booster, "binary", 1))).run(None, {"input": pairs[:, None]})
        expected = booster.predict(pairs[:, None])
        self.assertGreater(np.ptp(expected), 0.5)
        self.assertLessEqual(float(np.max(np.abs(scored[:, 1] - expected))), TOLERANCE)


if __name__ == "__main__":
    unittest.main()
