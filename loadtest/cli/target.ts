import { parseServerMetrics } from "../service/server-metrics.ts";
import { UsageError } from "./arguments.ts";

const PATIENCE_MS = 10_000;

/**
 * Asks once before anything begins, as participants would try again and again for a minute. Any
 * answer will do. Throws `UsageError`.
 */
export async function assertDeploymentAnswers(origin: string): Promise<void> {
  await ask(origin, `no deployment answers at ${origin}`);
}

/** Throws `UsageError` for what is no metrics endpoint of a deployment. */
export async function assertMetricsAnswer(url: string): Promise<void> {
  const answer = await ask(url, `no metrics can be read at ${url}`);
  const { cpuSeconds } = parseServerMetrics(answer.ok ? await answer.text() : "");
  if (Number.isNaN(cpuSeconds)) {
    throw new UsageError(`${url} is no metrics endpoint of a deployment (HTTP ${answer.status})`);
  }
}

async function ask(url: string, otherwise: string): Promise<Response> {
  try {
    return await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (error) {
    throw new UsageError(`${otherwise}: ${reasonOf(error)}`);
  }
}

/** `fetch` hides why it failed in its error's cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
