import type { z } from "zod";
import type { GroupConnection } from "../../../src/client/group/group-connection.ts";
import type { EpochChange } from "../../../src/client/group/group-events.ts";
import { GroupSession } from "../../../src/client/group/group-session.ts";
import type { ConnectionEvents } from "../../../src/client/connection/signaling-connection.ts";
import type { Invitation } from "../../../src/e2ee/invitation/index.ts";
import { Emitter } from "../../../src/lib/emitter.ts";
import type {
  ClientRequestInput,
  ClientRequestName,
  ClientRequestOutput,
  NotificationName,
  NotificationPayloads,
  ServerRequestName,
  ServerRequestOutput,
} from "../../../src/protocol/index.ts";
import { notifications, ProtocolError, serverRequests } from "../../../src/protocol/index.ts";
import type { Connection } from "../../../src/signaling/connection.ts";
import type { Session } from "../../../src/signaling/session.ts";
import { randomId } from "../../support/protocol-client.ts";
import type { BadNetwork } from "./bad-network.ts";
import type { SimServer } from "./sim-server.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** The contract's tables, seen so that the compiler knows a row by its name. */
const payloads: { [Name in NotificationName]: z.ZodType<NotificationPayloads[Name]> } =
  notifications;
const outputs: { [Name in ServerRequestName]: { output: z.ZodType<ServerRequestOutput<Name>> } } =
  serverRequests;

/** What ends a call in the SDK too. */
const FINAL: ReadonlySet<string> = new Set([
  "locked",
  "link-void",
  "kicked",
  "group-failed",
  "resume-refused",
  "participant-exists",
]);
const REQUEST_TIMEOUT_MS = 10_000;
const RETRY_MS = 1_000;

type Provide = () => Promise<ServerRequestOutput<"group:provide-info">>;

export interface SimClientOptions {
  readonly participantId: string;
  readonly server: SimServer;
  readonly invitation: Invitation;
  readonly time: VirtualTime;
  readonly network: BadNetwork;
  readonly updateIntervalMs?: number;
}

/** A participant: the SDK's own group session on a connection of the simulation's. */
export class SimClient implements GroupConnection {
  readonly participantId: string;
  readonly events = new Emitter<ConnectionEvents>();
  readonly notifications = new Emitter<NotificationPayloads>();
  readonly session: GroupSession;
  /** Every key that this participant ever held, by what it is. */
  readonly keys = new Set<string>();
  last: EpochChange | undefined;
  /** Why the call is over for this participant. */
  failure: string | undefined;
  readonly #time: VirtualTime;
  readonly #network: BadNetwork;
  readonly #roomId: string;
  #server: SimServer;
  #link: { readonly session: Session; open: boolean } | undefined;
  #provide: Provide | undefined;
  #resumeToken: string | undefined;
  #present = new Set<string>();
  #left = new Set<string>();

