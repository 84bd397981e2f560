import unittest

import numpy as np

from mettle_trainer.failure import Failure
from mettle_trainer.metrics import metrics_of


class Metrics(unittest.TestCase):
    def test_binary_by_hand(self):
        values = metrics_of("binary", np.array([0.0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
        self.assertAlmostEqual(values["auc"], 0.75, 15)
        self.assertAlmostEqual(values["brier"], (0.01 + 0.16 + 0.65**2 + 0.04) / 4, 15)
        self.assertAlmostEqual(values["log_loss"], -(np.log(0.9) + np.log(0.6) + np.log(0.35) + np.log(0.8)) / 4, 15)

    def test_auc_counts_a_tie_as_half(self):
        self.assertEqual(metrics_of("binary", np.array([0.0, 1, 0, 1]), np.array([0.5, 0.5, 0.5, 0.5]))["auc"], 0.5)

    def test_one_class_has_no_auc(self):
        self.assertNotIn("auc", metrics_of("binary", np.ones(3), np.full(3, 0.5)))

    def test_classes_by_hand(self):
        p = np.array([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4]])
        values = metrics_of("multiclass", np.array([0.0, 1.0]), p)
        self.assertAlmostEqual(values["log_loss"], -(np.log(0.7) + np.log(0.3)) / 2, 15)
        self.assertAlmostEqual(values["brier"], ((0.3**2 + 0.2**2 + 0.1**2) + (0.3**2 + 0.7**2 + 0.4**2)) / 2, 15)

    def test_a_value_by_hand(self):
        self.assertEqual(metrics_of("regression", np.array([0.0, 4.0]), np.array([3.0, 0.0])), {"rmse": np.sqrt(12.5), "mae": 3.5, "mse": 12.5})

    def test_nan_is_refused(self):
        with self.assertRaises(Failure) as caught:
            metrics_of("binary", np.array([0.0, 1.0]), np.array([np.nan, 0.5]))
        self.assertEqual(caught.exception.code, "TRAINER_BAD_METRICS")


if __name__ == "__main__":
    unittest.main()
