import { parentPort, workerData } from "node:worker_threads";
import { SignalingConnection } from "../../src/client/connection/signaling-connection.ts";
import { Newcomer } from "../../src/e2ee/group/index.ts";
import { randomId } from "./crowd.ts";
import type { SilentRequest, SilentWorkerData } from "./silent-messages.ts";

const { port, invitation }: SilentWorkerData = workerData;
const members: SilentMember[] = [];

/** Somebody with a leaf and a connection, who never computes a key. */
class SilentMember {
  readonly participantId = randomId();
  readonly #connection = new SignalingConnection({ url: new URL(`http://127.0.0.1:${port}`) });

  async leave(): Promise<void> {
    await this.#connection.request("room:leave", {});
    this.#connection.close("bench");
  }

  async enter(): Promise<void> {
    const { participantId } = this;
    const { keyPackage } = await Newcomer.create({ invitation, participantId }, Date.now());
    const { events, notifications } = this.#connection;
    const up = new Promise<void>((resolve) => events.once("connection:up", () => resolve()));
    this.#connection.open();
    await up;
    const { roomId } = invitation;
    await this.#connection.request("room:join", { roomId, participantId });
    const admitted = new Promise<void>((resolve) =>
      notifications.once("group:welcome", () => resolve()),
    );
    await this.#connection.request("group:propose", { keyPackage });
    await admitted;
    // From now on the server asks others for what this member could not give.
    await this.#connection.request("group:info", {}).catch(() => undefined);
  }
}

parentPort?.on("message", (request: SilentRequest) => {
  void perform(request).then(() =>
    parentPort?.postMessage(
      members.map(({ participantId }) => participantId),
      [],
    ),
  );
});

async function perform(request: SilentRequest): Promise<void> {
  if (request.kind === "leave") return members.pop()?.leave();
  const coming = Array.from({ length: request.count }, () => new SilentMember());
  await Promise.all(coming.map((member) => member.enter()));
  members.push(...coming);
}
