import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTROL_QUEUE, workflowIds, type Principal } from '@mettle/contracts';
import { incident as incidentWorkflow, incidentClosed } from '@mettle/lifecycle';
import { openPlatform, type Platform } from './testing/platform.ts';
import { day, incidentOf } from './testing/world.ts';

const PATIENT = { timeout: 20_000 };
const ann: Principal = { id: 'ann', kind: 'person', roles: ['platform'] };

describe('an incident', () => {
  let platform: Platform;
  beforeAll(async () => { platform = await openPlatform(); });
  afterAll(() => platform.close());

  const open = async (remindAfter: number) => {
    const scene = await platform.scenario();
    const incident = incidentOf(scene.endpoint, `loss-${scene.endpoint}`, 'performance', day(1));
    const handle = await platform.temporal.client.workflow.start(incidentWorkflow, {
      taskQueue: CONTROL_QUEUE, workflowId: workflowIds.incident(incident.incidentId), args: [{ incident, remindAfter, remindEvery: remindAfter, reminders: 2 }],
    });
    return { ...scene, incident, handle };
  };

  it('reminds until its reminders are used up, and tells when it is over', async () => {
    const { world, incident, handle } = await open(20);
    await expect.poll(() => world.delivered.filter((one) => one.includes(`reminded ${incident.incidentId}`)).length, PATIENT).toBe(4);
    await handle.signal(incidentClosed, { ...incident, state: 'closed' });
    const { delivered, reminders } = await handle.result();
    expect(reminders).toBe(2);
    expect(Object.fromEntries(Object.entries(delivered).map(([news, channels]) => [news, [...channels].sort()]))).toEqual({ opened: ['oncall', 'ops'], reminded: ['oncall', 'oncall', 'ops', 'ops'], closed: ['oncall', 'ops'] });
  });

  it('leaves a person alone who has seen it', async () => {
    const { world, client, incident, handle } = await open(60_000);
    await client.acknowledge(incident.incidentId, { by: ann, note: '' });
    await client.closeIncident(incident.incidentId, { by: ann, note: '' });
    const { incident: ended, reminders } = await handle.result();
    expect(ended).toMatchObject({ state: 'closed', acknowledgedBy: 'ann' });
    expect(reminders).toBe(0);
    expect(world.delivered.some((one) => one.includes(`reminded ${incident.incidentId}`))).toBe(false);
    await expect(client.acknowledge(incident.incidentId, { by: ann, note: '' })).rejects.toMatchObject({ code: 'UNKNOWN_INCIDENT' });
  });

  it('tries a channel again until it answers, and does not hold the others back', async () => {
    let refusals = 2;
    const scene = await platform.scenario();
    scene.world.answers.notify = (channel) => channel !== 'oncall' || refusals-- <= 0;
    const incident = incidentOf(scene.endpoint, `flaky-${scene.endpoint}`, 'performance', day(1));
    await platform.temporal.client.workflow.start(incidentWorkflow, { taskQueue: CONTROL_QUEUE, workflowId: workflowIds.incident(incident.incidentId), args: [{ incident }] });
    await expect.poll(() => scene.world.delivered.filter((one) => one.endsWith(incident.incidentId)), PATIENT).toEqual([`ops opened ${incident.incidentId}`, `oncall opened ${incident.incidentId}`]);
  });
});
