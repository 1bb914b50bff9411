/* What this machine says: sentences, beliefs and advice that came with the data, with their evidence. */
import { h, replace, select } from './dom.js';
import * as format from './format.js';
import { findCell } from './model.js';

const patternTexts = { 'request-reply': 'request and reply', stream: 'stream', events: 'events' };

/* Links to cells; those that the page does not have are left out. */
function evidence(context, ids, word = 'evidence') {
  const cells = [...new Set(ids.map(id => findCell(context.model, id)).filter(Boolean))];
  if (!cells.length) return null;
  const link = (cell, text) =>
    h(
      'a',
      {
        href: '#cells',
        title: cell.id,
        onclick: event => {
          event.preventDefault();
          context.reveal(cell);
        },
      },
      text,
    );
  return h(
    'span',
    { class: 'evidence' },
    `${word}: `,
    cells.map((cell, index) => [index > 0 && ', ', link(cell, cell.label)]),
  );
}

function statements(context, list) {
  return h(
    'ul',
    { class: 'statements' },
    list.map(({ topic, text, cells }) =>
      h(
        'li',
        {},
        topic && h('span', { class: 'topic' }, topic),
        h('span', { class: 'said' }, text, ' ', evidence(context, cells ?? [])),
      ),
    ),
  );
}

function beliefs(context, list) {
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
          ['belief', 'verdict', 'what these data say'].map(title =>
            h('th', { scope: 'col' }, title),
          ),
        ),
      ),
      h(
        'tbody',
        {},
        list.map(({ belief, verdict, text, cells }) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, belief),
            h(
              'td',
              {},
              h('span', { class: `verdict verdict-${verdict.replace(/ /g, '-')}` }, verdict),
            ),
            h('td', {}, text, ' ', evidence(context, cells ?? [], 'cells')),
          ),
        ),
      ),
    ),
  );
}

const unique = values => [...new Set(values)];

function advice(context, list) {
  const { view } = context;
  const menus = h('div', { class: 'controls' });
  const answer = h('div', { class: 'answer', 'aria-live': 'polite' });
  const limit = h('input', {
    type: 'number',
    min: 0,
    max: 200,
    step: 5,
    placeholder: 'any',
    'aria-label': 'CPU at most, percent',
    oninput: () => view.set({ 'advise-cpu': limit.value }),
  });

  function chosen(name, values) {
    const wanted = view.get(`advise-${name}`);
    return values.map(String).includes(wanted) ? wanted : String(values[0]);
  }

  function refresh() {
    const patterns = unique(list.map(entry => entry.pattern));
    const pattern = chosen('pattern', patterns);
    const sizes = unique(
      list.filter(entry => entry.pattern === pattern).map(entry => entry.size_bytes),
    ).sort((a, b) => a - b);
    const size = chosen('size', sizes);
    const goals = unique(
      list
        .filter(entry => entry.pattern === pattern && String(entry.size_bytes) === size)
        .map(entry => entry.optimise),
    );
    const goal = chosen('optimise', goals);
    const entry = list.find(
      item =>
        item.pattern === pattern && String(item.size_bytes) === size && item.optimise === goal,
    );
    const most = view.get('advise-cpu') === '' ? Infinity : Number(view.get('advise-cpu')) / 100;
    const choices = (entry?.choices ?? []).filter(choice => !(choice.cpu_share > most));
    if (document.activeElement !== limit) limit.value = view.get('advise-cpu');
    const menu = (label, name, values, value, text) =>
      select(
        label,
        values.map(each => [String(each), text(each)]),
        value,
        next => view.set({ [`advise-${name}`]: next }),
      );
    replace(
      menus,
      menu('For', 'pattern', patterns, pattern, value => patternTexts[value] ?? value),
      menu('of', 'size', sizes, size, value => format.bytes(Number(value))),
      menu('optimise', 'optimise', goals, goal, String),
      h('label', { class: 'field' }, h('span', {}, 'CPU at most'), limit, h('span', {}, '%')),
    );
    replace(
      answer,
      choices.length
        ? h(
            'ol',
            {},
            choices.slice(0, 5).map(choice => {
              const cell = findCell(context.model, choice.cell);
              return h(
                'li',
                {},
                h(
                  'a',
                  {
                    href: '#cells',
                    onclick: event => {
                      event.preventDefault();
                      cell && context.reveal(cell);
                    },
                  },
                  cell?.label ?? choice.cell,
                ),
                h(
                  'ul',
                  {},
                  choice.lines.map(line => h('li', {}, line)),
                ),
              );
            }),
          )
        : h('p', { class: 'note' }, 'Nothing measured here stays within that limit.'),
    );
  }

  view.watch(refresh);
  refresh();
  return h('section', { class: 'advice', id: 'advice' }, h('h3', {}, 'What to use'), menus, answer);
}

export function makeFindings(context) {
  const {
    statements: said = [],
    beliefs: believed = [],
    advice: advised = [],
  } = context.model.findings ?? {};
  if (!said.length && !believed.length && !advised.length) return null;
  return h(
    'section',
    { class: 'part findings', id: 'findings' },
    h('h2', {}, 'What this machine says'),
    said.length > 0 && statements(context, said),
    believed.length > 0 && beliefs(context, believed),
    advised.length > 0 && advice(context, advised),
  );
}
