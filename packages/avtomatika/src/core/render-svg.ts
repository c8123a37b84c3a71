import { AvtomatikaError } from "#core/errors";

/** Draws a graph: `plain` is the same one without labels, for when `dot` takes too long. Both are DOT; the answer is SVG. */
export type SvgRenderer = (dot: string, plain: string) => Promise<string>;

type Loader = () => Promise<SvgRenderer>;

const missing: Loader = async () => {
  throw new AvtomatikaError("internal_error", 'no SVG renderer: import "avtomatika", not a part of it');
};

let load = missing;

/**
 * Says where the renderer comes from. It needs a thread and a big WebAssembly module, so it is no part of the core,
 * and is loaded by the first drawing only.
 */
export function provideSvgRenderer(loader: Loader = missing): void {
  load = loader;
}

/** An SVG drawing of a graph. */
export async function renderSvg(dot: string, plain: string): Promise<string> {
  const render = await load();
  return render(dot, plain);
}
