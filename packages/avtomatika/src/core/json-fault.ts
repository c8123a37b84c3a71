type Expected = "value" | "first item" | "first key" | "key" | "colon" | "next";

/**
 * The position of the first character at which `text` stops being JSON (`NaN` and the infinities count as
 * numbers); the text's length if it ends too early, -1 if it has no fault. For messages only: JSON.parse judges.
 */
export function faultAt(text: string): number {
  const open: string[] = [];
  let expected: Expected = "value";
  for (let at = skipSpace(text, 0); at < text.length; at = skipSpace(text, at)) {
    const character = text[at] as string;
    const closes = character === "]" || character === "}";
    if (closes && mayClose(expected, character, open.at(-1))) {
      open.pop();
      expected = "next";
      at++;
    } else if (expected === "next") {
      if (character !== "," || open.length === 0) return at;
      expected = open.at(-1) === "{" ? "key" : "value";
      at++;
    } else if (expected === "colon") {
      if (character !== ":") return at;
      expected = "value";
      at++;
    } else if (expected === "key" || expected === "first key") {
      if (character !== '"') return at;
      const end = skipString(text, at);
      if (end.fault) return end.at;
      expected = "colon";
      at = end.at;
    } else if (character === "{" || character === "[") {
      open.push(character);
      expected = character === "{" ? "first key" : "first item";
      at++;
    } else {
      const end = character === '"' ? skipString(text, at) : skipWord(text, at);
      if (end.fault) return end.at;
      expected = "next";
      at = end.at;
    }
  }
  return expected === "next" && open.length === 0 ? -1 : text.length;
}

/** A position in words: counted from 0 as an offset, from 1 as line and column. */
export function placeIn(text: string, at: number): string {
  const lines = text.slice(0, at).split("\n");
  const column = (lines.at(-1) as string).length + 1;
  return `at position ${at} (line ${lines.length}, column ${column})`;
}

interface End {
  at: number;
  fault: boolean;
}

function mayClose(expected: Expected, character: string, opened: string | undefined): boolean {
  if (opened !== (character === "]" ? "[" : "{")) return false;
  return expected === "next" || expected === (character === "]" ? "first item" : "first key");
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && "\t\n\r ".includes(text[at] as string)) at++;
  return at;
}

function skipString(text: string, start: number): End {
  const escaped = /["\\/bfnrt]|u[\dA-Fa-f]{4}/y;
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '"') return { at: at + 1, fault: false };
    if (character < " ") return { at, fault: true };
    if (character === "\\") {
      escaped.lastIndex = at + 1;
      if (!escaped.test(text)) return { at: at + 1, fault: true };
      at = escaped.lastIndex - 1;
    }
  }
  return { at: text.length, fault: true };
}

function skipWord(text: string, start: number): End {
  const word = /true|false|null|NaN|-?Infinity|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  word.lastIndex = start;
  return word.test(text) ? { at: word.lastIndex, fault: false } : { at: start, fault: true };
}
