/** Types without a module in `services/`: recorded, with deterministic ids and ARNs. */
import type { Aws } from "../access.ts";
import { text } from "../inputs.ts";
import type { RecordedResource } from "../registry.ts";
import type { ResourceType } from "../resource-type.ts";
import type { Digest } from "../sdk-types/index.ts";
import type { Properties } from "../../values.ts";
import { eks } from "./eks.ts";
import { hashOf } from "./hash.ts";
import type { Identity, RecordKind } from "./record-kind.ts";
import { route53 } from "./route53.ts";

/** Special cases; other types follow the general rules. */
const kinds = new Map<string, RecordKind>([...route53, ...eks].map((kind) => [kind.token, kind]));

/** The implementation of a recorded type, from the SDK's declarations. */
export function recordedType(digest: Digest, resources: () => RecordedResource[]): ResourceType {
  const kind: RecordKind = kinds.get(digest.token) ?? { token: digest.token };
  const outputsOf = (aws: Aws, inputs: Properties, id?: string): { id: string; outputs: Properties } => {
    const identity = { aws, inputs, hash: identityHash(aws, kind, inputs), resources };
    const own = id ?? kind.id?.(identity) ?? usualId(digest, identity);
    return { id: own, outputs: { ...usualOutputs(digest, own, identity), ...kind.outputs?.(own, identity) } };
  };
  const namable = digest.inputs.name !== undefined && !digest.inputs.name.required && digest.outputs.name === true;
  const prefixProperty = digest.inputs.namePrefix ? "namePrefix" : undefined;
  return {
    token: digest.token,
    immutable: kind.immutable ?? ["name", "namePrefix"],
    naming: namable ? { property: "name", maxLength: 64, prefixProperty } : undefined,
    problems: kind.problems?.bind(kind),
    create: (aws, inputs) => Promise.resolve(outputsOf(aws, inputs)),
    // Nothing else can change a record.
    read: (_aws, id, known) =>
      Object.keys(known).length > 0
        ? Promise.resolve(known)
        : Promise.reject(
            new Error(`${digest.token} ${id} is only recorded by the local AWS provider, so it cannot be imported`),
          ),
    update: (aws, id, inputs) => Promise.resolve(kind.outputsFollowInputs ? outputsOf(aws, inputs, id).outputs : {}),
    delete: () => Promise.resolve(),
  };
}

/** A record is identified by account, region, URN and its immutable inputs. */
const identityHash = (aws: Aws, kind: RecordKind, inputs: Properties) =>
  hashOf(
    aws.accountId,
    aws.region,
    aws.urn,
    (kind.immutable ?? ["name"]).map((key) => inputs[key] ?? null),
  );

const usualId = (digest: Digest, { inputs, hash }: Identity): string =>
  (digest.outputs.name === undefined ? undefined : text(inputs, "name")) ?? `${moduleOf(digest)}-${hash.hex(17)}`;

function usualOutputs(digest: Digest, id: string, { aws }: Identity): Properties {
  if (!("arn" in digest.outputs)) return {};
  const region = "region" in digest.outputs ? aws.region : "";
  const kind = digest.token.split(":")[2]?.toLowerCase() ?? "";
  return { arn: `arn:aws:${moduleOf(digest)}:${region}:${aws.accountId}:${kind}/${id}` };
}

const moduleOf = ({ token }: Digest): string => token.split(/[:/]/)[1] ?? "";
