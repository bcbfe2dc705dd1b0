import { readdir } from "node:fs/promises";
import { join } from "node:path";
import datachannel from "node-datachannel";
import { Emitter } from "../../src/lib/emitter.ts";
import { EngineCounters } from "./engine-counters.ts";
import { EngineError } from "./engine-error.ts";
import { wallClockUs } from "./frame-stamp.ts";
import type { MediaLoop } from "./ivf.ts";
import { readMediaLoop } from "./ivf.ts";
import type {
  EngineCommandName,
  EngineCommands,
  EngineDescription,
  EngineEvents,
  EngineSettings,
  MediaEngine,
  SentStream,
} from "./media-engine.ts";
import { PortableParticipant } from "./portable-participant.ts";

type Handlers = {
  readonly [Name in EngineCommandName]: (
    input: EngineCommands[Name]["input"],
  ) => EngineCommands[Name]["output"] | Promise<EngineCommands[Name]["output"]>;
};

/** Timers have milliseconds, and so has the pacing. */
const LONGEST_SLEEP_MS = 10;

export interface PortableEngineOptions {
  /** Called before each look at what is due: tests slow the engine down by it. */
  readonly beforeTick?: () => void;
}

/** The engine that works wherever Node does, on libdatachannel. */
export class PortableEngine implements MediaEngine {
  readonly events = new Emitter<EngineEvents>();
  readonly #beforeTick: () => void;
  readonly #counters = new EngineCounters();
  readonly #participants = new Map<string, PortableParticipant>();
  readonly #loops = new Map<string, MediaLoop>();
  #settings: EngineSettings | undefined;
  #clockOffsetUs = 0;
  /** When the next participant has something to do. */
  #dueUs = 0;
  #isClosed = false;

  constructor({ beforeTick = () => {} }: PortableEngineOptions = {}) {
    this.#beforeTick = beforeTick;
  }

  async request<Name extends EngineCommandName>(
    name: Name,
    input: EngineCommands[Name]["input"],
  ): Promise<EngineCommands[Name]["output"]> {
    return this.#handlers[name](input);
  }

  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#isClosed = true;
    for (const participant of this.#participants.values()) participant.close();
    this.#participants.clear();
    datachannel.cleanup();
    return Promise.resolve();
  }

  readonly #handlers: Handlers = {
    "engine:open": (settings) => this.#open(settings),
    "engine:set-clock": ({ offsetUs }) => {
      this.#clockOffsetUs = offsetUs;
      return {};
    },
    "participant:create": ({ participant }) => {
      if (this.#participants.has(participant)) {
        throw new EngineError("bad-input", "the participant exists");
      }
      this.#participants.set(participant, this.#createParticipant(participant));
      return {};
    },
    "participant:close": ({ participant }) => {
      this.#participants.get(participant)?.close();
      this.#participants.delete(participant);
      return {};
    },
    "transport:create": (options) => {
      const transport = this.#find(options.participant).createTransport(options);
      return { dtlsParameters: transport.dtlsParameters };
    },
    "transport:start": (options) => {
      this.#find(options.participant).startTransport(options);
      return {};
    },
    "transport:accept": () => {
      throw new EngineError("unsupported", "the portable engine only connects to servers");
    },
    "stream:mirror": () => {
      throw new EngineError("unsupported", "the portable engine doesn't forward");
    },
    "transport:close": ({ participant, direction }) => {
      this.#find(participant).closeTransport(direction);
      return {};
    },
    "stream:send": (stream) => {
      this.#find(stream.participant).send(stream, this.#loopsOf(stream));
      return {};
    },
    "stream:receive": (stream) => {
      this.#find(stream.participant).receive(stream);
      return {};
    },
    "stream:set": (change) => {
      this.#find(change.participant).change(change);
      return {};
    },
    "stream:stop": ({ participant, stream }) => {
      this.#find(participant).stop(stream);
      return {};
    },
    "keys:set": (keys) => {
      this.#find(keys.participant).setKeys(keys);
      return {};
    },
    "keys:forget": ({ participant, keyIds }) => {
      this.#find(participant).forgetKeys(keyIds);
      return {};
    },
    "stats:take": () => {
      const transports = [...this.#participants.values()].reduce(
        (sum, { openTransports }) => sum + openTransports,
        0,
      );
      return this.#counters.take(transports);
    },
  };

  async #open(settings: EngineSettings): Promise<EngineDescription> {
    if (this.#settings !== undefined) throw new EngineError("bad-input", "the engine is open");
    if (settings.srtpProfiles.length > 0) {
      throw new EngineError("bad-input", "the portable engine can't choose the SRTP profile");
    }
    if (settings.polls === true) {
      throw new EngineError("unsupported", "polls: the portable engine is woken by its packets");
    }
    this.#settings = settings;
    for (const name of await readdir(settings.mediaFolder)) {
      if (!name.endsWith(".ivf")) continue;
      this.#loops.set(name, await readMediaLoop(join(settings.mediaFolder, name)));
    }
    this.#sleep();
    return { engine: "portable", version: `libdatachannel ${datachannel.getLibraryVersion()}` };
  }

  #createParticipant(participant: string): PortableParticipant {
    if (this.#settings === undefined) throw new EngineError("bad-input", "the engine isn't open");
    return new PortableParticipant({
      settings: this.#settings,
      counters: this.#counters,
      nowUs: ownClockUs,
      wallUs: () => wallClockUs() + this.#clockOffsetUs,
      transportState: (state) => {
        this.events.emit("transport:state", state);
      },
      firstFrame: (stream, atUs) => {
        this.events.emit("stream:first-frame", { participant, stream, atUs });
      },
    });
  }

  #find(participant: string): PortableParticipant {
    const found = this.#participants.get(participant);
    if (found === undefined) throw new EngineError("unknown", "there is no such participant");
    return found;
  }

  #loopsOf({ media, encodings }: SentStream): MediaLoop[] {
    return encodings.map(({ layer }) => {
      const loop = this.#loops.get(`${media}-${layer}.ivf`);
      if (loop === undefined) throw new EngineError("bad-input", `no media for ${media} ${layer}`);
      return loop;
    });
  }

  /**
   * Until the next frame is due, and then again. What has come by then is handled first, on purpose:
   * only so does the delay of what is sent tell that the engine is late with taking, too.
   */
  #sleep(): void {
    if (this.#isClosed) return;
    const untilDueMs = Math.ceil((this.#dueUs - ownClockUs()) / 1_000);
    setTimeout(
      () => {
        if (this.#isClosed) return;
        this.#tick(ownClockUs());
        this.#sleep();
      },
      Math.min(LONGEST_SLEEP_MS, Math.max(1, untilDueMs)),
    );
  }

  #tick(nowUs: number): void {
    this.#beforeTick();
    let dueUs = Infinity;
    for (const participant of this.#participants.values()) {
      if (participant.dueUs <= nowUs) participant.tick(ownClockUs());
      dueUs = Math.min(dueUs, participant.dueUs);
    }
    this.#dueUs = dueUs;
  }
}

/** Only goes forward. */
function ownClockUs(): number {
  return performance.now() * 1_000;
}
