import type { ConformanceRow } from "./row.ts";

export const dataRows: readonly ConformanceRow[] = [
  {
    request: "Send",
    when: "to a peer with a permission",
    ask: async (lab, client) => {
      const peer = await lab.peer();
      await client.allocate();
      await client.permit(peer.endpoint);
      client.sendTo(peer.endpoint, "by Send");
      return (await peer.received()) === "by Send" ? "relayed" : "garbled";
    },
    outcome: "relayed",
  },
  {
    request: "Send",
    when: "to a peer without a permission",
    ask: async (lab, client) => {
      const peer = await lab.peer();
      await client.allocate();
      client.sendTo(peer.endpoint, "too early");
      await client.permit(peer.endpoint);
      client.sendTo(peer.endpoint, "in time");
      return (await peer.received()) === "in time" ? "dropped" : "relayed";
    },
    outcome: "dropped",
  },
  {
    request: "Data",
    when: "of a peer with a permission",
    ask: async (lab, client) => {
      const peer = await lab.peer();
      const { relayed } = await client.allocate();
      await client.permit(peer.endpoint);
      peer.send("back", relayed.port);
      const { from, data } = await client.received();
      return from?.endsWith(`:${peer.endpoint.port}`) && data === "back" ? "relayed" : "garbled";
    },
    outcome: "relayed",
  },
  {
    request: "Data",
    when: "of a peer without a permission",
    ask: async (lab, client) => {
      const [peer, stranger] = [await lab.peer(), await lab.peer("127.0.0.2")];
      const { relayed } = await client.allocate();
      await client.permit(peer.endpoint);
      stranger.send("unasked", relayed.port);
      peer.send("asked", relayed.port);
      return (await client.received()).data === "asked" ? "dropped" : "relayed";
    },
    outcome: "dropped",
  },
  {
    request: "Data",
    when: "datagrams of 0 and 1 bytes",
    ask: async (lab, client) => {
      const peer = await lab.peer();
      const { relayed } = await client.allocate();
      await client.permit(peer.endpoint);
      const got: string[] = [];
      for (const data of ["", "x", "and on"]) {
        peer.send(data, relayed.port);
        got.push((await client.received()).data);
      }
      return got.join("|") === "|x|and on" ? "relayed" : "garbled";
    },
    outcome: "relayed",
  },
  {
    request: "ChannelData",
    when: "both ways",
    ask: async (lab, client) => {
      const peer = await lab.peer();
      const { relayed } = await client.allocate();
      await client.bind(0x4001, peer.endpoint);
      client.sendChannel(0x4001, "by channel");
      const there = await peer.received();
      peer.send("back", relayed.port);
      const { channel, data } = await client.received();
      const whole = there === "by channel" && channel === 0x4001 && data === "back";
      return whole ? "relayed" : "garbled";
    },
    outcome: "relayed",
  },
  {
    request: "ChannelData",
    when: "of a peer, that looks like ChannelData itself",
    ask: async (lab, client) => {
      const peer = await lab.peer();
      const { relayed } = await client.allocate();
      await client.bind(0x4001, peer.endpoint);
      peer.send(Buffer.from("400200027878", "hex"), relayed.port);
      const { data } = await client.received();
      return data === Buffer.from("400200027878", "hex").toString() ? "relayed" : "garbled";
    },
    outcome: "relayed",
  },
  {
    request: "ChannelData",
    when: "on a number that is not bound",
    ask: async (lab, client) => {
      const peer = await lab.peer();
      await client.allocate();
      await client.bind(0x4001, peer.endpoint);
      client.sendChannel(0x4002, "nowhere");
      client.sendChannel(0x4001, "somewhere");
      return (await peer.received()) === "somewhere" ? "dropped" : "relayed";
    },
    outcome: "dropped",
  },
];
