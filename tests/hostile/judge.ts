import { errorAnswer, violations } from "@avtomatika/protocol";
import { catalogue } from "avtomatika/internal/core/errors";
import { type Answer, type Attack, objectOf } from "./attack.ts";
import { tokens } from "./attacked-engine.ts";

/** What would tell of the inside: stack traces, files, modules. */
const inside = [
  /\n\s*at \S/,
  /node:internal/,
  /file:\/\//,
  /node_modules/,
  /\.[cm]?[jt]s:\d/,
  /SqliteError|ERR_SQLITE/,
];
/** HTTP's own statuses, beside those of the catalogue. */
const alsoInvalid = [414, 431];

/** What is wrong with an answer; null if nothing is. `secrets` are never told to whoever made a mistake. */
export function faultOf(
  attack: Attack,
  answer: Answer,
  secrets: ReadonlySet<string>,
  hidden: readonly string[],
): string | null {
  if (answer.status >= 500 || answer.status < 200) return `it was answered ${answer.status}`;
  const told = leakOf(answer, hidden);
  if (told !== null) return told;
  if (answer.status >= 300) {
    const wrong = attack.method === "HEAD" ? null : formFault(answer, secrets);
    if (wrong !== null) return wrong;
  }
  return expectationFault(attack, answer);
}

/** Tokens and the inside have no place in any answer. */
export function leakOf({ headers, text }: Pick<Answer, "headers" | "text">, hidden: readonly string[]): string | null {
  const all = `${headers}\n${text.slice(0, 1_000_000)}`;
  for (const secret of [tokens.client, tokens.worker, ...hidden, process.cwd()]) {
    if (all.includes(secret)) return `the answer names ${secret}`;
  }
  const leak = inside.find((pattern) => pattern.test(all));
  return leak === undefined ? null : `the answer tells of the inside: ${leak}`;
}

/** The one form of all errors, with a code of the catalogue that has this status. */
export function formFault(answer: Answer, secrets: ReadonlySet<string>): string | null {
  if (!answer.contentType.startsWith("application/json")) return `the error has type "${answer.contentType}"`;
  const body = objectOf(answer);
  const [problem] = violations(errorAnswer, body);
  if (problem !== undefined) return `the error has another form: ${problem}`;
  const known = ["error", "code", "details", "request_id"];
  const odd = Object.keys(body).find((key) => !known.includes(key));
  if (odd !== undefined) return `the error has a key "${odd}"`;
  const { error, code } = body as { error: string; code: string };
  if (error === "") return "the error has no message";
  const entry = Object.hasOwn(catalogue, code) ? catalogue[code as keyof typeof catalogue] : undefined;
  if (entry === undefined) return `code "${code}" is not in the catalogue`;
  const isInvalid = code === "invalid_request" && alsoInvalid.includes(answer.status);
  if (entry.status !== answer.status && !isInvalid) return `code "${code}" came with status ${answer.status}`;
  for (const secret of secrets) if (answer.text.includes(secret)) return "the error names a token of an approval";
  return answer.text.length > 20_000 ? `the error has ${answer.text.length} characters` : null;
}

function expectationFault({ expected, method }: Attack, answer: Answer): string | null {
  const { status, message, rejects } = expected;
  if (status !== undefined && !status.includes(answer.status)) {
    return `expected ${status.join(" or ")}, got ${answer.status}`;
  }
  if (method === "HEAD") return null;
  const error = String(objectOf(answer)["error"]);
  if (message !== undefined && !error.includes(message)) return `the message doesn't name "${message}"`;
  if (rejects === undefined) return null;
  const [entry] = objectOf(answer)["jobs"] as { status: string; error?: string }[];
  if (entry?.status !== "rejected") return "the entry was accepted";
  return entry.error?.includes(rejects) ? null : `the entry's error doesn't name "${rejects}"`;
}
