import { ProtocolError } from "../../src/protocol/index.ts";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SignalingConnection } from "../../src/client/connection/signaling-connection.ts";
import type { EpochChange } from "../../src/client/group/group-events.ts";
import { GroupSession } from "../../src/client/group/group-session.ts";
import { RoomRoster } from "../../src/client/room-roster.ts";
import type { Invitation } from "../../src/e2ee/invitation/index.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/observability/index.ts";
import type { SfuControl } from "../../src/signaling/ports.ts";
import { NO_METRICS } from "../../src/signaling/signaling-metrics.ts";
import type { SignalingOptions } from "../../src/signaling/signaling-options.ts";
import { DEFAULT_SIGNALING_OPTIONS } from "../../src/signaling/signaling-options.ts";
import { SignalingServer } from "../../src/signaling/signaling-server.ts";
import { randomId } from "./sfu-lab.ts";

const ASK_AGAIN_MS = 100;

/** A real signaling server on a loopback port, with an SFU that the test gives. */
export class LabServer {
  readonly port: number;
  readonly signaling: SignalingServer;
  readonly #http: Server;

  static async start(sfu: SfuControl, options: Partial<SignalingOptions> = {}): Promise<LabServer> {
    const http = createServer();
    const signaling = new SignalingServer({
      httpServer: http,
      sfu,
      ice: { regions: () => [] },
      options: { ...DEFAULT_SIGNALING_OPTIONS, closeFlushMs: 20, ...options },
      logger: silentLogger,
      clock: systemClock,
      metrics: NO_METRICS,
    });
    await signaling.start();
    await new Promise<void>((resolve) => {
      http.listen(0, "127.0.0.1", resolve);
    });
    return new LabServer(http, signaling);
  }

  private constructor(http: Server, signaling: SignalingServer) {
    this.#http = http;
    this.signaling = signaling;
    this.port = (http.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    await this.signaling.close("test ends");
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

/** A participant without media: what the SDK does for the group, over a real socket. */
export class LabMember {
  readonly participantId = randomId();
  readonly connection: SignalingConnection;
  readonly roster: RoomRoster;
  readonly session: GroupSession;
  readonly messages: { from: string; name: string }[] = [];
  readonly failures: unknown[] = [];
  last: EpochChange | undefined;
  /** Epochs in the order in which this member reached them. */
  readonly epochs: number[] = [];
  #resumeToken: string | undefined;
  #isClosed = false;
  readonly #roomId: string;

  constructor(
    port: number,
    invitation: Invitation,
    { updateIntervalMs = 3_600_000, leaveWindowMs = 100 } = {},
  ) {
    this.#roomId = invitation.roomId;
    this.connection = new SignalingConnection({ url: new URL(`http://127.0.0.1:${port}`) });
    this.roster = new RoomRoster(this.connection, this.participantId);
    this.session = new GroupSession({
      connection: this.connection,
      invitation,
      participantId: this.participantId,
      clock: systemClock,
      updateIntervalMs,
      leaveWindowMs,
    });
    this.session.events.on("epoch:changed", (change) => {
      this.last = change;
      this.epochs.push(change.keys.epoch);
    });
    this.session.events.on("message:received", ({ from, message }) => {
      if (message.type === "profile") this.messages.push({ from, name: message.name });
    });
    this.session.events.on("group:failed", (error) => this.failures.push(error));
    this.roster.events.on("roster:changed", () => {
      this.session.rosterChanged(this.roster.present, this.roster.left);
    });
  }

  /** Resolves when this member has entered the group; comes back by itself afterwards. */
  join(): Promise<void> {
    const joined = new Promise<void>((resolve, reject) => {
      this.connection.events.on("connection:up", () => {
        this.#enter().then(resolve, (error: unknown) => {
          // A stay of ours that is not over yet there: asked again until it is, as the SDK does.
          const isKept = error instanceof ProtocolError && error.code === "resume-refused";
          if (isKept) setTimeout(() => this.#askAgain(), ASK_AGAIN_MS);
          else reject(error instanceof Error ? error : new Error(String(error)));
        });
      });
    });
    this.connection.open();
    return joined;
  }

  get names(): string[] {
    return this.last?.members.map((member) => member.participantId) ?? [];
  }

  get baseKey(): string {
    return Buffer.from(this.last?.keys.baseKey ?? []).toString("hex");
  }

  async leave(): Promise<void> {
    await this.connection.request("room:leave", {});
    this.close();
  }

  close(): void {
    this.#isClosed = true;
    this.session.close("test");
    this.roster.close();
    this.connection.close("test");
  }

  #askAgain(): void {
    if (!this.#isClosed) this.connection.reopen();
  }

  async #enter(): Promise<void> {
    const { position } = this.session;
    const answer = await this.connection.request("room:join", {
      roomId: this.#roomId,
      participantId: this.participantId,
      ...(this.#resumeToken === undefined ? {} : { resumeToken: this.#resumeToken }),
      ...(position === undefined ? {} : { group: position }),
    });
    this.#resumeToken = answer.resumeToken;
    this.roster.reset(answer.participants);
    await this.session.enter(answer.group);
  }
}

/** Whether all hold the same keys and the same tree, of exactly these members. */
export function agree(members: readonly LabMember[]): boolean {
  const [first] = members;
  return (
    first !== undefined &&
    members.every((member) => member.baseKey === first.baseKey) &&
    members.every((member) => member.names.length === members.length)
  );
}
