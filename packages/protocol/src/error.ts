import Type from "typebox";

/** Every answer from 400 on. `error` is for people, `code` for programs. */
export const errorAnswer = Type.Object({
  error: Type.String(),
  code: Type.String(),
  details: Type.Optional(Type.Array(Type.String())),
  request_id: Type.String(),
});
