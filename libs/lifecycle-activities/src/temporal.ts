import { Connection } from '@temporalio/client';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { MettleError, type Settings } from '@mettle/contracts';

/** Where Temporal is, by its own variables and profiles; on this machine's METTLE_TEMPORAL_PORT where they do not say. */
export interface TemporalPlace {
  readonly address: string;
  readonly namespace: string;
  /** Of a client's connection and of a worker's. */
  readonly options: ClientConnectConfig['connectionOptions'] & { readonly address: string };
}

/** `NOT_FOUND` of gRPC. */
const NOT_FOUND = 5;

/** @throws MettleError INVALID_INPUT naming what cannot be an address or a profile */
export function temporalPlace(settings: Pick<Settings, 'METTLE_TEMPORAL_PORT'>, environment: NodeJS.ProcessEnv): TemporalPlace {
  const here = { TEMPORAL_ADDRESS: `127.0.0.1:${settings.METTLE_TEMPORAL_PORT}` };
  let config: ClientConnectConfig;
  try {
    config = loadClientConnectConfig({ overrideEnvVars: { ...here, ...environment } as Record<string, string> });
  } catch (cause) {
    throw new MettleError('INVALID_INPUT', `Temporal's settings cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { setting: 'TEMPORAL_*' }, { cause });
  }
  const { connectionOptions: options, namespace = 'default' } = config;
  const address = options.address ?? here.TEMPORAL_ADDRESS;
  const port = Number(/:(\d{1,5})$/.exec(address)?.[1] ?? 0);
  if (port < 1 || port > 65_535) throw new MettleError('INVALID_INPUT', `TEMPORAL_ADDRESS='${address}' is no address: host:port`, { setting: 'TEMPORAL_ADDRESS' });
  return { address, namespace, options: { ...options, address } };
}

/** Turns what a connection throws into the sentence that says where. @throws MettleError UNAVAILABLE */
export async function reachingTemporal<T>({ address }: TemporalPlace, connect: () => Promise<T>): Promise<T> {
  try {
    return await connect();
  } catch (cause) {
    throw new MettleError('UNAVAILABLE', `Temporal at ${address} (TEMPORAL_ADDRESS) does not answer`, { setting: 'TEMPORAL_ADDRESS', address, reason: String(cause).slice(0, 300) }, { cause });
  }
}

/** A connection to a server that answers and has the namespace. @throws MettleError UNAVAILABLE naming what is not there */
export async function connectTemporal(place: TemporalPlace): Promise<Connection> {
  const connection = await reachingTemporal(place, () => Connection.connect(place.options));
  try {
    await connection.workflowService.describeNamespace({ namespace: place.namespace });
    return connection;
  } catch (cause) {
    await connection.close();
    if ((cause as { code?: number }).code !== NOT_FOUND) return await reachingTemporal(place, () => Promise.reject(cause as Error));
    throw new MettleError('UNAVAILABLE', `Temporal at ${place.address} has no namespace '${place.namespace}' (TEMPORAL_NAMESPACE)`, { setting: 'TEMPORAL_NAMESPACE', namespace: place.namespace }, { cause: cause as Error });
  }
}
