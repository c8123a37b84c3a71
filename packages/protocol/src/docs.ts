import Type from "typebox";
import { about, name } from "#fields";

export const docsParams = Type.Object({ file: about("Its name.", name) });
