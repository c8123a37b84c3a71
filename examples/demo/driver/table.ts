/** Rows of names and values, below each other. */
export function print(rows: readonly (readonly [name: string, value: string])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  console.log(`\n${rows.map(([name, value]) => name.padEnd(width) + value).join("\n")}`);
}
