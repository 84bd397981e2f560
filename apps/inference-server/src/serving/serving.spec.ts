import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { predictionIdOf, versionKey } from '@mettle/contracts';
import { compileService } from '@mettle/feature-language';
import { loadModel } from '@mettle/inference';
import type { InferenceServer } from '../server.ts';
import { besideOf, call, column, ENDPOINT, infer, inputs, openWorld, servedOf, T, type World } from '../testing/world.ts';
import { fitted, fixture, tripsDefinition, wideDefinition } from '../testing/trips.ts';

let world: World;
let server: InferenceServer;
beforeAll(async () => {
  world = await openWorld();
  await world.addVersion(1, 'tree.onnx');
  await world.addVersion(2, 'tree-b.onnx');
  await world.addVersion(3, 'tree-wide.onnx', wideDefinition);
  await world.addVersion(4, 'brittle.onnx');
  await world.push('weather', { origin: 'JFK' }, { temp: 28.25 }, T - 60_000_000);
  await world.push('landings', { origin: 'JFK', plane: 'N0' }, { delay: 12.5 }, T - 60_000_000);
  await world.push('landings', { origin: 'JFK', plane: 'N1' }, { delay: -3 }, T - 30_000_000);
  world.decide('deploy', 1);
  server = await world.start();
  await world.served();
});
afterAll(() => world.close());

