/** Roles, inline policies and attachments, through the global control plane. */
import type { IAM } from "@aws-sdk/client-iam";
import { unlessAbsent } from "../absent.ts";
import { iam } from "../clients.ts";
import {
  document,
  flag,
  fromTagList,
  needed,
  number,
  objects,
  tagChanges,
  tagList,
  tagsOf,
  text,
  texts,
} from "../inputs.ts";
import { finish, type ResourceType } from "../resource-type.ts";
import type { CheckFailure } from "../../provider.ts";
import { arns, bounds, longest, policies } from "../rules.ts";
import { defined, type Properties } from "../../values.ts";

const gone = ["NoSuchEntity", "NoSuchEntityException"];

const sessionSeconds = { least: 3600, most: 43_200 };

const nameProblems = (inputs: Properties, longest: number): CheckFailure[] => {
  const name = text(inputs, "name");
  if (name === undefined || (/^[\w+=,.@-]+$/.test(name) && name.length <= longest)) return [];
  return [{ property: "name", reason: `"${name}" must consist of at most ${longest} letters, digits and _+=,.@-` }];
};

/** IAM returns documents URL-encoded. */
const decoded = (policy: string | undefined): string => decodeURIComponent(policy ?? "");

const role: ResourceType = {
  token: "aws:iam/role:Role",
  immutable: ["name", "namePrefix", "path"],
  naming: { property: "name", prefixProperty: "namePrefix", maxLength: 64 },
  defaults: { forceDetachPolicies: false, maxSessionDuration: sessionSeconds.least, path: "/" },
  problems: (inputs) => [
    ...nameProblems(inputs, 64),
    ...policies(inputs, "assumeRolePolicy"),
    ...longest(inputs, "description", 1000),
    ...bounds(inputs, "maxSessionDuration", sessionSeconds),
    ...arns(inputs, "permissionsBoundary"),
  ],
  async create(aws, inputs) {
    const client = await aws.client(iam);
    const RoleName = needed(inputs, "name");
    const { Role: made } = await client.createRole({
      RoleName,
      Path: text(inputs, "path") ?? "/",
      AssumeRolePolicyDocument: document(inputs, "assumeRolePolicy"),
      Description: text(inputs, "description"),
      MaxSessionDuration: number(inputs, "maxSessionDuration"),
      PermissionsBoundary: text(inputs, "permissionsBoundary"),
      Tags: tagList(tagsOf(inputs)),
    });
    const outputs = {
      arn: made?.Arn ?? "",
      createDate: made?.CreateDate?.toISOString() ?? "",
      uniqueId: made?.RoleId ?? "",
    };
    return finish({ id: RoleName, outputs }, () => inlineAndManaged(client, RoleName, inputs, {}));
  },
  async read(aws, id) {
    const found = (await unlessAbsent(gone, (await aws.client(iam)).getRole({ RoleName: id })))?.Role;
    return (
      found &&
      defined({
        arn: found.Arn,
        assumeRolePolicy: decoded(found.AssumeRolePolicyDocument),
        createDate: found.CreateDate?.toISOString(),
        description: found.Description ?? "",
        maxSessionDuration: found.MaxSessionDuration,
        name: id,
        path: found.Path,
        permissionsBoundary: found.PermissionsBoundary?.PermissionsBoundaryArn ?? "",
        tagsAll: fromTagList(found.Tags),
        uniqueId: found.RoleId,
      })
    );
  },
  async update(aws, id, inputs, before) {
    const client = await aws.client(iam);
    const trust = document(inputs, "assumeRolePolicy");
    if (trust !== document(before, "assumeRolePolicy"))
      await client.updateAssumeRolePolicy({ RoleName: id, PolicyDocument: trust });
    await client.updateRoleDescription({ RoleName: id, Description: text(inputs, "description") ?? "" });
    const MaxSessionDuration = number(inputs, "maxSessionDuration") ?? sessionSeconds.least;
    await client.updateRole({ RoleName: id, MaxSessionDuration });
    const boundary = text(inputs, "permissionsBoundary") ?? "";
    if (boundary !== (text(before, "permissionsBoundary") ?? ""))
      await (boundary
        ? client.putRolePermissionsBoundary({ RoleName: id, PermissionsBoundary: boundary })
        : client.deleteRolePermissionsBoundary({ RoleName: id }));
    await inlineAndManaged(client, id, inputs, before);
    const { set, remove } = tagChanges(tagsOf(before), tagsOf(inputs));
    if (remove.length > 0) await client.untagRole({ RoleName: id, TagKeys: remove });
    if (Object.keys(set).length > 0) await client.tagRole({ RoleName: id, Tags: tagList(set) });
  },
  async delete(aws, id, state) {
    const client = await aws.client(iam);
    await unlessAbsent(gone, removeRole(client, id, state));
  },
};

