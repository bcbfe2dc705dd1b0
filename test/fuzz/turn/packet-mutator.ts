import { attribute, messageClass, method, udpProtocol } from "../../../src/turn/wire/stun.ts";
import { StunWriter } from "../../../src/turn/wire/stun-writer.ts";
import { endpoint } from "../../support/turn-client.ts";
import { seededRandom } from "../../support/turn-core-lab.ts";
import type { Seal } from "../../support/turn-request.ts";
import { turnRequest } from "../../support/turn-request.ts";

/** Whom the requests are about: a rule of the relay under test names it. */
const mutationPeer = endpoint("198.51.100.7", 40_000);

type Request = readonly [method: number, build: (writer: StunWriter) => void];

/** Packets that are nearly right, the same ones for the same seed. */
export class PacketMutator {
  readonly random: () => number;
  readonly #requests: readonly [Request, ...Request[]] = [
    [method.binding, () => {}],
    [
      method.allocate,
      (w) =>
        w.uint32(attribute.requestedTransport, udpProtocol << 24).uint32(attribute.lifetime, 60),
    ],
    [
      method.allocate,
      (w) =>
        w
          .uint32(attribute.requestedTransport, udpProtocol << 24)
          .bytes(attribute.evenPort, Buffer.from([0x80])),
    ],
    [method.refresh, (w) => w.uint32(attribute.lifetime, this.pick([0, 600]))],
    [method.createPermission, (w) => w.address(attribute.xorPeerAddress, mutationPeer)],
    [
      method.channelBind,
      (w) =>
        w
          .uint32(attribute.channelNumber, 0x40000000)
          .address(attribute.xorPeerAddress, mutationPeer),
    ],
  ];

  constructor(seed: string) {
    this.random = seededRandom(seed);
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[Math.floor(this.random() * items.length)] ?? items[0];
  }

  /** A request with or without mistakes, a Send indication, or ChannelData. */
  packet(seal: Seal): Buffer {
    const choice = this.random();
    if (choice < 0.4) return this.#strangeRequest(seal);
    const [number, build] = this.pick(this.#requests);
    if (choice < 0.7) return this.mutated(turnRequest({ method: number, build, seal }));
    if (choice < 0.85) return this.mutated(sendIndication());
    return this.mutated(Buffer.from("400000077061796c6f616400", "hex"));
  }

  /** Some bytes changed, cut off or repeated. */
  mutated(original: Buffer): Buffer {
    const bytes = Buffer.from(original);
    const flips = Math.floor(this.random() * 4);
    for (let flip = 0; flip < flips && bytes.length > 0; flip += 1) {
      const at = Math.floor(this.random() * bytes.length);
      bytes.writeUInt8(this.pick([0, 0xff, 0x7f, 0x80, Math.floor(this.random() * 256)]), at);
    }
    const choice = this.random();
    if (choice < 0.2) return bytes.subarray(0, Math.floor(this.random() * bytes.length));
    if (choice < 0.3) {
      return Buffer.concat([bytes, bytes.subarray(0, Math.floor(this.random() * 50))]);
    }
    return bytes;
  }

  /** A proven request with things in it that do not belong there: it gets past the seal. */
  #strangeRequest(seal: Seal): Buffer {
    const [number, build] = this.pick(this.#requests);
    return turnRequest({
      method: number,
      seal,
      build: (writer) => {
        if (this.random() < 0.5) this.#strangeAttribute(writer);
        build(writer);
        while (this.random() < 0.3) this.#strangeAttribute(writer);
      },
    });
  }

  /** Any attribute of any size, more often one that the server reads. */
  #strangeAttribute(writer: StunWriter): void {
    const known = Object.values(attribute);
    const type =
      this.random() < 0.8
        ? known[Math.floor(this.random() * known.length)]
        : this.random() * 0xffff;
    const size = this.pick([0, 1, 3, 4, 8, 20, 33, 200]);
    writer.bytes(Math.floor(type ?? 0), Buffer.alloc(size, Math.floor(this.random() * 256)));
  }
}

export function sendIndication(): Buffer {
  const buffer = Buffer.alloc(400);
  const { length } = new StunWriter()
    .begin(buffer, method.send, messageClass.indication, Buffer.alloc(12), 0)
    .address(attribute.xorPeerAddress, mutationPeer)
    .bytes(attribute.data, Buffer.from("payload"));
  return buffer.subarray(0, length);
}
