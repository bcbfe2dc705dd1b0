/**
 * What is heard when packets are lost: `npm run bench:audio-loss` prints how much sound the
 * browsers had to make up, with `--json` the figures on one line.
 */
import { parseArgs } from "node:util";
import { measureAudioLoss, measureInBandFec } from "../../test/support/audio-loss.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    loss: { type: "string", default: "0.1" },
    seconds: { type: "string", default: "30" },
  },
});
const [loss, seconds] = [Number(values.loss), Number(values.seconds)];
if (!(loss >= 0 && loss < 1)) throw new Error("--loss must lie within 0 and 1");
if (!(seconds >= 1 && seconds <= 600)) throw new Error("--seconds must lie within 1 and 600");

const { none, repaired, unrepaired } = await measureAudioLoss(loss, seconds);
const fec = await measureInBandFec(loss, seconds);
const figures = {
  concealedPercentWithoutLoss: percent(none.concealed),
  concealedPercent: percent(repaired.concealed),
  concealedPercentUnrepaired: percent(unrepaired.concealed),
  lostPercent: percent(repaired.lost),
  framesRepaired: repaired.repaired,
  fecConcealedPercent: percent(fec.on.concealed),
  fecLostPercent: percent(fec.on.lost),
  noFecConcealedPercent: percent(fec.off.concealed),
};
if (values.json) print(JSON.stringify({ bench: "audio-loss", loss, seconds, figures }));
else {
  print(`samples that the browser made up, over ${seconds} s:`);
  print(`  nothing lost                  ${figures.concealedPercentWithoutLoss} %`);
  print(`  ${figures.lostPercent} % lost, repaired         ${figures.concealedPercent} %`);
  print(`  as much lost, not repaired    ${figures.concealedPercentUnrepaired} %`);
  print(`${figures.framesRepaired} frames were put in by way of their successors`);
  print(`in Firefox, ${figures.fecLostPercent} % lost on the speaker's side:`);
  print(`  with in-band FEC              ${figures.fecConcealedPercent} %`);
  print(`  without                       ${figures.noFecConcealedPercent} %`);
}

function percent(share: number): number {
  return Math.round(share * 10_000) / 100;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
