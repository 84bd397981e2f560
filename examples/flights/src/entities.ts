import { entity } from '@mettle/feature-language';

export const origin = entity('origin', { keys: { origin: 'string' } });
export const dest = entity('dest', { keys: { dest: 'string' } });
export const carrier = entity('carrier', { keys: { carrier: 'string' } });
export const plane = entity('plane', { keys: { plane: 'string' } });