  constructor({
    participantId,
    server,
    invitation,
    time,
    network,
    updateIntervalMs = 60_000,
  }: SimClientOptions) {
    this.participantId = participantId;
    this.#server = server;
    this.#time = time;
    this.#network = network;
    this.#roomId = invitation.roomId;
    this.session = new GroupSession({
      connection: this,
      invitation,
      participantId: this.participantId,
      clock: time,
      updateIntervalMs,
      leaveWindowMs: 100,
    });
    this.session.events.on("epoch:changed", (change) => {
      this.last = change;
      this.keys.add(this.key);
      const members = new Set(change.members.map((member) => member.participantId));
      for (const id of this.#left) if (!members.has(id)) this.#left.delete(id);
    });
    this.session.events.on("group:failed", (error) => this.#fail(error.code));
    this.#followRoster();
  }

  get key(): string {
    return Buffer.from(this.last?.keys.baseKey ?? []).toString("hex");
  }

  get roster(): string[] {
    return (this.last?.members ?? []).map((member) => member.participantId).sort();
  }

  get connected(): boolean {
    return this.#link?.open === true;
  }

  connect(server: SimServer): void {
    if (this.failure !== undefined || this.connected) return;
    this.#server = server;
    const link = { session: server.connect(this.#serverSide(randomId())), open: true };
    this.#link = link;
    this.events.emit("connection:up", undefined);
    void this.#enter(link);
  }

  cut(): void {
    const link = this.#link;
    if (link?.open !== true) return;
    link.open = false;
    this.#server.disconnect(link.session);
    this.events.emit("connection:down", undefined);
  }

  async leave(): Promise<void> {
    await this.request("room:leave", {}).catch(() => undefined);
    this.#fail("left");
  }

  close(): void {
    this.cut();
    this.session.close("closed");
  }

  request<Name extends ClientRequestName>(
    name: Name,
    input: ClientRequestInput<Name>,
  ): Promise<ClientRequestOutput<Name>> {
    const [link, server] = [this.#link, this.#server];
    return new Promise((resolve, reject) => {
      if (link?.open !== true) {
        reject(new ProtocolError("disconnected"));
        return;
      }
      const stopTimeout = this.#time.after(REQUEST_TIMEOUT_MS, () => fail("timed-out"));
      const stopDown = this.events.on("connection:down", () => fail("disconnected"));
      const settle = (act: () => void) => {
        stopTimeout();
        stopDown();
        act();
      };
      const fail = (code: "timed-out" | "disconnected") =>
        settle(() => reject(new ProtocolError(code)));
      const answer = (act: () => void) =>
        this.#network.carryOnce(() => {
          if (link.open) settle(act);
        });
      this.#network.carryOnce(() => {
        if (!link.open) return;
        server.handle(link.session, name, input).then(
          (output) => answer(() => resolve(output)),
          (error: unknown) => answer(() => reject(asError(error))),
        );
      });
    });
  }

  answer<Name extends ServerRequestName>(
    _name: Name,
    handler: () => Promise<ServerRequestOutput<Name>>,
  ): void {
    this.#provide = handler;
  }

  async #enter(link: { open: boolean }): Promise<void> {
    try {
      const { position } = this.session;
      const answer = await this.request("room:join", {
        roomId: this.#roomId,
        participantId: this.participantId,
        ...(this.#resumeToken === undefined ? {} : { resumeToken: this.#resumeToken }),
        ...(position === undefined ? {} : { group: position }),
      });
      this.#resumeToken = answer.resumeToken;
      this.#present = new Set(answer.participants.map(({ participantId }) => participantId));
      this.#tellRoster();
      await this.session.enter(answer.group);
    } catch (error) {
      if (!link.open || this.failure !== undefined) return;
      const code = codeOf(error);
      if (FINAL.has(code)) this.#fail(code);
      else {
        // As the SDK does: everything again, on a new connection.
        this.#time.after(RETRY_MS, () => {
          if (!link.open) return;
          this.cut();
          this.connect(this.#server);
        });
      }
    }
  }

  #fail(code: string): void {
    this.failure ??= code;
    this.close();
  }

  #followRoster(): void {
    this.notifications.on("participant:joined", ({ participant }) => {
      this.#left.delete(participant.participantId);
      this.#present.add(participant.participantId);
      this.#tellRoster();
    });
    this.notifications.on("participant:left", ({ participantId }) => {
      this.#present.delete(participantId);
      this.#left.add(participantId);
      this.#tellRoster();
    });
  }

  #tellRoster(): void {
    this.session.rosterChanged(new Set(this.#present), new Set(this.#left));
  }

  #serverSide(id: string): Connection {
    const [network, server] = [this.#network, this.#server];
    const isOpen = () => this.#link?.session.connection.id === id && this.connected;
    return {
      id,
      address: "127.0.0.1",
      get closed() {
        return !isOpen();
      },
      notify: (name, payload) => {
        network.carry(() => {
          if (isOpen()) this.notifications.emit(name, payloads[name].parse(payload));
        });
      },
      request: (name, _input, timeoutMs) =>
        new Promise((resolve, reject) => {
          const stop = this.#time.after(timeoutMs, () => reject(new ProtocolError("timed-out")));
          network.carryOnce(() => {
            if (!isOpen()) return;
            this.#provide?.().then(
              (info) =>
                network.carryOnce(() => {
                  stop();
                  resolve(outputs[name].output.parse(info));
                }),
              () => reject(new ProtocolError("group-missing")),
            );
          });
        }),
      enterRoom: (roomId) => server.enterRoom(roomId, id),
      leaveRoom: (roomId) => server.leaveRoom(roomId, id),
      spendAmplified: () => undefined,
      close: () => {
        this.#time.after(1, () => {
          if (isOpen()) this.cut();
        });
      },
    };
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new ProtocolError("internal");
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "internal";
}
