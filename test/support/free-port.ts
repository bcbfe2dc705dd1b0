import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";

/** A port of 127.0.0.1 that is free for TCP and UDP at the moment of asking. */
export async function freePort(): Promise<number> {
  for (;;) {
    const tcp = createServer().listen(0, "127.0.0.1");
    await once(tcp, "listening");
    const { port } = tcp.address() as AddressInfo;
    const udp = createSocket("udp4");
    const bound = once(udp, "listening").then(
      () => true,
      () => false,
    );
    udp.bind(port, "127.0.0.1");
    const isFree = await bound;
    udp.close();
    tcp.close();
    await once(tcp, "close");
    if (isFree) return port;
  }
}
