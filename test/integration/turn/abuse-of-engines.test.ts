import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { PeerRefusal } from "../../../src/turn/peer-policy.ts";
import { turnEngineNames } from "../../../src/turn/turn-options.ts";
import { endpoint, TurnClient } from "../../support/turn-client.ts";
import { EngineLab } from "../../support/turn-engines.ts";
import { secret } from "../../support/turn-lab-options.ts";
import { until } from "../../support/turn-lab.ts";

/** What somebody with an allocation would like to reach from inside the operator's network. */
const wanted: readonly [address: string, port: number, reason: PeerRefusal][] = [
  ["127.0.0.2", 22, "loopback"],
  ["169.254.169.254", 80, "link-local"],
  ["10.0.0.1", 6_379, "private"],
  ["172.16.0.1", 80, "private"],
  ["192.168.0.1", 443, "private"],
  ["100.100.100.200", 80, "private"],
  ["192.0.2.1", 80, "reserved"],
  ["0.0.0.0", 80, "unspecified"],
  ["224.0.0.251", 5_353, "multicast"],
  ["255.255.255.255", 67, "broadcast"],
];
/** These coturn refuses by itself, without saying whom. */
const silentOfCoturn: readonly PeerRefusal[] = [
  "loopback",
  "unspecified",
  "multicast",
  "broadcast",
];
const insideOthers = ["::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "::1"];

/** As an operator has it whose SFU is at one address, and whose relay is for calls only. */
for (const engine of turnEngineNames) {
  describe(`abuse of ${engine}`, () => {
    let lab: EngineLab;
    before(async () => {
      lab = await EngineLab.start(engine, {
        peers: { allowed: [{ range: "203.0.113.9" }], denied: [], others: "allow-public" },
      });
    });
    after(async () => {
      await lab.close();
    });

    test("no address of the operator's own is reached, and each attempt is counted", async () => {
      const client = await lab.client();
      assert.ok((await client.allocate()).ok);
      for (const [address, port, reason] of wanted) {
        const { refusals: earlier, peerRefusals: earlierPeers } = lab.engine.stats();
        const silent = engine === "coturn" && silentOfCoturn.includes(reason);
        const peer = endpoint(address, port);
        const answers = [await client.permit(peer), await client.bind(0x4000, peer)];
        assert.deepEqual(
          answers.map(({ code }) => code),
          [403, 403],
          address,
        );
        await until(() => {
          const { refusals, peerRefusals } = lab.engine.stats();
          return (
            refusals["peer-denied"] === earlier["peer-denied"] + 2 &&
            peerRefusals[reason] >= earlierPeers[reason] + (silent ? 0 : 2)
          );
        }, `${address} is counted twice as ${reason}`);
        client.sendTo(peer, "knock");
      }
      assert.equal(lab.engine.stats().totals.packetsFromClients, 0, "nothing has left");
    });

    test("IPv4 written as IPv6 is no way around", async () => {
      const client = await lab.client("mapper");
      assert.ok((await client.allocate()).ok);
      for (const address of insideOthers) {
        const peer = endpoint(address, 80);
        const codes = [(await client.permit(peer)).code, (await client.bind(0x4000, peer)).code];
        assert.ok(
          codes.every((code) => code === 403 || code === 443),
          `${address}: ${codes.join()}`,
        );
      }
      const { refusals } = lab.engine.stats();
      await until(() => {
        const now = lab.engine.stats().refusals;
        return now["peer-denied"] + now["peer-family"] >= refusals["peer-denied"];
      }, "they are counted");
    });

    test("expired, forged and foreign credentials open nothing, and are counted", async () => {
      const unproven = () => {
        const { refusals } = lab.engine.stats();
        return refusals["bad-credential"] + refusals["expired-credential"];
      };
      const right = lab.credential("eve");
      const attempts = [
        lab.credential("eve", -60_000),
        { ...right, password: "guessed" },
        { ...right, username: right.username.replace("eve", "adam") },
        { ...right, username: right.username.replace(/^\d+/, "99999999999") },
        lab.credential("eve", 60_000, `${secret} of another deployment`),
        { username: "constructor", password: "function Object() { [native code] }" },
      ];
      const counted = unproven();
      for (const credential of attempts) {
        const client = await TurnClient.connect(lab.listener(), credential);
        const { code } = await client.allocate().finally(() => client.close());
        assert.equal(code, 401, credential.username);
      }
      await until(() => unproven() === counted + attempts.length, "each is counted");
    });
  });
}
