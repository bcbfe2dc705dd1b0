/** What we use of node-turn 0.0.6, which has no types of its own. Names are the package's. */

declare module "node-turn/lib/address.js" {
  export default class Address {
    readonly address: string;
    readonly port: number;
    constructor(address: string, port: number);
  }
}

declare module "node-turn/lib/transport.js" {
  import type Address from "node-turn/lib/address.js";

  export interface TransportSocket {
    send(bytes: Buffer, port: number, address: string, done: () => void): void;
  }

  export default class Transport {
    readonly src: Address;
    readonly dst: Address;
    readonly socket: TransportSocket;
    constructor(protocol: number, src: Address, dst: Address, socket: TransportSocket);
    get5Tuple(): string;
  }
}

declare module "node-turn/lib/allocation.js" {
  import type Address from "node-turn/lib/address.js";
  import type Message from "node-turn/lib/message.js";

  export interface AllocationSocket {
    address(): { readonly address: string; readonly port: number };
    on(event: "message", listener: (data: Buffer, from: unknown) => void): void;
    send(data: Buffer, port: number, address: string, done: () => void): void;
  }

  export default class Allocation {
    constructor(message: Message, sockets: readonly AllocationSocket[], lifetimeS: number);
    readonly sockets: readonly AllocationSocket[];
    readonly transactionID: string;
    readonly user: { readonly username: string };
    readonly relayedTransportAddress: Address;
    readonly mappedAddress: Address;
    readonly timer: NodeJS.Timeout;
    readonly timeToExpiry: number;
    /** Until when, in Unix milliseconds, by address. */
    readonly permissions: Record<string, number>;
    /** By channel number. */
    readonly channelBindings: Record<string, Address>;
    getPeerChannelNumber(peer: Address): number | undefined;
  }
}

declare module "node-turn/lib/message.js" {
  import type Allocation from "node-turn/lib/allocation.js";
  import type Server from "node-turn/lib/server.js";
  import type Transport from "node-turn/lib/transport.js";

  export default class Message {
    class: number;
    method: number;
    transactionID: string;
    user: { readonly username: string; readonly password: string } | null;
    allocation: Allocation | null;
    readonly attributes: readonly { readonly name: string }[];
    readonly transport: Transport;
    constructor(server: Server, transport: Transport);
    read(bytes: Buffer): boolean;
    reply(): Message;
    addAttribute(name: string, value?: unknown): void;
    getAttribute(name: string): unknown;
    getAttributes(name: string): unknown[];
    toBuffer(): Buffer;
    resolve(): void;
    reject(code: number, reason: string): void;
  }
}

declare module "node-turn/lib/channelMessage.js" {
  export default class ChannelMessage {
    constructor(channelNumber: number, data: Buffer);
    write(): Buffer;
  }
}

declare module "node-turn/lib/server.js" {
  import type { Socket } from "node:dgram";
  import type Allocation from "node-turn/lib/allocation.js";
  import type Message from "node-turn/lib/message.js";

  type Handler = (message: Message, reply: Message) => void;

  export default class Server {
    allocations: Record<string, Allocation>;
    software: string;
    /** The two that its Refresh reads, and that nothing in it sets. */
    defaultLifetime: number;
    maxAllocateTimeout: number;
    readonly authentification: {
      credentials: Record<string, string>;
      generateNonce: () => string;
      checkNonce: (nonce: string) => boolean;
    };
    readonly allocate: {
      allocate: Handler;
    };
    readonly refresh: { refresh: Handler };
    readonly createPermission: { createPermission: Handler };
    readonly channelBind: { channelBind: Handler };
    readonly send: { send: Handler };
    constructor(config: {
      readonly realm: string;
      readonly authMech: "long-term";
      readonly listeningIps: readonly string[];
      readonly listeningPort?: number;
      readonly relayIps?: readonly string[];
      readonly minPort?: number;
      readonly maxPort?: number;
      readonly credentials?: Readonly<Record<string, string>>;
      readonly log: (message: unknown) => void;
      readonly debugLevel: "OFF";
    });
    readonly network: { readonly sockets: readonly Socket[] };
    start(): void;
    emit(event: "message", message: Message): boolean;
  }
}
