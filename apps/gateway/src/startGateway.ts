import type { AddressInfo } from 'node:net';
import { MettleError } from '@mettle/contracts';
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
 * @throws MettleError PORT_IN_USE naming the port and its setting
 */
export async function startGateway(platform: Platform, plane: ControlPlane, options: { readonly port?: number } = {}): Promise<RunningGateway> {
  const { METTLE_HOST: host, METTLE_GATEWAY_PORT } = platform.settings;
  const port = options.port ?? METTLE_GATEWAY_PORT;
  const app = await createServer(platform, plane);
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
      throw new MettleError('PORT_IN_USE', `port ${port} (METTLE_GATEWAY_PORT) is in use`, { port, setting: 'METTLE_GATEWAY_PORT' }, { cause: error });
    }
    throw error;
  }
  const address = app.server.address() as AddressInfo;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`, stop: () => app.close() };
}
