import type { ConfigProblem } from "../config-error.ts";
import type { Setting } from "../catalogue.ts";

/** One value as it was found, not checked yet. */
export interface GivenValue {
  readonly setting: Setting;
  readonly value: unknown;
  /** What the operator wrote: `http.port in aparte.yaml`, `APARTE_HTTP_PORT`, `--http-port`. */
  readonly origin: string;
}

/** What one source gives. Each setting stands in `values` at most once. */
export interface Source {
  readonly values: readonly GivenValue[];
  readonly problems: readonly ConfigProblem[];
}
