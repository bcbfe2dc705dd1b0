/** What a command line asks the doctor for. `flags` are those of the configuration. */
export type DoctorRequest =
  | { readonly kind: "running"; readonly flags: readonly string[] }
  | {
      readonly kind: "here";
      readonly flags: readonly string[];
      readonly json: boolean;
      readonly stun: { readonly host: string; readonly port: number } | undefined;
    }
  | { readonly kind: "there"; readonly origin: URL; readonly json: boolean }
  | { readonly kind: "misused"; readonly problem: string };

const JSON_FLAG = "--json";
const RUNNING_FLAG = "--running";
const STUN_FLAG = "--stun";
const STUN_PORT = 3_478;

export function readDoctorRequest(args: readonly string[]): DoctorRequest {
  const json = args.includes(JSON_FLAG);
  const others = args.filter((arg) => arg !== JSON_FLAG);
  const [first] = others;
  if (first !== undefined && !first.startsWith("-"))
    return thereRequest(first, others.slice(1), json);
  if (others.includes(RUNNING_FLAG)) {
    return { kind: "running", flags: others.filter((arg) => arg !== RUNNING_FLAG) };
  }
  return hereRequest(others, json);
}

/** An invitation will do as well: what stands behind its # goes nowhere. */
function thereRequest(address: string, rest: readonly string[], json: boolean): DoctorRequest {
  const text = /^https?:\/\//i.test(address) ? address : `https://${address}`;
  if (!URL.canParse(text)) return misused("That is no address of a deployment.");
  if (rest.length > 0) return misused(`With an address the only flag is ${JSON_FLAG}.`);
  return { kind: "there", origin: new URL(new URL(text).origin), json };
}

function hereRequest(args: readonly string[], json: boolean): DoctorRequest {
  const at = args.indexOf(STUN_FLAG);
  if (at < 0) return { kind: "here", flags: args, json, stun: undefined };
  const stun = readPlace(args[at + 1] ?? "");
  if (stun === undefined) return misused(`${STUN_FLAG} wants host:port behind it.`);
  return { kind: "here", flags: args.toSpliced(at, 2), json, stun };
}

function readPlace(text: string): { host: string; port: number } | undefined {
  const [, bracketed, plain, port] =
    /^(?:\[([\da-f:.]+)\]|([^:\s[\]]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || host.startsWith("-")) return undefined;
  return { host, port: port === undefined ? STUN_PORT : Number(port) };
}

function misused(problem: string): DoctorRequest {
  return { kind: "misused", problem };
}
