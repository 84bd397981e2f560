import protobuf from 'protobufjs/minimal.js';

export type Reader = protobuf.Reader;

/** Protobuf wire types that ONNX uses. */
export const VARINT = 0;
export const BYTES = 2;

/** Graphs nest in attributes; no real model comes near this depth. */
const MAX_DEPTH = 32;

/** What to do with a field of a message, by field number; a field that is not listed is skipped. */
export type Fields = Readonly<Record<number, (message: Message) => void>>;

/**
 * One message of a protobuf stream, read field by field: nothing is decoded that nobody asks for, so the weights of a
 * model are stepped over and not copied.
 */
export interface Message {
  /** A varint field as a number; beyond 2^53 it is not exact. */
  number(): number;
  text(): string;
  /** Bytes left unread. */
  skip(): void;
  /** A field that is itself a message. */
  message(fields: Fields): void;
}

/**
 * Walks the fields of `bytes`.
 * @throws RangeError | Error when the bytes are no protobuf message, or a known field has another wire type
 */
export function readMessage(bytes: Uint8Array, fields: Fields): void {
  const reader = protobuf.Reader.create(bytes);
  walk(reader, reader.len, fields, 0);
}

function walk(reader: Reader, end: number, fields: Fields, depth: number): void {
  if (depth > MAX_DEPTH) throw new RangeError(`messages nest deeper than ${MAX_DEPTH}`);
  let wire = VARINT;
  const expect = (wanted: number): void => {
    if (wire !== wanted) throw new RangeError(`wire type ${wire} where ${wanted} is expected`);
  };
  const message: Message = {
    number: () => {
      expect(VARINT);
      return Number(reader.int64());
    },
    text: () => {
      expect(BYTES);
      return reader.string();
    },
    skip: () => void reader.skipType(wire),
    message: (nested) => {
      expect(BYTES);
      const length = reader.uint32();
      const stop = reader.pos + length;
      if (stop > end) throw new RangeError('a message ends after its parent');
      walk(reader, stop, nested, depth + 1);
      reader.pos = stop;
    },
  };
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = tag >>> 3;
    wire = tag & 7;
    if (field === 0) throw new RangeError('field number 0');
    const visit = fields[field];
    if (visit) visit(message);
    else reader.skipType(wire);
    if (reader.pos > end) throw new RangeError('a field ends after its message');
  }
}
