import { IncomingMessage } from "node:http";
import { Socket } from "node:net";

/** A request as Node's HTTP server hands it over, from any address. */
export function requestFrom(address: string, headers: Record<string, string>): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: address });
  const request = new IncomingMessage(socket);
  Object.assign(request.headers, headers);
  return request;
}
