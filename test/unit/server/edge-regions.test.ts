import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Config, loadConfig, Secret } from "../../../src/config/index.ts";
import { TurnIceServers } from "../../../src/server/media/ice-servers.ts";
import { turnPlaces } from "../../../src/server/media/turn-place.ts";
import { parseUsername, passwordOf } from "../../../src/turn/credentials.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const shared = "s".repeat(32);
const HOLDER = "A".repeat(22);

function configOf(environment: Readonly<Record<string, string>>): Config {
  return loadConfig({
    flags: ["--roles", "signaling,sfu", "--turn-credential-lifetime-ms", "60000"],
    environment: { APARTE_TURN_SECRETS: shared, ...environment },
    workingDirectory: "/",
  });
}

function regionsOf(config: Config, clock = new ManualClock()) {
  const places = turnPlaces(config, undefined, config.turn.secrets ?? []);
  const { credentialLifetimeMs } = config.turn;
  return new TurnIceServers({ places, credentialLifetimeMs }, clock).regions(HOLDER);
}

describe("the regions that clients are told of", () => {
  it("are the relay elsewhere that the configuration names, with a credential that expires", () => {
    const config = configOf({
      APARTE_TURN_PUBLIC_HOST: "turn.example.org",
      APARTE_TURN_TLS_PORT: "5349",
    });
    const clock = new ManualClock();
    const [{ region, iceServers } = assert.fail(), ...others] = regionsOf(config, clock);
    assert.equal(region, "home");
    assert.deepEqual(others, []);
    const [server = assert.fail()] = iceServers;
    assert.deepEqual(server.urls, [
      "turn:turn.example.org:3478?transport=udp",
      "turn:turn.example.org:3478?transport=tcp",
      "turns:turn.example.org:5349?transport=tcp",
    ]);
    const claimed = parseUsername(server.username ?? "");
    assert.equal(claimed?.id, HOLDER);
    assert.ok((claimed?.expiresAtMs ?? 0) <= clock.now() + 60_000);
    assert.equal(server.credential, passwordOf(shared, server.username ?? ""));
  });

  it("are none where nothing relays", () => {
    assert.deepEqual(regionsOf(configOf({})), []);
  });

  it("are the own one first, then the others in their order, several relays of one together", () => {
    const config = configOf({
      APARTE_REGION: "eu",
      APARTE_TURN_EDGES: [
        "us turn:us.example.org",
        "eu turns:[2001:db8::1]:443",
        "us turn:us2.example.org:3479?transport=tcp",
      ].join(","),
    });
    const regions = regionsOf(config).map(({ region, iceServers }) => ({
      region,
      urls: iceServers.map(({ urls }) => urls),
    }));
    assert.deepEqual(regions, [
      { region: "eu", urls: [["turns:[2001:db8::1]:443?transport=tcp"]] },
      {
        region: "us",
        urls: [
          ["turn:us.example.org:3478?transport=udp", "turn:us.example.org:3478?transport=tcp"],
          ["turn:us2.example.org:3479?transport=tcp"],
        ],
      },
    ]);
  });

  it("have credentials by their own secret where they have one, the first of several", () => {
    const [first, second] = ["f".repeat(32), "g".repeat(32)];
    const config = configOf({
      APARTE_TURN_EDGES: "us turn:us.example.org,eu turn:eu.example.org",
      APARTE_TURN_EDGE_SECRETS: `us=${first},us=${second}`,
    });
    const [us = assert.fail(), eu = assert.fail()] = regionsOf(config).map(
      ({ iceServers: [server] }) => server,
    );
    assert.equal(us.credential, passwordOf(first, us.username ?? ""));
    assert.equal(eu.credential, passwordOf(shared, eu.username ?? ""));
  });

  it("change with the plan, for whoever asks from then on", () => {
    const clock = new ManualClock();
    const place = { region: "eu", urls: ["turn:eu.example.org"], secret: new Secret(shared) };
    const servers = new TurnIceServers({ places: [], credentialLifetimeMs: 1_000 }, clock);
    assert.deepEqual(servers.regions(HOLDER), []);
    servers.use({ places: [place], credentialLifetimeMs: 1_000 });
    assert.equal(servers.regions(HOLDER)[0]?.region, "eu");
  });
});
