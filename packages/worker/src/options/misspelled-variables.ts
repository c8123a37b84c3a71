type Environment = Readonly<Record<string, string | undefined>>;

/** What a number may be counted in; a name may lack it, or have another one. */
const unit = /_(?:MS|SEC|SECS|SECONDS|MILLISECONDS|MINUTES|HOURS|DAYS|BYTES|KB|MB)$/;
/** Without its underscores a shorter name could be anybody's: `LOGLEVEL` is one. */
const leastJoined = 12;

/**
 * A warning for each variable that is set, is none of `known`, and looks like one of them that isn't set. Names are
 * compared word by word, so that variables of others stay unsuspected: `APP_HOST` isn't `API_HOST`, nor `REDIS_PORT`
 * `REDIS_HOST`.
 */
export function misspelledVariables(known: readonly string[], environment: Environment): string[] {
  const open = known.filter((name) => environment[name] === undefined);
  return Object.keys(environment).flatMap((name) => {
    const meant = known.includes(name) ? undefined : open.find((each) => isNear(name, each));
    return meant === undefined ? [] : [`${name} is set, but nothing reads it: did you mean ${meant}?`];
  });
}

function isNear(given: string, meant: string): boolean {
  const name = given.toUpperCase().replaceAll("-", "_");
  if (name.replace(unit, "") === meant.replace(unit, "")) return true;
  if (meant.length >= leastJoined && name.replaceAll("_", "") === meant.replaceAll("_", "")) return true;
  const words = name.split("_");
  const meantWords = meant.split("_");
  const wrong = meantWords.flatMap((word, at) => (word === words[at] ? [] : [{ word, given: words[at] ?? "" }]));
  const [slip] = wrong;
  if (slip === undefined || wrong.length > 1 || words.length !== meantWords.length) return false;
  return isSlip(slip.given, slip.word, meant.length - slip.word.length);
}

/** The shorter a word, the more of the others has to be right: `sure` letters are. */
function isSlip(given: string, word: string, sure: number): boolean {
  const shorter = Math.min(given.length, word.length);
  return (shorter > 3 || (shorter === 3 && sure >= 7)) && differByOne(given, word);
}

/** One letter inserted, left out, replaced, or two neighbours swapped. */
function differByOne(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  let at = 0;
  while (at < short.length && short[at] === long[at]) at++;
  if (short.length < long.length) return short.slice(at) === long.slice(at + 1);
  if (short.slice(at + 1) === long.slice(at + 1)) return true;
  const isSwapped = short[at] === long[at + 1] && short[at + 1] === long[at];
  return isSwapped && short.slice(at + 2) === long.slice(at + 2);
}
