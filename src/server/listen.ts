import type { Server } from "node:net";
import { StartError } from "./start-error.ts";

export interface ListenPlace {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The section that `host` and `port` come from, for messages. */
  readonly section: "http" | "admin";
}

/** Resolves with the port. Rejects with `StartError`, and then nothing is left open. */
export function listen(server: Server, { host, port, section }: ListenPlace): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error) => {
      reject(explained(error, { host, port, section }));
    };
    server.once("error", refuse);
    server.listen({ host, port }, () => {
      server.removeListener("error", refuse);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function explained(error: Error, { host, port, section }: ListenPlace): Error {
  const flag = `--${section}-port`;
  switch ("code" in error ? error.code : undefined) {
    case "EADDRINUSE":
      return new StartError(
        "port-taken",
        `Port ${port} is taken by another program: choose another one with ${section}.port (${flag} ${nearbyPort(port)}), or end that program.`,
      );
    case "EACCES":
      return new StartError(
        "port-forbidden",
        `This user may not listen on port ${port}: choose one above 1023 with ${section}.port (${flag} ${nearbyPort(port, 8_000)}).`,
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new StartError(
        "address-unknown",
        `This machine has no address ${host}: set ${section}.host to one that it has, or to 0.0.0.0 for all.`,
      );
    default:
      return error;
  }
}

/** Another port to propose. */
export function nearbyPort(port: number, distance = 100): number {
  return port + distance > 65_535 ? port - distance : port + distance;
}
