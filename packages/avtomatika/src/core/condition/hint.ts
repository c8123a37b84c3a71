import { didYouMean } from "#core/nearest";

/** Words of other languages, and what CEL says instead. */
const words = new Map([
  ...["True", "TRUE"].map((word) => [word, "true"] as const),
  ...["False", "FALSE"].map((word) => [word, "false"] as const),
  ...["None", "NULL", "Null", "nil", "undefined"].map((word) => [word, "null"] as const),
  ...["initial_data", "state_history", "initialData", "stateHistory"].map((word) => [word, `context.${word}`] as const),
]);

const operators: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w.])(and|AND)(?!\w)/, "&&"],
  [/(?<![\w.])(or|OR)(?!\w)/, "||"],
  [/(?<![\w.])(not|NOT)(?!\w)/, "!"],
  [/(?<![\w.])(is)(?!\w)/, "=="],
  [/(===)/, "=="],
  [/(!==)/, "!="],
  [/(<>)/, "!="],
  [/(?<![=!<>])(=)(?!=)/, "=="],
  [/(?<!&)(&)(?!&)/, "&&"],
  [/(?<!\|)(\|)(?!\|)/, "||"],
];

/** Says what to write instead of a word that no condition knows. */
export function explainWord(word: string): string {
  const instead = words.get(word);
  if (instead !== undefined) return `"${word}" is unknown; write ${instead}`;
  return `"${word}" is unknown${didYouMean(word, ["context"])}; text needs quotes: '${word}'`;
}

/** Says what is wrong with a condition that can't be parsed: an operator of another language, or what the parser says. */
export function explainSyntax(source: string, parserSays: string): string {
  // What stands in quotes is text, not an operator.
  const code = source.replaceAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/gs, (text) => " ".repeat(text.length));
  for (const [pattern, instead] of operators) {
    const found = pattern.exec(code);
    if (found) return `write ${instead} instead of ${found[1]}`;
  }
  return parserSays;
}
