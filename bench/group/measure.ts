import type { PendingCommit } from "../../src/e2ee/group/index.ts";
import { CallGroup } from "../../src/e2ee/group/index.ts";
import { percentile } from "../support/percentile.ts";
import type { Invitation } from "../../src/e2ee/invitation/index.ts";
import { createInvitation } from "../../src/e2ee/invitation/index.ts";
import { Crowd, newcomerTo, randomId, timed } from "./crowd.ts";

export type Figures = Record<string, number>;

/** A tree that a storm has left is full of blanks, which each commit pays for until they are filled. */
export type Growth = "one by one" | "by a storm";

export interface GroupKind {
  readonly growth?: Growth;
  /** Stands behind each figure's name, before the size. */
  readonly suffix?: string;
  readonly signatures?: Invitation["signatures"];
}

/**
 * Times of one member's steps in a group of `size`, in milliseconds, and bytes on the wire. See
 * `Crowd` for who is real.
 */
export async function measureGroup(
  size: number,
  samples: number,
  { growth = "one by one", suffix = "", signatures = "classical" }: GroupKind = {},
): Promise<Figures> {
  const crowd = await Crowd.found(createInvitation(signatures));
  if (growth === "by a storm") await crowd.growTo(size - 1, 2);
  else await crowd.growOneByOne(size - 1, 3);
  const series = new Series();
  for (let sample = 0; sample < samples; sample += 1) await measureOnce(crowd, series);
  for (const follower of crowd.followers) follower.close();
  return series.figures(`${suffix}${size}`);
}

async function measureOnce({ invitation, followers }: Crowd, series: Series): Promise<void> {
  const [committer] = followers;
  if (committer === undefined) throw new Error("the crowd is empty");
  const groupInfo = await series.time("groupInfo", () => committer.groupInfo());
  series.size("groupInfo", groupInfo);
  const { group, commit } = await series.time("join", () =>
    CallGroup.join({ invitation, participantId: randomId() }, groupInfo),
  );
  series.size("join", commit);
  for (const member of followers) await series.time("processJoin", () => member.process(commit));
  await remove(followers, group, series, "remove");

  const waiting = await series.time("keyPackage", () => newcomerTo(invitation));
  const add = [waiting.keyPackage];
  const addition = await series.time("add", () => committer.prepareChange({ add }, Date.now()));
  series.size("add", addition.commit);
  await spread(addition, followers, series, "processAdd");
  const { welcome } = addition;
  if (welcome === undefined) throw new Error("nobody was let in");
  series.size("welcome", welcome);
  const added = await series.time("welcome", () => waiting.enter(welcome));
  const update = await series.time("update", () => committer.prepareUpdate());
  series.size("update", update.commit);
  await spread(update, [...followers, added], series, "processUpdate");
  await remove(followers, added, series, "remove");
}

async function remove(
  followers: readonly CallGroup[],
  leaver: CallGroup,
  series: Series,
  name: string,
): Promise<void> {
  const [committer] = followers;
  const leaving = committer?.members.find(({ leafIndex }) => leafIndex === leaver.ownLeafIndex);
  if (committer === undefined || leaving === undefined) throw new Error("nobody to remove");
  const pending = await series.time(name, () => committer.prepareRemove([leaving.participantId]));
  series.size(name, pending.commit);
  await spread(pending, followers, series, "processRemove");
  leaver.close();
}

/** The first of `members` made the commit. */
async function spread(
  pending: PendingCommit,
  members: readonly CallGroup[],
  series: Series,
  name: string,
): Promise<void> {
  pending.apply();
  for (const member of members.slice(1)) {
    await series.time(name, () => member.process(pending.commit));
  }
}

/** Durations and sizes by name. */
class Series {
  readonly #durationsMs = new Map<string, number[]>();
  readonly #bytes = new Map<string, number>();

  async time<Result>(name: string, step: () => Promise<Result>): Promise<Result> {
    const [tookMs, result] = await timed(step);
    const durations = this.#durationsMs.get(name) ?? [];
    durations.push(tookMs);
    this.#durationsMs.set(name, durations);
    return result;
  }

  /** The largest counts: commits grow and shrink with the blanks in the tree. */
  size(name: string, { length }: Uint8Array): void {
    this.#bytes.set(name, Math.max(this.#bytes.get(name) ?? 0, length));
  }

  figures(groupSize: string): Figures {
    const figures: Figures = {};
    for (const [name, durations] of this.#durationsMs) {
      figures[`${name}${groupSize}P50Ms`] = round(percentile(durations, 50));
      figures[`${name}${groupSize}P95Ms`] = round(percentile(durations, 95));
    }
    for (const [name, bytes] of this.#bytes) figures[`${name}Bytes${groupSize}`] = bytes;
    return figures;
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
