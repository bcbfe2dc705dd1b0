/** One worker that runs, and what it carries. */
export interface WorkerStats {
  readonly index: number;
  readonly pid: number;
  readonly participants: number;
  readonly transports: number;
  readonly producers: number;
  readonly consumers: number;
  /** Ends of pipes: each pipe counts on both of its workers. */
  readonly pipes: number;
  /** Processor time since the process began. */
  readonly cpuMs: number;
  /** The most memory that the process has ever held. */
  readonly maxRssBytes: number;
}

export interface SfuStats {
  readonly workersConfigured: number;
  readonly workersAlive: number;
  /** Workers that ended by themselves since the SFU began. */
  readonly workerDeaths: number;
  readonly rooms: number;
  readonly transports: number;
  readonly producers: number;
  readonly consumers: number;
  readonly pipes: number;
  readonly workers: readonly WorkerStats[];
}
