// A worker that is told of a store in a program where the library isn't installed. Prints why it doesn't start.
import { registerHooks } from "node:module";
import { Worker } from "@avtomatika/worker";

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== "s3mini") return next(specifier, context);
    throw Object.assign(new Error("Cannot find package 's3mini'"), { code: "ERR_MODULE_NOT_FOUND" });
  },
});
const s3 = { endpointUrl: "http://127.0.0.1:9", accessKey: "a", secretKey: "b" };
const worker = new Worker({ token: "secret", s3 }).task("a", () => {});
await worker.start().catch((error: Error) => console.log(error.message));
