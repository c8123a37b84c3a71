import { Worker } from "node:worker_threads";
import { AvtomatikaError } from "#core/errors";

/** How long one layout may take, in milliseconds. */
export const layoutLimitMs = 5000;

/** Runs beside this file, whatever its extension is: TypeScript in the repository, JavaScript in the package. */
const threadFile = new URL(`./layout-thread${/\.[a-z]+$/.exec(import.meta.url)?.[0]}`, import.meta.url);

let queue: Promise<unknown> = Promise.resolve();

/**
 * Draws a DOT graph as SVG, in a thread of its own: a layout can take minutes. After `limitMs` the thread is ended
 * and `plain`, the graph without labels, is tried. One drawing at a time: each takes a core and 100 MB.
 * @throws AvtomatikaError `limit_exceeded` if that takes too long as well
 */
export function drawSvg(dot: string, plain: string, limitMs: number = layoutLimitMs): Promise<string> {
  const drawing = queue.then(async () => {
    const svg = (await layOut(dot, limitMs)) ?? (await layOut(plain, limitMs));
    if (svg !== undefined) return svg;
    throw new AvtomatikaError("limit_exceeded", `the graph takes more than ${limitMs} ms to draw: use its DOT text`);
  });
  queue = drawing.catch(() => {});
  return drawing;
}

/** The drawing, or undefined if there was none in time. */
async function layOut(dot: string, limitMs: number): Promise<string | undefined> {
  const thread = new Worker(threadFile, { workerData: dot });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<string | undefined>((resolve, reject) => {
      thread.once("message", () => {
        timer = setTimeout(resolve, limitMs, undefined);
        thread.once("message", resolve);
      });
      thread.once("error", reject);
    });
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}
