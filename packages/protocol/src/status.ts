import Type from "typebox";
import { words } from "#fields";

export const statusAnswer = Type.Object({ status: words("ok", "unavailable") });
