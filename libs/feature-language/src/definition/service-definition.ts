import { z } from 'zod';
import { checkDefinition } from './check-definition.ts';
import { checkShape } from './check-shape.ts';
import { EntityIR } from './entity-ir.ts';
import { FeatureServiceIR } from './feature-service-ir.ts';
import { FeatureViewIR } from './feature-view-ir.ts';
import { SourceIR } from './source-ir.ts';

const shape = z.object({
  v: z.literal(1),
  service: FeatureServiceIR,
  views: z.array(FeatureViewIR).max(100),
  sources: z.array(SourceIR).max(100),
  entities: z.array(EntityIR).max(100),
});

export type ServiceDefinition = z.infer<typeof shape>;

/**
 * A feature service with all that it refers to: self-contained JSON, stored as a blob.
 * Parsing also checks references, types and windows.
 * @throws MettleError UNKNOWN_COLUMN | INVALID_WINDOW | INVALID_DEFINITION; ZodError when the shape itself is wrong
 */
export const ServiceDefinition = shape.superRefine((definition) => checkDefinition(definition));

/**
 * `ServiceDefinition.parse` for an edge that speaks only MettleErrors.
 * @throws MettleError UNKNOWN_COLUMN | INVALID_WINDOW | INVALID_DEFINITION
 */
export const parseDefinition = (json: unknown): ServiceDefinition => checkShape(ServiceDefinition, json);
