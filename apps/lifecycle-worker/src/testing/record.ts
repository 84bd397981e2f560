import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DAY_US, days, hashOf, workflowIds, type Policy } from '@mettle/contracts';
import { openPlatform } from './platform.ts';
import { day, incidentOf, specOf } from './world.ts';

const byHand: Policy['retrain'] = { onIncident: false, onConfirmedDrift: false, maxAge: null, cooldown: 0 };
const ann = { id: 'ann', kind: 'person' as const, roles: ['approver' as const] };

/** Lives the stories whose histories are kept, and writes each as gzip'd JSON: `<workflow>.<story>.json.gz`. */
export async function recordHistories(folder: string): Promise<string[]> {
  const platform = await openPlatform();
  const written: string[] = [];
  await mkdir(folder, { recursive: true });
  const keep = async (story: string, workflowId: string): Promise<void> => {
    const history = await platform.temporal.client.workflow.getHandle(workflowId).fetchHistory();
    // Who recorded it on which machine is nobody's business and changes nothing.
    const text = historyToJSON(history).replaceAll(/"\d+@[\w.-]+/g, '"recorder');
    const name = `${workflowId.slice(0, workflowId.indexOf(':'))}.${story}`;
    await writeFile(join(folder, `${name}.json.gz`), gzipSync(JSON.stringify({ workflowId, history: JSON.parse(text) as unknown }), { level: 9 }));
    written.push(name);
  };

  try {
    const month = await platform.scenario({ monitors: [{ v: 1, name: 'loss', endpoint: 'e', kind: 'performance', metric: 'log_loss', columns: [], window: days(7), every: DAY_US, alpha: 0.001, floor: 0.01, hysteresis: { k: 2, n: 3, closeBelow: 0.8 } }] });
    const trouble = incidentOf(month.endpoint, `loss-${month.endpoint}`, 'performance', day(3));
    month.world.answers.fold = (watermark) => ({ opened: watermark === day(3) ? [trouble] : [], closed: watermark === day(6) ? [{ ...trouble, state: 'closed' }] : [], open: watermark >= day(3) && watermark < day(6) ? [trouble] : [] });
    await month.begin();
    await month.live(1, 22);
    await keep('month', workflowIds.clock(month.endpoint));
    await keep('month', workflowIds.endpoint(month.endpoint));
    await keep('first', workflowIds.modelLifecycle(month.endpoint, 'first'));
    await keep('promoted', workflowIds.modelLifecycle(month.endpoint, trouble.incidentId));
    await keep('closed', workflowIds.incident(trouble.incidentId));

    const refused = await platform.scenario({ policy: { retrain: byHand } });
    await refused.begin();
    refused.world.answers.parity = () => ({ verdict: 'fail', rows: 10, mismatches: 9, report: hashOf('report') });
    await refused.client.launch(specOf(refused.endpoint, 'refused'));
    await refused.live(1, 1);
    await keep('refused', workflowIds.modelLifecycle(refused.endpoint, 'refused'));

    const harmful = await platform.scenario({ policy: { retrain: byHand } });
    await harmful.begin();
    harmful.world.answers.difference = () => 0.05;
    await harmful.client.launch(specOf(harmful.endpoint, 'harmful'));
    await harmful.live(1, 9);
    await keep('harmful', workflowIds.modelLifecycle(harmful.endpoint, 'harmful'));

    const asked = await platform.scenario({ policy: { retrain: byHand, approval: { by: 'person', notTheAuthor: false }, bake: days(7) } });
    await asked.begin();
    const { id } = await asked.client.launch(specOf(asked.endpoint, 'asked'));
    await asked.live(1, 12);
    await asked.client.approve(id, { by: ann, note: 'reviewed' });
    await asked.live(13, 15);
    await asked.client.reject(id, { by: ann, note: 'second thoughts' });
    await keep('taken-back', id);
    return written;
  } finally {
    await platform.close();
  }
}
