import { quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import { placeIn } from "#core/json-fault";
import { maxJsonDepth } from "#core/to-json";

export interface ParseOptions {
  /**
   * What `NaN`, `Infinity`, `-Infinity` and numbers beyond the double range mean: `null` in the bodies of
   * workers (Python writes them), an error in those of clients.
   */
  readonly nan: "null" | "reject";
  /** How deep arrays and objects may be nested; 100 by default. */
  readonly maxDepth?: number;
  /** What messages call the text; "the body" by default. */
  readonly name?: string;
}

/**
 * The text with what JSON.parse would refuse or round rewritten: integers beyond ±(2^53−1) as strings, numbers that
 * no double holds as `null` (or refused). Anything else that is no JSON stays. Throws `invalid_request`.
 */
export function standardJson(text: string, options: ParseOptions): string {
  return new Standardiser(text, options).run();
}

const quotation = 0x22;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const capitalA = 0x41;
const smallA = 0x61;

/** 2^53 has 16 digits: anything shorter without a letter is exact. */
const shortestOddNumber = 16;

/** Rewrites what JSON.parse would refuse or round, in one pass over what stands outside of strings. */
class Standardiser {
  readonly #text: string;
  readonly #options: ParseOptions;
  #rewritten = "";
  /** Up to where the text has gone into `#rewritten`. */
  #taken = 0;

  constructor(text: string, options: ParseOptions) {
    this.#text = text;
    this.#options = options;
  }

  run(): string {
    const text = this.#text;
    const maxDepth = this.#options.maxDepth ?? maxJsonDepth;
    let depth = 0;
    for (let at = 0; at < text.length; ) {
      const code = text.charCodeAt(at);
      if (code === quotation) {
        at = endOfString(text, at);
      } else if (isWord(code)) {
        at = this.#word(at);
      } else {
        if (code === openBracket || code === openBrace) depth++;
        else if (code === closeBracket || code === closeBrace) depth--;
        if (depth > maxDepth) throw this.#error(`is nested deeper than ${maxDepth} levels`, at);
        at++;
      }
    }
    return this.#taken === 0 ? text : this.#rewritten + text.slice(this.#taken);
  }

  /** Looks at the number or word that begins at `start`; returns where it ends. */
  #word(start: number): number {
    const text = this.#text;
    let end = start;
    let hasLetter = false;
    for (let code = text.charCodeAt(end); isWord(code); code = text.charCodeAt(++end)) {
      hasLetter ||= code >= capitalA;
    }
    // `true`, `false` and `null` begin with a small letter, and nothing that is mended does.
    if (text.charCodeAt(start) < smallA && (hasLetter || end - start >= shortestOddNumber)) this.#mend(start, end);
    return end;
  }

  #mend(start: number, end: number): void {
    const word = this.#text.slice(start, end);
    if (isInteger(word)) {
      // In the place of a key it is a fault, which quotes would hide.
      if (!Number.isSafeInteger(Number(word)) && !isKey(this.#text, end)) this.#replace(start, end, `"${word}"`);
    } else if (isBeyondDouble(word)) {
      if (this.#options.nan === "reject") {
        throw this.#error(`has ${quote(word)}, a number that JSON can't hold,`, start);
      }
      this.#replace(start, end, "null");
    }
  }

  #replace(start: number, end: number, by: string): void {
    this.#rewritten += this.#text.slice(this.#taken, start) + by;
    this.#taken = end;
  }

  #error(what: string, at: number): AvtomatikaError {
    const place = placeIn(this.#text, at);
    return new AvtomatikaError("invalid_request", `${this.#options.name ?? "the body"} ${what} ${place}`);
  }
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
  return text.length;
}

/** Letters, digits, `+`, `-` and `.`: what numbers and the words of JSON and Python are made of. */
function isWord(code: number): boolean {
  if (code >= smallA) return code <= 0x7a;
  if (code >= capitalA) return code <= 0x5a;
  return (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2b || code === 0x2e;
}

function isInteger(word: string): boolean {
  return /^-?(?:0|[1-9]\d*)$/.test(word);
}

function isBeyondDouble(word: string): boolean {
  if (word === "NaN" || word === "Infinity" || word === "-Infinity") return true;
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(word) && !Number.isFinite(Number(word));
}

function isKey(text: string, end: number): boolean {
  const colon = /[\t\n\r ]*:/y;
  colon.lastIndex = end;
  return colon.test(text);
}
