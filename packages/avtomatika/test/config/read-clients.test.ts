import { expect, test } from "vitest";
import { readClients } from "#config/read-clients";
import { hashToken } from "#config/token-hash";
import type { AvtomatikaError } from "#core/errors";

const taken = new Map([[hashToken("shared"), "that of CLIENT_TOKEN"]]);
const read = (text: string) => readClients(text, { file: "clients.toml", taken });

/** What is wrong, as it is told; each without the file's name, which all begin with. */
function faultsOf(text: string): string[] {
  let error: AvtomatikaError | undefined;
  try {
    read(text);
  } catch (thrown) {
    error = thrown as AvtomatikaError;
  }
  expect(error?.code).toBe("invalid_config");
  const faults = error?.details ?? [];
  for (const fault of faults) {
    expect(error?.message).toContain(fault);
    expect(fault.startsWith("clients.toml: ")).toBe(true);
  }
  return faults.map((fault) => fault.slice("clients.toml: ".length));
}

test("a section is a client, and what it says beside the known keys are its params", () => {
  const { entries, warnings } = read(`
# comments are for people
[acme]
token = "a secret"
plan = "premium"
monthly_attempts = 0
admin = true
webhook_secret = ["whsec_new", "old"]
languages = ["en", "de"]
since = 2024-01-31
[acme.limits]
pages = 5
[acme.limits.deep]
"__proto__" = { constructor = 1 }

["a.b c"]
token = "x"
webhook_secret = "one"
`);
  expect(warnings).toEqual([]);
  expect(entries).toEqual([
    {
      id: "acme",
      hash: hashToken("a secret"),
      admin: true,
      plan: "premium",
      monthlyAttempts: 0,
      webhookSecrets: ["whsec_new", "old"],
      params: {
        languages: ["en", "de"],
        since: "2024-01-31",
        limits: { pages: 5, deep: JSON.parse('{"__proto__":{"constructor":1}}') },
      },
    },
    {
      id: "a.b c",
      hash: hashToken("x"),
      admin: false,
      plan: null,
      monthlyAttempts: null,
      webhookSecrets: ["one"],
      params: {},
    },
  ]);
  expect(JSON.stringify(entries)).not.toContain("a secret");
});

test("a file of comments has no clients", () => {
  expect(read("# nobody for now\n")).toEqual({ entries: [], warnings: [] });
});

