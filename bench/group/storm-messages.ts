import type { Invitation } from "../../src/e2ee/invitation/index.ts";

/** What the storm asks of a worker, one after another. */
export type StormRequest =
  | { readonly kind: "newcomers"; readonly count: number }
  | {
      readonly kind: "follow";
      readonly commits: readonly Uint8Array[];
      readonly welcomes: readonly Uint8Array[];
      /** When it is over, those who have not entered yet are left out. */
      readonly budgetMs: number;
    };

export interface StormAnswers {
  /** KeyPackages. */
  readonly newcomers: readonly Uint8Array[];
  readonly follow: readonly StormMember[];
}

/** Somebody who has come and followed to the end. */
export interface StormMember {
  /** Which commit let them in. */
  readonly batch: number;
  /** What it took to enter, and for each commit after that, in milliseconds. */
  readonly stepMs: readonly number[];
  /** Of the last epoch. */
  readonly tag: string;
}

export interface StormWorkerData {
  readonly invitation: Invitation;
}
