"""The shipped trainer of Mettle: a snapshot's Parquet in, an ONNX model with its fitted vocabularies and metrics out."""
