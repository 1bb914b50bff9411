// The report's page as a person uses it: node page-checks.mjs FOLDER. The folder has the pages that
// tests/report.t made. Prints "ok" or "not ok" with what was looked at, one line each.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, open } from './browser.mjs';
import { findings } from './findings-example.mjs';

const folder = process.argv[2];
const browser = await launch();
const file = name => join(folder, name);

async function check(name, test) {
  try {
    await test();
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`not ok ${name}: ${String(error.message).replace(/\s+/g, ' ').slice(0, 400)}`);
  }
}

const visibleRows = page =>
  page.$$eval('table.cells tr.cell', rows =>
    rows.filter(row => !row.hidden).map(row => row.dataset.key.slice(2)),
  );
const embedded = /(<script type="application\/json" id="data">)(.*?)(<\/script>)/s;
const dataOf = name => JSON.parse(embedded.exec(readFileSync(file(name), 'utf8'))[2]);
const cellsOf = name => dataOf(name).runs[0].cells;
// The everyday page with other findings, or none, in place of its own.
const everydayWith = (name, others) => {
  const data = { ...dataOf('everyday.html'), findings: others };
  const text = JSON.stringify(data).replace(/</g, '\\u003c');
  writeFileSync(
    file(name),
    readFileSync(file('everyday.html'), 'utf8').replace(
      embedded,
      (_, start, old, end) => start + text + end,
    ),
  );
};
const picture = (page, id) => page.$eval(`#${id} canvas`, canvas => canvas.toDataURL());
const tipText = (page, id) => page.$eval(`#${id} .tip`, tip => (tip.hidden ? '' : tip.innerText));
const settled = page =>
  page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve))));

const everyday = cellsOf('everyday.html');
const { page, noise } = await open(browser, file('everyday.html'));

await check('every cell is in the table, skipped ones with reason and knob', async () => {
  assert.deepEqual((await visibleRows(page)).sort(), everyday.map(cell => cell.id).sort());
  const skipped = everyday.find(cell => cell.status === 'skipped');
  const text = await page.$eval(`tr[data-key="0:${skipped.id}"]`, row => row.innerText);
  assert.ok(
    text.includes('skipped') && text.includes(skipped.reason) && text.includes(skipped.knob),
    text,
  );
});

await check('figures are those of the file', async () => {
  const cell = everyday.find(each => each.id === 'pingpong/pipe/64/same-cache');
  const shown = await page.$eval(
    `tr[data-key="0:${cell.id}"] td[data-name="p50"]`,
    element => element.innerText,
  );
  assert.equal(shown, `${cell.summary.p50_ns.toPrecision(3)} ns`);
});

