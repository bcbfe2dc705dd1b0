import type { SignalingConnection } from "../connection/signaling-connection.ts";

/** What the group asks of a connection to the delivery service. */
export type GroupConnection = Pick<
  SignalingConnection,
  "request" | "answer" | "notifications" | "events"
>;
