/** The last group of an IPv4 address goes. */
const ipv4 = /\b(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}\b/g;
const ipv6 = /(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4})/gi;
/** What keys, tokens and ids look like: 16 characters and more of base64, base64url or hex. */
const run = /[A-Za-z0-9+_=-]{16,}/g;
const word = /^(?:\d*|[a-z]+|[A-Z]+)$/;
const humps = /^[a-z]*(?:[A-Z][a-z]{2,})+$/;
/** "Web" and "Rtc", of which a name has few. */
const SHORT_HUMP = 4;
const MOST_SHORT_HUMPS = 2;
const speakable = /^(?=.*[aeiou])(?!.*[^aeiouy]{4})/i;

/**
 * Takes out of a text what must not be written down though nobody meant to write it: the message
 * of an error that some library made may quote its input. This is the second line of defence,
 * behind the types of `Loggable`; an identifier that is lost by it is a price worth paying.
 */
export function scrubText(text: string): string {
  return text
    .replace(run, (match) => (looksRandom(match) ? "[redacted]" : match))
    .replace(ipv6, "[address]")
    .replace(ipv4, "$1.x");
}

/**
 * Random bytes mix cases and digits; words don't, be they joined by dashes or by humps. Two of a
 * million random texts of 16 bytes are taken for words.
 */
function looksRandom(text: string): boolean {
  return !text.split(/[-_+=]+/).every((part) => word.test(part) || isOfHumps(part));
}

function isOfHumps(text: string): boolean {
  if (!humps.test(text)) return false;
  const parts = text.split(/(?=[A-Z])/);
  const long = parts.filter(({ length }) => length > SHORT_HUMP);
  return (
    parts.length - long.length <= MOST_SHORT_HUMPS && long.every((hump) => speakable.test(hump))
  );
}
