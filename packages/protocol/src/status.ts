import { closed, words } from "#fields";

export const statusAnswer = closed({ status: words("ok") });
export const unavailableAnswer = closed({ status: words("unavailable") });
