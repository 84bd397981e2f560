import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPython } from '../shipped.ts';
import type { Trainer } from '../trainer.ts';
import type { TrainerSpec } from '../trainer-spec.ts';

const PREAMBLE = `import json, os, sys, time
spec = json.load(open(sys.argv[1])); out = spec['out']
def write(name, text): open(os.path.join(out, name), 'w').write(text)
`;

/** A trainer that is a few lines of Python; \`spec\`, \`out\` and \`write(name, text)\` are at hand. */
export function scriptTrainer(folder: string, body: string): Trainer {
  const path = join(folder, 'trainer.py');
  writeFileSync(path, PREAMBLE + body);
  const hash = '0'.repeat(64);
  return { name: 'script', command: findPython(process.env), args: [path], cwd: folder, env: {}, environment: hash, code: hash };
}

export const GOOD = `write('metrics.json', '{"training": {"log_loss": 0.5}, "holdout": {}}')
write('fitted.json', '{"v": 1, "vocabularies": {}}')
write('model.onnx', 'bytes')
`;

export const SPEC: TrainerSpec = {
  partitions: ['/none.parquet'],
  labels: '/none.parquet',
  features: [{ name: 'x', type: 'float64', category: false }],
  parameters: {},
  seed: 1,
  task: 'binary',
  classes: null,
  holdoutFrom: 0,
  threads: 1,
};
