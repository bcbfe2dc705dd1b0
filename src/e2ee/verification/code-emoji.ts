export interface CodeEmoji {
  readonly emoji: string;
  /** In English, one or two words that nobody mistakes for another one's of the list. */
  readonly name: string;
}

const NAMES = `🐶 dog,🐱 cat,🦁 lion,🐴 horse,🦄 unicorn,🐷 pig,🐘 elephant,🐰 rabbit,🐼 panda,🐔 rooster,🐧 penguin,🐢 turtle,🐟 fish,🐙 octopus,🦋 butterfly,🌷 flower,🌳 tree,🌵 cactus,🍄 mushroom,🌍 globe,🌙 moon,☁️ cloud,🔥 fire,🍌 banana,🍎 apple,🍓 strawberry,🌽 corn,🍕 pizza,🎂 cake,❤️ heart,😀 smiley,🤖 robot,🎩 hat,👓 glasses,🔧 wrench,🎅 santa,👍 thumbs up,☂️ umbrella,⌛ hourglass,⏰ clock,🎁 gift,💡 light bulb,📕 book,✏️ pencil,📎 paperclip,✂️ scissors,🔒 padlock,🔑 key,🔨 hammer,☎️ telephone,🏁 flag,🚂 train,🚲 bicycle,✈️ aeroplane,🚀 rocket,🏆 trophy,⚽ ball,🎸 guitar,🎺 trumpet,🔔 bell,⚓ anchor,🎧 headphones,📁 folder,📌 pin`;

/** 64 pictures, so that each stands for 6 bits. Their order is part of the code: it never changes. */
export const CODE_EMOJI: readonly CodeEmoji[] = NAMES.split(",").map((entry) => {
  const space = entry.indexOf(" ");
  return { emoji: entry.slice(0, space), name: entry.slice(space + 1) };
});
