import { expect, test } from "vitest";
import { monthOf } from "#core/month";

const at = (text: string): number => Date.parse(text);

test.each([
  ["2030-01-31T23:59:59.999Z", "UTC", "2030-01", "2030-01-01T00:00:00.000Z", "2030-02-01T00:00:00.000Z"],
  ["2030-02-01T00:00:00.000Z", "UTC", "2030-02", "2030-02-01T00:00:00.000Z", "2030-03-01T00:00:00.000Z"],
  ["2030-12-31T12:00:00.000Z", "UTC", "2030-12", "2030-12-01T00:00:00.000Z", "2031-01-01T00:00:00.000Z"],
  // Summer time begins in March, and ends in October, within the month.
  ["2026-03-31T21:59:59.999Z", "Europe/Berlin", "2026-03", "2026-02-28T23:00:00.000Z", "2026-03-31T22:00:00.000Z"],
  ["2026-03-31T22:00:00.000Z", "Europe/Berlin", "2026-04", "2026-03-31T22:00:00.000Z", "2026-04-30T22:00:00.000Z"],
  ["2026-10-15T00:00:00.000Z", "Europe/Berlin", "2026-10", "2026-09-30T22:00:00.000Z", "2026-10-31T23:00:00.000Z"],
  // The first hour of the month is skipped: it begins at 01:00 of the clocks.
  ["2017-10-01T04:00:00.000Z", "America/Asuncion", "2017-10", "2017-10-01T04:00:00.000Z", "2017-11-01T03:00:00.000Z"],
  ["2017-10-01T03:59:59.999Z", "America/Asuncion", "2017-09", "2017-09-01T04:00:00.000Z", "2017-10-01T04:00:00.000Z"],
  // Far to the east and to the west, and off by three quarters of an hour.
  ["2030-01-31T10:00:00.000Z", "Pacific/Kiritimati", "2030-02", "2030-01-31T10:00:00.000Z", "2030-02-28T10:00:00.000Z"],
  ["2030-02-01T10:59:59.999Z", "Pacific/Pago_Pago", "2030-01", "2030-01-01T11:00:00.000Z", "2030-02-01T11:00:00.000Z"],
  ["2030-02-01T00:00:00.000Z", "Asia/Kathmandu", "2030-02", "2030-01-31T18:15:00.000Z", "2030-02-28T18:15:00.000Z"],
])("%s in %s belongs to %s", (instant, timeZone, id, from, to) => {
  const month = monthOf(at(instant), timeZone);
  const told = { id: month.id, from: new Date(month.from).toISOString(), to: new Date(month.to).toISOString() };
  expect(told).toEqual({ id, from, to });
});

test("clocks that are put back over midnight of the first give no instant to two months, or to none", () => {
  // On 1 Nov 2009 the clocks of St. John's went from 00:01 back to 23:01 of 31 October.
  const first = at("2009-11-01T02:00:00.000Z");
  const months = Array.from({ length: 240 }, (_, minute) => monthOf(first + minute * 60_000, "America/St_Johns"));
  const ids = months.map(({ id }) => id);
  expect(ids.filter((id, index) => id !== ids[index - 1])).toEqual(["2009-10", "2009-11"]);
  for (const [minute, { from, to }] of months.entries()) {
    const instant = first + minute * 60_000;
    expect(from <= instant && instant < to).toBe(true);
  }
  expect(new Set(months.map(({ from, to }) => `${from} ${to}`)).size).toBe(2);
});

test("months follow each other without a gap, in zones with and without summer time", () => {
  for (const timeZone of ["UTC", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia"]) {
    let month = monthOf(at("2005-01-15T00:00:00Z"), timeZone);
    for (let count = 0; count < 240; count++) {
      const next = monthOf(month.to, timeZone);
      expect([timeZone, next.from, monthOf(month.to - 1, timeZone).id]).toEqual([timeZone, month.to, month.id]);
      month = next;
    }
    expect(month.id).toBe("2025-01");
  }
});
