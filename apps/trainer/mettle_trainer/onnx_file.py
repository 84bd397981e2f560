"""A booster as ONNX that takes, for every float32 input, the very branches that LightGBM takes.

The converter rounds thresholds to the nearest float32 and follows LightGBM's missing-value rules only in part; both
are made exact here. What remains is the float32 sum over the trees (measured: 3e-7 on a probability).
"""

import lightgbm as lgb
import numpy as np
import onnx
from onnx import helper
from onnxmltools.convert.common.data_types import FloatTensorType
from onnxmltools.convert.lightgbm import convert

INPUT = "input"
OPSET = 15
IR_VERSION = 8  # what opset 15 was released with
OUTPUTS = {"binary": "probabilities", "multiclass": "probabilities", "regression": "variable"}


def to_onnx(booster: lgb.Booster, task: str, features: int) -> bytes:
    """One float input `input` [None, features]; one output: `probabilities` [None, classes] or `variable` [None, 1]."""
    converted = convert(booster, initial_types=[(INPUT, FloatTensorType([None, features]))], target_opset=OPSET, zipmap=False)
    ensemble = next(node for node in converted.graph.node if node.op_type.startswith("TreeEnsemble"))
    _make_exact(ensemble, booster)
    classes = {"binary": 2, "multiclass": booster.num_model_per_iteration()}.get(task)
    model = _alone(ensemble, OUTPUTS[task], classes, features)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def _alone(ensemble: onnx.NodeProto, output: str, classes: int | None, features: int) -> onnx.ModelProto:
    """The ensemble (a classifier where there are classes) without the converter's label output, identities and multiplication by one."""
    del ensemble.input[:], ensemble.output[:]
    ensemble.input.append(INPUT)
    ensemble.output.extend([output] if classes is None else ["label", output])
    float32 = onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [ensemble],
        "mettle",
        [helper.make_tensor_value_info(INPUT, float32, [None, features])],
        [helper.make_tensor_value_info(output, float32, [None, classes or 1])],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", 1)]
    model = helper.make_model(graph, opset_imports=opsets, producer_name="mettle_trainer")
    model.ir_version = IR_VERSION
    return model


def _make_exact(ensemble: onnx.NodeProto, booster: lgb.Booster) -> None:
    attributes = {attribute.name: attribute for attribute in ensemble.attribute}
    trees = list(attributes["nodes_treeids"].ints)
    roots = [i for i, tree in enumerate(trees) if i == 0 or trees[i - 1] != tree]
    true_ids, false_ids = attributes["nodes_truenodeids"].ints, attributes["nodes_falsenodeids"].ints
    values = list(attributes["nodes_values"].floats)
    tracks = list(attributes["nodes_missing_value_tracks_true"].ints)

    for root, tree in zip(roots, booster.dump_model()["tree_info"]):
        stack = [(tree["tree_structure"], root)]
        while stack:
            node, at = stack.pop()
            if "decision_type" not in node:
                continue
            if node["decision_type"] == "==":  # one node per category of the left side, chained by `false`
                last = at
                for following in range(node["threshold"].count("||") + 1):
                    last = at if following == 0 else root + false_ids[last]
                    tracks[last] = 0  # LightGBM sends a missing category to the right
                stack.append((node["left_child"], root + true_ids[at]))
                stack.append((node["right_child"], root + false_ids[last]))
                continue
            threshold = node["threshold"]
            values[at] = _largest_float32_up_to(threshold)
            # Without missing values in training, LightGBM reads a later NaN as zero.
            tracks[at] = int(node["default_left"] if node["missing_type"] == "NaN" else threshold >= 0)
            stack.append((node["left_child"], root + true_ids[at]))
            stack.append((node["right_child"], root + false_ids[at]))

    _replace(attributes["nodes_values"].floats, values)
    _replace(attributes["nodes_missing_value_tracks_true"].ints, tracks)


def _largest_float32_up_to(threshold: float) -> float:
    """For every float32 x: x <= threshold exactly when x <= this."""
    with np.errstate(over="ignore"):  # LightGBM's largest threshold is beyond float32
        rounded = np.float32(threshold)
    return float(np.nextafter(rounded, np.float32(-np.inf)) if float(rounded) > threshold else rounded)


def _replace(field, values: list) -> None:
    del field[:]
    field.extend(values)
