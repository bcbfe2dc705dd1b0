import type { Invitation } from "../../src/e2ee/invitation/index.ts";

/** Each is answered by the participant ids of all who are there then. */
export type SilentRequest =
  | { readonly kind: "enter"; readonly count: number }
  | { readonly kind: "leave" };

export interface SilentWorkerData {
  readonly port: number;
  readonly invitation: Invitation;
}
