"""A snapshot's rows as one float32 matrix, encoded exactly as the inference runtime encodes them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .failure import Failure
from .spec import Feature, Spec

PREFIX = "f_"


@dataclass(frozen=True)
class Rows:
    x: np.ndarray  # float32 [rows, features], row-major
    y: np.ndarray  # float64 [rows]


@dataclass(frozen=True)
class Table:
    training: Rows
    holdout: Rows
    vocabularies: dict[str, list[str]]


def read_table(spec: Spec) -> Table:
    """Labelled rows, split at ``holdout_from``. Vocabularies are fitted on the training rows alone.

    Raises Failure NO_TRAINING_DATA when no labelled row precedes the holdout, INVALID_INPUT when the files disagree.
    """
    vectors = _read_vectors(spec)
    labels = _read_columns(spec.labels, ["label"]).column("label")
    if len(labels) != vectors.num_rows:
        raise Failure("INVALID_INPUT", f"{len(labels)} labels for {vectors.num_rows} vectors")
    y = _floats(labels)
    at = vectors.column("at").to_numpy()
    labelled = ~np.isnan(y)
    training = labelled & (at < spec.holdout_from)
    holdout = labelled & (at >= spec.holdout_from)
    if spec.task == "binary" and not np.isin(y[labelled], (0.0, 1.0)).all():
        raise Failure("INVALID_INPUT", "a binary label is 0 or 1")
    if spec.task == "multiclass" and not np.isin(y[labelled], np.arange(spec.classes)).all():
        raise Failure("INVALID_INPUT", f"a label is the number of a class, 0 to {spec.classes - 1}")
    if not training.any():
        raise Failure("NO_TRAINING_DATA", "no labelled row precedes the holdout")

    x = np.empty((vectors.num_rows, len(spec.features)), dtype=np.float32)
    vocabularies: dict[str, list[str]] = {}
    for position, feature in enumerate(spec.features):
        column = vectors.column(PREFIX + feature.name)
        if feature.category:
            x[:, position], vocabularies[feature.name] = _encode(column, training)
        else:
            x[:, position] = _floats(column)
    return Table(Rows(x[training], y[training]), Rows(x[holdout], y[holdout]), vocabularies)


def _read_vectors(spec: Spec) -> pa.Table:
    names = ["at", *(PREFIX + f.name for f in spec.features)]
    categories = [PREFIX + f.name for f in spec.features if f.category]
    parts = [_read_columns(path, names, categories) for path in spec.partitions]
    return pa.concat_tables(parts).unify_dictionaries()


def _read_columns(path: str, names: list[str], dictionaries: list[str] | None = None) -> pa.Table:
    # ParquetFile rather than read_table, which first imports the whole dataset machinery.
    with pq.ParquetFile(path, read_dictionary=dictionaries, memory_map=True) as file:
        missing = [name for name in names if name not in file.schema_arrow.names]
        if missing:
            raise Failure("INVALID_INPUT", f"{path} lacks the columns {', '.join(missing)}")
        return file.read(columns=names)


def _floats(column: pa.ChunkedArray) -> np.ndarray:
    """float64 with NaN for null. An int64 passes through float64, as a JSON number does online."""
    return column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)


def _encode(column: pa.ChunkedArray, training: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Index in the sorted vocabulary of the training rows; null and unseen become NaN."""
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    chunk = column.combine_chunks()
    if isinstance(chunk, pa.ChunkedArray):
        chunk = chunk.chunk(0) if chunk.num_chunks == 1 else pa.concat_arrays(chunk.chunks)
    words = chunk.dictionary.to_pylist()
    codes = chunk.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    seen = np.zeros(len(words) + 1, dtype=bool)
    seen[codes[training]] = True
    vocabulary = sorted({word for word, is_seen in zip(words, seen) if is_seen and word is not None})
    index_of = {word: index for index, word in enumerate(vocabulary)}
    lookup = np.array([index_of.get(word, np.nan) for word in words] + [np.nan], dtype=np.float32)
    return lookup[codes], vocabulary
