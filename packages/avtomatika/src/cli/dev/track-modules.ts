import { registerHooks } from "node:module";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import { signatureOf } from "#config/signature-of";

const ourselves = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * From here on, every file that a module imports or would import, with what it was just before it was read. Without
 * packages, and the engine's own files.
 */
export function trackModules(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const note = (url: string) => {
    if (!url.startsWith("file:")) return;
    const path = fileURLToPath(url);
    if (path.startsWith(ourselves) || path.includes(`${sep}node_modules${sep}`) || files.has(path)) return;
    files.set(path, signatureOf(path));
  };
  registerHooks({
    resolve(specifier, context, next) {
      // Before it is looked for: one that is missing is waited for.
      if (/^\.{0,2}\//.test(specifier) && context.parentURL !== undefined)
        note(new URL(specifier, context.parentURL).href);
      const found = next(specifier, context);
      note(found.url);
      return found;
    },
  });
  return files;
}
