import type { types } from "mediasoup";
import { Scope } from "../lib/scope.ts";
import type { CloseReason } from "./close-reason.ts";
import type { RoomRouter } from "./room-router.ts";
import { Holders } from "./holders.ts";
import { SOCKET_BUFFERS } from "./socket-buffers.ts";

/** Workers of one host meet on loopback; what passes between them never leaves the machine. */
const LOOPBACK = "127.0.0.1";

type Ends = readonly [types.PipeTransport, types.PipeTransport];

/**
 * The way between the routers of one room on two workers of this host: a pair of PipeTransports,
 * which carries producers in both directions. Without SRTP and RTX, since loopback neither leaks
 * nor loses; the frames in it are sealed as everywhere.
 *
 * Owned by the Room, which hears `onClosed`. Each piped producer holds it, from before the pair
 * is connected; when the last one lets go it closes with `unused`. It closes with either router.
 * The pipes that it carries are closed by those who hold them.
 */
export class PipeLink {
  readonly #routers: readonly [RoomRouter, RoomRouter];
  readonly #scope = new Scope("pipe link");
  readonly #ready: Promise<Ends>;
  readonly #holders = new Holders(() => {
    this.close("unused");
  });

  constructor(routers: readonly [RoomRouter, RoomRouter], onClosed: () => void) {
    this.#routers = routers;
    for (const router of routers) this.#scope.add(router.adopt(this));
    this.#scope.add(onClosed);
    this.#ready = this.#connect();
    this.#ready.catch(() => {});
  }

  joins(first: RoomRouter, second: RoomRouter): boolean {
    return this.#routers.includes(first) && this.#routers.includes(second);
  }

  /** Keeps the link open until the returned function is called. */
  hold(): () => void {
    this.#scope.assertOpen();
    return this.#holders.add();
  }

  /** The two ends of the way from `origin`: the near one consumes, the far one produces. */
  async ends(origin: RoomRouter): Promise<{ near: types.PipeTransport; far: types.PipeTransport }> {
    const [first, second] = await this.#ready;
    this.#scope.assertOpen();
    return origin === this.#routers[0]
      ? { near: first, far: second }
      : { near: second, far: first };
  }

  close(reason: CloseReason): void {
    this.#scope.end(reason);
  }

  async #connect(): Promise<Ends> {
    try {
      const [first, second] = await Promise.all([
        this.#createEnd(this.#routers[0]),
        this.#createEnd(this.#routers[1]),
      ]);
      await Promise.all([connectTo(first, second), connectTo(second, first)]);
      this.#scope.assertOpen();
      return [first, second];
    } catch (error) {
      this.close("unused");
      throw error;
    }
  }

  async #createEnd(roomRouter: RoomRouter): Promise<types.PipeTransport> {
    const router = await roomRouter.ready();
    const end = await router.createPipeTransport({
      listenInfo: { protocol: "udp", ip: LOOPBACK, ...SOCKET_BUFFERS },
      enableSctp: false,
      enableRtx: false,
      enableSrtp: false,
    });
    // An end that comes after the close is closed at once by the scope.
    this.#scope.add(() => {
      end.close();
    });
    return end;
  }
}

async function connectTo(end: types.PipeTransport, other: types.PipeTransport): Promise<void> {
  await end.connect({ ip: other.tuple.localAddress, port: other.tuple.localPort });
}
