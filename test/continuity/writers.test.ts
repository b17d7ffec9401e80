import { expect } from "chai";
import type { Writer } from "../../jobs/index.ts";
import { siteEndpoint, type Role, type SiteName } from "../../contract/index.ts";
import { writerProblems, type SiteView } from "../../continuity/writers.ts";

const record = (site: SiteName, epoch: number): Writer => ({ site, epoch, since: "2026-01-15T10:00:00.000Z" });

const view = (site: SiteName, role: Role, change: Partial<SiteView> & { serves?: boolean } = {}): SiteView => {
  const { serves = role === "active", ...rest } = change;
  const hostname = `${site}.vapora.example`;
  const facts = `${hostname} responds as the ${site} site, ${serves ? "ready" : "not ready"}`;
  return {
    stack: site === "primary" ? "prod" : "dr",
    site,
    role,
    endpoint: siteEndpoint(undefined),
    probe: { hostname, answers: true, site, serves, unclear: false, epoch: 1, facts },
    record: undefined,
    recordProblem: undefined,
    ...rest,
  };
};
const prod = (role: Role, change?: Parameters<typeof view>[2]) => view("primary", role, change);
const dr = (role: Role, change?: Parameters<typeof view>[2]) => view("alternate", role, change);
const ofAlternate = { record: record("alternate", 2) };

/** Pairs of stacks with the expected problems. */
const cases: [string, SiteView[], { prod?: RegExp; dr?: RegExp }][] = [
  ["the first day", [prod("active"), dr("standby")], {}],
  ["after a failover", [prod("isolated", ofAlternate), dr("active", ofAlternate)], {}],
  ["a record that has not reached the other region", [prod("isolated"), dr("active", ofAlternate)], {}],
  [
    "two active roles",
    [prod("active", ofAlternate), dr("active", ofAlternate)],
    { prod: /as is the role of dr: two writers/, dr: /as is the role of prod: two writers/ },
  ],
  ["no active role", [prod("standby"), dr("standby")], { prod: /no writer/, dr: /no writer/ }],
  [
    "two sites that serve",
    [prod("active", { serves: true }), dr("standby", { serves: true })],
    { prod: /as does dr: two writers/, dr: /as does prod: two writers/ },
  ],
  [
    "a standby that serves",
    [prod("active", { serves: false }), dr("standby", { serves: true })],
    { dr: /although its role is standby/ },
  ],
  [
    "no site that serves",
    [prod("active", { serves: false }), dr("standby")],
    { prod: /no site serves users: .*not ready/ },
  ],
  [
    "a record that contradicts the roles",
    [prod("active", ofAlternate), dr("standby", ofAlternate)],
    { prod: /newest writer record names the alternate site \(epoch 2/, dr: /role is standby, .* names this site/ },
  ],
  [
    "a contradicting record in one of the two buckets",
    [prod("active"), dr("standby", ofAlternate)],
    { prod: /names the alternate site/, dr: /names this site/ },
  ],
  [
    "an older record of the other site",
    [prod("active", { record: record("primary", 3) }), dr("standby", ofAlternate)],
    {},
  ],
  [
    "two records of one epoch",
    [prod("active", { record: record("primary", 2) }), dr("standby", ofAlternate)],
    { prod: /two writers in epoch 2/, dr: /two writers in epoch 2/ },
  ],
  [
    "an invalid record",
    [prod("active"), dr("standby", { recordProblem: "points-b: not JSON" })],
    { dr: /cannot read the writer record: points-b: not JSON/ },
  ],
  ["an active alternate site without a record", [prod("isolated"), dr("active")], { dr: /was not promoted/ }],
  [
    "different schemes for users",
    [prod("active", { endpoint: siteEndpoint("arn") }), dr("standby")],
    { prod: /over https here but over http at dr/, dr: /over http here but over https at prod/ },
  ],
  ["one stack alone", [dr("standby", { probe: undefined })], {}],
  ["one active stack alone", [dr("active", { ...ofAlternate, probe: undefined })], {}],
  [
    "one stack alone, contradicting its record",
    [dr("standby", { ...ofAlternate, probe: undefined })],
    { dr: /names this site/ },
  ],
];

describe("the check of who writes", () => {
  for (const [what, views, expected] of cases) {
    const wrong = Object.keys(expected).length > 0;
    it(`${wrong ? "finds" : "accepts"} ${what}`, () => {
      const found = writerProblems(views);
      for (const { stack } of views) {
        const pattern = expected[stack as "prod" | "dr"];
        const problems = found.get(stack) ?? [];
        if (pattern) expect(problems.join("\n"), stack).to.match(pattern);
        else expect(problems, stack).to.deep.equal([]);
      }
    });
  }
});
