// How long until a report can be used: node page-bench.mjs PAGE REPEATS. From the beginning of the
// navigation until the table is there and the figures in sight are drawn.
import { launch, open } from './browser.mjs';

const [file, repeats] = process.argv.slice(2);
const browser = await launch();
const times = [];
for (let index = 0; index < Number(repeats); ++index) {
  const { page } = await open(browser, file);
  times.push(await page.evaluate(() => performance.getEntriesByName('interactive')[0].startTime));
  await page.context().close();
}
await browser.close();
times.sort((a, b) => a - b);
console.log(
  `${times[0].toFixed(0)} ms least, ${times[times.length >> 1].toFixed(0)} ms median of ${times.length} until it can be used`,
);
