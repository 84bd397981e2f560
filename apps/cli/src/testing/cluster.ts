import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTemporal, readComposeFile, startObjectServer, startPostgres, startRedis } from '@mettle/testing';
import { trainerVenv } from '../up/python.ts';
import { createMachine, type Machine } from './machine.ts';

/** The topology of docker-compose.yml without containers: the same commands and variables, each on a machine of its own. */
export interface Cluster {
  /** A new machine of a service, started. `environment` changes variables of this one. */
  add(service: string, environment?: Readonly<Record<string, string>>): Machine;
  readonly gatewayUrl: string;
  readonly tokens: { readonly platform: string; readonly approver: string };
  /** The last lines that each machine has printed. */
  said(): string;
  /** kill -9 of every process, and the end of the servers. */
  stop(): Promise<void>;
}

/** Where docker-compose.yml keeps what here is each machine's own. */
const IN_CONTAINERS = { home: '/var/lib/mettle', token: '/run/secrets/mettle_token', everywhere: '0.0.0.0' };

const LAST_LINES = 20;

/** Starts PostgreSQL, Redis, an S3 server and Temporal; the apps are added one by one. */
export async function openCluster(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'mettle-cluster-'));
  const [password, secret] = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')];
  const compose = readComposeFile({ METTLE_TOKEN: '(a file)', POSTGRES_PASSWORD: password, S3_SECRET: secret });
  const [postgres, redis, objects, temporal] = await Promise.all([
    startPostgres(), startRedis(compose.command('redis').slice(1)), startObjectServer(secret), openTemporal({ bare: true }),
  ]);
  const database = await postgres.createDatabase('mettle', { name: 'mettle', password });

  const token = (): string => randomBytes(24).toString('hex');
  const tokens = { platform: token(), approver: token() };
  const tokenFile = join(folder, 'tokens');
  writeFileSync(tokenFile, JSON.stringify({
    v: 1,
    tokens: [
      { token: tokens.platform, principal: { id: 'platform', kind: 'service', roles: ['admin'] } },
      { token: tokens.approver, principal: { id: 'ada.approver', kind: 'person', roles: ['approver'] } },
    ],
  }), { mode: 0o600 });

  // Every address of 127.0.0.0/8 is this machine's: the ports may be those of the containers.
  const net = `127.${randomInt(1, 255)}.${randomInt(1, 255)}`;
  const gatewayHost = `${net}.2`;
  const hosts: Record<string, string> = {
    postgres: new URL(database).host, redis: new URL(redis.url).host, temporal: temporal.address, gateway: `${gatewayHost}:7410`, objects: new URL(objects.env['AWS_ENDPOINT_URL_S3']!).host,
  };
  const machines: Machine[] = [];
  const counts = new Map<string, number>();

  return {
    gatewayUrl: `http://${hosts['gateway']}`,
    tokens,
    add(service, changes = {}) {
      const app = compose.apps[service];
      if (app === undefined) throw new Error(`docker-compose.yml builds no service '${service}'`);
      const number = (counts.get(service) ?? 0) + 1;
      counts.set(service, number);
      const name = `${service}-${number}`;
      const host = service === 'gateway' && number === 1 ? gatewayHost : `${net}.${10 + machines.length}`;
      const environment = Object.fromEntries(Object.entries({ ...app.environment, ...changes }).map(([key, value]) => [key, value
        .replace(/\b(postgres|redis|objects|temporal|gateway):\d+/g, (address) => hosts[address.split(':')[0]!] ?? address)
        .replace(IN_CONTAINERS.home, join(folder, name)).replace(IN_CONTAINERS.token, tokenFile).replace(IN_CONTAINERS.everywhere, host)]));
      if ('METTLE_PYTHON' in environment) environment['METTLE_PYTHON'] = join(trainerVenv(), 'bin', 'python');
      const machine = createMachine({ name, host, folder, environment, command: [process.execPath, ...app.command.slice(1)], restart: true });
      machines.push(machine);
      machine.start();
      return machine;
    },
    said: () => machines.map((machine) => [`== ${machine.name}`, ...machine.said().trim().split('\n').slice(-LAST_LINES)].join('\n')).join('\n'),
    async stop() {
      await Promise.all([...machines].reverse().map((machine) => machine.kill()));
      await Promise.all([postgres.stop(), redis.stop(), objects.stop(), temporal.teardown()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
