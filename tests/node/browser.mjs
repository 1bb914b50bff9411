// A headless browser for tests of the report's page. CHROMIUM names the program.
import { chromium } from 'playwright-core';
import { pathToFileURL } from 'node:url';

export function launch() {
  // Its own sandbox cannot be had in containers, nor by root.
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu'],
  });
}

// Opens a page from disk and waits until it can be used. `noise` collects what a good page does not
// do: messages, errors, dialogs, requests.
export async function open(browser, file, { fragment = '', width = 1280, scheme = 'light' } = {}) {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
  });
  const page = await context.newPage();
  const noise = [];
  page.on('console', message => noise.push(`console: ${message.text()}`));
  page.on('pageerror', error => noise.push(`error: ${error.message}`));
  page.on('dialog', dialog => {
    noise.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  const own = pathToFileURL(file).href;
  page.on('request', request => {
    if (request.url().split('#')[0] !== own && !request.url().startsWith('data:'))
      noise.push(`request: ${request.url()}`);
  });
  await page.goto(own + fragment);
  await page.waitForFunction(() => performance.getEntriesByName('interactive').length > 0);
  return { page, noise };
}
