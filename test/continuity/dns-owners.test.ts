import { expect } from "chai";
import { ownerProblems, type LookUp } from "../../continuity/dns-owners.ts";

const names = ["primary.api.shop.example", "alternate.api.shop.example"] as const;
const owned = (owner: string): string =>
  `"heritage=external-dns,external-dns/owner=${owner},external-dns/resource=service/vapora/api"`;

const zone =
  (records: Record<string, string[]>): LookUp =>
  async (name) => {
    const found = records[name];
    if (found === undefined) throw new Error(`queryTxt ENOTFOUND ${name}`);
    return found;
  };

describe("the owner ids of external-dns", () => {
  const same: [string, Record<string, string[]>][] = [
    [
      "of CNAME records",
      { "cname-primary.api.shop.example": [owned("default")], "cname-alternate.api.shop.example": [owned("default")] },
    ],
    [
      "of A and AAAA records",
      { "a-primary.api.shop.example": [owned("default")], "aaaa-alternate.api.shop.example": [owned("default")] },
    ],
    ["of older versions", { [names[0]]: ["v=spf1 -all", owned("default")], [names[1]]: [owned("default")] }],
  ];
  for (const [what, records] of same) {
    it(`must differ: one for both sites is reported, ${what}`, async () => {
      const [line, ...others] = await ownerProblems(names, zone(records));
      expect(others).to.deep.equal([]);
      expect(line).to.match(/^external-dns of both clusters has the owner id "default" .+--txt-owner-id of its own/);
    });
  }

  const fine: [string, Record<string, string[]>][] = [
    ["two owners", { "a-primary.api.shop.example": [owned("blue")], "a-alternate.api.shop.example": [owned("green")] }],
    ["one site without a record", { "a-primary.api.shop.example": [owned("default")] }],
    ["no records", {}],
    ["texts of others", { [names[0]]: ["external-dns/owner=x"], [names[1]]: ["external-dns/owner=x"] }],
  ];
  for (const [what, records] of fine) {
    it(`are no problem with ${what}`, async () => {
      expect(await ownerProblems(names, zone(records))).to.deep.equal([]);
    });
  }
});
