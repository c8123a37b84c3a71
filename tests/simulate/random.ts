export { Random } from "avtomatika/internal/testing/random";
