/**
 * Repeats a connection attempt until it succeeds, with pauses that grow to two seconds: a process that starts while the
 * Temporal server is being restarted waits for it.
 */
export async function persistently<T>(attempt: () => Promise<T>, onFailure: (error: unknown) => void = () => undefined): Promise<T> {
  for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
    try {
      return await attempt();
    } catch (error) {
      onFailure(error);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
