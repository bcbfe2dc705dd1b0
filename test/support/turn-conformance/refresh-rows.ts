import { attribute, method } from "../../../src/turn/wire/stun.ts";
import type { ConformanceRow } from "./row.ts";

export const refreshRows: readonly ConformanceRow[] = [
  {
    request: "Refresh",
    when: "well-formed",
    ask: async (_lab, client) => {
      await client.allocate();
      await client.refresh(600);
      return client.refresh(600);
    },
    outcome: "success",
  },
  {
    request: "Refresh",
    when: "while the node drains",
    options: { limits: { allocations: 4 } },
    ask: async (lab, client) => {
      await client.allocate();
      await lab.engine.drain({ deadlineMs: 1 });
      return client.refresh(600);
    },
    outcome: "success",
  },
  {
    request: "Refresh",
    when: "nothing is proven",
    ask: (_lab, client) => client.request(method.refresh, () => {}, { plain: true }),
    outcome: "401",
  },
  {
    request: "Refresh",
    when: "the nonce is too old",
    options: { limits: { nonceLifetimeMs: 1_000 } },
    ask: async (_lab, client) => {
      await client.allocate();
      for (;;) {
        const answer = await client.refresh(600);
        if (!answer.ok) return answer;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
    outcome: "438",
  },
  {
    request: "Refresh",
    when: "there is no allocation",
    ask: (_lab, client) => client.refresh(600),
    outcome: "437",
  },
  {
    request: "Refresh",
    when: "by another credential",
    ask: async (lab, client) => {
      await client.allocate();
      return client.sealed(method.refresh, () => {}, { credential: lab.credential("mallory") });
    },
    outcome: "441",
  },
  {
    request: "Refresh",
    when: "another family than the allocation's",
    ask: async (_lab, client) => {
      await client.allocate();
      return client.sealed(method.refresh, (writer) =>
        writer.uint32(attribute.requestedAddressFamily, 2 << 24),
      );
    },
    outcome: "443",
  },
];
