export { VirtualTime } from "avtomatika/internal/testing/virtual-time";
