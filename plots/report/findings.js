/* What this machine says: sentences, beliefs and advice that came with the data, with their evidence. */
import { makeAdvice } from './advice.js';
import { h } from './dom.js';
import { distinct, findCell } from './model.js';

const linksAtFirst = 3;

/* Links to cells, the first few and the others on demand; those that the page does not have are left
 * out. */
function evidence(context, ids = []) {
  const cells = distinct(ids.map(id => findCell(context.model, id)).filter(Boolean));
  if (!cells.length) return null;
  const links = cells.map(cell => cellLink(context, cell));
  const rest = h(
    'span',
    { hidden: true },
    links.slice(linksAtFirst).map(link => [', ', link]),
  );
  const more = h(
    'button',
    {
      type: 'button',
      class: 'quiet',
      onclick: () => {
        rest.hidden = false;
        more.remove();
      },
    },
    `${cells.length - linksAtFirst} more`,
  );
  return h(
    'span',
    { class: 'evidence' },
    links.slice(0, linksAtFirst).map((link, index) => [index > 0 && ', ', link]),
    rest,
    cells.length > linksAtFirst && [' ', more],
  );
}

function cellLink(context, cell) {
  const reveal = event => {
    event.preventDefault();
    context.reveal(cell);
  };
  return h('a', { href: '#cells', title: cell.id, onclick: reveal }, cell.label);
}

/* The first sentence says it, the others how far it goes. */
function sentences(text) {
  const end = text.search(/[.!] (?=[A-Z])/);
  return end < 0 ? [text, ''] : [text.slice(0, end + 1), text.slice(end + 2)];
}

/* What is said, and on demand how far it goes and what it rests on. */
function statement(context, text, ids) {
  const [first, others] = sentences(text);
  const cells = evidence(context, ids);
  if (!others && !cells) return h('p', { class: 'said' }, first);
  return h(
    'details',
    { class: 'said' },
    h('summary', {}, first),
    h('p', { class: 'beside' }, others, ' ', cells),
  );
}

function statements(context, list) {
  return h(
    'ul',
    { class: 'statements' },
    list.map(({ topic, text, cells }, index) =>
      h(
        'li',
        {},
        h('span', { class: 'topic' }, topic === list[index - 1]?.topic ? '' : topic),
        statement(context, text, cells),
      ),
    ),
  );
}

function beliefs(context, list) {
  const titles = ['belief', 'verdict', 'what these data say'];
  return h(
    'section',
    { class: 'beliefs', id: 'beliefs' },
    h('h3', {}, 'Common beliefs, on this machine'),
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          titles.map(title => h('th', { scope: 'col' }, title)),
        ),
      ),
      h(
        'tbody',
        {},
        list.map(({ belief, verdict, depends, text, cells }) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, belief),
            h(
              'td',
              {},
              h(
                'span',
                { class: `verdict verdict-${verdict.replace(/ /g, '-')}` },
                depends ? 'it depends' : verdict,
              ),
            ),
            h('td', {}, text, ' ', evidence(context, cells)),
          ),
        ),
      ),
    ),
  );
}

/* On paper nothing can be opened. */
function openForPrint(element) {
  addEventListener('beforeprint', () => {
    for (const details of element.querySelectorAll('details')) details.open = true;
  });
  return element;
}

export function makeFindings(context) {
  const {
    statements: said = [],
    beliefs: believed = [],
    advice: advised = [],
  } = context.model.findings ?? {};
  if (!said.length && !believed.length && !advised.length) return null;
  return openForPrint(
    h(
      'section',
      { class: 'part findings', id: 'findings' },
      h('h2', {}, 'What this machine says'),
      said.length > 0 && statements(context, said),
      believed.length > 0 && beliefs(context, believed),
      advised.length > 0 && makeAdvice(context, advised, cell => cellLink(context, cell)),
    ),
  );
}
