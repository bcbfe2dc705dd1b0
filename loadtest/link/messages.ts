import type { EngineStats } from "../engine/media-engine.ts";
import type { ParticipantEvent, ParticipantPlan } from "../participant/participant-plan.ts";
import type { HistogramData } from "../statistics/histogram.ts";

/** Which engine carries the media. `auto`: the native one where it was built. */
export type EngineChoice = "auto" | "portable" | "native";

/** What the coordinator says to an agent. */
export type AgentOrder =
  | { readonly type: "open"; readonly engine: EngineChoice; readonly seal: boolean }
  | { readonly type: "join"; readonly plan: ParticipantPlan }
  | { readonly type: "leave"; readonly participantId: string }
  | { readonly type: "speak"; readonly participantId: string; readonly isSpeaking: boolean }
  | { readonly type: "share"; readonly participantId: string; readonly isSharing: boolean }
  | { readonly type: "reconnect"; readonly participantId: string }
  /** All packets of its media are lost for so long. */
  | { readonly type: "cut"; readonly participantId: string; readonly forMs: number }
  | { readonly type: "ping"; readonly id: number }
  /** What the agent's clock is behind the coordinator's. */
  | { readonly type: "clock"; readonly offsetUs: number }
  /** The run can't use it. */
  | { readonly type: "refuse"; readonly reason: string }
  /** Everybody leaves, and the agent ends. */
  | { readonly type: "end" };

/** What an agent says to the coordinator. */
export type AgentReport =
  | { readonly type: "hello"; readonly version: string; readonly machine: Machine }
  | { readonly type: "opened"; readonly engine: string; readonly version: string }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "events"; readonly events: readonly ParticipantEvent[] }
  | { readonly type: "stats"; readonly stats: AgentStats }
  | { readonly type: "pong"; readonly id: number; readonly atUs: number }
  | { readonly type: "ended" };

export interface AgentStats {
  readonly engine: EngineStats;
  /** Of the agent's own process, which speaks the protocol and holds the groups. */
  readonly cpuUs: number;
  readonly memoryBytes: number;
  readonly runQueueWaitUs: number | null;
  /** How late its timers were. */
  readonly loopDelayUs: HistogramData;
}

export interface Machine {
  readonly host: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMb: number;
  readonly system: string;
  readonly node: string;
}
