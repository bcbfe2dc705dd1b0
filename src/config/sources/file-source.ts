import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Document, LineCounter, parseDocument, visit } from "yaml";
import type { Section, Setting } from "../catalogue.ts";
import { FILE_SUFFIX, sections } from "../catalogue.ts";
import type { ConfigProblem } from "../config-error.ts";
import { nearestName } from "../nearest-name.ts";
import { expandPath } from "./expand-path.ts";
import { readSecretFile } from "./secret-file.ts";
import type { GivenValue, Source } from "./source.ts";
import { reasonOf } from "./unreadable.ts";

/** `displayName` stands in messages. */
export function fileSource(path: string, displayName: string): Source {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return failed(`${displayName}: cannot read the configuration file: ${reasonOf(error)}`);
  }
  return readYaml(text, displayName, dirname(resolve(path)));
}

function readYaml(text: string, displayName: string, folder: string): Source {
  const lines = new LineCounter();
  // Without `prettyErrors`: those quote the line, which may hold a secret.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    return {
      values: [],
      problems: document.errors.map(({ code, pos: [start] }) => {
        const where = `${displayName}, line ${lines.linePos(start).line}`;
        const message = `${where}: not valid YAML (${code.toLowerCase().replaceAll("_", " ")})`;
        return { code: "bad-file", message };
      }),
    };
  }
  const root = withoutAliases(document);
  if (root === refusedAlias) return failed(`${displayName}: aliases (*name) are not supported`);
  if (root === null || root === undefined) return { values: [], problems: [] };
  if (!isMap(root)) return failed(`${displayName}: must be a map of sections`);
  return new FileReader(displayName, folder).read(root);
}

const refusedAlias = Symbol("refused alias");

/** Aliases make a small file a large tree, and no configuration needs one. */
function withoutAliases(document: Document.Parsed): unknown {
  let found = false;
  visit(document, {
    Alias() {
      found = true;
      return visit.BREAK;
    },
  });
  return found ? refusedAlias : document.toJS();
}

/** Walks over the file's map and collects what it finds. */
class FileReader {
  readonly #displayName: string;
  readonly #folder: string;
  readonly #values = new Map<Setting, GivenValue>();
  readonly #problems: ConfigProblem[] = [];

  constructor(displayName: string, folder: string) {
    this.#displayName = displayName;
    this.#folder = folder;
  }

  read(root: Readonly<Record<string, unknown>>): Source {
    const top = sections.find(({ name }) => name === undefined);
    const named = new Map(sections.map((section) => [section.name, section]));
    for (const [key, value] of Object.entries(root)) {
      const section = named.get(key);
      if (section !== undefined) this.#readSection(section, key, value);
      else this.#readSetting(top, key, key, value, [...named.keys()].filter(isText));
    }
    return { values: [...this.#values.values()], problems: this.#problems };
  }

  #readSection(section: Section, name: string, value: unknown): void {
    // A section whose settings are all commented out.
    if (value === null) return;
    if (!isMap(value)) {
      this.#problem("wrong-value", name, "must be a map of settings");
      return;
    }
    for (const [key, item] of Object.entries(value)) {
      this.#readSetting(section, key, `${name}.${key}`, item, []);
    }
  }

  #readSetting(
    section: Section | undefined,
    name: string,
    key: string,
    value: unknown,
    otherNames: readonly string[],
  ): void {
    const settings = section?.settings ?? [];
    const setting = settings.find((candidate) => candidate.name === name);
    const inFile = settings.find(
      (candidate) => candidate.isSecret && `${candidate.name}${FILE_SUFFIX}` === name,
    );
    if (setting !== undefined) this.#give(setting, key, this.#resolved(setting, value));
    else if (inFile !== undefined) this.#giveSecretFile(inFile, key, value);
    else {
      const nearest = nearestName(name, [...settings.map((one) => one.name), ...otherNames]);
      const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
      this.#problem("unknown-name", key, `there is no such setting${hint}`);
    }
  }

  #giveSecretFile(setting: Setting, key: string, value: unknown): void {
    if (!isText(value)) {
      this.#problem("wrong-value", key, "must be the path of a file");
      return;
    }
    const path = expandPath(value, this.#folder);
    const secrets = readSecretFile(path, `${key} in ${this.#displayName}`);
    if ("code" in secrets) this.#problems.push(secrets);
    else this.#give(setting, key, secrets);
  }

  #give(setting: Setting, key: string, value: unknown): void {
    if (this.#values.has(setting)) {
      this.#problem("given-twice", key, "is given both as it is and by a file; keep one");
    } else {
      const origin = `${key} in ${this.#displayName}`;
      this.#values.set(setting, { setting, value, origin });
    }
  }

  #resolved(setting: Setting, value: unknown): unknown {
    return setting.isPath && isText(value) ? expandPath(value, this.#folder) : value;
  }

  #problem(code: ConfigProblem["code"], key: string, what: string): void {
    this.#problems.push({ code, message: `${key} in ${this.#displayName}: ${what}` });
  }
}

function failed(message: string): Source {
  return { values: [], problems: [{ code: "bad-file", message }] };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