const token = 'token = "t"\n';
const wanted = "a text of printable ASCII characters with no space at its ends, since it travels in a header";
test.each<[string, string, string[]]>([
  ["no token", "[a]\nplan = 'p'", [`[a] token: expected ${wanted}, got nothing`]],
  ["an empty token", "[a]\ntoken = ''", [`[a] token: expected ${wanted}, got an empty text`]],
  ["a token that is no text", "[a]\ntoken = 123456", [`[a] token: expected ${wanted}, got a number`]],
  ["a token in an array", "[a]\ntoken = ['t']", [`[a] token: expected ${wanted}, got an array of 1`]],
  ["a token with a line break", '[a]\ntoken = "t\\n"', [`[a] token: expected ${wanted}, got another text`]],
  ["a token beyond ASCII", '[a]\ntoken = "tök"', [`[a] token: expected ${wanted}, got another text`]],
  [
    "two sections with one token",
    `[a]\n${token}[b]\n${token}[c]\n${token}`,
    ["[b] token: expected one of its own, got that of [a]", "[c] token: expected one of its own, got that of [a]"],
  ],
  ["a shared token", "[a]\ntoken = 'shared'", ["[a] token: expected one of its own, got that of CLIENT_TOKEN"]],
  ["a client default", `[default]\n${token}`, ["[default]: expected a name of its own, got one of the engine's"]],
  ["a client system", `[system]\n${token}`, ["[system]: expected a name of its own, got one of the engine's"]],
  ["admin as a text", `[a]\n${token}admin = "yes"`, ['[a] admin: expected true or false, got "yes"']],
  ["admin as a number", `[a]\n${token}admin = 1`, ["[a] admin: expected true or false, got 1"]],
  ["plan as a number", `[a]\n${token}plan = 3`, ["[a] plan: expected a text of 1 to 128 characters, got 3"]],
  ...(["-1", "1.5", '"5"', "9007199254740993", "true", "inf"] as const).map((value): [string, string, string[]] => [
    `monthly_attempts = ${value}`,
    `[a]\n${token}monthly_attempts = ${value}`,
    [
      `[a] monthly_attempts: expected a whole number of at least 0, got ${value === "inf" ? "Infinity" : value === "9007199254740993" ? "a BigInt" : value}`,
    ],
  ]),
  ...(
    [
      ["''", "an empty text"],
      ["[]", "an empty array"],
      ["['a', 'b', 'c']", "an array of 3"],
      ["['a', '']", "an array of 2"],
      ["5", "a number"],
      ["{ new = 'a' }", "an object"],
    ] as const
  ).map(([value, came]): [string, string, string[]] => [
    `webhook_secret = ${value}`,
    `[a]\n${token}webhook_secret = ${value}`,
    [`[a] webhook_secret: expected a text of at least 1 character, or an array of one or two of them, got ${came}`],
  ]),
  ["a param that isn't JSON", `[a]\n${token}x = { y = nan }`, ["[a] x.y is NaN, which can't be stored as JSON"]],
  [
    "a param too large",
    `[a]\n${token}x = 12345678901234567890`,
    ["[a] x is a BigInt (use a string), which can't be stored as JSON"],
  ],
  ["keys outside of sections", token, ["token: expected a section [token], got a key outside of any section"]],
  ["a date outside of sections", "a = 2024-01-01", ["a: expected a section [a], got a key outside of any section"]],
  ["an array of sections", `[[a]]\n${token}`, ["a: expected a section [a], got an array"]],
  [
    "a name with a control character",
    `["a\\u0001"]\n${token}`,
    [
      '["a\\u0001"]: expected a name of 1 to 128 characters without control characters, not "*", not beginning with "$", got "a\\u0001"',
    ],
  ],
  [
    "a name of the engine",
    `["*"]\n${token}`,
    [
      '["*"]: expected a name of 1 to 128 characters without control characters, not "*", not beginning with "$", got "*"',
    ],
  ],
  [
    "a name with dots",
    `[eu.acme]\n${token}`,
    [`[eu] token: expected ${wanted}, got nothing; a name with a dot is written in quotes: ["eu.acme"]`],
  ],
  ["an empty file", " \n", ["expected sections, got an empty file (a comment says that it is meant)"]],
  [
    "a repeated section",
    "[a]\n[a]",
    ["line 2, column 2: it is not TOML: trying to redefine an already defined table or value"],
  ],
])("%s is a fault", (_what, text, faults) => {
  expect(faultsOf(text)).toEqual(faults);
});

test("all faults are told at once, in the order of the file", () => {
  const text = `[a]\nadmin = 1\n[b]\n${token}monthly_attempts = -1\nx = nan\n[default]\n${token}`;
  expect(faultsOf(text)).toEqual([
    `[a] token: expected ${wanted}, got nothing`,
    "[a] admin: expected true or false, got 1",
    "[b] monthly_attempts: expected a whole number of at least 0, got -1",
    "[b] x is NaN, which can't be stored as JSON",
    "[default]: expected a name of its own, got one of the engine's",
    "[default] token: expected one of its own, got that of [b]",
  ]);
  expect(() => read(text)).toThrow(/^clients\.toml has 6 problems:\n- clients\.toml: \[a\] token: .*\n- /);
});

test("what is no TOML is told with its place, and without the text around it", () => {
  for (const line of [
    'token = "secret',
    "token = secret",
    'token = "se\\qcret"',
    'token = "secret"\ntoken = "secret"',
  ]) {
    const [fault] = faultsOf(`[a]\n${line}`);
    expect(fault).toMatch(/^line [23], column \d+: it is not TOML: /);
    expect(fault).not.toContain("secret");
  }
});

test("a key that looks like a misspelled one is a warning", () => {
  const { entries, warnings } = read(`[a]\n${token}monthly_atempts = 5\nAdmin = true\nregion = "eu"`);
  expect(warnings).toEqual([
    'clients.toml: [a] monthly_atempts: it goes to client.params, did you mean "monthly_attempts"?',
    'clients.toml: [a] Admin: it goes to client.params, did you mean "admin"?',
  ]);
  expect(entries[0]).toMatchObject({ monthlyAttempts: null, admin: false, params: { Admin: true, region: "eu" } });
});
