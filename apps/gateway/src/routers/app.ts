import { router } from '../trpc/init.ts';
import { batch } from './batch.ts';
import { datasets } from './datasets.ts';
import { decisions } from './decisions.ts';
import { endpoints } from './endpoints.ts';
import { features } from './features.ts';
import { incidents } from './incidents.ts';
import { lifecycle } from './lifecycle.ts';
import { models } from './models.ts';
import { monitors } from './monitors.ts';

export const appRouter = router({ features, datasets, models, endpoints, lifecycle, monitors, incidents, decisions, batch });

/** What the typed client knows of this server. */
export type AppRouter = typeof appRouter;
