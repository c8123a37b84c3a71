import Type from "typebox";
import { about, closed } from "#fields";

/** Every answer from 400 on. `error` is for people, `code` for programs. */
export const errorAnswer = closed(
  {
    error: about("What was expected, what came.", Type.String({ minLength: 1 })),
    code: about("Of the catalogue of errors.", Type.String()),
    details: about("Each problem, where there may be several.", Type.Optional(Type.Array(Type.String()))),
    request_id: about("Stands in the engine's log, too.", Type.String()),
  },
  "Error",
);
