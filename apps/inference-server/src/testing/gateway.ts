import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RouteTable, ServerLease } from '@mettle/contracts';

/** The part of the gateway that a server follows: a long poll of routes, and leases. Real HTTP, no platform behind it. */
export interface TestGateway {
  readonly url: string;
  publish(table: RouteTable): void;
  requestSeal(endpoint: string, through: number): void;
  /** The last lease of a server that satisfies a condition. */
  lease(endpoint: string, until: (lease: ServerLease) => boolean): Promise<ServerLease>;
  /** Pieces in any lease, by hash. */
  readonly pieces: ReadonlyMap<string, ServerLease['sealed'][number]>;
  acknowledge: boolean;
  /** Refuses connections until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
}

const TOKEN_PREFIX = 'Bearer ';

export async function startTestGateway(token: string): Promise<TestGateway> {
  const tables = new Map<string, RouteTable>();
  const seals = new Map<string, number>();
  const leases = new Map<string, ServerLease>();
  const pieces = new Map<string, ServerLease['sealed'][number]>();
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const check of [...waiting]) check();
  };
  const heads = (): RouteTable[] => [...tables.values()].map((table) => ({ ...table, sealThrough: seals.get(table.endpoint) ?? null }));
  const known = (text: string | null): Map<string, number> => new Map((text ?? '').split(',').filter(Boolean).map((pair) => [pair.split(':')[0]!, Number(pair.split(':')[1])]));

  const poll = (request: IncomingMessage, reply: ServerResponse, query: URLSearchParams): void => {
    const [epochs, sealed] = [known(query.get('epoch')), known(query.get('seal'))];
    const check = (): void => {
      if (!heads().some(({ endpoint, epoch, sealThrough }) => epochs.get(endpoint) !== epoch || (sealThrough !== null && sealThrough > (sealed.get(endpoint) ?? -Infinity)))) return;
      waiting.delete(check);
      reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ tables: heads() }));
    };
    waiting.add(check);
    request.once('close', () => waiting.delete(check));
    check();
  };
  const serve = (request: IncomingMessage, reply: ServerResponse): void => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://gateway');
    if (request.headers.authorization !== TOKEN_PREFIX + token) return void reply.writeHead(401).end();
    if (pathname === '/internal/routes') return poll(request, reply, searchParams);
    if (pathname === '/health') return void reply.writeHead(200).end('{}');
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const lease = ServerLease.parse(JSON.parse(text));
      leases.set(`${lease.endpoint} ${lease.server}`, lease);
      for (const piece of lease.sealed) pieces.set(piece.hash, piece);
      reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ acknowledged: gateway.acknowledge ? lease.sealed.map(({ hash }) => hash) : [] }));
      wake();
    });
  };

  let server: Server;
  let port = 0;
  const up = async (): Promise<void> => {
    server = createServer(serve);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  };
  await up();
  const gateway: TestGateway = {
    url: `http://127.0.0.1:${port}`,
    publish(table) {
      tables.set(table.endpoint, RouteTable.parse(table));
      wake();
    },
    requestSeal(endpoint, through) {
      seals.set(endpoint, through);
      wake();
    },
    lease: (endpoint, until) =>
      new Promise((resolve) => {
        const check = (): void => {
          const found = [...leases.values()].find((lease) => lease.endpoint === endpoint && until(lease));
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
      }),
    pieces,
    acknowledge: true,
    down: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    up,
  };
  return gateway;
}
