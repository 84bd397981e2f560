import { MettleError, type ControlActivities } from '@mettle/contracts';
import type { ControlDeps } from './deps.ts';

type IncidentActivities = Pick<ControlActivities, 'foldIncidents' | 'notify' | 'channels' | 'acknowledgeIncident'>;
