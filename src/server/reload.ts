import { changedSettings, type Config } from "../config/index.ts";
import { loggableError, loggableOwnText, type Logger } from "../observability/index.ts";
import type { RunningServer } from "./create-server.ts";

/** What a running service takes over; docs/configuration.md says so of each. */
const RELOADED_SETTINGS: ReadonlySet<string> = new Set([
  "turn.publicHost",
  "turn.secrets",
  "turn.edges",
  "turn.edgeSecrets",
  "turn.credentialLifetimeMs",
]);

export interface ReloadOptions {
  readonly server: Pick<RunningServer, "reloadCertificate" | "useConfig">;
  readonly logger: Logger;
  /** What the service was started with. */
  readonly config: Config;
  /** Throws when the configuration is not understood. */
  readonly readConfig: () => Config;
}

/** Reads certificate and configuration again while the service runs. Whatever is wrong with one leaves it as it was. */
export class Reload {
  readonly #options: ReloadOptions;
  #config: Config;

  constructor(options: ReloadOptions) {
    this.#options = options;
    this.#config = options.config;
  }

  async run(): Promise<void> {
    this.#reloadConfig();
    const { server, logger } = this.#options;
    try {
      await server.reloadCertificate();
      logger.info("certificate read again");
    } catch (error) {
      logger.error({ error: loggableError(error) }, "certificate not usable, the old one stays");
    }
  }

  #reloadConfig(): void {
    const { server, logger, config: started, readConfig } = this.#options;
    try {
      const config = readConfig();
      const changed = changedSettings(this.#config, config);
      // Settings that are not taken over stay as they were when the service started.
      const kept = changedSettings(started, config).filter((key) => !RELOADED_SETTINGS.has(key));
      server.useConfig(config);
      this.#config = config;
      logger.info({ changed: loggableOwnText(changed.join(", ")) }, "configuration read again");
      if (kept.length === 0) return;
      logger.warn({ settings: loggableOwnText(kept.join(", ")) }, "changes that need a restart");
    } catch (error) {
      logger.error({ error: loggableError(error) }, "configuration not usable, the old one stays");
    }
  }
}
