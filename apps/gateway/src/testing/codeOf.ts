import { mettleErrorOf } from '../trpc/errors.ts';

/** The code of the typed error that a call ends with; 'none' when it succeeds. */
export async function codeOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return 'none';
  } catch (error) {
    return mettleErrorOf(error).code;
  }
}
