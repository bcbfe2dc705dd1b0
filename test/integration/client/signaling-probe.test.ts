import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { SignalingConnection } from "../../../src/client/connection/signaling-connection.ts";
import type { Sfu } from "../../../src/sfu/index.ts";
import type { CuttableProxy } from "../../support/cuttable-proxy.ts";
import { startCuttableProxy } from "../../support/cuttable-proxy.ts";
import { LabServer } from "../../support/group-lab.ts";
import { startSfu, until } from "../../support/sfu-lab.ts";

const WAIT_MS = 20_000;

describe("a connection that is in doubt", () => {
  let sfu: Sfu;
  let server: LabServer;
  let proxy: CuttableProxy;
  let connection: SignalingConnection;
  let seen: string[];

  before(async () => {
    sfu = await startSfu({ workerCount: 1 });
    server = await LabServer.start(sfu);
  });
  after(async () => {
    await server.close();
    await sfu.close();
  });
  beforeEach(async () => {
    seen = [];
    proxy = await startCuttableProxy(server.port);
    connection = new SignalingConnection({ url: new URL(`http://127.0.0.1:${proxy.port}`) });
    for (const name of ["connection:up", "connection:down"] as const) {
      connection.events.on(name, () => seen.push(name));
    }
    connection.open();
    await until("a connection", () => connection.connected, WAIT_MS);
  });
  afterEach(async () => {
    connection.close("test ends");
    await proxy.close();
  });

  it("stays when it shows life", async () => {
    await connection.probe();
    assert.deepEqual(seen, ["connection:up"]);
  });

  it("is made anew when it shows none, long before its end would be noticed", async () => {
    proxy.swallow();
    await connection.probe();
    await until("another connection", () => connection.connected, WAIT_MS);
    assert.deepEqual(seen, ["connection:up", "connection:down", "connection:up"]);
    await connection.request("server:regions", {});
  });

  it("is made anew once, however often it is doubted", async () => {
    proxy.swallow();
    await Promise.all([connection.probe(), connection.probe(), connection.probe()]);
    await until("another connection", () => connection.connected, WAIT_MS);
    await connection.probe();
    assert.deepEqual(seen, ["connection:up", "connection:down", "connection:up"]);
  });

  it("is not waited for when there is none and the network is there again", async () => {
    proxy.cut();
    await until("no connection", () => !connection.connected, WAIT_MS);
    proxy.mend();
    await connection.probe();
    await until("another connection", () => connection.connected, WAIT_MS);
    assert.deepEqual(seen, ["connection:up", "connection:down", "connection:up"]);
  });

  it("is left alone when it was closed", async () => {
    connection.close("done");
    await connection.probe();
    assert.equal(connection.connected, false);
  });
});
