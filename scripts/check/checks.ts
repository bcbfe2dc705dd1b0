import { join } from "node:path";
import { projectRoot } from "../setup/project.mjs";
import { runCommand } from "../setup/run-command.mjs";
import { licenceComplaint } from "./licences.ts";

/** One thing that must hold of the source. */
export type Check = {
  name: string;
  /** What is wrong, to be shown as it is; undefined if nothing is. */
  complaint: () => Promise<string | undefined>;
};

/** Far above what any of them takes; so that none can hang. */
const timeoutMs = 120_000;

/** A tool from node_modules that says what is wrong and exits non-zero. */
function tool(name: string, script: string, ...args: string[]): Check {
  return {
    name,
    complaint: async () => {
      const path = join(projectRoot, "node_modules", script);
      const options = { cwd: projectRoot, timeoutMs, keepLines: 400 };
      const { code, tail } = await runCommand(process.execPath, [path, ...args], options);
      return code === 0 ? undefined : tail || `ended with exit code ${code}`;
    },
  };
}

function types(project: string): Check {
  return tool(`types ${project}`, "typescript/bin/tsc", "-p", `tsconfig.${project}.json`);
}

/** The slow ones first, as two run at a time. */
export const checks: readonly Check[] = [
  tool("lint", "oxlint/bin/oxlint", "--type-aware", "--deny-warnings"),
  types("test"),
  types("browser"),
  types("server"),
  types("worker"),
  tool("dead code", "knip/bin/knip.js"),
  tool("format", "oxfmt/bin/oxfmt", "--check"),
  { name: "licences", complaint: async () => licenceComplaint(projectRoot) },
];
