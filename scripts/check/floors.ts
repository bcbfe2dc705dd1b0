/**
 * The floors of the house: which folder of `src/` may import which others, and
 * which packages. What isn't listed is forbidden; the lint configuration is
 * made from this table, and a test sees to it that no folder is missing.
 */
export type Floor = {
  /** Other folders of `src/` that it may import from. */
  imports: readonly FloorName[];
  /** Of these only types, which are gone when the code runs. */
  typesOnly?: readonly FloorName[];
  /** Packages, or scopes of packages, with all their subpaths. */
  packages: readonly string[];
  /** Node's own modules. Browser code has none. */
  node: boolean;
};

export const floorNames = [
  "protocol",
  "lib",
  "e2ee",
  "config",
  "observability",
  "sfu",
  "turn",
  "signaling",
  "server",
  "client",
  "web",
  "cli",
] as const;

export type FloorName = (typeof floorNames)[number];

/** Ground that every server floor stands on. `e2ee` is never among it: servers hold no keys. */
const serverGround = ["protocol", "lib", "config", "observability"] as const;

export const floors: Readonly<Record<FloorName, Floor>> = {
  protocol: { imports: [], packages: ["zod"], node: false },
  lib: { imports: [], packages: [], node: false },

  e2ee: {
    imports: ["protocol", "lib"],
    packages: ["@noble", "@hpke", "ts-mls"],
    node: false,
  },
  config: { imports: ["lib"], packages: ["zod", "yaml"], node: true },
  observability: { imports: ["config", "lib"], packages: ["pino", "prom-client"], node: true },

  sfu: { imports: serverGround, packages: ["mediasoup"], node: true },
  turn: { imports: ["lib", "config", "observability"], packages: ["node-turn"], node: true },
  client: {
    imports: ["protocol", "lib", "e2ee"],
    packages: ["mediasoup-client", "socket.io-client", "zod"],
    node: false,
  },

  signaling: { imports: serverGround, packages: ["socket.io"], node: true },
  web: {
    imports: ["client", "lib"],
    typesOnly: ["protocol"],
    packages: ["react", "react-dom", "lucide-react"],
    node: false,
  },

  server: {
    imports: [...serverGround, "sfu", "turn", "signaling"],
    // The client is for looking at a deployment as its users see it.
    packages: ["sirv", "selfsigned", "socket.io", "socket.io-client", "zod"],
    node: true,
  },
  cli: { imports: ["server", "config"], packages: [], node: true },
};

/** What the load generator must reach only over real sockets. */
export const closedToLoadtest: readonly FloorName[] = ["sfu", "turn", "signaling", "server", "cli"];
