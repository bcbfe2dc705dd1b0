import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import {
  changedSettings,
  ConfigError,
  loadConfig,
  Secret,
  splitEdge,
  splitEdgeSecret,
} from "../../../src/config/index.ts";

const secret = "s".repeat(32);

function load(environment: Readonly<Record<string, string>>) {
  return loadConfig({
    flags: [],
    environment: { APARTE_TURN_SECRETS: secret, ...environment },
    workingDirectory: "/",
  });
}

function problemsOf(environment: Readonly<Record<string, string>>): string[] {
  try {
    load(environment);
  } catch (error) {
    assert.ok(error instanceof ConfigError, inspect(error));
    return error.problems.map(({ message }) => message);
  }
  return [];
}

describe("an edge", () => {
  it("has its region and its URLs, each with port and transport", () => {
    assert.deepEqual(splitEdge("eu turn:turn.example.org turns:[2001:db8::1]:443"), {
      region: "eu",
      urls: [
        "turn:turn.example.org:3478?transport=udp",
        "turn:turn.example.org:3478?transport=tcp",
        "turns:[2001:db8::1]:443?transport=tcp",
      ],
    });
    assert.deepEqual(splitEdge("us  TURN:203.0.113.9:80?transport=TCP").urls, [
      "turn:203.0.113.9:80?transport=tcp",
    ]);
  });

  for (const text of [
    "eu",
    "turn:turn.example.org",
    "-eu turn:turn.example.org",
    "eu http://turn.example.org",
    "eu stun:turn.example.org",
    "eu turn:turn.example.org:0",
    "eu turn:turn.example.org:65536",
    "eu turn:turn.example.org/path",
    "eu turn:user@turn.example.org",
    "eu turns:turn.example.org?transport=udp",
    "eu turn:turn.example.org?transport=sctp",
    "eu turn:",
    "eu turn:a.example turn:b.example turn:c.example",
  ]) {
    it(`is refused as ${JSON.stringify(text)}`, () => {
      assert.equal(problemsOf({ APARTE_TURN_EDGES: text }).length, 1);
    });
  }
});

describe("secrets of edges", () => {
  it("belong to a region", () => {
    const { region, secret: own } = splitEdgeSecret(new Secret(`eu=${secret}=`));
    assert.equal(region, "eu");
    assert.equal(own.reveal(), `${secret}=`);
  });

  it("are refused without a region, when too short, and where no relay is", () => {
    const edges = { APARTE_TURN_EDGES: "eu turn:eu.example.org" };
    for (const value of [secret, `eu=${secret.slice(1)}`, `=${secret}${secret}`]) {
      assert.equal(problemsOf({ ...edges, APARTE_TURN_EDGE_SECRETS: value }).length, 1);
    }
    const [problem = ""] = problemsOf({ ...edges, APARTE_TURN_EDGE_SECRETS: `us=${secret}` });
    assert.match(problem, /no relay in us/);
  });
});

it("a region has four relays at most, the own one among them", () => {
  const edges = (count: number) => Array(count).fill("eu turn:eu.example.org").join();
  assert.deepEqual(problemsOf({ APARTE_REGION: "us", APARTE_TURN_EDGES: edges(4) }), []);
  assert.match(
    problemsOf({ APARTE_REGION: "eu", APARTE_TURN_EDGES: edges(4) })[0] ?? "",
    /more than 4 relays/,
  );
});

it("tells which settings are not the same, secrets too, and never a value", () => {
  const before = load({ APARTE_TURN_EDGES: "eu turn:eu.example.org" });
  const after = load({
    APARTE_TURN_EDGES: "us turn:eu.example.org",
    APARTE_TURN_SECRETS: `${secret},${secret}`,
    APARTE_HTTP_PORT: "8080",
  });
  assert.deepEqual(changedSettings(before, before), []);
  assert.deepEqual(changedSettings(before, after), ["http.port", "turn.secrets", "turn.edges"]);
});