/** Inline and managed policies in the role's own (deprecated) arguments. */
async function inlineAndManaged(client: IAM, RoleName: string, inputs: Properties, before: Properties): Promise<void> {
  const [wanted, had] = [texts(inputs, "managedPolicyArns"), texts(before, "managedPolicyArns")];
  for (const PolicyArn of wanted.filter((arn) => !had.includes(arn)))
    await client.attachRolePolicy({ RoleName, PolicyArn });
  for (const PolicyArn of had.filter((arn) => !wanted.includes(arn)))
    await client.detachRolePolicy({ RoleName, PolicyArn });
  const inline = objects(inputs, "inlinePolicies");
  for (const policy of inline)
    await client.putRolePolicy({
      RoleName,
      PolicyName: needed(policy, "name"),
      PolicyDocument: document(policy, "policy"),
    });
  const names = new Set(inline.map(({ name }) => name));
  for (const { name = "" } of objects(before, "inlinePolicies").filter((policy) => !names.has(policy.name ?? "")))
    await client.deleteRolePolicy({ RoleName, PolicyName: String(name) });
}

/** Deletes the policies in the role's arguments with it; others only with forceDetachPolicies. */
async function removeRole(client: IAM, RoleName: string, state: Properties): Promise<void> {
  const force = flag(state, "forceDetachPolicies") ?? false;
  const { AttachedPolicies = [] } = await client.listAttachedRolePolicies({ RoleName });
  const { PolicyNames = [] } = await client.listRolePolicies({ RoleName });
  const own = texts(state, "managedPolicyArns");
  const ownInline = objects(state, "inlinePolicies").map(({ name }) => name);
  for (const { PolicyArn = "" } of AttachedPolicies.filter(({ PolicyArn: arn = "" }) => force || own.includes(arn)))
    await client.detachRolePolicy({ RoleName, PolicyArn });
  for (const PolicyName of PolicyNames.filter((name) => force || ownInline.includes(name)))
    await client.deleteRolePolicy({ RoleName, PolicyName });
  await client.deleteRole({ RoleName });
}

const rolePolicy: ResourceType = {
  token: "aws:iam/rolePolicy:RolePolicy",
  immutable: ["name", "namePrefix", "role"],
  naming: { property: "name", prefixProperty: "namePrefix", maxLength: 128 },
  problems: (inputs) => [...nameProblems(inputs, 128), ...policies(inputs, "policy")],
  async create(aws, inputs) {
    await putRolePolicy(await aws.client(iam), inputs);
    return { id: `${needed(inputs, "role")}:${needed(inputs, "name")}` };
  },
  async read(aws, id) {
    const [RoleName = "", PolicyName = ""] = id.split(":");
    const found = await unlessAbsent(gone, (await aws.client(iam)).getRolePolicy({ RoleName, PolicyName }));
    return found && { name: PolicyName, role: RoleName, policy: decoded(found.PolicyDocument) };
  },
  async update(aws, _id, inputs) {
    await putRolePolicy(await aws.client(iam), inputs);
  },
  async delete(aws, id) {
    const [RoleName, PolicyName] = id.split(":");
    await unlessAbsent(gone, (await aws.client(iam)).deleteRolePolicy({ RoleName, PolicyName }));
  },
};

const putRolePolicy = (client: IAM, inputs: Properties) =>
  client.putRolePolicy({
    RoleName: needed(inputs, "role"),
    PolicyName: needed(inputs, "name"),
    PolicyDocument: document(inputs, "policy"),
  });

const attachment: ResourceType = {
  token: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  problems: (inputs) => arns(inputs, "policyArn"),
  async create(aws, inputs) {
    const [RoleName, PolicyArn] = [needed(inputs, "role"), needed(inputs, "policyArn")];
    await (await aws.client(iam)).attachRolePolicy({ RoleName, PolicyArn });
    return { id: `${RoleName}/${PolicyArn}` };
  },
  async read(aws, id) {
    const [RoleName, PolicyArn] = [id.split("/")[0] ?? "", id.slice(id.indexOf("/") + 1)];
    const found = await unlessAbsent(gone, (await aws.client(iam)).listAttachedRolePolicies({ RoleName }));
    const attached = found?.AttachedPolicies?.some((policy) => policy.PolicyArn === PolicyArn) ?? false;
    return attached ? { role: RoleName, policyArn: PolicyArn } : undefined;
  },
  async delete(aws, id) {
    const [RoleName, PolicyArn] = [id.split("/")[0], id.slice(id.indexOf("/") + 1)];
    await unlessAbsent(gone, (await aws.client(iam)).detachRolePolicy({ RoleName, PolicyArn }));
  },
};

export const iamTypes: ResourceType[] = [role, rolePolicy, attachment];
