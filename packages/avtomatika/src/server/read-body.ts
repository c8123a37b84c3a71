import { isUtf8 } from "node:buffer";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { quote } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import type { Json } from "#core/json";
import { parseJson } from "#core/parse-json";

const jsonType = /^application\/([\w.-]+\+)?json *(;|$)/i;

/** Reads the bodies of a part of the app as JSON in UTF-8, whatever Fastify would do; an empty one is `null`. */
export function readBodies(
  scope: Pick<FastifyInstance, "removeAllContentTypeParsers" | "addContentTypeParser">,
  nan: "null" | "reject",
): void {
  scope.removeAllContentTypeParsers();
  const parse = async (request: FastifyRequest, body: Buffer): Promise<Json> => {
    // Without a media type JSON is meant: the original never looked.
    const type = request.headers["content-type"] ?? "application/json";
    if (!jsonType.test(type)) {
      throw new AvtomatikaError(
        "unsupported_media_type",
        `content-type ${quote(type)} isn't read here: send application/json`,
      );
    }
    const encoding = request.headers["content-encoding"] ?? "identity";
    if (encoding !== "identity") {
      throw new AvtomatikaError(
        "unsupported_media_type",
        `content-encoding ${quote(encoding)} isn't read here: send the body as it is`,
      );
    }
    if (!isUtf8(body)) throw new AvtomatikaError("invalid_request", "the body is not UTF-8");
    const text = body.toString();
    // A byte order mark says that it is UTF-8, which is known.
    const json = text.startsWith("\ufeff") ? text.slice(1) : text;
    return json.trim() === "" ? null : parseJson(json, { nan });
  };
  scope.addContentTypeParser("*", { parseAs: "buffer" }, parse);
}
