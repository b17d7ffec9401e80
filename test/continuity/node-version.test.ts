import { expect } from "chai";
import { checkNode } from "../../continuity/node-version.ts";

describe("the Node.js of the commands", () => {
  for (const version of ["22.15.0", "22.16.3", "24.0.0", "26.1.0"]) {
    it(`may be ${version}`, () => checkNode(version));
  }

  for (const version of ["18.20.0", "20.20.2", "22.14.9"]) {
    it(`is refused with a remedy: ${version}`, () => {
      expect(() => checkNode(version)).to.throw(`Node.js is ${version}, but must be 22.15 or newer\n  - run`);
    });
  }
});