describe('a prediction', () => {
  it('is the model\'s answer to the vector that is logged, read from the online store as of T', async () => {
    const reply = await infer(server, { id: 'first', inputs: inputs(3) });
    expect(reply.status).toBe(200);
    expect(reply.body.id).toBe('first');
    expect(reply.body.parameters).toEqual({
      prediction_ids: [0, 1, 2].map((row) => predictionIdOf(ENDPOINT, 'first', row)).join(','), arms: 'champion,champion,champion', versions: 'trips@1,trips@1,trips@1', epoch: 1, fallback: false,
    });
    const [output] = reply.body.outputs!;
    expect([output!.name, output!.shape, output!.datatype]).toEqual(['probabilities', [3, 2], 'FP32']);

    const [entry] = servedOf(await world.logged()).filter(({ requestId }) => requestId === 'first');
    const vector = entry!.rows[0]!.vectors[0]!;
    expect(vector.values).toEqual(['AA', 7, 100, 28.25, 4.75, true]);
    expect(vector.read.map(({ position }) => position)).toEqual([3, 3]);
    const model = await loadModel({ bytes: fixture('tree.onnx'), fitted, definition: tripsDefinition });
    const { outputs } = await model.score(entry!.rows.map(({ vectors }) => vectors[0]!.values));
    expect(output!.data).toEqual(outputs['probabilities']!.flat());
    expect(entry!.rows.map((row) => row.scores[0]!.outputs!['probabilities'])).toEqual(outputs['probabilities']);
    await model.close();
  });

  it('sees only what had happened by its own T', async () => {
    await infer(server, { id: 'early', inputs: inputs(1, T - 45_000_000) });
    const [entry] = servedOf(await world.logged()).filter(({ requestId }) => requestId === 'early');
    expect(entry!.rows[0]!.vectors[0]!.values).toEqual(['AA', 7, 100, 28.25, 12.5, true]);
  });

  it('gives a missing entity its missing features, and says so', async () => {
    const sent = inputs(1).map((input) => (input.name === 'origin' ? column('origin', 'BYTES', ['XXX']) : input));
    expect((await infer(server, { id: 'nowhere', inputs: sent })).status).toBe(200);
    const [entry] = servedOf(await world.logged()).filter(({ requestId }) => requestId === 'nowhere');
    expect(entry!.rows[0]!.vectors[0]).toMatchObject({ values: ['AA', 7, 100, null, null, null], statuses: ['PRESENT', 'PRESENT', 'PRESENT', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'] });
  });

  it('gives only the outputs that were asked for', async () => {
    const reply = await infer(server, { inputs: inputs(1), outputs: [{ name: 'probabilities' }] });
    expect(reply.body.outputs!.map(({ name }) => name)).toEqual(['probabilities']);
    expect((await infer(server, { inputs: inputs(1), outputs: [{ name: 'nothing' }] })).body.code).toBe('INVALID_INPUT');
  });
});

describe('the endpoint', () => {
  it('describes itself by its champion', async () => {
    const { body } = await call(server.url, 'GET', `/v2/models/${ENDPOINT}`);
    expect(body).toMatchObject({ name: ENDPOINT, versions: ['trips@1'], platform: 'onnx', outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 2] }] });
    expect((body['inputs'] as { name: string; datatype: string; parameters: { required: boolean } }[]).map(({ name, datatype, parameters }) => `${name} ${datatype} ${parameters.required}`)).toEqual([
      'carrier BYTES true', 'departs INT64 true', 'distance FP64 true', 'origin BYTES true', 'plane BYTES false', 'at INT64 true',
    ]);
    expect((await call(server.url, 'GET', `/v2/models/${ENDPOINT}/versions/trips@1/ready`)).body).toMatchObject({ ready: true });
    expect((await call(server.url, 'GET', `/v2/models/${ENDPOINT}/versions/2`)).body.code).toBe('UNKNOWN_VERSION');
    expect((await call(server.url, 'GET', '/v2')).body['name']).toBe('mettle-inference');
    expect((await call(server.url, 'GET', '/v2/health/ready')).status).toBe(200);
  });

  it('scores shadows beside the champion, each from a vector of its own service, and answers by the champion', async () => {
    world.decide('startShadow', 2);
    world.decide('startShadow', 3);
    await world.served();
    const reply = await infer(server, { id: 'shadowed', inputs: inputs(4) });
    expect(reply.body.parameters!['versions']).toBe('trips@1,trips@1,trips@1,trips@1');
    const entries = (await world.logged()).filter(({ requestId }) => requestId === 'shadowed');
    const [served, beside] = [servedOf(entries)[0]!, besideOf(entries)[0]!];
    expect(served.rows[0]!.vectors.map(({ service }) => service)).toEqual([tripsDefinition, wideDefinition].map((definition) => compileService(definition).hash));
    expect(beside.rows.map(({ scores }) => scores.map((score) => `${versionKey(score.version)} ${score.arm} ${score.error}`))).toEqual(Array(4).fill(['trips@2 shadow null', 'trips@3 shadow null']));
    const model = await loadModel({ bytes: fixture('tree-wide.onnx'), fitted, definition: wideDefinition });
    const { outputs } = await model.score(served.rows.map(({ vectors }) => vectors[1]!.values));
    expect(beside.rows.map(({ scores }) => scores[1]!.outputs!['probabilities'])).toEqual(outputs['probabilities']);
    expect(beside.rows.map(({ scores }) => scores[1]!.vector)).toEqual([1, 1, 1, 1]);
    await model.close();
  });

  it('answers without the columns of a shadow\'s service, and logs why the shadow did not', async () => {
    const sent = inputs(2).filter(({ name }) => name !== 'plane');
    expect((await infer(server, { id: 'narrow', inputs: sent })).status).toBe(200);
    const [beside] = besideOf(await world.logged()).filter(({ requestId }) => requestId === 'narrow');
    expect(beside!.rows.map(({ scores }) => scores.map(({ error }) => error === null))).toEqual([[true, false], [true, false]]);
    expect(beside!.rows[0]!.scores[1]!.error).toContain('UNKNOWN_ENTITY');
  });

  it('splits rows of one request over champion and challenger by their sticky unit', async () => {
    world.decide('startChallenge', 2, 3_000);
    await world.served();
    const first = await infer(server, { id: 'split', inputs: inputs(200) });
    const again = await infer(server, { id: 'split-again', inputs: inputs(200) });
    const arms = String(first.body.parameters!['arms']).split(',');
    expect(again.body.parameters!['arms']).toBe(first.body.parameters!['arms']);
    expect(arms.filter((arm) => arm === 'challenger').length).toBeGreaterThan(30);
    expect(arms.filter((arm) => arm === 'challenger').length).toBeLessThan(90);
    const entries = (await world.logged()).filter(({ requestId }) => requestId === 'split');
    const [served, beside] = [servedOf(entries)[0]!, besideOf(entries)[0]!];
    for (const [i, row] of served.rows.entries()) {
      expect([row.servedArm, row.assignedArm, row.bucket < 3_000]).toEqual([arms[i], arms[i], arms[i] === 'challenger']);
      expect(row.scores.map(({ version }) => versionKey(version))).toEqual([arms[i] === 'challenger' ? 'trips@2' : 'trips@1']);
      expect(beside.rows[i]!.scores.map((score) => `${versionKey(score.version)} ${score.arm}`)).toEqual([arms[i] === 'challenger' ? 'trips@1 champion' : 'trips@2 challenger', 'trips@3 shadow']);
      expect(row.scores[0]!.outputs!['probabilities']).toEqual(first.body.outputs![0]!.data.slice(2 * i, 2 * i + 2));
    }
  });

  it('follows an override header', async () => {
    const reply = await infer(server, { inputs: inputs(5) }, { 'x-arm': 'challenger' });
    expect(reply.body.parameters!['versions']).toBe(Array(5).fill('trips@2').join(','));
  });

  it('falls back to the champion for the rows on which a challenger fails', async () => {
    world.decide('reject', 2);
    world.decide('startShadow', 4);
    world.decide('startChallenge', 4, 10_000);
    await world.served();
    const sent = inputs(3).map((input) => (input.name === 'distance' ? column('distance', 'FP64', [100, 99_000, 100]) : input));
    const reply = await infer(server, { id: 'fallen', inputs: sent });
    expect(reply.status).toBe(200);
    expect(reply.body.parameters).toMatchObject({ versions: 'trips@4,trips@1,trips@4', arms: 'challenger,champion,challenger', fallback: true });
    const entries = (await world.logged()).filter(({ requestId }) => requestId === 'fallen');
    const row = servedOf(entries)[0]!.rows[1]!;
    expect([row.assignedArm, row.servedArm, row.fallback]).toEqual(['challenger', 'champion', true]);
    expect(row.scores.map(({ version, arm, error }) => [versionKey(version), arm, error === null])).toEqual([['trips@1', 'champion', true], ['trips@4', 'challenger', false]]);
    expect(row.scores[1]!.error).toContain('SCORING_FAILED');
    expect(besideOf(entries)[0]!.rows.map(({ scores }) => scores.map(({ version }) => versionKey(version)))).toEqual([['trips@1', 'trips@3'], ['trips@3'], ['trips@1', 'trips@3']]);
  });

  it('fails as SCORING_FAILED when the champion fails, logs it, and says it again to a retry', async () => {
    world.decide('promote', 4);
    await world.served();
    const sent = inputs(2).map((input) => (input.name === 'distance' ? column('distance', 'FP64', [100, 99_000]) : input));
    const reply = await infer(server, { id: 'broken', inputs: sent });
    expect([reply.status, reply.body.code, reply.body.data!['row']]).toEqual([500, 'SCORING_FAILED', 1]);
    expect(reply.text).not.toContain('Gather');
    expect((await infer(server, { id: 'broken', inputs: sent })).text).toBe(reply.text);
    const entries = servedOf(await world.logged()).filter(({ requestId }) => requestId === 'broken');
    expect(entries).toHaveLength(1);
    expect(entries[0]!.rows.map(({ scores, servedArm }) => [scores[0]!.outputs === null, servedArm])).toEqual([[false, 'champion'], [true, 'champion']]);
    // The former champion is warm: it is scored beside, on both rows.
    expect((await call(server.url, 'GET', '/v2/stats')).body['errors']).toEqual({ champion: 1, challenger: 1, shadow: 2 });
  });

  it('answers 503 while an operator has paused it', async () => {
    world.decide('pause', 4, 0);
    await world.served();
    expect((await infer(server, { inputs: inputs(1) })).body.code).toBe('PAUSED');
    expect((await call(server.url, 'GET', `/v2/models/${ENDPOINT}/ready`)).status).toBe(503);
    world.decide('pause', 4, 10_000);
    await world.served();
    expect((await infer(server, { inputs: inputs(1) })).status).toBe(200);
  });
});

describe('an endpoint on the wall clock', () => {
  it('takes now for T', async () => {
    world.publish({ ...world.table, epoch: world.table.epoch + 1, clock: 'wall', hash: 'f'.repeat(64) });
    await world.served();
    const before = Date.now() * 1000;
    await infer(server, { id: 'now', inputs: inputs(1).filter(({ name }) => name !== 'at') });
    const [entry] = servedOf(await world.logged()).filter(({ requestId }) => requestId === 'now');
    expect(entry!.rows[0]!.at).toBeGreaterThanOrEqual(before);
    expect(entry!.rows[0]!.at).toBe(entry!.receivedAt);
  });
});
