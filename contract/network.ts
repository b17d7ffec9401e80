/** Address ranges of the sites' networks, from the one range that all stacks have in their configuration. */
import { contains, formatCidr, parseCidr, splitCidr, type Cidr } from "./cidr.ts";
import type { SiteName } from "./topology.ts";

/** Availability zones of a site: losing one leaves a majority. */
export const zonesOfSite = 3;

/** A VPC has a prefix of 16 or longer; with 20, the subnets still hold a few hundred pods each. */
const rangePrefix = { shortest: 15, longest: 19 };

const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].flatMap((text) => parseCidr(text) ?? []);

/** Rule that a range of both networks breaks; undefined if it is valid. */
export function networkRangeProblem(text: string): string | undefined {
  const range = parseCidr(text);
  if (!range) return "must be an IPv4 range that begins at a multiple of its size, such as 10.64.0.0/15";
  const { shortest, longest } = rangePrefix;
  if (range.prefix < shortest || range.prefix > longest) return `must have a prefix of ${shortest} to ${longest}`;
  if (!privateRanges.some((outer) => contains(outer, range))) return "must be in 10/8, 172.16/12 or 192.168/16";
  return undefined;
}

/** The site's half of the range: the sites' networks cannot overlap, so that they can be connected. */
export function siteNetwork(range: string, site: SiteName): string {
  const whole = parsed(range);
  const [first, second] = splitCidr(whole, whole.prefix + 1) as [Cidr, Cidr];
  return formatCidr(site === "primary" ? first : second);
}

export interface SubnetRanges {
  /** For nodes and pods, one per zone: a quarter of the network each. */
  readonly private: readonly string[];
  /** For load balancers and NAT gateways, one per zone: a sixteenth each. */
  readonly public: readonly string[];
}

/** Ranges of a network's subnets; a sixteenth stays free. */
export function subnetRanges(network: string): SubnetRanges {
  const whole = parsed(network);
  const quarters = splitCidr(whole, whole.prefix + 2);
  const sixteenths = splitCidr(quarters[zonesOfSite] as Cidr, whole.prefix + 4);
  return {
    private: quarters.slice(0, zonesOfSite).map(formatCidr),
    public: sixteenths.slice(0, zonesOfSite).map(formatCidr),
  };
}

function parsed(text: string): Cidr {
  const range = parseCidr(text);
  if (!range) throw new Error(`not an IPv4 range: ${text}`);
  return range;
}
