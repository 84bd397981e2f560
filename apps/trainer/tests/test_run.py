"""The trainer as a process: its files, its refusals, its repeatability, its end."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from tests.snapshot import HOLDOUT_FROM, write_snapshot

TRAINER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def train(spec_path: str) -> tuple[int, list[dict]]:
    done = subprocess.run(
        [sys.executable, "-m", "mettle_trainer", spec_path], cwd=TRAINER, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def read(folder: str, name: str) -> bytes:
    with open(os.path.join(folder, "out", name), "rb") as file:
        return file.read()


class Run(unittest.TestCase):
    def test_writes_a_model_vocabularies_and_metrics_and_says_how_far_it_is(self):
        with tempfile.TemporaryDirectory() as folder:
            status, lines = train(write_snapshot(folder))
            self.assertEqual(status, 0, lines)
            progress = [line["progress"] for line in lines]
            self.assertEqual(progress, sorted(progress))
            self.assertEqual(progress[-1], 1.0)
            metrics = json.loads(read(folder, "metrics.json"))
            for part in ("training", "holdout"):
                self.assertEqual(set(metrics[part]), {"log_loss", "brier", "auc"})
            self.assertGreater(metrics["holdout"]["auc"], 0.6)
            vocabularies = json.loads(read(folder, "fitted.json"))["vocabularies"]
            self.assertEqual(vocabularies["carrier"], [f"c{c}" for c in range(8)])  # `only-later` is unseen in training
            self.assertEqual(vocabularies["dest"], sorted(vocabularies["dest"]))
            self.assertEqual(sorted(os.listdir(os.path.join(folder, "out"))), ["fitted.json", "metrics.json", "model.onnx"])

    def test_the_same_spec_gives_the_same_bytes_and_another_seed_or_row_does_not(self):
        with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second, tempfile.TemporaryDirectory() as third:
            parameters = {"num_iterations": 30, "bagging_fraction": 0.5, "bagging_freq": 1}
            for folder, seed in ((first, 1), (second, 1), (third, 2)):
                self.assertEqual(train(write_snapshot(folder, parameters=parameters, seed=seed))[0], 0)
            self.assertEqual(read(first, "model.onnx"), read(second, "model.onnx"))
            self.assertEqual(read(first, "metrics.json"), read(second, "metrics.json"))
            self.assertNotEqual(read(first, "model.onnx"), read(third, "model.onnx"))

    def test_the_number_of_threads_does_not_change_a_byte(self):
        models = set()
        for threads in (1, 2, 3):
            with tempfile.TemporaryDirectory() as folder:
                self.assertEqual(train(write_snapshot(folder, rows=20_000, parameters={"num_iterations": 30}, threads=threads))[0], 0)
                models.add(read(folder, "model.onnx"))
        self.assertEqual(len(models), 1)

    def refusal(self, **spec) -> tuple[int, str]:
        with tempfile.TemporaryDirectory() as folder:
            status, lines = train(write_snapshot(folder, rows=300, **spec))
            self.assertEqual(os.listdir(os.path.join(folder, "out")), [])
            return status, lines[-1].get("error", "")

    def test_refuses_parameters_that_it_does_not_know_or_that_open_files(self):
        for parameters in ({"output_model": "/tmp/x"}, {"num_iterations": 0}, {"learning_rate": "fast"}, {"objective": "multiclass"}):
            self.assertEqual(self.refusal(parameters=parameters), (2, "INVALID_INPUT"), parameters)

    def test_refuses_labels_that_are_not_of_the_task(self):
        self.assertEqual(self.refusal(label=[float(i % 3) for i in range(300)]), (2, "INVALID_INPUT"))

    def test_refuses_classes_that_are_not_numbered_or_not_counted(self):
        label = [float(i % 4) for i in range(300)]
        self.assertEqual(self.refusal(task="multiclass", classes=3, label=label), (2, "INVALID_INPUT"))
        self.assertEqual(self.refusal(task="multiclass", classes=4, label=[i + 0.5 for i in label]), (2, "INVALID_INPUT"))
        for classes in (None, 2, 1001, "4"):
            self.assertEqual(self.refusal(task="multiclass", classes=classes, label=label), (2, "INVALID_INPUT"))
        self.assertEqual(self.refusal(task="ranking"), (2, "INVALID_INPUT"))

    def test_reports_of_classes_and_values_what_the_task_has(self):
        for task, classes, expected in (("multiclass", 4, {"log_loss", "brier"}), ("regression", None, {"rmse", "mae", "mse"})):
            with tempfile.TemporaryDirectory() as folder:
                status, lines = train(write_snapshot(folder, rows=300, task=task, classes=classes, label=[float(i % 4) for i in range(300)]))
                self.assertEqual(status, 0, lines)
                metrics = json.loads(read(folder, "metrics.json"))
                self.assertEqual([set(metrics[part]) for part in ("training", "holdout")], [expected, expected])

    def test_refuses_a_string_that_is_no_category(self):
        self.assertEqual(self.refusal(features=[{"name": "carrier", "type": "string", "category": False}]), (2, "INVALID_INPUT"))

    def test_refuses_a_feature_that_the_snapshot_lacks(self):
        self.assertEqual(self.refusal(features=[{"name": "gust", "type": "float64", "category": False}]), (2, "INVALID_INPUT"))

    def test_refuses_metrics_that_are_not_finite(self):
        label = [1e300 if i % 2 else -1e300 for i in range(300)]
        self.assertEqual(self.refusal(task="regression", label=label), (3, "TRAINER_BAD_METRICS"))

    def test_refuses_a_snapshot_without_labels_before_the_holdout(self):
        self.assertEqual(self.refusal(holdoutFrom=-HOLDOUT_FROM), (4, "NO_TRAINING_DATA"))
        self.assertEqual(self.refusal(label=[None] * 300), (4, "NO_TRAINING_DATA"))

    def test_leaves_metrics_out_that_have_no_rows(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(train(write_snapshot(folder, holdoutFrom=10 * HOLDOUT_FROM))[0], 0)
            self.assertEqual(json.loads(read(folder, "metrics.json"))["holdout"], {})

    def test_ends_when_its_parent_is_killed(self):
        with tempfile.TemporaryDirectory() as folder:
            spec = write_snapshot(folder, rows=30_000, parameters={"num_iterations": 10_000, "num_leaves": 255, "learning_rate": 1e-6})
            # Into a file: a broken pipe would end it too, and hide what is tested.
            starter = (
                "import os, subprocess, sys, time\n"
                f"log = open({os.path.join(folder, 'log')!r}, 'w')\n"
                f"p = subprocess.Popen([sys.executable, '-m', 'mettle_trainer', {spec!r}], cwd={TRAINER!r}, stdout=log)\n"
                f"while os.path.getsize({os.path.join(folder, 'log')!r}) == 0: time.sleep(0.02)\n"
                "print(p.pid, flush=True); time.sleep(600)\n"
            )
            parent = subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True)
            trainer = int(parent.stdout.readline())
            self.assertTrue(alive(trainer))
            parent.send_signal(signal.SIGKILL)
            parent.wait()
            parent.stdout.close()
            deadline = time.monotonic() + 20
            while alive(trainer) and time.monotonic() < deadline:
                time.sleep(0.05)
            self.assertFalse(alive(trainer))


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        if os.path.isdir("/proc/self"):
            return False
    try:
        os.kill(pid, 0)
        return True
    except ProcessLookupError:
        return False


if __name__ == "__main__":
    unittest.main()
