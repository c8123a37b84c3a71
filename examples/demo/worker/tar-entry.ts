// The form of a tar archive: https://www.gnu.org/software/tar/manual/html_node/Standard.html

const block = 512;
const longName = Buffer.from("././@LongLink");

/** Two empty blocks end an archive. */
export const archiveEnd: Buffer = Buffer.alloc(2 * block);

/** What stands before the content of a file. Names are bytes, of any length. */
export function entryHeader(name: Buffer, size: number): Buffer {
  if (name.length < 100) return header(name, size, "0");
  const text = Buffer.concat([name, Buffer.alloc(1)]);
  const long = [header(longName, text.length, "L"), text, padding(text.length)];
  return Buffer.concat([...long, header(name.subarray(0, 99), size, "0")]);
}

/** What fills a content up to a whole block. */
export function padding(size: number): Buffer {
  return Buffer.alloc((block - (size % block)) % block);
}

function header(name: Buffer, size: number, type: "0" | "L"): Buffer {
  const fields = Buffer.alloc(block);
  name.copy(fields);
  fields.write("0000644\0", 100);
  fields.write("0000000\0", 108);
  fields.write("0000000\0", 116);
  fields.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  fields.write("00000000000\0", 136);
  fields.write("        ", 148);
  fields.write(type, 156);
  fields.write("ustar  \0", 257);
  const checksum = fields.reduce((total, byte) => total + byte, 0);
  fields.write(`${checksum.toString(8).padStart(6, "0")}\0 `, 148);
  return fields;
}
