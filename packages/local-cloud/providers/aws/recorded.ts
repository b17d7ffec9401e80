/** Types without a module in `services/`: recorded, with deterministic ids and ARNs. */
import { createHash } from "node:crypto";
import type { Aws } from "./access.ts";
import { text } from "./inputs.ts";
import type { ResourceType } from "./resource-type.ts";
import type { Digest } from "./sdk-types/index.ts";
import type { Properties } from "../values.ts";

/** The implementation of a recorded type, from the SDK's declarations. */
export function recordedType(digest: Digest): ResourceType {
  const namable = digest.inputs.name !== undefined && !digest.inputs.name.required && digest.outputs.name === true;
  const prefixProperty = digest.inputs.namePrefix ? "namePrefix" : undefined;
  return {
    token: digest.token,
    immutable: ["name", "namePrefix"],
    naming: namable ? { property: "name", maxLength: 64, prefixProperty } : undefined,
    create(aws, inputs) {
      const id = idOf(digest, inputs, aws);
      return Promise.resolve({ id, outputs: outputsOf(digest, id, aws) });
    },
    // Nothing else can change a record.
    read: (_aws, id, known) =>
      Object.keys(known).length > 0
        ? Promise.resolve(known)
        : Promise.reject(
            new Error(`${digest.token} ${id} is only recorded by the local AWS provider, so it cannot be imported`),
          ),
    update: () => Promise.resolve({}),
    delete: () => Promise.resolve(),
  };
}

/** A record without a name is identified by account, region and URN. */
const idOf = (digest: Digest, inputs: Properties, { accountId, region, urn }: Aws): string =>
  (digest.outputs.name === undefined ? undefined : text(inputs, "name")) ??
  `${moduleOf(digest)}-${hexadecimals(accountId, region, urn)}`;

const hexadecimals = (...identity: string[]): string =>
  createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 17);

function outputsOf(digest: Digest, id: string, aws: Aws): Properties {
  if (!("arn" in digest.outputs)) return {};
  const region = "region" in digest.outputs ? aws.region : "";
  const kind = digest.token.split(":")[2]?.toLowerCase() ?? "";
  return { arn: `arn:aws:${moduleOf(digest)}:${region}:${aws.accountId}:${kind}/${id}` };
}

const moduleOf = ({ token }: Digest): string => token.split(/[:/]/)[1] ?? "";
