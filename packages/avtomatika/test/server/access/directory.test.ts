import { expect, test } from "vitest";
import { hashToken } from "#config/token-hash";
import { Directory } from "#server/access/directory";
import { WorkerDirectory } from "#server/access/worker-directory";

const entry = (id: string, token: string) => ({ id, hash: hashToken(token) });

test("a bearer is found by its token, and by nothing else", () => {
  const directory = new Directory();
  directory.replace([entry("a", "one"), entry("b", "two")]);
  expect(directory.bearer("two")?.id).toBe("b");
  for (const token of ["", "b", "one ", "ONE", hashToken("one")]) expect(directory.bearer(token)).toBeUndefined();
});

test("a new version says what it changed; what stays is the same object", () => {
  const directory = new Directory();
  expect(directory.replace([entry("a", "1"), entry("b", "2"), entry("c", "3")])).toEqual({
    added: ["a", "b", "c"],
    changed: [],
    removed: [],
  });
  const before = directory.get("a");
  const change = directory.replace([entry("d", "4"), entry("a", "1"), entry("b", "new")]);
  expect(change).toEqual({ added: ["d"], changed: ["b"], removed: ["c"] });
  expect(directory.get("a")).toBe(before);
  expect(["2", "3"].map((token) => directory.bearer(token))).toEqual([undefined, undefined]);
  expect(directory.bearer("new")?.id).toBe("b");
});

test("a token that changes hands belongs to the new one", () => {
  const directory = new Directory();
  directory.replace([entry("a", "1")]);
  directory.replace([entry("a", "2"), entry("b", "1")]);
  expect(directory.bearer("1")?.id).toBe("b");
});

test("a worker's own token speaks for that worker, the shared one for all that have none", () => {
  const workers = new WorkerDirectory("shared");
  workers.own.replace([entry("a", "1"), entry("b", "2")]);
  const code = (token: string, id: string) => {
    const sender = workers.bearer(token);
    return sender === undefined ? "unknown" : (workers.refusal(sender, id)?.code ?? "welcome");
  };
  expect(code("1", "a")).toBe("welcome");
  expect(code("1", "b")).toBe("forbidden");
  expect(code("1", "c")).toBe("forbidden");
  expect(code("shared", "c")).toBe("welcome");
  expect(code("shared", "a")).toBe("forbidden");
  expect(code("x", "a")).toBe("unknown");
});

test("a sender whose token was changed or removed meanwhile is known no longer", () => {
  const workers = new WorkerDirectory(null);
  workers.own.replace([entry("a", "1"), entry("b", "2")]);
  const [a, b] = ["1", "2"].map((token) => workers.bearer(token) ?? { own: null });
  workers.own.replace([entry("a", "1"), entry("b", "3")]);
  expect(workers.refusal(a as never, "a")).toBeNull();
  expect(workers.refusal(b as never, "b")?.code).toBe("unauthorized");
  workers.own.replace([]);
  expect(workers.refusal(a as never, "a")?.code).toBe("unauthorized");
  expect(workers.bearer("1")).toBeUndefined();
});
