import { z } from 'zod';
import { Monitor, MonitorResult, Name, TimeUs } from '@mettle/contracts';
import { READERS } from '../auth/guard.ts';
import { allow, rest, router } from '../trpc/init.ts';

/** What watches an endpoint, and what it measured. */
export const monitors = router({
  list: allow(READERS)
    .meta(rest('GET', '/monitors/{endpoint}', 'The monitors of an endpoint, each with its last results'))
    .input(z.object({ endpoint: Name }))
    .output(z.array(z.object({ monitor: Monitor, last: z.object({ at: TimeUs, ok: z.int(), breach: z.int(), undetermined: z.int() }).nullable() })))
    .query(async ({ ctx: { platform }, input }) => {
      const { plan } = await platform.registry.endpointPlan(input.endpoint);
      return Promise.all(plan.monitors.map(async (monitor) => {
        const results = await platform.registry.monitorResults(input.endpoint, { monitor: monitor.name });
        const at = results.at(-1)?.at;
        if (at === undefined) return { monitor, last: null };
        const count = (state: MonitorResult['state']): number => results.filter((result) => result.at === at && result.state === state).length;
        return { monitor, last: { at, ok: count('ok'), breach: count('breach'), undetermined: count('undetermined') } };
      }));
    }),

  results: allow(READERS)
    .meta(rest('GET', '/monitors/{endpoint}/results', 'Measurements, oldest first; times are of the watermark, inclusive'))
    .input(z.object({ endpoint: Name, monitor: Name.optional(), from: TimeUs.optional(), to: TimeUs.optional() }))
    .output(z.array(MonitorResult))
    .query(async ({ ctx: { platform }, input: { endpoint, monitor, from, to } }) => {
      await platform.registry.endpointPlan(endpoint);
      return platform.registry.monitorResults(endpoint, { ...(monitor === undefined ? {} : { monitor }), ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
    }),
});
