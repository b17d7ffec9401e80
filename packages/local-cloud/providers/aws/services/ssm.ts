/** Parameters. */
import type { ParameterTier, ParameterType } from "@aws-sdk/client-ssm";
import { unlessAbsent } from "../absent.ts";
import type { Aws } from "../access.ts";
import { ssm } from "../clients.ts";
import { flag, fromTagList, needed, tagChanges, tagList, tagsOf, text } from "../inputs.ts";
import type { ResourceType } from "../resource-type.ts";
import { defined, secret, type Properties } from "../../values.ts";

const gone = ["ParameterNotFound"];
const types = ["String", "StringList", "SecureString"];

async function put(aws: Aws, inputs: Properties, Overwrite: boolean): Promise<Properties> {
  const { Version = 1 } = await (
    await aws.client(ssm)
  ).putParameter({
    Name: needed(inputs, "name"),
    Value: text(inputs, "value") ?? text(inputs, "insecureValue") ?? needed(inputs, "valueWo"),
    Type: needed(inputs, "type") as ParameterType,
    Overwrite,
    Description: text(inputs, "description"),
    KeyId: text(inputs, "keyId"),
    AllowedPattern: text(inputs, "allowedPattern"),
    DataType: text(inputs, "dataType"),
    Tier: text(inputs, "tier") as ParameterTier | undefined,
    // Overwriting keeps the tags, and PutParameter rejects new ones.
    Tags: Overwrite ? undefined : tagList(tagsOf(inputs)),
  });
  return { version: Version };
}

const parameter: ResourceType = {
  token: "aws:ssm/parameter:Parameter",
  immutable: ["name", "type"],
  naming: { property: "name", maxLength: 1011 },
  defaults: { dataType: "text", tier: "Standard", hasValueWo: false },
  changing: ["version"],
  problems: (inputs) => {
    const type = text(inputs, "type");
    const values = ["value", "insecureValue", "valueWo"].filter((key) => inputs[key] !== undefined);
    return [
      ...(type !== undefined && !types.includes(type)
        ? [{ property: "type", reason: `is "${type}", but must be one of ${types.join(", ")}` }]
        : []),
      ...(values.length === 1
        ? []
        : [{ property: "value", reason: "exactly one of value, insecureValue and valueWo is required" }]),
    ];
  },
  async create(aws, inputs) {
    const name = needed(inputs, "name");
    const made = await put(aws, inputs, flag(inputs, "overwrite") ?? false);
    const arn = `arn:aws:ssm:${aws.region}:${aws.accountId}:parameter/${name.replace(/^\//, "")}`;
    return { id: name, outputs: { ...made, arn } };
  },
  async read(aws, id, known) {
    const client = await aws.client(ssm);
    const found = await unlessAbsent(gone, client.getParameter({ Name: id, WithDecryption: true }));
    if (!found?.Parameter) return undefined;
    const { TagList } = await client.listTagsForResource({ ResourceType: "Parameter", ResourceId: id });
    const { Value = "", Type, Version, ARN, DataType } = found.Parameter;
    const key = known.insecureValue === undefined ? "value" : "insecureValue";
    return defined({
      arn: ARN,
      dataType: DataType,
      name: id,
      tagsAll: fromTagList(TagList),
      type: Type,
      version: Version,
      [key]: key === "value" ? secret(Value) : Value,
    });
  },
  async update(aws, id, inputs, before) {
    const client = await aws.client(ssm);
    const { set, remove } = tagChanges(tagsOf(before), tagsOf(inputs));
    const resource = { ResourceType: "Parameter", ResourceId: id } as const;
    if (remove.length > 0) await client.removeTagsFromResource({ ...resource, TagKeys: remove });
    if (Object.keys(set).length > 0) await client.addTagsToResource({ ...resource, Tags: tagList(set) });
    return put(aws, inputs, true);
  },
  async delete(aws, id) {
    await unlessAbsent(gone, (await aws.client(ssm)).deleteParameter({ Name: id }));
  },
};

export const ssmTypes: ResourceType[] = [parameter];
