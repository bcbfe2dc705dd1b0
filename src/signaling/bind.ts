import type {
  Answer,
  ClientRequestInput,
  ClientRequestName,
  ClientRequestOutput,
  ErrorCode,
} from "../protocol/index.ts";
import {
  CLIENT_REQUEST_NAMES,
  parseClientRequest,
  parseClientRequestOutput,
  ProtocolError,
  refusal,
} from "../protocol/index.ts";

/** One function for each request of the protocol. What it throws is what the client is answered. */
export type Handlers<Context> = {
  readonly [Name in ClientRequestName]: (
    context: Context,
    input: ClientRequestInput<Name>,
  ) => ClientRequestOutput<Name> | Promise<ClientRequestOutput<Name>>;
};

/** What the binder asks and tells of one connection. */
export interface Caller<Context> {
  readonly context: Context;
  /** Called before anything is looked at. Throws `rate-limited`. */
  admit(): void;
  /** Called once for each request, just before its answer is sent; `error` is what was thrown. */
  answered(name: ClientRequestName | "unknown", code: ErrorCode | "ok", error?: unknown): void;
}

/** Takes what Socket.IO received: the name, the arguments, and last how to acknowledge. */
export type Dispatch<Context> = (caller: Caller<Context>, event: readonly unknown[]) => void;

type Endpoint<Context> = (context: Context, payload: unknown) => unknown;

/** The result always answers where an answer was asked for, and never throws. */
export function bindRequests<Context>(handlers: Handlers<Context>): Dispatch<Context> {
  const endpoints = new Map<unknown, readonly [ClientRequestName, Endpoint<Context>]>(
    CLIENT_REQUEST_NAMES.map((name) => [name, [name, endpointOf(name, handlers)]]),
  );
  return (caller, [eventName, ...args]) => {
    const [name, endpoint] = endpoints.get(eventName) ?? (["unknown", refuseUnknown] as const);
    const reply = replyOf(args);
    const succeed = (data: unknown) => {
      caller.answered(name, "ok");
      reply?.({ ok: true, data });
    };
    const fail = (error: unknown) => {
      const answer = refusal(error);
      caller.answered(name, answer.code, error);
      reply?.(answer);
    };
    try {
      caller.admit();
      if (reply === undefined) throw new ProtocolError("bad-request", "no acknowledgement asked");
      const result = endpoint(caller.context, solePayload(args));
      // What is known at once is answered at once, so that no notification comes before it.
      if (result instanceof Promise) result.then(succeed).catch(fail);
      else succeed(result);
    } catch (error) {
      fail(error);
    }
  };
}

function endpointOf<Context, Name extends ClientRequestName>(
  name: Name,
  handlers: Handlers<Context>,
): Endpoint<Context> {
  return (context, payload) => {
    const input = parseClientRequest(name, payload);
    const output = handlers[name](context, input);
    return output instanceof Promise
      ? output.then((settled) => ownOutput(name, settled))
      : ownOutput(name, output);
  };
}

/** Holds the server to its own word: nothing that the protocol does not name gets out. */
function ownOutput(name: ClientRequestName, output: unknown): unknown {
  try {
    return parseClientRequestOutput(name, output);
  } catch (cause) {
    throw new Error(`the answer to ${name} breaks the protocol`, { cause });
  }
}

/** Removes the acknowledgement from the arguments; Socket.IO puts it last. */
function replyOf(args: unknown[]): ((answer: Answer<unknown>) => void) | undefined {
  const last = args.at(-1);
  if (typeof last !== "function") return undefined;
  args.pop();
  return (answer) => {
    Reflect.apply(last, undefined, [answer]);
  };
}

function solePayload(args: readonly unknown[]): unknown {
  if (args.length !== 1) throw new ProtocolError("bad-request", "expected one argument");
  return args[0];
}

function refuseUnknown(): never {
  throw new ProtocolError("unknown-request");
}
