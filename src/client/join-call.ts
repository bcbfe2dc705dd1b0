import type { Call } from "./call.ts";
import type { PrepareOptions, StayOptions } from "./prepared-call.ts";
import { PreparedCall } from "./prepared-call.ts";

export type JoinOptions = PrepareOptions & StayOptions;

/**
 * Joins the call of a link. Resolves when the group's keys are agreed on, while media is on its way;
 * rejects with `CallError`, whose `code` tells why.
 */
export async function joinCall(options: JoinOptions): Promise<Call> {
  return new PreparedCall(options).join(options);
}

/**
 * Makes ready for joining, for pages that ask for a name or devices first: `join` is quicker then.
 * Throws `CallError`: `unsupported`, `bad-link`.
 */
export function prepareCall(options: PrepareOptions): PreparedCall {
  return new PreparedCall(options);
}
