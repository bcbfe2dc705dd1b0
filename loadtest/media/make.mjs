/**
 * Makes the pre-encoded media that synthetic participants send: `node loadtest/media/make.mjs`.
 *
 * Speech comes from a recorded voice, the picture from a photograph that moves as a hand-held camera
 * does, the screen from a page of text that scrolls (README.md says whence, and under which
 * licence). It needs Debian's packages, takes a minute, and is run only to make other media: what
 * it made is in the repository.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installDebianPackages } from "../../scripts/setup/debian.mjs";
import { Progress } from "../../scripts/setup/progress.mjs";
import { runCommand } from "../../scripts/setup/run-command.mjs";
import { ivfFile } from "./ivf.mjs";
import { oggPackets } from "./ogg.mjs";
import { padOpusPacket } from "./opus-padding.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const seconds = 8;
const framesPerSecond = 30;
const screenFramesPerSecond = 5;
const sources = ["asterisk-core-sounds-en-g722", "python3-skimage", "fonts-dejavu-core"];
/** Not at even distances, so that participants who began together drift apart. */
const keyFrames = [0, 47, 131, 190];
const cameraLayers = [
  { width: 320, height: 180, kbps: 150 },
  { width: 640, height: 360, kbps: 450 },
  { width: 1280, height: 720, kbps: 1150 },
];
/** With 19 bytes that `padOpusPacket` adds, two of these fit into the 192 bytes of a sealed frame. */
const voiceBps = 30_400;

const progress = new Progress("media");
const work = mkdtempSync(join(tmpdir(), "aparte-media-"));

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} [cwd]
 */
async function run(command, args, cwd = work) {
  const { code, tail } = await runCommand(command, args, { cwd });
  if (code !== 0) throw new Error(`${command} ended with code ${code}:\n${tail}`);
}

/** @param {readonly string[]} args */
async function ffmpeg(args) {
  await run("ffmpeg", ["-hide_banner", "-loglevel", "error", "-y", ...args]);
}

/**
 * What a browser's encoder is asked for: real time, no frame before its time, a steady bit rate.
 *
 * @param {number} kbps
 */
function vp8(kbps) {
  const rate = `${kbps}k`;
  const limits = ["-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", `${kbps / 2}k`];
  const live = ["-deadline", "realtime", "-cpu-used", "6", "-lag-in-frames", "0"];
  return ["-c:v", "libvpx", ...live, "-auto-alt-ref", "0", "-error-resilient", "1", ...limits];
}

/** @param {readonly number[]} frames the only ones that are key frames */
function keyFramesAt(frames) {
  const conditions = frames.map((frame) => `eq(n,${frame})`).join("+");
  return ["-g", "9999", "-force_key_frames", `expr:${conditions}`];
}

async function makeVoice() {
  progress.update("voice");
  const speech = join(work, "usr/share/asterisk/sounds/en_US_f_Allison/demo-instruct.g722");
  const constant = ["-b:a", String(voiceBps), "-vbr", "off", "-frame_duration", "20"];
  const encoder = ["-c:a", "libopus", "-application", "voip", ...constant];
  const input = ["-f", "g722", "-i", speech, "-t", String(seconds)];
  await ffmpeg([...input, "-ac", "1", "-ar", "48000", ...encoder, "voice.opus"]);
  const packets = oggPackets(readFileSync(join(work, "voice.opus"))).map(padOpusPacket);
  // Each of them lasts 20 ms.
  const file = ivfFile({ fourcc: "OPUS", width: 0, height: 0, framesPerSecond: 50 }, packets);
  writeFileSync(join(here, "voice-0.ivf"), file);
}

async function makeCamera() {
  progress.update("camera: movement");
  const photograph = join(work, "usr/lib/python3/dist-packages/skimage/data/astronaut.png");
  // All periods divide the loop, so that its end goes over into its beginning.
  const sway = "0.015*sin(2*PI*t/8)+0.008*sin(2*PI*t/2)";
  const x = "240+110*sin(2*PI*t/8)+18*sin(2*PI*t/1.6)";
  const y = "150+50*sin(2*PI*t/4)+12*sin(2*PI*t/1)";
  const filter =
    `scale=1760:-1:flags=bicubic,rotate='${sway}':ow=iw:oh=ih,` +
    `crop=1280:720:x='${x}':y='${y}',noise=alls=7:allf=t,format=yuv420p`;
  const still = ["-loop", "1", "-framerate", String(framesPerSecond), "-i", photograph];
  await ffmpeg([...still, "-t", String(seconds), "-vf", filter, "-c:v", "ffv1", "moving.mkv"]);
  for (const [layer, { width, height, kbps }] of cameraLayers.entries()) {
    progress.update(`camera: layer ${layer}`);
    const target = join(here, `camera-${layer}.ivf`);
    const scaled = ["-i", "moving.mkv", "-vf", `scale=${width}:${height}`];
    await ffmpeg([...scaled, ...vp8(kbps), ...keyFramesAt(keyFrames), target]);
  }
}

async function makeScreen() {
  progress.update("screen");
  const font = join(work, "usr/share/fonts/truetype/dejavu/DejaVuSans.ttf");
  const page = fileURLToPath(new URL("../../docs/threat-model.md", import.meta.url));
  // Read for a while, scrolled on, read again.
  const scroll = "40-200*floor(t/2)-200*clip((mod(t,2)-1.6)/0.4,0,1)";
  const text = `drawtext=fontfile=${font}:textfile=${page}:fontsize=22:x=40:y='${scroll}':expansion=none`;
  const blank = `color=white:size=1280x720:rate=${screenFramesPerSecond}:duration=${seconds}`;
  const target = join(here, "screen-0.ivf");
  const input = ["-f", "lavfi", "-i", blank, "-vf", `${text},format=yuv420p`];
  await ffmpeg([...input, ...vp8(400), ...keyFramesAt([0]), target]);
}

try {
  await installDebianPackages(["ffmpeg"], "making media", progress);
  progress.update("fetching what it is made from");
  await run("apt-get", ["download", ...sources]);
  for (const name of readdirSync(work).filter((each) => each.endsWith(".deb"))) {
    await run("dpkg-deb", ["-x", name, "."]);
  }
  await makeVoice();
  await makeCamera();
  await makeScreen();
  progress.done("made");
} finally {
  progress.abandon();
  rmSync(work, { recursive: true, force: true });
}
