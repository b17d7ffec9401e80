import { expect } from "chai";
import fc from "fast-check";
import { markup } from "../../drill/report/markup.ts";
import { duration } from "../../continuity/duration.ts";
import { reportText } from "../../drill/report/text.ts";
import { reportHtml } from "../../drill/report/html.ts";
import { stack, timelinePicture, timelineSvg } from "../../drill/report/timeline.ts";
import { event, report } from "./report-fixture.ts";

describe("the drill's report", () => {
  it("contains figures and verdict as text", () => {
    const text = reportText(report);
    expect(text).to.match(/Tier 1 Critical +30 min +31 min 40 s +33 min 40 s +MISSED/);
    expect(text).to.match(/3 of them lost/);
    expect(text).to.match(/Verdict +MISSED/);
  });

  it("states that nothing was measured if the drill ended before the loss", () => {
    const text = reportText({ ...report, lossAtSeconds: null });
    expect(text)
      .to.match(/ended before the region was lost/)
      .and.not.to.match(/Outage|After the cut|of them lost/);
  });

  it("is one page without network access, with all values escaped", () => {
    const html = reportHtml(report);
    expect(html).to.contain("Tier 1 is &lt;late&gt; &amp; more");
    expect(html).not.to.match(/(src|href)=|https?:\/\/|<script/);
    expect(html).to.match(/<svg[^]*Role update[^]*<\/svg>/);
    expect(html).to.contain("iam GetRole");
  });

  it("states the duration of the preparation, which the timeline omits", () => {
    const sentence = "The drill took 60 s; before that, tools took 10 min 10 s and starting two regions 5.5 s.";
    expect(reportText(report)).to.contain(sentence);
    expect(reportHtml(report)).to.contain(sentence);
  });

  it("shows no reasons if all targets were met", () => {
    const html = reportHtml({ ...report, verdict: "met", reasons: [] });
    expect(html).to.contain("Targets met").and.not.to.contain("Why it was missed");
  });

  it("escapes any text inserted into markup", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(markup`<p>${text}</p>`.text.slice(3, -4)).not.to.match(/[<>"']/);
      }),
    );
  });

  it("never draws overlapping events in one row", () => {
    const events = fc.array(fc.tuple(fc.nat(100), fc.nat(20)).map(([at, length]) => event(at, length)));
    fc.assert(
      fc.property(events, (list) => {
        const bars = stack(list, () => 1);
        for (const a of bars)
          for (const b of bars) {
            if (a === b || a.row !== b.row) continue;
            const [first, second] = a.event.atSeconds <= b.event.atSeconds ? [a, b] : [b, a];
            expect(first.event.atSeconds + Math.max(1, first.event.durationSeconds ?? 0)).to.be.at.most(
              second.event.atSeconds,
            );
          }
      }),
    );
  });

  for (const [seconds, text] of [
    [null, "never"],
    [42.34, "42.3 s"],
    [1800, "30 min"],
    [14_400, "4 h"],
    [3725, "1 h 2 min 5 s"],
  ] as const) {
    it(`formats ${seconds} seconds as ${text}`, () => expect(duration(seconds)).to.equal(text));
  }

  it("is also available as a standalone picture", () => {
    const svg = timelineSvg(report);
    expect(svg).to.match(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="1000" height="\d+" viewBox=/);
    expect(svg).to.contain("<style>").and.contain("Primary region");
    expect(svg, "converters do not resolve CSS variables").not.to.match(/var\(|undefined/);
    const inPage = timelinePicture(report).text;
    expect(inPage).not.to.contain("<style>");
    expect(svg.match(/class="bar /g)).to.have.length(inPage.match(/class="bar /g)?.length ?? 0);
  });
});
