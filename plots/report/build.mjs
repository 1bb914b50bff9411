/* Bundles the page into one template: node build.mjs FOLDER_WITH_NODE_MODULES OUTPUT. The licences of
 * every package of which something ended in the bundle go along. */
import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [folder, output] = process.argv.slice(2).map(path => resolve(path));
const packages = join(folder, 'node_modules');
const { build } = createRequire(join(folder, 'package.json'))('esbuild');

async function bundle(entry) {
  const result = await build({
    entryPoints: [join(here, entry)],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'iife',
    target: 'es2020',
    charset: 'utf8',
    legalComments: 'none', // whole licences instead, below
    nodePaths: [packages],
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning',
  });
  return { text: result.outputFiles[0].text, inputs: Object.keys(result.metafile.inputs) };
}

function licences(inputs) {
  const names = new Set(
    inputs.map(path => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean),
  );
  return [...names]
    .sort()
    .map(name => {
      const { version, license } = JSON.parse(readFileSync(join(packages, name, 'package.json')));
      const texts = ['LICENSE', 'LICENSE.txt', 'LICENSE.md', 'NOTICE']
        .map(file => join(packages, name, file))
        .filter(existsSync)
        .map(path => readFileSync(path, 'utf8').trim());
      if (!texts.length) throw new Error(`${name}: no licence text in ${join(packages, name)}`);
      return `${name} ${version} (${license})\n\n${texts.join('\n\n')}`;
    })
    .join(`\n\n${'-'.repeat(72)}\n\n`);
}

/* What stands inside an element of the page must not end it. */
const inScript = text => text.replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '<\\!--');
const inHtml = text => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

const script = await bundle('main.js');
const style = await bundle('page.css');
const parts = {
  style: style.text.replace(/<\//g, '<\\/'),
  script: inScript(script.text),
  licences: inHtml(licences(script.inputs)),
};
const page = readFileSync(join(here, 'page.html'), 'utf8').replace(
  /\{\{(\w+)\}\}/g,
  (_, name) => parts[name],
);
writeFileSync(output, page);