await check('filters hide cells and figures', async () => {
  await page.selectOption('select[aria-label="Pattern"]', 'stream');
  assert.deepEqual(
    (await visibleRows(page)).sort(),
    everyday
      .filter(cell => cell.pattern === 5)
      .map(cell => cell.id)
      .sort(),
  );
  assert.equal(await page.isVisible('#pingpong'), false);
  assert.equal(await page.isVisible('#stream'), true);
  await page.click('button[data-transport="pipe"]');
  assert.ok((await visibleRows(page)).every(id => id.startsWith('stream/pipe')));
  assert.match(page.url(), /#pattern=stream&transport=pipe$/);
  await page.selectOption('select[aria-label="Option"]', 'wait=poll');
  assert.ok((await visibleRows(page)).every(id => id.startsWith('stream/pipe:wait=poll/')));
  await page.click('text=Show all');
  assert.equal((await visibleRows(page)).length, everyday.length);
});

await check('a heading sorts, again the other way, and what has no figure comes last', async () => {
  const values = new Map(everyday.map(cell => [cell.id, cell.summary?.p50_ns]));
  for (const [direction, sign] of [
    ['ascending', 1],
    ['descending', -1],
  ]) {
    await page.click('table.cells thead button:text-is("p50")');
    assert.equal(
      await page.getAttribute('table.cells th:has(button:text-is("p50"))', 'aria-sort'),
      direction,
    );
    const order = (await visibleRows(page)).map(id => values.get(id));
    const count = order.filter(value => value !== undefined).length;
    assert.ok(
      order
        .slice(0, count)
        .every((value, index) => index === 0 || sign * (value - order[index - 1]) >= 0),
    );
    assert.ok(order.slice(count).every(value => value === undefined));
  }
  await page.click('table.cells thead button:text-is("p50")');
  assert.equal(await page.locator('th[aria-sort]').count(), 0);
});

await check('search takes every word', async () => {
  await page.fill('input[type="search"]', 'PIPE oneway /64/');
  assert.deepEqual(
    (await visibleRows(page)).sort(),
    everyday
      .filter(cell => /pipe/.test(cell.id) && /^oneway/.test(cell.id) && /\/64\//.test(cell.id))
      .map(cell => cell.id)
      .sort(),
  );
  await page.fill('input[type="search"]', '');
});

await check(
  'a click on a row highlights its curve and opens the row; another one closes it',
  async () => {
    await page.locator('#tail-pingpong').scrollIntoViewIfNeeded();
    await settled(page);
    const before = await picture(page, 'tail-pingpong');
    await page.click('tr[data-key="0:pingpong/shm/64/same-cache"]');
    assert.equal(
      await page.getAttribute('tr[data-key="0:pingpong/shm/64/same-cache"]', 'aria-selected'),
      'true',
    );
    assert.ok((await page.innerText('tr.details')).includes('pingpong/shm/64/same-cache'));
    await page.locator('#tail-pingpong').scrollIntoViewIfNeeded();
    await settled(page);
    assert.ok((await page.innerText('#tail-pingpong .note')).startsWith('64 B'));
    assert.notEqual(await picture(page, 'tail-pingpong'), before);
    await page.click('tr[data-key="0:pingpong/shm/64/same-cache"]');
    assert.equal(await page.locator('tr.details').count(), 0);
  },
);

await check('the log switch changes the picture and is remembered', async () => {
  await page.locator('#rank-pingpong').scrollIntoViewIfNeeded();
  await settled(page);
  const before = await picture(page, 'rank-pingpong');
  await page.click('#rank-pingpong button:text-is("linear")');
  assert.notEqual(await picture(page, 'rank-pingpong'), before);
  assert.match(page.url(), /linear=rank-pingpong/);
  await page.click('#rank-pingpong button:text-is("log")');
});

await check('a chart is read by keyboard and by pointer alike', async () => {
  await page.focus('#rank-pingpong .chart');
  await page.keyboard.press('ArrowDown');
  const first = await tipText(page, 'rank-pingpong');
  assert.match(first, /pipe/);
  assert.match(first, /p50/);
  await page.keyboard.press('ArrowDown');
  const second = await tipText(page, 'rank-pingpong');
  assert.notEqual(second, first);
  const ring = await page.$eval('#rank-pingpong .ring', element => {
    const box = element.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  });
  await page.keyboard.press('Escape');
  assert.equal(await tipText(page, 'rank-pingpong'), '');
  await page.mouse.move(ring.x + 2, ring.y + 1);
  assert.equal(await tipText(page, 'rank-pingpong'), second);
  await page.focus('#rank-pingpong .chart');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('tr[aria-selected]').count(), 1);
});

await check('the table is walked by keyboard', async () => {
  await page.keyboard.press('Escape');
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement.type), 'search');
  await page.focus('table.cells tr.cell[tabindex="0"]');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  const focused = await page.evaluate(() => document.activeElement.dataset.key);
  assert.equal(focused.slice(2), (await visibleRows(page))[1]);
  await page.keyboard.press('Enter');
  assert.equal(await page.getAttribute('tr[aria-selected]', 'data-key'), focused);
});

await check('a link restores the view', async () => {
  await page.selectOption('select[aria-label="Size"]', '256');
  await page.click('table.cells thead button:text-is("p99")');
  await page.fill('input[type="search"]', 'shm');
  const here = [
    page.url().split('#')[1],
    await visibleRows(page),
    await page.getAttribute('tr[aria-selected]', 'data-key'),
  ];
  const { page: other, noise: othersNoise } = await open(browser, file('everyday.html'), {
    fragment: `#${here[0]}`,
  });
  assert.deepEqual(
    [
      other.url().split('#')[1],
      await visibleRows(other),
      await other.getAttribute('tr[aria-selected]', 'data-key'),
    ],
    here,
  );
  assert.equal(await other.inputValue('input[type="search"]'), 'shm');
  assert.equal(await other.inputValue('select[aria-label="Size"]'), '256');
  assert.deepEqual(othersNoise, []);
  await other.context().close();
});

await check('light and dark, and printed in light', async () => {
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await page.click('button:text-is("dark")');
  assert.notEqual(await paper(), light);
  await page.pdf();
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.isVisible('.filters'), false);
  await page.emulateMedia({ media: null });
  await page.click('button:text-is("auto")');
  assert.equal(await paper(), light);
});

await check('what this machine says is on the page', async () => {
  const { statements, beliefs } = dataOf('everyday.html').findings;
  assert.ok(statements.length > 0 && beliefs.length > 0);
  assert.ok((await page.innerText('#findings')).includes(beliefs[0].belief));
});

await check('no message, error or request all the while', async () => assert.deepEqual(noise, []));
await page.context().close();

