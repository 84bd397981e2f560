/** What turns bytes that were stored into a checked record; a zod schema is one. */
export type Parser<T> = { parse(value: unknown): T };

/** Content-addressed, immutable bytes. Every name is the SHA-256 of the content; nothing a client says becomes a path. */
export type BlobStore = {
  /** Whether the store is there and lets us in. @throws MettleError UNAVAILABLE */
  check(): Promise<void>;
  put(bytes: Uint8Array): Promise<string>;
  /** Moves a local file into the store; afterwards `path` is gone. */
  putFile(path: string): Promise<{ hash: string; bytes: number }>;
  /** Verified bytes. @throws MettleError UNKNOWN_BLOB, CORRUPT_BLOB */
  get(hash: string): Promise<Buffer>;
  has(hash: string): Promise<boolean>;
  /** A local file with the content, for engines that read files; it must not be written. @throws MettleError UNKNOWN_BLOB */
  path(hash: string): Promise<string>;
  /** Stores the RFC 8785 form: the hash equals `hashOf(value)`. */
  putJson(value: unknown): Promise<string>;
  /** @throws MettleError UNKNOWN_BLOB, CORRUPT_BLOB; INVALID_INPUT when the content is not such a record */
  getJson<T>(hash: string, schema: Parser<T>): Promise<T>;
  /** A fresh local path to write a file at and then `putFile`: on the store's file system, so the move is a rename. */
  temporary(): string;
};

export type Durability = 'process' | 'disk';
