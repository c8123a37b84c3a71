export { Process, simulatedWorld } from "avtomatika/internal/testing/process";
