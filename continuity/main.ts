#!/usr/bin/env node
import { Command } from "commander";
import { CannotRun, exitStatus, messageOf } from "./cannot-run.ts";

const program = new Command("continuity")
  .description("Proves, switches and watches the recovery that the continuity plan promises.")
  .showHelpAfterError("(continuity --help lists the commands)")
  .exitOverride((error) => {
    // commander's own exits: help and version end well, anything else is bad input
    process.exit(error.exitCode === 0 ? exitStatus.met : exitStatus.couldNotRun);
  });

program
  .command("drill")
  .description("lose a region on this machine and measure the recovery against the plan; needs no cloud account")
  .option("--scenario <name>", "what happens: region-loss", "region-loss")
  .option("--rows <n>", "entries in the database before the loss", "10000")
  .option("--out <directory>", "write report.json and report.html there")
  .option("--keep", "leave both regions running afterwards, until Ctrl-C")
  .option("--plan <file>", "another plan file")
  .option("--fault <name>", "make the export fail silently: export-truncated, export-empty, export-loses-rows")
  .action(async (options) => {
    const { drillCommand } = await import("../drill/command.ts");
    process.exitCode = await drillCommand(options);
  });

program
  .command("failover")
  .description("make this stack's site the active one; calls nothing in the lost region")
  .requiredOption("--stack <name>", "stack of the site that takes over, e.g. dr")
  .option("--yes", "the incident commander has decided: do not ask")
  .option("--dry-run", "only the pre-checks")
  .option("--accept-data-loss", "go on although the newest recovery point is older than the RPO")
  .option("--force-unplanned", "go on although the other site still serves; tries to stop its writes first")
  .option("--skip-policies", "go on although the policy pack forbids the switch or cannot judge it")
  .option("--resolve <host=url...>", "connect to a host name at this base URL instead of asking the DNS")
  .option("--project <directory>", "directory with Pulumi.yaml", ".")
  .option("--json", "print the result as JSON")
  .action(async (options) => {
    const { failoverCommand } = await import("./failover/command.ts");
    process.exitCode = await failoverCommand(options);
  });

program
  .command("status")
  .description("what each stack's site is, which one writes, and how old its newest verified recovery point is")
  .requiredOption("--stack <name...>", "stacks to ask, e.g. prod dr")
  .option("--resolve <host=url...>", "connect to a host name at this base URL instead of asking the DNS")
  .option("--project <directory>", "directory with Pulumi.yaml", ".")
  .option("--json", "print the answer as JSON")
  .action(async (options) => {
    const { statusCommand } = await import("./status.ts");
    process.exitCode = await statusCommand(options);
  });

const points = program.command("points").description("what state each recovery point is in, and decisions about them");

points
  .command("list")
  .description("recovery points of the last day in the stack's own region, with their state")
  .requiredOption("--stack <name>", "stack whose region's bucket is read, e.g. dr")
  .option("--project <directory>", "directory with Pulumi.yaml", ".")
  .option("--json", "print the answer as JSON")
  .action(async (options) => {
    const { pointsListCommand } = await import("./points.ts");
    process.exitCode = await pointsListCommand(options);
  });

for (const [decision, effect] of [
  ["accept", "let the standby follow"],
  ["reject", "never use"],
] as const) {
  points
    .command(`${decision} <slot>`)
    .description(`${effect} a suspicious recovery point and those of its series`)
    .requiredOption("--stack <name>", "stack whose region's bucket keeps the decision, e.g. dr")
    .requiredOption("--by <name>", "who decides")
    .requiredOption("--reason <text>", "why")
    .option("--kind <kind>", "full or changes, where both have a suspicious point of that slot")
    .option("--yes", "do not ask")
    .option("--project <directory>", "directory with Pulumi.yaml", ".")
    .action(async (slot, options) => {
      const { pointsDecideCommand } = await import("./points.ts");
      process.exitCode = await pointsDecideCommand(decision, slot, options);
    });
}

const writer = program.command("writer").description("which site writes, as the records of both regions name it");

writer
  .command("show")
  .description("print both regions' records and the epochs of the given stacks' databases, and where they disagree")
  .requiredOption("--stack <name...>", "stacks whose databases are asked, e.g. prod dr")
  .option("--project <directory>", "directory with Pulumi.yaml", ".")
  .option("--json", "print the answer as JSON")
  .action(async (options) => {
    const { writerShowCommand } = await import("./writer/show.ts");
    process.exitCode = await writerShowCommand(options);
  });

writer
  .command("set")
  .description("name the writer by hand in a new epoch, where a forged, stale or unreadable record stops the true one")
  .requiredOption("--stack <name>", "stack of the site that writes, e.g. prod")
  .requiredOption("--site <name>", "site that writes from now on: primary or alternate")
  .requiredOption("--by <name>", "who decides; kept as evidence")
  .requiredOption("--reason <text>", "why; kept as evidence")
  .option("--yes", "it is decided: do not ask")
  .option("--project <directory>", "directory with Pulumi.yaml", ".")
  .option("--json", "print the result as JSON")
  .action(async (options) => {
    const { writerSetCommand } = await import("./writer/set.ts");
    process.exitCode = await writerSetCommand(options);
  });

program
  .command("plan")
  .description("work with the plan file")
  .command("check [file]")
  .description("read the plan, report every problem at once, and compute what its schedules promise")
  .option("--json", "print the figures as JSON")
  .action(async (file, options) => {
    const { planCheckCommand } = await import("./plan-check.ts");
    process.exitCode = planCheckCommand(file, options);
  });

try {
  await program.parseAsync();
} catch (error) {
  const named = error instanceof Error && (error.name === "PlanError" || error.name === "DiskFull");
  if (error instanceof CannotRun || named) {
    process.stderr.write(`continuity: ${error.message}\n`);
  } else if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOSPC") {
    process.stderr.write(`continuity: disk full: ${messageOf(error)}; free some space, and run it again\n`);
  } else {
    process.stderr.write(`continuity: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}\n`);
  }
  process.exit(exitStatus.couldNotRun); // whatever was given up may still be waiting for its answer
}
