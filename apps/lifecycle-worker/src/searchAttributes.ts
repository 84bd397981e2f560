import type { ConnectionLike } from '@temporalio/client';
import { MettleError, SEARCH_ATTRIBUTES } from '@mettle/contracts';

/** `INDEXED_VALUE_TYPE_KEYWORD` */
const KEYWORD = 2;

/**
 * Registers the search attributes that are missing. A workflow that upserts an unknown one would stand still, so a
 * worker starts only after this.
 * @throws MettleError UNAVAILABLE when they are missing and may not be added: an operator must
 */
export async function ensureSearchAttributes(connection: ConnectionLike, namespace: string): Promise<void> {
  const operator = (connection as ConnectionLike & { operatorService: OperatorService }).operatorService;
  const { customAttributes } = await operator.listSearchAttributes({ namespace });
  const missing = SEARCH_ATTRIBUTES.filter((name) => !(name in (customAttributes ?? {})));
  if (missing.length === 0) return;
  try {
    await operator.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])) });
  } catch (cause) {
    throw new MettleError('UNAVAILABLE', `Temporal lacks the search attributes ${missing.join(', ')} (Keyword), and this worker may not add them`, { missing }, { cause });
  }
}

interface OperatorService {
  listSearchAttributes(request: { namespace: string }): Promise<{ customAttributes?: Record<string, unknown> | null }>;
  addSearchAttributes(request: { namespace: string; searchAttributes: Record<string, number> }): Promise<unknown>;
}
