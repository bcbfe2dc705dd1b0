import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

/**
 * The process's figures for Prometheus. A registry of its own: nothing that a library registers
 * elsewhere is told by accident. Labels are words of the program; never an id or an address,
 * since a label lives as long as the process.
 */
export class Metrics {
  readonly #registry = new Registry();

  /** Memory, CPU, event loop lag and garbage collection of this process, under the usual names. */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** A figure that is asked for when somebody reads; `name` carries its unit. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      async collect() {
        this.set(await read());
      },
    });
  }

  /** One gauge with a label: `read` gives all of its values anew each time. */
  gaugeBy<Label extends string>(
    name: string,
    help: string,
    label: Label,
    read: () => Iterable<readonly [labelValue: string, value: number]>,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [labelValue, value] of read()) this.labels(labelValue).set(value);
      },
    });
  }

  /** As `gauge`, for what only grows while the process lives; `name` ends in `_total`. */
  total(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  /** As `gaugeBy`, for what only grows while the process lives; `name` ends in `_total`. */
  totalBy<Label extends string>(
    name: string,
    help: string,
    label: Label,
    read: () => Iterable<readonly [labelValue: string, value: number]>,
  ): void {
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [labelValue, value] of read()) this.labels(labelValue).inc(value);
      },
    });
  }

  counter<Label extends string = never>(
    name: string,
    help: string,
    labels: readonly Label[] = [],
  ): Counter<Label> {
    return new Counter({ name, help, labelNames: labels, registers: [this.#registry] });
  }

  /** `buckets` are upper bounds in the unit that `name` says. */
  histogram<Label extends string = never>(
    name: string,
    help: string,
    buckets: number[],
    labels: readonly Label[] = [],
  ): Histogram<Label> {
    return new Histogram({ name, help, buckets, labelNames: labels, registers: [this.#registry] });
  }

  /** The exposition text and its media type. */
  async exposition(): Promise<{ contentType: string; text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}
