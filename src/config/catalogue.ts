import { z } from "zod";
import { configSchema } from "./schema.ts";

export type SettingKind = "boolean" | "integer" | "list" | "text";

/** One setting with all the names that it goes by. */
export interface Setting {
  /** Undefined for what stands at the top of the file. */
  readonly section: string | undefined;
  readonly name: string;
  /** `http.port`, as in the file and in messages. */
  readonly key: string;
  /** `APARTE_HTTP_PORT`. */
  readonly variable: string;
  /** `--http-port`. */
  readonly flag: string;
  readonly kind: SettingKind;
  readonly description: string;
  /** Undefined where there is none; `whenUnset` then says what happens. */
  readonly defaultValue: string | number | boolean | readonly string[] | undefined;
  readonly whenUnset: string | undefined;
  /** Bounds, choices or form, for people. */
  readonly limits: string;
  readonly isPath: boolean;
  readonly isSecret: boolean;
  readonly foreignVariable: string | undefined;
}

export interface Section {
  /** Undefined for the settings at the top of the file. */
  readonly name: string | undefined;
  readonly title: string;
  readonly settings: readonly Setting[];
}

/** The part of JSON Schema that the settings use, with the extras of setting.ts. */
const leaf = z.object({
  type: z.enum(["array", "boolean", "integer", "string"]),
  description: z.string(),
  default: z.union([z.string(), z.int(), z.boolean(), z.array(z.string())]).optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.int().optional(),
  maximum: z.int().optional(),
  minLength: z.int().optional(),
  maxLength: z.int().optional(),
  items: z
    .object({ enum: z.array(z.string()).optional(), minLength: z.int().optional() })
    .optional(),
  minItems: z.int().optional(),
  maxItems: z.int().optional(),
  path: z.boolean().default(false),
  secret: z.boolean().default(false),
  foreignVariable: z.string().optional(),
  whenUnset: z.string().optional(),
  form: z.string().optional(),
});
type Leaf = z.infer<typeof leaf>;

const kinds = { array: "list", boolean: "boolean", integer: "integer", string: "text" } as const;

const branch = z.object({
  type: z.literal("object"),
  description: z.string(),
  properties: z.record(z.string(), leaf),
});
const tree = z.object({ properties: z.record(z.string(), z.union([branch, leaf])) });

/** The end of a secret's name when a file holds it: `secretsFile`, `…_SECRETS_FILE`. */
export const FILE_SUFFIX = "File";

export const sections: readonly Section[] = readSections();
export const settings: readonly Setting[] = sections.flatMap((section) => section.settings);

export function variableName(...names: readonly string[]): string {
  return ["APARTE", ...names.map((name) => words(name).join("_").toUpperCase())].join("_");
}

export function flagName(...names: readonly string[]): string {
  return `--${names.map((name) => words(name).join("-").toLowerCase()).join("-")}`;
}

function readSections(): Section[] {
  const { properties } = tree.parse(z.toJSONSchema(configSchema, { io: "input" }));
  const top: Setting[] = [];
  const result: Section[] = [{ name: undefined, title: "The process", settings: top }];
  for (const [name, node] of Object.entries(properties)) {
    if (node.type !== "object") {
      top.push(describe(undefined, name, node));
      continue;
    }
    const own = Object.entries(node.properties).map(([key, value]) => describe(name, key, value));
    result.push({ name, title: node.description, settings: own });
  }
  return result;
}

function describe(section: string | undefined, name: string, node: Leaf): Setting {
  const names = section === undefined ? [name] : [section, name];
  return {
    section,
    name,
    key: names.join("."),
    variable: variableName(...names),
    flag: flagName(...names),
    kind: kinds[node.type],
    description: node.description,
    defaultValue: node.default,
    whenUnset: node.whenUnset,
    limits: limitsOf(node),
    isPath: node.path,
    isSecret: node.secret,
    foreignVariable: node.foreignVariable,
  };
}

function limitsOf(node: Leaf): string {
  const choices = node.enum ?? node.items?.enum;
  if (choices !== undefined) return choices.map((choice) => `\`${choice}\``).join(", ");
  if (node.type === "boolean") return "`true`, `false`";
  if (node.type === "integer") return `${node.minimum} to ${node.maximum}`;
  if (node.secret) {
    const form = node.form === undefined ? "" : `${node.form}, `;
    return `${form}${node.maxItems} at most, of ${node.items?.minLength} characters at least`;
  }
  const form = node.form ?? (node.path ? "path" : "text");
  return node.type === "array" ? `${form}, ${node.maxItems} at most` : form;
}

/** `publicUrl` → `public`, `Url`. */
function words(name: string): string[] {
  return name.split(/(?=[A-Z])/);
}
