import fc from "fast-check";
import { expect, test } from "vitest";
import { parseInstant } from "#core/instant";

test.each([
  ["2030-01-31T09:00:00Z", "2030-01-31T09:00:00.000Z"],
  ["2030-01-31t09:00:00.5z", "2030-01-31T09:00:00.500Z"],
  ["2030-01-31 09:00:00.123456+02:30", "2030-01-31T06:30:00.123Z"],
  ["2028-02-29T23:59:59-23:59", "2028-03-01T23:58:59.000Z"],
  ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
])("%s is %s", (text, expected) => {
  expect(parseInstant(text)).toBe(Date.parse(expected));
});

test.each([
  "2030-01-31",
  "2030-01-31T09:00:00",
  "2030-01-31T24:00:00Z",
  "2030-01-31T09:60:00Z",
  "2030-13-01T09:00:00Z",
  "2030-00-01T09:00:00Z",
  "2030-01-00T09:00:00Z",
  "2030-02-29T09:00:00Z",
  "2030-04-31T09:00:00Z",
  "tomorrow",
  "",
])("%j is no instant", (text) => {
  expect(parseInstant(text)).toBeUndefined();
});

test("reads what Date writes", () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true }), (date) => {
      expect(parseInstant(date.toISOString())).toBe(date.getTime());
    }),
  );
});
