import { randomBytes } from "node:crypto";
import type { Invitation } from "../../src/e2ee/invitation/index.ts";
import { createInvitation, invitationLink } from "../../src/e2ee/invitation/index.ts";
import type { MediaSource } from "../../src/protocol/index.ts";
import type { ParticipantPlan } from "../participant/participant-plan.ts";
import { isWithinShare } from "../scenario/is-within-share.ts";
import type { Scenario } from "../scenario/scenario.ts";

const PARTICIPANT_ID_BYTES = 16;
/** Up to so many participants, all of them open all frames. */
export const OPEN_ALL_UP_TO = 50;

/** Says what each participant of a scenario does. */
export class Planner {
  readonly #scenario: Scenario;
  readonly #origin: string;
  readonly #invitations: Invitation[] = [];

  /** `invitation`: the one room to use, in place of new ones. */
  constructor(scenario: Scenario, origin: string, invitation?: Invitation) {
    this.#scenario = scenario;
    this.#origin = origin;
    if (invitation !== undefined) this.#invitations.push(invitation);
  }

  linkOf(room: number): string {
    while (this.#invitations.length <= room) this.#invitations.push(createInvitation());
    const invitation = this.#invitations[room];
    if (invitation === undefined) throw new RangeError("there is no such room");
    return invitationLink(invitation, this.#origin);
  }

  /** `index` is the participant's number within the room, `total` how many there will be in all. */
  plan(room: number, index: number, total: number): ParticipantPlan {
    const { region, relay, see } = this.#scenario;
    const network = this.#networkOf(index);
    return {
      participantId: randomBytes(PARTICIPANT_ID_BYTES).toString("base64url"),
      room,
      link: this.linkOf(room),
      publish: this.#sourcesOf(index),
      videos: see.videos,
      layer: this.#layer,
      openShare: this.#openShare(total),
      relayOnly: relay === "always",
      ...(region === undefined ? {} : { region }),
      ...(network === undefined ? {} : { impairment: network }),
    };
  }

  #sourcesOf(index: number): MediaSource[] {
    const { publish } = this.#scenario;
    const sources = ["microphone", "camera", "screen"] as const;
    return sources.filter((source) => publish[source] === "all" || index < publish[source]);
  }

  /**
   * The layer that fits the tiles of a window with so many videos: of a room that grows, when it is
   * full, so that its sizes differ by their participants alone.
   */
  get #layer(): number {
    const { see, publish, grow } = this.#scenario;
    if (see.layer !== "auto") return see.layer;
    const participants = grow?.what === "participants" ? grow.to : this.#scenario.participants;
    const cameras = publish.camera === "all" ? participants - 1 : publish.camera;
    const seen = Math.min(see.videos, cameras);
    if (seen <= 1) return 2;
    return seen <= 4 ? 1 : 0;
  }

  #openShare(total: number): number {
    const { openShare } = this.#scenario;
    return openShare === "auto" ? Math.min(1, OPEN_ALL_UP_TO / total) : openShare;
  }

  /** Its way through the impairment; also for those whose network is to be cut. */
  #networkOf(index: number): ParticipantPlan["impairment"] {
    const { impairment, steps } = this.#scenario;
    if (impairment !== undefined && isWithinShare(index, impairment.percent)) {
      const { delayMs, jitterMs, lossPercent } = impairment;
      return { delayMs, jitterMs, lossPercent };
    }
    const isCut = steps.some(
      (step) => step.do === "cut-network" && isWithinShare(index, step.percent),
    );
    return isCut ? NONE : undefined;
  }
}

const NONE = { delayMs: 0, jitterMs: 0, lossPercent: 0 } as const;
