/** Whether a site's certificate covers the names under which users and checks connect to it. */
import { connect, checkServerIdentity, type PeerCertificate } from "node:tls";
import type { SiteEndpoint } from "../contract/index.ts";
import { messageOf } from "./cannot-run.ts";
import type { Resolve } from "./site-http.ts";
import { within } from "./within.ts";

export interface CertificateTarget {
  /** Hostname of the site, to which the connection goes. */
  siteHostname: string;
  /** Name that users connect to; after a failover it leads to this site. */
  publicHostname: string;
  endpoint: SiteEndpoint;
  resolve?: Resolve | undefined;
  /** Time limit of one connection, in seconds. @default 3 */
  timeoutSeconds?: number;
}

/**
 * One line for each name that is not covered. The public name is asked of the site itself, since DNS may lead it to the
 * other one. Never throws: a site that does not answer is reported by the probes.
 */
export async function certificateProblems(target: CertificateTarget): Promise<string[]> {
  const address = addressOf(target);
  if (address === undefined) return [];
  const names = [target.siteHostname, target.publicHostname];
  const found = await Promise.all(
    names.map(async (name) => {
      const certificate = await shownFor(name, address, target.timeoutSeconds ?? 3).catch(() => undefined);
      const reason = certificate && checkServerIdentity(name, certificate);
      return reason === undefined
        ? []
        : [
            `the certificate of ${target.siteHostname} does not cover ${name} (${messageOf(reason)}); ` +
              `set certificateArn to one that covers the site's and the public name`,
          ];
    }),
  );
  return found.flat();
}

interface Address {
  host: string;
  port: number;
}

/** Undefined without TLS. */
function addressOf({ siteHostname, endpoint, resolve }: CertificateTarget): Address | undefined {
  const given = resolve?.[siteHostname];
  if (given === undefined) {
    return endpoint.scheme === "https" ? { host: siteHostname, port: endpoint.port } : undefined;
  }
  const { protocol, hostname, port } = new URL(given);
  return protocol === "https:" ? { host: hostname, port: Number(port || 443) } : undefined;
}

/** The certificate that the site shows for a name; whether it is trusted is for the probes to judge. */
const shownFor = (servername: string, address: Address, seconds: number): Promise<PeerCertificate> =>
  within(
    seconds,
    `certificate of ${servername}`,
    (signal) =>
      new Promise((resolve, reject) => {
        const socket = connect({ ...address, servername, rejectUnauthorized: false });
        const end = (done: () => void) => {
          socket.destroy();
          done();
        };
        signal.addEventListener("abort", () => end(() => reject(new Error("no answer in time"))));
        socket.once("error", (error) => end(() => reject(error)));
        socket.once("secureConnect", () => {
          const certificate = socket.getPeerCertificate();
          end(() => resolve(certificate));
        });
      }),
  );
