/**
 * Who owns the sites' DNS records according to external-dns. With one owner id in two clusters, each deletes the records
 * of the other, since its own cluster does not have them.
 */
import { Resolver } from "node:dns/promises";

/** TXT records of a name, each as one text; rejects if there are none. */
export type LookUp = (name: string) => Promise<string[]>;

/** external-dns puts the record's type before the name; older versions used the name alone. */
const prefixes = ["cname-", "a-", "aaaa-", ""];

const ownerPattern = /(?:^|,)external-dns\/owner=([^,"]+)/;

/** Owner ids of a name's records; empty if there are none, or the name has another registry. */
async function ownersOf(hostname: string, lookUp: LookUp): Promise<Set<string>> {
  const found = await Promise.all(prefixes.map((prefix) => lookUp(`${prefix}${hostname}`).catch(() => [])));
  const texts = found.flat().filter((text) => text.includes("heritage=external-dns"));
  return new Set(texts.flatMap((text) => ownerPattern.exec(text)?.[1] ?? []));
}

const seconds = 3;

const throughDns: LookUp = async (name) => {
  const resolver = new Resolver({ timeout: seconds * 1000, tries: 1 });
  return (await resolver.resolveTxt(name)).map((parts) => parts.join(""));
};

/** A problem if both sites' records have one owner. */
export async function ownerProblems(
  hostnames: readonly [primary: string, alternate: string],
  lookUp: LookUp = throughDns,
): Promise<string[]> {
  const [primary, alternate] = await Promise.all([ownersOf(hostnames[0], lookUp), ownersOf(hostnames[1], lookUp)]);
  return [...primary]
    .filter((owner) => alternate.has(owner))
    .map(
      (owner) =>
        `external-dns of both clusters has the owner id "${owner}" (${hostnames.join(", ")}), so each may delete the ` +
        `other's record; start it with a --txt-owner-id of its own in each cluster, e.g. the cluster's name`,
    );
}
