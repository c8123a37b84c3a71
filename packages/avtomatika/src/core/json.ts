/** A JSON value as it is stored: no `undefined`, no `NaN`, no class instances. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}
