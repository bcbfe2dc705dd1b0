import type { z } from "zod";
import { describeIssue, parseAnswer } from "./answer.ts";
import { ProtocolError } from "./errors.ts";
import type { NotificationName, NotificationPayloads } from "./notifications.ts";
import { notifications } from "./notifications.ts";
import type {
  ClientRequestInput,
  ClientRequestName,
  ClientRequestOutput,
  ServerRequestInput,
  ServerRequestName,
  ServerRequestOutput,
} from "./requests.ts";
import { clientRequests, serverRequests } from "./requests.ts";

/*
 * The tables once more, typed so that a name given as a type parameter finds the types of its own
 * row: the compiler follows `Rows[Name]` there, and not in the tables themselves.
 */
const clientRows: {
  readonly [Name in ClientRequestName]: {
    readonly input: z.ZodType<ClientRequestInput<Name>>;
    readonly output: z.ZodType<ClientRequestOutput<Name>>;
  };
} = clientRequests;
const serverRows: {
  readonly [Name in ServerRequestName]: {
    readonly input: z.ZodType<ServerRequestInput<Name>>;
    readonly output: z.ZodType<ServerRequestOutput<Name>>;
  };
} = serverRequests;
const notificationRows: {
  readonly [Name in NotificationName]: z.ZodType<NotificationPayloads[Name]>;
} = notifications;

export function isClientRequestName(name: string): name is ClientRequestName {
  return Object.hasOwn(clientRequests, name);
}

export const CLIENT_REQUEST_NAMES: readonly ClientRequestName[] =
  Object.keys(clientRequests).filter(isClientRequestName);

/** What a client asked. Throws `bad-request`, which names the field. */
export function parseClientRequest<Name extends ClientRequestName>(
  name: Name,
  payload: unknown,
): ClientRequestInput<Name> {
  return parse(clientRows[name].input, payload, "bad-request");
}

/** The server's own answer, before it goes out. Throws `bad-answer`, which names the field. */
export function parseClientRequestOutput<Name extends ClientRequestName>(
  name: Name,
  output: unknown,
): ClientRequestOutput<Name> {
  return parse(clientRows[name].output, output, "bad-answer");
}

/** What the server answered. Throws the `ProtocolError` that it carries, or `bad-answer`. */
export function parseClientRequestAnswer<Name extends ClientRequestName>(
  name: Name,
  answer: unknown,
): ClientRequestOutput<Name> {
  return parseAnswer(clientRows[name].output, answer);
}

/** What the server asked. Throws `bad-request`, which names the field. */
export function parseServerRequest<Name extends ServerRequestName>(
  name: Name,
  payload: unknown,
): ServerRequestInput<Name> {
  return parse(serverRows[name].input, payload, "bad-request");
}

/** What the client answered. Throws the `ProtocolError` that it carries, or `bad-answer`. */
export function parseServerRequestAnswer<Name extends ServerRequestName>(
  name: Name,
  answer: unknown,
): ServerRequestOutput<Name> {
  return parseAnswer(serverRows[name].output, answer);
}

/** What the server told. Throws `bad-answer`, which names the field. */
export function parseNotification<Name extends NotificationName>(
  name: Name,
  payload: unknown,
): NotificationPayloads[Name] {
  return parse(notificationRows[name], payload, "bad-answer");
}

function parse<Data>(
  schema: z.ZodType<Data>,
  value: unknown,
  code: "bad-request" | "bad-answer",
): Data {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new ProtocolError(code, describeIssue(parsed.error));
  return parsed.data;
}
