/** Between two plain lines about one step when the output isn't a terminal. */
const plainIntervalMs = 15_000;

/** Width of the column of step names. */
const nameWidth = 9;

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/**
 * Tells what one step of setup does. On a terminal one line is rewritten in
 * place; elsewhere a plain line now and then, so that a log shows it is alive.
 */
export class Progress {
  #name;
  #out;
  #startedAt = Date.now();
  #lastPlainAt = Date.now();
  #text = "";
  /** @type {NodeJS.Timeout | undefined} */
  #ticker;

  /**
   * @param {string} name of the step
   * @param {NodeJS.WriteStream} [out]
   */
  constructor(name, out = process.stdout) {
    this.#name = name.padEnd(nameWidth);
    this.#out = out;
  }

  /**
   * @param {string} text what is being done now
   */
  update(text) {
    const first = this.#ticker === undefined;
    this.#text = text;
    this.#ticker ??= setInterval(() => this.#show(), 1000).unref();
    if (this.#out.isTTY) this.#show();
    else if (first) this.#out.write(`  ${this.#name} ${text}\n`);
  }

  /**
   * @param {string} text what has been done
   */
  done(text) {
    this.#stop();
    this.#out.write(`  ${this.#name} ${text} (${seconds(Date.now() - this.#startedAt)})\n`);
  }

  /** Ends the line without a result, before an error is shown. */
  abandon() {
    this.#stop();
  }

  #show() {
    const now = Date.now();
    const line = `  ${this.#name} ${this.#text} (${Math.round((now - this.#startedAt) / 1000)} s)`;
    if (this.#out.isTTY) {
      const width = this.#out.columns || 80;
      this.#out.write(`\r\x1b[2K${line.slice(0, width - 1)}`);
    } else if (now - this.#lastPlainAt >= plainIntervalMs) {
      this.#lastPlainAt = now;
      this.#out.write(`${line}\n`);
    }
  }

  #stop() {
    clearInterval(this.#ticker);
    if (this.#out.isTTY) this.#out.write("\r\x1b[2K");
  }
}
