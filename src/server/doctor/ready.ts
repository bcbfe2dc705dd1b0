import type { Config } from "../../config/index.ts";
import { originAt } from "../origins.ts";

export interface Readiness {
  readonly ready: boolean;
  /** What it says of its parts, as JSON. */
  readonly report: string;
  readonly url: string;
}

export function readyUrl({ host, port }: Config["admin"]): string {
  const reachable = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  return `${originAt("http", reachable, port)}/readyz`;
}

/** Asks the service that runs here; undefined when none answers. */
export async function isReady(
  admin: Config["admin"],
  timeoutMs: number,
): Promise<Readiness | undefined> {
  const url = readyUrl(admin);
  if (admin.port === 0) return undefined;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    return { ready: response.ok, report: await response.text(), url };
  } catch {
    return undefined;
  }
}
