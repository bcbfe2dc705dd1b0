import { StunWriter } from "../../../src/turn/wire/stun-writer.ts";
import { messageClass, method } from "../../../src/turn/wire/stun.ts";
import type { ConformanceRow } from "./row.ts";

export const bindingRows: readonly ConformanceRow[] = [
  {
    request: "Binding",
    when: "without a credential",
    ask: (_lab, client) => client.request(method.binding, () => {}, { plain: true }),
    outcome: "success",
  },
  {
    request: "Binding",
    when: "an unknown attribute that must be understood",
    ask: (_lab, client) =>
      client.request(method.binding, (writer) => writer.uint32(0x7abc, 1), { plain: true }),
    outcome: "420",
  },
];

export const otherRows: readonly ConformanceRow[] = [
  {
    request: "Others",
    when: "a method that does not exist",
    ask: async (_lab, client) => {
      const unanswered = client.request(0x0ff, () => {}, { plain: true, patienceMs: 300 });
      return unanswered.catch(() => "dropped");
    },
    outcome: { builtin: "dropped", "node-turn": "dropped", coturn: "401" },
    note: "coturn challenges before it looks",
  },
  {
    request: "Others",
    when: "garbage, and a Binding after it",
    ask: async (_lab, client) => {
      for (const bytes of ["", "00", "40", "400000", "ffffffff", "0001000021"]) {
        client.raw(Buffer.from(bytes, "hex"));
      }
      const buffer = Buffer.alloc(64);
      const { length } = new StunWriter().begin(
        buffer,
        method.allocate,
        messageClass.success,
        Buffer.alloc(12),
        0,
      );
      client.raw(buffer.subarray(0, length));
      return client.request(method.binding, () => {}, { plain: true });
    },
    outcome: "success",
  },
];
