import { measuredOf, readRows } from "../work-folder.ts";

const kibibyte = 1024;
const classes = [
  { name: "empty", most: 0 },
  { name: "up to 1 KiB", most: kibibyte },
  { name: "up to 32 KiB", most: 32 * kibibyte },
  { name: "up to 1 MiB", most: kibibyte ** 2 },
  { name: "larger", most: Number.POSITIVE_INFINITY },
];

/** Counts the files by their size. */
export async function classify({ work }: { work: string }) {
  const counts = Object.fromEntries(classes.map(({ name }) => [name, 0]));
  for (const { bytes } of measuredOf(readRows(work))) {
    const name = classes.find(({ most }) => bytes <= most)?.name ?? "";
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return { classes: counts };
}
