import { CallGroup } from "../../src/e2ee/group/index.ts";
import type { PendingCommit } from "../../src/e2ee/group/index.ts";
import { createInvitation } from "../../src/e2ee/invitation/index.ts";
import { toBase64Url } from "../../src/lib/base64url.ts";

export type Figures = Record<string, number>;

const invitation = createInvitation();

/**
 * Times of one member's steps in a group of `size`, in milliseconds, and bytes on the wire. Only the
 * members that are timed keep a state; the others are leaves of the tree like any others.
 */
export async function measureGroup(size: number, samples: number): Promise<Figures> {
  const committer = await CallGroup.create({ invitation, participantId: randomId() });
  const others: CallGroup[] = [];
  while (committer.members.length < size - 1) {
    const { group, commit } = await enter(await committer.groupInfo());
    for (const member of [committer, ...others]) await member.process(commit);
    if (others.length === 0) others.push(group);
  }
  const series = new Series();
  for (let sample = 0; sample < samples; sample += 1) {
    await measureOnce(committer, others, series);
  }
  return series.figures(size);
}

async function measureOnce(committer: CallGroup, others: CallGroup[], series: Series) {
  const groupInfo = await series.time("groupInfo", () => committer.groupInfo());
  series.size("groupInfo", groupInfo);
  const entered = await series.time("keyReady", async () => {
    const { group, commit } = await series.time("join", () => enter(groupInfo));
    await group.frameKeys();
    return { group, commit };
  });
  series.size("join", entered.commit);
  const present = [...others, entered.group];
  for (const member of [committer, ...others]) {
    await series.time("processJoin", () => member.process(entered.commit));
  }
  const update = await series.time("update", () => committer.prepareUpdate());
  await spread(update, present, "processUpdate", series);
  series.size("update", update.commit);
  const leaf = entered.group.ownLeafIndex;
  const leaving = committer.members.filter(({ leafIndex }) => leafIndex === leaf);
  const removal = await series.time("remove", () =>
    committer.prepareRemove(leaving.map(({ participantId }) => participantId)),
  );
  await spread(removal, others, "processRemove", series);
  series.size("remove", removal.commit);
  entered.group.close();
}

async function spread(
  pending: PendingCommit,
  receivers: readonly CallGroup[],
  name: string,
  series: Series,
): Promise<void> {
  pending.apply();
  for (const receiver of receivers) await series.time(name, () => receiver.process(pending.commit));
}

function enter(groupInfo: Uint8Array) {
  return CallGroup.join({ invitation, participantId: randomId() }, groupInfo);
}

function randomId(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(16)));
}

/** Durations and sizes by name. */
class Series {
  readonly #durationsMs = new Map<string, number[]>();
  readonly #bytes = new Map<string, number>();

  async time<Result>(name: string, step: () => Promise<Result>): Promise<Result> {
    const startMs = performance.now();
    const result = await step();
    const durations = this.#durationsMs.get(name) ?? [];
    durations.push(performance.now() - startMs);
    this.#durationsMs.set(name, durations);
    return result;
  }

  /** The largest counts: commits grow and shrink with the blanks in the tree. */
  size(name: string, { length }: Uint8Array): void {
    this.#bytes.set(name, Math.max(this.#bytes.get(name) ?? 0, length));
  }

  figures(groupSize: number): Figures {
    const figures: Figures = {};
    for (const [name, durations] of this.#durationsMs) {
      durations.sort((a, b) => a - b);
      figures[`${name}${groupSize}P50Ms`] = quantile(durations, 0.5);
      figures[`${name}${groupSize}P95Ms`] = quantile(durations, 0.95);
    }
    for (const [name, bytes] of this.#bytes) figures[`${name}Bytes${groupSize}`] = bytes;
    return figures;
  }
}

function quantile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return Math.round(value * 10) / 10;
}
