import { expect } from "chai";
import { withAddress } from "../../../drill/images/bind.ts";

const pod = "127.20.1.2";
const listening = (): void => undefined;

describe("listening on the pod's address", () => {
  for (const [what, words, expected] of [
    ["a port alone", [8080], [8080, pod]],
    ["a port and a callback", [8080, listening], [8080, pod, listening]],
    ["all IPv4 addresses", [8080, "0.0.0.0", listening], [8080, pod, listening]],
    ["all IPv6 addresses", [8080, "::", 511], [8080, pod, 511]],
    ["options without a host", [{ port: 8080 }, listening], [{ port: 8080, host: pod }, listening]],
    ["options for all addresses", [{ port: 0, host: "0.0.0.0" }], [{ port: 0, host: pod }, undefined]],
    ["a backlog instead of a host", [8080, 511, listening], [8080, pod, 511, listening]],
  ] as [string, unknown[], unknown[]][]) {
    it(`replaces ${what}`, () => expect(withAddress(pod, words)).to.deep.equal(expected));
  }

  for (const [what, words] of [
    ["one address", [8080, "127.0.0.1", listening]],
    ["options with one address", [{ port: 8080, host: "127.0.0.1" }]],
    ["a Unix socket", ["/tmp/socket", listening]],
    ["options with such a socket", [{ path: "/tmp/socket" }]],
  ] as [string, unknown[]][]) {
    it(`leaves ${what} as it is`, () => expect(withAddress(pod, words)).to.deep.equal(words));
  }
});
