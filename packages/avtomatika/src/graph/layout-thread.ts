import { parentPort, workerData } from "node:worker_threads";
import { instance } from "@viz-js/viz";

const viz = await instance();
// Tells that the layout begins, as its time is limited; loading has its own pace.
parentPort?.postMessage(undefined);
parentPort?.postMessage(viz.renderString(workerData as string, { format: "svg" }));
