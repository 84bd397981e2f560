import type { Value } from './value.ts';

/**
 * The closed table of what can go wrong at an edge: the HTTP status, whether a retry may help, and what to do.
 * Every room throws only these; anything else is a defect and is reported as INTERNAL.
 */
export const ERRORS = {
  INVALID_INPUT: { status: 400, retry: false, hint: 'correct the named field and send again' },
  UNKNOWN_COLUMN: { status: 400, retry: false, hint: 'name a column that the source declares' },
  UNKNOWN_SOURCE: { status: 404, retry: false, hint: 'register the source first' },
  UNKNOWN_ENTITY: { status: 400, retry: false, hint: 'send every key that the feature service joins on' },
  INVALID_WINDOW: { status: 400, retry: false, hint: 'a window is a positive number of microseconds and a multiple of its hop' },
  INVALID_DEFINITION: { status: 400, retry: false, hint: 'correct the feature definition' },
  MISSING_KNOWN_AT: { status: 400, retry: false, hint: 'say when the source knew each event (publishedAt), or run the source on the wall clock' },
  OUT_OF_RANGE: { status: 400, retry: false, hint: 'send a value that the declared type and scale can hold' },
  TYPE_MISMATCH: { status: 400, retry: false, hint: 'send the declared type' },
  SHAPE_MISMATCH: { status: 400, retry: false, hint: 'send data with the number of elements that the shape says' },
  NOT_A_NUMBER: { status: 400, retry: false, hint: 'send null for a missing value; NaN and infinities are refused' },
  TOO_LARGE: { status: 413, retry: false, hint: 'send less at once' },
  CONFLICTING_EVENT: { status: 409, retry: false, hint: 'push a correction with the same eventId; keys may not change' },
  CONFLICTING_LABEL: { status: 409, retry: false, hint: 'raise the revision to correct a label' },
  LABEL_BEFORE_PREDICTION: { status: 400, retry: false, hint: 'an outcome cannot precede what predicted it: check the target and the time' },
  NOT_ONNX: { status: 400, retry: false, hint: 'upload the bytes of an ONNX model' },
  EXTERNAL_DATA: { status: 400, retry: false, hint: 'save the model with its weights inside one file' },
  SIGNATURE_MISMATCH: { status: 400, retry: false, hint: 'the inputs must be the features of the service, in its order' },
  SERVICE_MISMATCH: { status: 409, retry: false, hint: 'the store holds another definition of this feature service: materialise the one that the model was trained on' },
  UNKNOWN_SERVICE: { status: 404, retry: false, hint: 'register the feature service first' },
  UNKNOWN_MODEL: { status: 404, retry: false, hint: 'list the models to see the names' },
  UNKNOWN_VERSION: { status: 404, retry: false, hint: 'list the versions of the model' },
  UNKNOWN_ENDPOINT: { status: 404, retry: false, hint: 'declare the endpoint first' },
  UNKNOWN_SNAPSHOT: { status: 404, retry: false, hint: 'list the snapshots' },
  UNKNOWN_TRAINER: { status: 404, retry: false, hint: 'configure the trainer on the compute workers' },
  UNKNOWN_LIFECYCLE: { status: 404, retry: false, hint: 'list the lifecycles of the endpoint' },
  UNKNOWN_INCIDENT: { status: 404, retry: false, hint: 'list the incidents of the endpoint' },
  UNKNOWN_BLOB: { status: 404, retry: false, hint: 'the content was never stored or was collected' },
  CORRUPT_BLOB: { status: 500, retry: false, hint: 'the bytes differ from their hash: restore the blob from a backup' },
  CORRUPT_LOG: { status: 500, retry: false, hint: 'a record before the tail fails its checksum: restore the log from a backup' },
  ALREADY_EXISTS: { status: 409, retry: false, hint: 'choose another name, or read what is there' },
  NOT_QUALIFIED: { status: 409, retry: false, hint: 'a version serves only after it has qualified' },
  LINEAGE_INCOMPLETE: { status: 409, retry: false, hint: 'register the named lineage fields' },
  STALE_EPOCH: { status: 409, retry: true, hint: 'another change came first: read the route and decide again' },
  CHALLENGE_TAKEN: { status: 409, retry: true, hint: 'one candidate at a time may be past shadow' },
  INVALID_TRANSITION: { status: 409, retry: false, hint: 'read the state of the endpoint or lifecycle' },
  INVALID_POLICY: { status: 400, retry: false, hint: 'correct the policy' },
  UNSATISFIABLE_POLICY: { status: 400, retry: false, hint: 'no data within the horizon could satisfy this policy: widen the margin or the horizon' },
  NO_CHAMPION: { status: 409, retry: true, hint: 'deploy a first champion' },
  PAUSED: { status: 503, retry: true, hint: 'an operator paused the endpoint' },
  MODEL_UNAVAILABLE: { status: 503, retry: true, hint: 'the server has not loaded the version yet' },
  SCORING_FAILED: { status: 500, retry: true, hint: 'see the prediction log for the model error' },
  REQUEST_REUSED: { status: 409, retry: false, hint: 'a request id names one body: send a new id' },
  TRAINER_CRASHED: { status: 500, retry: false, hint: 'read the trainer log named in the data' },
  TRAINER_HUNG: { status: 500, retry: false, hint: 'the trainer was silent for longer than its limit: read its log' },
  TRAINER_NO_MODEL: { status: 500, retry: false, hint: 'the trainer must write model.onnx into its folder' },
  TRAINER_BAD_METRICS: { status: 500, retry: false, hint: 'metrics must be finite numbers' },
  NO_TRAINING_DATA: { status: 409, retry: false, hint: 'push observations and labels first' },
  UNAUTHENTICATED: { status: 401, retry: false, hint: 'send the token: Authorization: Bearer ...' },
  FORBIDDEN: { status: 403, retry: false, hint: 'ask for the named role' },
  NOT_FOUND: { status: 404, retry: false, hint: 'check the address' },
  PORT_IN_USE: { status: 500, retry: false, hint: 'stop the holder of the port or set another port' },
  ALREADY_RUNNING: { status: 409, retry: false, hint: 'stop the other mettle that uses this METTLE_HOME, or set another' },
  LOGS_ELSEWHERE: { status: 500, retry: false, hint: 'one gateway owns the logs of a database: start it with the METTLE_HOME that holds them, or restore that from a backup' },
  LOG_HELD: { status: 503, retry: true, hint: 'start the named server again with its own METTLE_HOME; if that is gone for good: mettle endpoints lose <endpoint> <server>' },
  UNAVAILABLE: { status: 503, retry: true, hint: 'a dependency does not answer: see the health page' },
  BUSY: { status: 503, retry: true, hint: 'the server sheds load: retry with backoff' },
  INTERNAL: { status: 500, retry: false, hint: 'this is a defect: report it with the data' },
} as const satisfies Record<string, { status: number; retry: boolean; hint: string }>;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorData = Readonly<Record<string, Value>>;

/** The one error type of Mettle. `data` explains what was wrong and where; the table says what to do. */
export class MettleError extends Error {
  readonly code: ErrorCode;
  readonly data: ErrorData;

  constructor(code: ErrorCode, message: string, data: ErrorData = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MettleError';
    this.code = code;
    this.data = data;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
  get hint(): string {
    return ERRORS[this.code].hint;
  }
  toJSON(): { code: ErrorCode; message: string; hint: string; data: ErrorData } {
    return { code: this.code, message: this.message, hint: this.hint, data: this.data };
  }
}

export const isMettleError = (error: unknown): error is MettleError =>
  error instanceof Error && error.name === 'MettleError' && typeof (error as MettleError).code === 'string' && (error as MettleError).code in ERRORS;
