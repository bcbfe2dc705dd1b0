import { closeSync, openSync, readFileSync, readSync } from "node:fs";

const BLOCK_BYTES = 65_536;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/**
 * All that a process on Linux can write to: heap, stacks, and what its libraries allocated, in
 * pieces as they lie there; blocks of zeros are left out. A parent may read it of its children,
 * where the system has no stricter rule; throws where it has (proc(5), `/proc/pid/mem`).
 */
export function readMemory(pid: number): Buffer[] {
  const memory = openSync(`/proc/${pid}/mem`, "r");
  try {
    return mappings(pid).flatMap(({ start, end }) => readMapping(memory, start, end));
  } finally {
    closeSync(memory);
  }
}

function readMapping(memory: number, start: bigint, end: bigint): Buffer[] {
  const pieces: Buffer[] = [];
  let blocks: Buffer[] = [];
  for (let position = start; position < end; position += BigInt(BLOCK_BYTES)) {
    const block = readBlock(memory, position, Math.min(BLOCK_BYTES, Number(end - position)));
    if (block.equals(ZEROS.subarray(0, block.length))) {
      if (blocks.length > 0) pieces.push(Buffer.concat(blocks));
      blocks = [];
    } else blocks.push(block);
  }
  if (blocks.length > 0) pieces.push(Buffer.concat(blocks));
  return pieces;
}

/** Shorter, or empty, where the rest was never touched or belongs to a device. */
function readBlock(memory: number, position: bigint, length: number): Buffer {
  const block = Buffer.alloc(length);
  try {
    return block.subarray(0, readSync(memory, block, 0, length, position));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EIO") return Buffer.alloc(0);
    throw error;
  }
}

/** proc(5), `/proc/pid/maps`. */
function mappings(pid: number): { start: bigint; end: bigint }[] {
  return readFileSync(`/proc/${pid}/maps`, "utf8")
    .split("\n")
    .flatMap((line) => {
      const found = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
      if (found === null) return [];
      const [, start = "", end = ""] = found;
      return [{ start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) }];
    });
}
