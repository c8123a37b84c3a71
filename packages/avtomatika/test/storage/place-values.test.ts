import { afterAll, expect, test } from "vitest";
import { Database } from "#storage/sqlite/database";
import { placeValues } from "#storage/sqlite/place-values";

const db = new Database(":memory:");
afterAll(() => db.close());

test("plain question marks stay as they are", () => {
  expect(placeValues("SELECT ? + ?")).toEqual({ sql: "SELECT ? + ?", places: null });
});

test("numbered ones become plain ones, each with the place of its value", () => {
  expect(placeValues("SELECT ?2, ?1, ?2, ?10")).toEqual({ sql: "SELECT ?, ?, ?, ?", places: [1, 0, 1, 9] });
});

test("every way to run a statement takes values by their numbers", () => {
  db.exec("CREATE TABLE pair (a, b)");
  expect(db.write("INSERT INTO pair VALUES (?2, ?1), (?2, ?2)")(1, "x")).toBe(2);
  expect(db.row("SELECT a, b FROM pair WHERE b = ?1 AND ?1 < ?2")(1, 5)).toEqual({ a: "x", b: 1 });
  expect(db.rows("SELECT b FROM pair WHERE a = ?1 OR b = ?1 ORDER BY b")("x")).toEqual([{ b: 1 }, { b: "x" }]);
  expect(db.value("SELECT ?2 || ?1 || ?2")("b", "a")).toBe("aba");
  expect(db.column("SELECT b FROM pair WHERE a = ?2 AND ?1 = 0 ORDER BY b")(0, "x")).toEqual([1, "x"]);
});
