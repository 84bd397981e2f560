import { MettleError, versionKey, type Datatype } from '@mettle/contracts';
import { formatInferResponse, type InferResponse } from '@mettle/inference';
import type { Answer } from '../log/answers.ts';
import type { ServedEntry } from '../log/predictionLog.ts';
import type { Serving } from './serving.ts';

/**
 * What a logged request answers: a pure function of its log line, so that it is the same after a restart. A request with a
 * row that no version could answer fails as a whole.
 */
export function answerOf(entry: ServedEntry, serving: Serving | null): Answer {
  const failed = entry.rows.find(({ scores }) => (scores[0]?.outputs ?? null) === null);
  if (failed !== undefined) {
    return new MettleError('SCORING_FAILED', 'the model could not answer; the prediction log says why', { requestId: entry.requestId, row: failed.row, predictionId: failed.predictionId });
  }
  const rows = entry.rows.map(({ predictionId, servedArm, fallback, scores }) => {
    const [score] = scores;
    return { predictionId, arm: servedArm, version: score === undefined ? '' : versionKey(score.version), fallback, outputs: score?.outputs ?? {} };
  });
  const signature = serving?.byKey.get(rows[0]?.version ?? '')?.loaded?.model.signature;
  const datatypeOf = (name: string): Datatype => signature?.outputs.find((output) => output.name === name)?.datatype ?? 'FP32';
  return JSON.stringify(formatInferResponse({ endpoint: entry.endpoint, id: entry.requestId, epoch: entry.epoch, rows }, datatypeOf));
}

/** The answer with only the outputs that the client asked for. */
export function withOutputs(answer: string, outputs: readonly string[] | null): string {
  if (outputs === null) return answer;
  const response = JSON.parse(answer) as InferResponse;
  return JSON.stringify({ ...response, outputs: response.outputs.filter(({ name }) => outputs.includes(name)) });
}
