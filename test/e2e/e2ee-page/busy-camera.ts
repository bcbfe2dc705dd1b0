import type { Size } from "../sdk-page/drawn-media.ts";

const FRAMES_PER_SECOND = 20;
const BLOCK_PIXELS = 16;
/** Blocks that change from one picture to the next. */
const CHANGED_BLOCKS = 400;

/** A picture full of detail, so that frames take many packets. */
export function busyCamera({ width, height }: Size): MediaStreamTrack {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  const block = () => {
    const at = (length: number) => Math.floor((Math.random() * length) / BLOCK_PIXELS);
    const [red, green, blue] = crypto.getRandomValues(new Uint8Array(3));
    context.fillStyle = `rgb(${red} ${green} ${blue})`;
    const [left, top] = [at(width) * BLOCK_PIXELS, at(height) * BLOCK_PIXELS];
    context.fillRect(left, top, BLOCK_PIXELS - Math.floor(Math.random() * 8), BLOCK_PIXELS);
  };
  for (let count = 0; count < 20 * CHANGED_BLOCKS; count += 1) block();
  setInterval(() => {
    for (let count = 0; count < CHANGED_BLOCKS; count += 1) block();
  }, 1_000 / FRAMES_PER_SECOND);
  const [track] = canvas.captureStream(FRAMES_PER_SECOND).getTracks();
  if (track === undefined) throw new Error("no track");
  return track;
}
