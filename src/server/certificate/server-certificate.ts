import { Server as HttpsServer } from "node:https";
import type { Config } from "../../config/index.ts";
import type { Clock } from "../../lib/clock.ts";
import { localAddresses } from "../local-addresses.ts";
import { tlsOptions, type WebServer } from "../web-server.ts";
import type { Certificate } from "./certificate.ts";
import { readCertificateFiles } from "./certificate-files.ts";
import { developmentCertificate } from "./development-certificate.ts";

/** The certificate that the configuration speaks of, if any, and who serves with it. */
export class ServerCertificate {
  readonly #config: Config;
  readonly #clock: Clock;
  #current: Certificate | undefined;
  #server: HttpsServer | undefined;

  constructor(config: Config, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  get current(): Certificate | undefined {
    return this.#current;
  }

  /** Rejects with `StartError` when it can't be had. */
  async load(): Promise<void> {
    const { certificateFile, keyFile, development, developmentDirectory } = this.#config.tls;
    if (certificateFile !== undefined && keyFile !== undefined) {
      this.#current = await readCertificateFiles(certificateFile, keyFile);
    } else if (development) {
      this.#current = await developmentCertificate(
        developmentDirectory,
        localAddresses(),
        this.#clock.now(),
      );
    }
  }

  /** Later reloads reach `server` too. */
  serve(server: WebServer): void {
    if (server instanceof HttpsServer) this.#server = server;
  }

  /** New connections get the new one. Rejects, and changes nothing, when it is not usable. */
  async reload(): Promise<void> {
    await this.load();
    if (this.#current !== undefined) this.#server?.setSecureContext(tlsOptions(this.#current));
  }
}