await check('findings are shown, lead to their cells, and advice keeps to its limit', async () => {
  everydayWith('findings.html', findings);
  const { page: found, noise: itsNoise } = await open(browser, file('findings.html'));
  assert.ok((await found.innerText('.statements')).includes(findings.statements[0].text));
  assert.deepEqual(
    await found.$$eval('.beliefs .verdict', all => all.map(each => each.innerText)),
    findings.beliefs.map(each => each.verdict),
  );
  assert.equal(await found.locator('.answer ol > li').count(), 2);
  await found.locator('#advice input').pressSequentially('90');
  assert.equal(await found.locator('.answer ol > li').count(), 1);
  assert.ok((await found.innerText('.answer')).includes('<b>no markup</b>'));
  await found.fill('#advice input', '1');
  assert.match(await found.innerText('.answer'), /Nothing measured/);
  await found.click('.beliefs .evidence a');
  assert.equal(
    await found.getAttribute('tr[aria-selected]', 'data-key'),
    `0:${findings.beliefs[0].cells[0]}`,
  );
  assert.deepEqual(itsNoise, []);
  await found.context().close();
});

await check('without findings there is no such section', async () => {
  everydayWith('without.html', undefined);
  const { page: without } = await open(browser, file('without.html'));
  assert.equal(await without.locator('#findings').count(), 0);
  await without.context().close();
});

await check('a comparison shows the verdicts that compare gives', async () => {
  const { page: compared, noise: itsNoise } = await open(browser, file('compared.html'));
  const expected = JSON.parse(readFileSync(file('compared.json'), 'utf8'));
  assert.equal(await compared.innerText('.sentence'), expected.sentence);
  const shown = await compared.$$eval('table.compared tbody tr', rows =>
    rows.map(row => [row.querySelector('th').textContent, row.querySelector('.verdict').textContent]),
  );
  const words = { equivalent: 'unchanged', inconclusive: 'undecided' };
  assert.deepEqual(
    new Map(shown),
    new Map(
      expected.cells
        .filter(cell => cell.verdict)
        .map(cell => [cell.id, words[cell.verdict] ?? cell.verdict]),
    ),
  );
  assert.ok(shown.some(([, verdict]) => verdict === 'regressed'));
  await compared.locator('[id="forest-1"]').scrollIntoViewIfNeeded(); // drawn once it is seen
  await compared.waitForSelector('[id="forest-1"] canvas');
  assert.deepEqual(itsNoise, []);
  await compared.context().close();
});

await check('of different machines nothing has regressed', async () => {
  const { page: machines } = await open(browser, file('machines.html'));
  assert.match(await machines.innerText('.sentence'), /different machines or settings/);
  assert.match(await machines.innerText('.differences summary'), /differ/);
  assert.equal(await machines.locator('table.compared .verdict:text-is("regressed")').count(), 0);
  assert.equal(await machines.locator('h1').count(), 2);
  await machines.context().close();
});

await check('names that would do harm are but text', async () => {
  const { page: evil, noise: itsNoise } = await open(browser, file('hostile.html'));
  const cells = cellsOf('hostile.html');
  assert.deepEqual((await visibleRows(evil)).sort(), cells.map(cell => cell.id).sort());
  const labels = await evil.$$eval('table.cells tr.cell .label', all =>
    all.map(each => each.textContent),
  );
  const chips = await evil.$$eval('.chip', all => all.map(each => each.textContent));
  assert.ok(chips.includes('</script><script>alert(1)</script>'));
  for (const label of [
    '<img src=x onerror=alert(2)>',
    '"quoted\' &amp; \\back\\u003c',
    '__proto__:a=b',
  ])
    assert.ok(labels.includes(label), label);
  assert.match(await evil.innerText('.subtitle'), /<\/script><img src=x onerror=alert\(4\)>/);
  assert.equal(await evil.locator('img').count(), 0);
  assert.equal(await evil.locator('script').count(), 2);
  await evil.click('tr.cell >> nth=0');
  await evil.focus('#rank-pingpong .chart');
  await evil.keyboard.press('ArrowDown');
  await settled(evil);
  assert.deepEqual(itsNoise, []);
  await evil.context().close();
});

await check('at 400 pixels nothing has to be scrolled sideways', async () => {
  for (const name of [
    'everyday.html',
    'findings.html',
    'compared.html',
    'machines.html',
    'hostile.html',
  ]) {
    const { page: narrow } = await open(browser, file(name), { width: 400, scheme: 'dark' });
    await narrow.click('.filters > summary');
    await narrow.click('tr.cell >> nth=1');
    for (const details of await narrow.$$('details.facts > summary, details.differences > summary'))
      await details.click();
    assert.ok((await narrow.evaluate(() => document.documentElement.scrollWidth)) <= 400, name);
    await narrow.context().close();
  }
});

await browser.close();
