import { z } from "zod";
import type { ErrorCode } from "./errors.ts";
import { isErrorCode, ProtocolError } from "./errors.ts";
import { LIMITS } from "./limits.ts";

/** What every request is acknowledged with. */
export type Answer<Data> = { readonly ok: true; readonly data: Data } | Refusal;
export type Refusal = { readonly ok: false; readonly code: ErrorCode; readonly message: string };

const envelope = z.discriminatedUnion("ok", [
  z.strictObject({ ok: z.literal(true), data: z.unknown() }),
  z.strictObject({
    ok: z.literal(false),
    code: z.string().refine(isErrorCode),
    message: z.string().max(LIMITS.errorCharacters),
  }),
]);

/** The data of an answer that came over the wire. Throws the `ProtocolError` that it carries, or `bad-answer`. */
export function parseAnswer<Data>(schema: z.ZodType<Data>, answer: unknown): Data {
  const parsed = envelope.safeParse(answer);
  if (!parsed.success) throw new ProtocolError("bad-answer");
  if (!parsed.data.ok) throw answeredError(parsed.data.code, parsed.data.message);
  const data = schema.safeParse(parsed.data.data);
  if (!data.success) throw new ProtocolError("bad-answer", describeIssue(data.error));
  return data.data;
}

/** The refusal that tells the other side of `error`; anything unexpected becomes `internal`. */
export function refusal(error: unknown): Refusal {
  if (error instanceof ProtocolError) {
    const message = error.message.slice(0, LIMITS.errorCharacters);
    return { ok: false, code: error.code, message };
  }
  const internal = new ProtocolError("internal");
  return { ok: false, code: internal.code, message: internal.message };
}

/** The first thing wrong, by its path: never a value, which may be private. */
export function describeIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return "invalid";
  const path = issue.path.map(String).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}

function answeredError(code: ErrorCode, message: string): ProtocolError {
  const error = new ProtocolError(code);
  // The text of the server may hold a detail that the table does not.
  error.message = message;
  return error;
}
