/** Called for each datagram of a peer; the bytes may be kept. */
export type PeerPacketHandler = (packet: Buffer, address: string, port: number) => void;

/** One bound UDP port towards peers. */
export interface RelaySocket {
  readonly port: number;

  /** Packets that arrive while there is no handler are dropped. */
  deliverTo(handler: PeerPacketHandler | undefined): void;

  /** Returns false when the packet was dropped because too much waits already. */
  send(buffer: Buffer, start: number, length: number, port: number, address: string): boolean;

  close(): void;
}

/** What the core needs of the machine's network, and what a test may replace. */
export interface RelayNetwork {
  /** Undefined when the port can't be had at this moment. */
  bind(address: string, port: number): RelaySocket | undefined;
}
