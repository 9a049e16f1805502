// Which format the texts of a column have.
import fc from "fast-check";
import { expect, test } from "vitest";
import { watchFormat } from "#elbo/fields/times/detect.js";
import { knownFormat } from "#elbo/fields/times/format.js";

function found(...texts: string[]) {
  const watch = watchFormat();
  for (const text of texts) watch.add(text);
  return watch.found()?.formats ?? null;
}

test.each<[string[], string[] | null]>([
  [["03/14/2019", "01/02/2019"], ["%m/%d/%Y"]],
  [["1/2/2019", "14/3/2019"], ["%-d/%-m/%Y"]],
  [["3/14/19 9:30", "12/15/19 10:00"], ["%-m/%-d/%y %-H:%M"]],
  [["14.03.2019 16:05"], ["%d.%m.%Y %H:%M"]],
  // Nobody writes the month first with points, unless the days say so.
  [["01.02.2019"], ["%d.%m.%Y"]],
  [["01.14.2019", "01.02.2019"], ["%m.%d.%Y"]],
  [["14-Mar-2019"], ["%d-%b-%Y"]],
  [["14-Mar-19"], ["%d-%b-%y"]],
  [["5 May 2019", "14 March 2019"], ["%-d %B %Y"]],
  [["2019/03/14"], ["%Y/%m/%d"]],
  [["2019-3-4"], ["%Y-%-m-%-d"]],
  [["Mar 14, 2019"], ["%b %d, %Y"]],
  [["Thu, 14 Mar 2019 16:05:00 +0100"], ["%a, %d %b %Y %H:%M:%S %z"]],
  [["Thursday, 14 March 2019"], ["%A, %d %B %Y"]],
  [["Thu Mar 14 16:05:00 2019", "Fri Mar  1 16:05:00 2019"], ["%a %b %-d %H:%M:%S %Y"]],
  [["3/14/2019 4:05:00 PM", "12/1/2019 11:00:00 am"], ["%-m/%-d/%Y %-I:%M:%S %p"]],
  [["2019-03-14 16:05:00+00:00"], ["%Y-%m-%d %H:%M:%S+00:00"]],
  [["2019-03-14T16:05:00.123Z"], ["%Y-%m-%dT%H:%M:%S.%gZ"]],
  [["2019-03-14 16:05:00", "2019-03-14T16:05:01Z"], ["iso"]],
  [["2019-03-14", "2019-03-14 16:05"], ["iso"]],
  // No cell tells the day from the month.
  [
    ["03/04/2019", "01/02/2019"],
    ["%d/%m/%Y", "%m/%d/%Y"],
  ],
  [["3-4-2019 10:00"], ["%-d-%-m-%Y %H:%M", "%-m-%-d-%Y %H:%M"]],
  [["31/02/2019"], null],
  [["14/03/2019", "03/14/2019"], null],
  [["14/03/2019", "14.03.2019"], null],
  [["14/03/2019", "soon"], null],
  // A number, versions, addresses, clocks, and texts.
  [["20190314"], null],
  [["1.2.10"], null],
  [["10.0.1.2"], null],
  [["12:30"], null],
  [["1/2"], null],
  [["maybe 14, 2019"], null],
  [[""], null],
])("%j: %j", (texts, formats) => {
  expect(found(...texts)).toEqual(formats);
});

test("days of a month are told by the data, in any format", () => {
  const day = [
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%-m-%-d-%Y",
    "%d.%m.%Y",
    "%Y/%m/%d",
    "%b %-d, %Y",
    "%d %B %Y",
  ];
  const clock = ["", " %H:%M", " %-I:%M %p", " %H:%M:%S", "T%H:%M:%S.%f"];
  const formats = fc
    .tuple(fc.constantFrom(...day), fc.constantFrom(...clock))
    .map((of) => of.join(""));
  const moment = fc.integer({
    min: Date.UTC(1900, 0, 1) / 60_000,
    max: Date.UTC(2100, 0, 1) / 60_000,
  });
  fc.assert(
    fc.property(formats, fc.array(moment, { minLength: 1, maxLength: 20 }), (format, minutes) => {
      const { write, read } = knownFormat(format);
      // One cell tells the day from the month.
      const telling = Date.UTC(2019, 2, 14);
      const texts = [...minutes.map((of) => of * 60_000), telling].map(write);
      const [own] = found(...texts)!;
      expect(texts.map(knownFormat(own!).read)).toEqual(texts.map(read));
      expect(texts.map((text) => knownFormat(own!).write(read(text)))).toEqual(texts);
    }),
    { numRuns: 400 },
  );
});
