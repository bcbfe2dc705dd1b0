import type { Setting } from "../catalogue.ts";
import { FILE_SUFFIX, flagName, settings } from "../catalogue.ts";
import type { ConfigProblem } from "../config-error.ts";
import { nearestName } from "../nearest-name.ts";
import { readSecretFile } from "./secret-file.ts";
import type { GivenValue, Source } from "./source.ts";
import { textValue } from "./text-value.ts";

/** Names the configuration file. */
const CONFIG_FLAG = "--config";

interface FlagMeaning {
  /** Undefined for `--config`. */
  readonly setting?: Setting;
  /** The flag's value is the path of a file with the secret. */
  readonly secretFile?: true;
  /** Secrets on a command line are told to every user of the machine, so they are refused. */
  readonly refused?: true;
}

const meanings: ReadonlyMap<string, FlagMeaning> = new Map([
  [CONFIG_FLAG, {}],
  ...settings.flatMap(meaningsOf),
]);

export interface FlagSource extends Source {
  /** The path that `--config` gave. */
  readonly configFile: string | undefined;
}

/** Reads `--name value` and `--name=value`; a flag for a boolean may stand alone, for `true`. */
export function flagSource(flags: readonly string[]): FlagSource {
  const values: GivenValue[] = [];
  const problems: ConfigProblem[] = [];
  const seen = new Set<string>();
  let configFile: string | undefined;
  for (let index = 0; index < flags.length; index += 1) {
    const given = flags[index] ?? "";
    const equals = given.indexOf("=");
    const flag = equals === -1 ? given : given.slice(0, equals);
    const meaning = meanings.get(flag);
    if (meaning === undefined || meaning.refused) {
      problems.push(meaning === undefined ? unknownFlag(flag, index) : refusedSecret(flag));
      // Its value is passed over too, so that one mistake makes one message.
      if (equals === -1 && isValue(flags[index + 1])) index += 1;
      continue;
    }
    let text = equals === -1 ? undefined : given.slice(equals + 1);
    if (text === undefined && takesNext(meaning, flags[index + 1])) text = flags[(index += 1)];
    if (text === undefined && meaning.setting?.kind === "boolean") text = "true";
    if (text === undefined)
      problems.push({ code: "wrong-value", message: `${flag} needs a value` });
    else if (seen.has(meaning.setting?.key ?? flag)) problems.push(givenTwice(flag));
    else if (meaning.setting === undefined) configFile = text;
    else {
      const value = read(meaning, meaning.setting, flag, text);
      if ("code" in value) problems.push(value);
      else values.push(value);
    }
    seen.add(meaning.setting?.key ?? flag);
  }
  return { values, problems, configFile };
}

function meaningsOf(setting: Setting): [string, FlagMeaning][] {
  if (!setting.isSecret) return [[setting.flag, { setting }]];
  return [
    [setting.flag, { setting, refused: true }],
    [fileFlag(setting), { setting, secretFile: true }],
  ];
}

function fileFlag({ section, name }: Setting): string {
  return flagName(...(section === undefined ? [] : [section]), `${name}${FILE_SUFFIX}`);
}

function read(
  meaning: FlagMeaning,
  setting: Setting,
  flag: string,
  text: string,
): GivenValue | ConfigProblem {
  if (!meaning.secretFile) return { setting, value: textValue(setting, text), origin: flag };
  const value = readSecretFile(text, flag);
  return "code" in value ? value : { setting, value, origin: flag };
}

function isValue(next: string | undefined): boolean {
  return next !== undefined && !next.startsWith("--");
}

function takesNext({ setting }: FlagMeaning, next: string | undefined): boolean {
  return setting?.kind === "boolean" ? next === "true" || next === "false" : isValue(next);
}

/** A word that is no flag isn't repeated: it may be a secret that lost its flag. */
function unknownFlag(flag: string, index: number): ConfigProblem {
  if (!flag.startsWith("-")) {
    return { code: "unknown-name", message: `argument ${index + 1} is not a flag` };
  }
  const nearest = nearestName(flag, meanings.keys());
  const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  return { code: "unknown-name", message: `${flag}: there is no such flag${hint}` };
}

function refusedSecret(flag: string): ConfigProblem {
  return {
    code: "wrong-value",
    message: `${flag}: every user of this machine can read flags; use ${flag}-file or a variable`,
  };
}

function givenTwice(flag: string): ConfigProblem {
  return { code: "given-twice", message: `${flag} is given twice` };
}
