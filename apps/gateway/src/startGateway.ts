import type { AddressInfo } from 'node:net';
import { listenFailure } from '@mettle/process';
import type { ControlPlane } from '@mettle/lifecycle-activities';
import { createServer } from './http/server.ts';
import type { Platform } from './platform/platform.ts';

export interface RunningGateway {
  /** `http://127.0.0.1:7410` */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Listens on METTLE_HOST and METTLE_GATEWAY_PORT.
 * @param options.port instead of the setting; 0: any free one
 * @throws MettleError PORT_IN_USE | INVALID_INPUT naming the setting
 */
export async function startGateway(platform: Platform, plane: ControlPlane, options: { readonly port?: number } = {}): Promise<RunningGateway> {
  const { METTLE_HOST: host, METTLE_GATEWAY_PORT } = platform.settings;
  const port = options.port ?? METTLE_GATEWAY_PORT;
  const app = await createServer(platform, plane);
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw listenFailure(error, { host, port, setting: 'METTLE_GATEWAY_PORT' });
  }
  const address = app.server.address() as AddressInfo;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`, stop: () => app.close() };
}
