/** What a variable may hold: read from its text, or from a value of its own type. */
export interface Kind<T> {
  /** In words, for messages. */
  expected: string;
  /** Undefined for what can't be used. */
  read: (value: unknown) => T | undefined;
  /** Messages never quote it, and an empty text is not taken for an absent one. */
  secret?: boolean;
}

export const text: Kind<string> = {
  expected: "a text",
  read: (value) => (typeof value === "string" ? value : undefined),
};

export const secret: Kind<string> = {
  expected: "a text of at least 1 character",
  read: (value) => (typeof value === "string" && value !== "" ? value : undefined),
  secret: true,
};

/** `true`, `1`, `yes`, `on` and their opposites, in any case. */
export const flag: Kind<boolean> = {
  expected: "true or false (or 1/0, yes/no, on/off)",
  read: (value) => {
    if (typeof value === "boolean") return value;
    const word = typeof value === "string" ? value.trim().toLowerCase() : "";
    if (["true", "1", "yes", "on"].includes(word)) return true;
    return ["false", "0", "no", "off"].includes(word) ? false : undefined;
  },
};

export function wholeNumber(least: number, most: number): Kind<number> {
  return {
    expected: `a whole number from ${least} to ${most}`,
    read: (value) => {
      const number = toNumber(value);
      return Number.isInteger(number) && number >= least && number <= most ? number : undefined;
    },
  };
}

/**
 * A port. Kubernetes gives every pod beside a service called `redis` a `REDIS_PORT=tcp://10.0.0.1:6379`: then it is the
 * one at the end.
 */
export const servicePort: Kind<number> = {
  expected: "a whole number from 1 to 65535",
  read: (value) => {
    const linked = typeof value === "string" ? /^tcp:\/\/.*:(\d+)$/.exec(value)?.[1] : undefined;
    return wholeNumber(1, 65_535).read(linked ?? value);
  },
};

/** Fractions allowed. */
export function seconds(range: { above?: number; least?: number; most?: number }): Kind<number> {
  const { above, least, most = 3e12 } = range;
  const from = above === undefined ? `of at least ${least ?? 0}` : `above ${above}`;
  return {
    expected: `a number of seconds ${from}${most === 3e12 ? "" : ` and at most ${most}`}`,
    read: (value) => {
      const number = toNumber(value);
      const isEnough = above === undefined ? number >= (least ?? 0) : number > above;
      return isEnough && number <= most ? number : undefined;
    },
  };
}

/** One of a few words, in any case; `aliases` lead to them. */
export function word<const Words extends string>(
  words: readonly Words[],
  aliases: Readonly<Record<string, Words>> = {},
): Kind<Words> {
  return {
    expected: `one of ${words.join(", ")}`,
    read: (value) => {
      const given = typeof value === "string" ? value.trim().toLowerCase() : "";
      return words.find((one) => one === given) ?? (Object.hasOwn(aliases, given) ? aliases[given] : undefined);
    },
  };
}

/** The name of a time zone that the runtime knows, with its history; a bare offset has none. */
export const timeZone: Kind<string> = {
  expected: 'the name of an IANA time zone, like "Europe/Berlin" or "UTC"',
  read: (value) => (typeof value === "string" && /^[A-Za-z]/.test(value) && isKnownZone(value) ? value : undefined),
};

function isKnownZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function toNumber(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : Number.NaN;
}
