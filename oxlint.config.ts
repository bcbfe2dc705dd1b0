import { builtinModules } from "node:module";
import { defineConfig } from "oxlint";
import type { OxlintOverride } from "oxlint";
import manifest from "./package.json" with { type: "json" };
import {
  closedToLoadtest,
  floorNames,
  floors,
  type Floor,
  type FloorName,
} from "./scripts/check/floors.ts";

/** A relative path that climbs up and then goes down into one of these floors. */
function into(forbidden: readonly FloorName[]): string {
  return `^\\.?(?:\\./|\\.\\./)*\\.\\./(?:src/)?(?:${forbidden.join("|")})(?:/|$)`;
}

/** The packages of this project but those, and Node's modules where there are none. */
function packagesBut({ packages, node }: Floor): string {
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  const forbidden = declared.filter(
    (name) => !packages.some((allowed) => name === allowed || name.startsWith(`${allowed}/`)),
  );
  const nodeModules = node ? [] : ["node:.*", ...builtinModules];
  return `^(?:${[...forbidden, ...nodeModules].join("|")})(?:/|$)`;
}

/** `a/../b` and `./../b` would slip past the patterns. */
const detour = {
  regex: "[^./][^/]*/\\.\\./|^\\./\\.\\./",
  message: "Write the path without a detour.",
};

/** Sees `const { env } = process` too, which no-process-env doesn't. */
const environment = {
  object: "process",
  property: "env",
  message: "src/config is the only reader of the environment.",
};

/** `import { env } from "node:process"` would be the third way to it. */
const processModule = { regex: "^(?:node:)?process$", message: "Use the global `process`." };

function floorRule(name: FloorName): OxlintOverride {
  const floor = floors[name];
  const typesOnly = floor.typesOnly ?? [];
  const open = [name, ...floor.imports, ...typesOnly];
  const patterns = [
    {
      regex: into(floorNames.filter((other) => !open.includes(other))),
      message: `src/${name} may import only from: ${floor.imports.join(", ") || "nothing"}.`,
    },
    { regex: packagesBut(floor), message: `Not among the packages that src/${name} may use.` },
    processModule,
    detour,
    ...(typesOnly.length === 0
      ? []
      : [{ regex: into(typesOnly), allowTypeImports: true, message: "Types only." }]),
  ];
  return {
    files: [`src/${name}/**/*.{ts,tsx}`],
    rules: { "no-restricted-imports": ["error", { patterns }] },
  };
}

export default defineConfig({
  plugins: ["typescript", "unicorn", "oxc", "import", "promise", "react", "jsx-a11y", "node"],
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: "error" },
  ignorePatterns: ["dist", ".toolchain", ".cache"],
  categories: { correctness: "error", suspicious: "error" },
  rules: {
    "import/no-cycle": "error",
    "typescript/no-explicit-any": "error",
    "typescript/no-misused-promises": "error",
    "typescript/no-unsafe-argument": "error",
    "typescript/no-unsafe-call": "error",
    "typescript/no-unsafe-member-access": "error",
    "typescript/no-unsafe-return": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/ban-ts-comment": "error",
    "typescript/only-throw-error": "error",
    "typescript/prefer-promise-reject-errors": "error",
    "typescript/return-await": ["error", "error-handling-correctness-only"],
    "typescript/switch-exhaustiveness-check": "error",
    "typescript/consistent-type-imports": "error",
    "no-console": "error",
    "no-eval": "error",
    "no-var": "error",
    "prefer-const": "error",
    eqeqeq: "error",
    // A copy of what is iterated is no waste where the loop changes it.
    "unicorn/no-useless-spread": "off",
    "unicorn/no-array-sort": "off",
    "unicorn/no-array-reverse": "off",
    "unicorn/no-new-array": "off",
    "unicorn/consistent-function-scoping": "off",
    // The compiler says it with fewer false alarms.
    "typescript/consistent-return": "off",
    "typescript/no-unnecessary-type-parameters": "off",
    // Made for chains of `then`, of which there are few here.
    "promise/always-return": "off",
    "promise/no-callback-in-promise": "off",
    // `import fc from "fast-check"; fc.assert(…)` is how that package is used.
    "import/no-named-as-default-member": "off",
    // Metrics register themselves when they are made.
    "no-new": "off",
    // React's compiler-made JSX needs no React in scope.
    "react/react-in-jsx-scope": "off",
  },
  overrides: [
    {
      files: ["src/**/*.{ts,tsx}", "loadtest/**/*.ts"],
      rules: {
        "max-lines": ["error", { max: 400 }],
        // Configuration is read in one place, checked and typed.
        "node/no-process-env": "error",
        "no-restricted-properties": ["error", environment],
      },
    },
    ...floorNames.map(floorRule),
    {
      files: ["loadtest/**/*.ts"],
      rules: {
        "no-restricted-imports": [
          "error",
          {
            patterns: [
              {
                regex: into(closedToLoadtest),
                message: "The load generator knows the service only by its protocol.",
              },
              detour,
            ],
          },
        ],
      },
    },
    {
      files: ["src/config/**/*.ts"],
      rules: { "node/no-process-env": "off", "no-restricted-properties": "off" },
    },
    { files: ["src/cli/**/*.ts", "scripts/**", "loadtest/cli/**"], rules: { "no-console": "off" } },
    {
      // JSON from files of our own, and plain scripts that have types only in comments.
      files: ["scripts/**", "test/**"],
      rules: {
        "typescript/no-unsafe-type-assertion": "off",
        "typescript/no-unsafe-argument": "off",
        "typescript/no-unsafe-member-access": "off",
        "typescript/no-unsafe-return": "off",
        "typescript/no-unsafe-call": "off",
      },
    },
    {
      // `test()` and `describe()` return promises that the runner itself awaits.
      files: ["test/**/*.ts", "loadtest/**/*.test.ts"],
      rules: { "typescript/no-floating-promises": "off" },
    },
  ],
});
