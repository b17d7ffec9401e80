import { rmSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { stringify } from "yaml";
import { projectName, type Role } from "../contract/index.ts";
import { onInterrupt } from "./interrupt.ts";

/** Writes the stack's settings with another role to a separate file: a preview must not change the real one. */
export async function settingsFileWithRole(stack: Stack, role: Role) {
  const settings = await stack.workspace.stackSettings(stack.name);
  const { secretsProvider, encryptedKey, encryptionSalt, config = {}, ...others } = settings;
  const directory = await mkdtemp(join(tmpdir(), "continuity-preview-"));
  const forget = onInterrupt(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "settings.yaml");
  const content = {
    ...others,
    ...(secretsProvider !== undefined && { secretsprovider: secretsProvider }),
    ...(encryptedKey !== undefined && { encryptedkey: encryptedKey }),
    ...(encryptionSalt !== undefined && { encryptionsalt: encryptionSalt }),
    config: { ...config, [`${projectName}:role`]: role },
  };
  await writeFile(path, stringify(content), { mode: 0o600 });
  const remove = async (): Promise<void> => {
    forget();
    await rm(directory, { recursive: true, force: true });
  };
  return { path, remove };
}
