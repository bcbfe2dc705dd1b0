import type { Setting } from "../catalogue.ts";
import { FILE_SUFFIX, settings, variableName } from "../catalogue.ts";
import type { ConfigProblem } from "../config-error.ts";
import { nearestName } from "../nearest-name.ts";
import { readSecretFile } from "./secret-file.ts";
import type { GivenValue, Source } from "./source.ts";
import { textValue } from "./text-value.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names the configuration file. */
export const CONFIG_VARIABLE = "APARTE_CONFIG";
/**
 * Begin as ours do and mean something to the set-up scripts: their cache, the tests' browsers, the
 * load test's engine.
 */
const passedOver = new Set([
  CONFIG_VARIABLE,
  "APARTE_CACHE_DIR",
  "APARTE_CHROMIUM",
  "APARTE_FIREFOX",
  "APARTE_LOAD_ENGINE",
  "APARTE_LOAD_ENGINE_TESTS",
]);

/** An empty variable counts as unset, since Compose and the like can't leave one out. */
export function environmentSource(environment: Environment): Source {
  const values: GivenValue[] = [];
  const problems: ConfigProblem[] = [];
  const known = new Set<string>(passedOver);
  for (const setting of settings) {
    known.add(setting.variable);
    if (setting.isSecret) known.add(fileVariable(setting));
    const found = fromVariables(environment, setting);
    if (found === undefined) continue;
    if ("code" in found) problems.push(found);
    else values.push(found);
  }
  return { values, problems: [...problems, ...unknownVariables(environment, known)] };
}

function fromVariables(
  environment: Environment,
  setting: Setting,
): GivenValue | ConfigProblem | undefined {
  const { variable, foreignVariable } = setting;
  const text = environment[variable];
  const file = setting.isSecret ? environment[fileVariable(setting)] : undefined;
  if (text && file) {
    const message = `${variable} and ${fileVariable(setting)} are both set; keep one`;
    return { code: "given-twice", message };
  }
  if (file) {
    const value = readSecretFile(file, fileVariable(setting));
    return "code" in value ? value : { setting, value, origin: fileVariable(setting) };
  }
  if (text) return { setting, value: textValue(setting, text), origin: variable };
  const foreign = foreignVariable === undefined ? undefined : environment[foreignVariable];
  if (foreignVariable === undefined || !foreign) return undefined;
  return { setting, value: textValue(setting, foreign), origin: foreignVariable };
}

function unknownVariables(environment: Environment, known: ReadonlySet<string>): ConfigProblem[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith("APARTE_") && !known.has(name))
    .map((name) => {
      const nearest = nearestName(name, known);
      const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
      return { code: "unknown-name", message: `${name}: there is no such variable${hint}` };
    });
}

function fileVariable({ section, name }: Setting): string {
  const names = section === undefined ? [] : [section];
  return variableName(...names, `${name}${FILE_SUFFIX}`);
}
