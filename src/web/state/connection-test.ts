import { INPUT_KINDS, type InputKind } from "./devices-port.ts";
import type {
  DiagnosisSdk,
  InputPermission,
  PermissionOf,
  TestStep,
} from "./connection-test-port.ts";
import { Store, type Readable } from "./store.ts";

/**
 * - `good`: calls work, by every way.
 * - `limited`: calls work, but something is missing.
 * - `impossible`: no call works from here.
 */
export type TestVerdict = "running" | "good" | "limited" | "impossible";

export interface ConnectionTestState {
  readonly steps: readonly TestStep[];
  readonly verdict: TestVerdict;
}

export interface ConnectionTestOptions {
  readonly origin: string;
  readonly loadDiagnosis: () => Promise<DiagnosisSdk>;
  readonly permissionOf: PermissionOf;
}

/** Without these there is no call, whatever else works. */
const ESSENTIAL: ReadonlySet<TestStep["check"]> = new Set([
  "secure-context",
  "encryption",
  "signaling",
]);

/** What stands between this browser and a call, found out by trying. */
export class ConnectionTest implements Readable<ConnectionTestState> {
  readonly #options: ConnectionTestOptions;
  readonly #store = new Store<ConnectionTestState>({ steps: [], verdict: "running" });
  #abort: AbortController | null = null;

  constructor(options: ConnectionTestOptions) {
    this.#options = options;
  }

  readonly get = (): ConnectionTestState => this.#store.get();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  /** Begins anew; what was found before is forgotten. */
  async start(): Promise<void> {
    this.stop();
    const abort = new AbortController();
    this.#abort = abort;
    this.#store.set({ steps: [], verdict: "running" });
    const onStep = (step: TestStep) => {
      if (!abort.signal.aborted) this.#store.patch({ steps: withStep(this.get().steps, step) });
    };
    const { origin, loadDiagnosis, permissionOf } = this.#options;
    try {
      const inputs = INPUT_KINDS.map(async (kind) => {
        onStep(inputStep(kind, await permissionOf(kind)));
      });
      const sdk = await loadDiagnosis();
      await sdk.diagnose({ origin, onStep, signal: abort.signal });
      await Promise.all(inputs);
    } catch {
      onStep({ check: "signaling", state: "failed", reason: "unreachable" });
    }
    if (abort.signal.aborted) return;
    const { steps } = this.get();
    this.#store.set({ steps, verdict: verdictOf(steps) });
  }

  stop(): void {
    this.#abort?.abort();
    this.#abort = null;
  }
}

/** Whether what failed keeps everybody from calling, or only makes it worse. */
export function isGrave(step: TestStep, verdict: TestVerdict): boolean {
  if (step.state !== "failed") return false;
  return ESSENTIAL.has(step.check) || (verdict === "impossible" && isWay(step));
}

export function verdictOf(steps: readonly TestStep[]): TestVerdict {
  if (steps.some(({ state }) => state === "running")) return "running";
  const broken = steps.some(({ check, state }) => ESSENTIAL.has(check) && state === "failed");
  const works = steps.some((step) => isWay(step) && step.state === "ok");
  if (broken || !works) return "impossible";
  return steps.every(({ state }) => state === "ok") ? "good" : "limited";
}

/** A way that media can go. */
function isWay({ check }: TestStep): boolean {
  return check.startsWith("media.") || check.startsWith("relay.");
}

function inputStep(check: InputKind, permission: InputPermission): TestStep {
  const state = permission === "denied" || permission === "missing" ? "failed" : "ok";
  return { check, state, permission };
}

/** In the place of the same step as it was before, or behind the others. */
function withStep(steps: readonly TestStep[], step: TestStep): readonly TestStep[] {
  const key = keyOf(step);
  const known = steps.some((each) => keyOf(each) === key);
  return known ? steps.map((each) => (keyOf(each) === key ? step : each)) : [...steps, step];
}

export function keyOf(step: TestStep): string {
  if ("permission" in step || step.region === undefined) return step.check;
  return `${step.check} ${step.region} ${step.place ?? ""}`;
}
