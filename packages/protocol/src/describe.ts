const longest = 60;

/** A JSON value in a few words, for the "got …" of a message. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case "undefined":
      return "nothing";
    case "string":
      return `a string (${quote(value)})`;
    case "number":
      return `a number (${value})`;
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? `an array of ${value.length}` : "an object";
    default:
      return String(value);
  }
}

/** Text in double quotes, cut at 60 characters. */
function quote(text: string): string {
  if (text.length <= longest) return JSON.stringify(text);
  return `${JSON.stringify(text.slice(0, longest))}… of ${text.length} characters`;
}
