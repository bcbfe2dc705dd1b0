import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { EngineBirth, EngineCommand, EngineLife } from "../engine/engine-life.ts";
import { PeerPolicy } from "../peer-policy.ts";
import type { TurnAddresses } from "../turn-engine.ts";
import { TurnEngineError } from "../turn-engine.ts";
import type { TurnCertificate, TurnListenerOptions } from "../turn-options.ts";
import { answers } from "./answers.ts";
import type { CoturnFiles } from "./coturn-config.ts";
import { coturnConfig } from "./coturn-config.ts";
import { guardCoturn } from "./coturn-guard.ts";
import { CoturnLog } from "./coturn-log.ts";
import { findCoturn } from "./find-program.ts";
import { withFreePorts } from "./free-ports.ts";
import { SecretStore } from "./secret-store.ts";

const onlyOurs = { mode: 0o600 };
const startPatienceMs = 10_000;

/** The life of a coturn process, with the configuration that our options amount to. */
export function coturnLife(birth: EngineBirth): EngineLife {
  return new CoturnLife(birth);
}

class CoturnLife implements EngineLife {
  readonly listening: Promise<TurnAddresses>;
  readonly ended: Promise<string>;
  readonly #birth: EngineBirth;
  readonly #stop = new AbortController();
  #resolveEnded: (reason: string) => void = () => {};
  #folder: string | undefined;
  #files: CoturnFiles | undefined;
  #secrets: SecretStore | undefined;
  #process: ChildProcess | undefined;
  #endGuard: () => void = () => {};

  constructor(birth: EngineBirth) {
    this.#birth = birth;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    process.once("exit", this.#abandon);
    this.listening = this.#start().catch((error: unknown) => {
      this.kill();
      throw error;
    });
  }

  command(command: EngineCommand): void {
    if (command.type === "close") this.#stopProcess("SIGTERM");
    else if (command.type === "drain") this.#secrets?.replace([]);
    else if (command.type === "secrets") this.#secrets?.replace(command.secrets);
    else this.#useCertificate(command.certificate);
  }

  kill(): void {
    this.#stopProcess("SIGKILL");
  }

  async #start(): Promise<TurnAddresses> {
    const { options } = this.#birth;
    const program = findCoturn(options.coturnProgram ?? "turnserver");
    const listeners = await withFreePorts(options.listeners);
    this.#stop.signal.throwIfAborted();
    const files = this.#writeFiles(listeners);
    this.#run(program, files);
    await this.#untilItAnswers(listeners);
    return {
      listeners: listeners.map(({ protocol, address, port }) => ({ protocol, address, port })),
    };
  }

  /** Into a folder that only we can enter, because coturn wants its key in a file. */
  #writeFiles(listeners: readonly TurnListenerOptions[]): CoturnFiles {
    const { options } = this.#birth;
    const folder = mkdtempSync(join(tmpdir(), "aparte-coturn-"));
    this.#folder = folder;
    const files = {
      config: join(folder, "turnserver.conf"),
      database: join(folder, "secrets.sqlite"),
      pid: join(folder, "pid"),
      certificate: join(folder, "certificate.pem"),
      key: join(folder, "key.pem"),
    };
    this.#files = files;
    // Made first, so that its mode does not depend on who makes it.
    writeFileSync(files.database, "", onlyOurs);
    this.#secrets = new SecretStore(files.database, options.realm);
    this.#secrets.replace(options.secrets);
    writeFileSync(files.config, coturnConfig(options, listeners, files), onlyOurs);
    const tls = listeners.find(({ protocol }) => protocol === "tls")?.tls;
    if (tls !== undefined) this.#writeCertificate(files, tls);
    return files;
  }

  #run(program: string, files: CoturnFiles): void {
    const { counters, options } = this.#birth;
    const log = new CoturnLog(counters, new PeerPolicy(options.peers));
    const child = spawn(program, ["-c", files.config], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {},
      // Ctrl-C in a terminal is for us: it is we who end coturn, after draining.
      detached: true,
    });
    this.#process = child;
    if (child.pid !== undefined) this.#endGuard = guardCoturn(child.pid, dirname(files.config));
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      log.push(text);
    });
    child.stderr.resume();
    child.once("error", (error) => {
      this.#end(error.message);
    });
    child.once("close", (code, signal) => {
      this.#end(signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`);
    });
  }

  async #untilItAnswers(listeners: readonly TurnListenerOptions[]): Promise<void> {
    const patience = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(startPatienceMs)]);
    const all = await Promise.all(listeners.map((listener) => answers(listener, patience)));
    if (all.every(Boolean)) return;
    throw new TurnEngineError("engine-failed", "coturn did not answer on all of its listeners");
  }

  #useCertificate(certificate: TurnCertificate): void {
    if (this.#files === undefined) return;
    this.#writeCertificate(this.#files, certificate);
    this.#process?.kill("SIGUSR2");
  }

  #writeCertificate(files: CoturnFiles, { cert, key }: TurnCertificate): void {
    writeFileSync(files.certificate, cert, onlyOurs);
    writeFileSync(files.key, key, onlyOurs);
  }

  #stopProcess(signal: NodeJS.Signals): void {
    this.#stop.abort();
    if (this.#process === undefined) this.#end("it was not started");
    else this.#process.kill(signal);
  }

  #end(reason: string): void {
    this.#stop.abort();
    process.off("exit", this.#abandon);
    this.#endGuard();
    this.#removeFiles();
    this.#resolveEnded(reason);
  }

  /** When our own process ends without having closed us: no relay is left behind, and no file. */
  readonly #abandon = (): void => {
    this.#process?.kill("SIGKILL");
    this.#endGuard();
    this.#removeFiles();
  };

  #removeFiles(): void {
    this.#secrets?.close();
    this.#secrets = undefined;
    this.#files = undefined;
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }
}
