import { Cleanups } from "../../test/support/cleanups.ts";

/** Takes down what `work` started, however it ends: servers must not outlive a measurement. */
export async function withCleanups(work: (cleanups: Cleanups) => Promise<void>): Promise<void> {
  const cleanups = new Cleanups();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      void cleanups.run().finally(() => process.exit(1));
    });
  }
  try {
    await work(cleanups);
  } finally {
    await cleanups.run();
  }
}
