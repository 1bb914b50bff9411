/* What to use for a workload: the choices that came with the data, best first, within a limit of CPU. */
import { h, replace, select } from './dom.js';
import * as format from './format.js';
import { distinct, findCell } from './model.js';

const choicesAtMost = 6;
const usualSize = '64'; /* that of ipcbench advise */
const patternTexts = { 'request-reply': 'request and reply', stream: 'a stream', events: 'events' };

/* The entry that the view asks for, narrowed down menu by menu: each has what the ones before leave. */
function narrow(view, list) {
  const steps = [
    ['pattern', entry => entry.pattern, value => patternTexts[value] ?? value, 'For'],
    ['size', entry => String(entry.size_bytes), value => format.bytes(Number(value)), 'of'],
    ['optimise', entry => entry.optimise, String, 'optimise'],
  ];
  let left = list;
  const menus = steps.map(([name, of, text, label]) => {
    const values = distinct(left.map(of));
    const wanted = view.get(`advise-${name}`);
    const chosen = [wanted, usualSize].find(value => values.includes(value)) ?? values[0];
    left = left.filter(entry => of(entry) === chosen);
    const choose = value => view.set({ [`advise-${name}`]: value });
    return select(
      label,
      values.map(value => [value, text(value)]),
      chosen,
      choose,
    );
  });
  return { menus, entry: left[0] };
}

/* Of those whose share is not known (below 0) none is within a limit. */
function within(choices, limit) {
  const most = limit === '' ? Infinity : Number(limit) / 100;
  return choices.filter(
    ({ cpu_share: share }) => most === Infinity || (share >= 0 && share <= most),
  );
}

/* Several may share a place, and some are not ranked at all. */
function placeText({ place, tied }, index) {
  return place === 0 ? '–' : `${place ?? index + 1}${tied ? '=' : ''}`;
}

function choiceItem(context, choice, index, linkTo) {
  const cell = findCell(context.model, choice.cell);
  return h(
    'li',
    {},
    h('span', { class: 'place' }, placeText(choice, index)),
    cell ? linkTo(cell) : choice.cell,
    h(
      'ul',
      {},
      choice.lines.map(line => h('li', {}, line)),
    ),
  );
}

export function makeAdvice(context, list, linkTo) {
  const { view } = context;
  const menus = h('span', { class: 'controls' });
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
  let shown = null;

  function refresh() {
    const asked = ['pattern', 'size', 'optimise', 'cpu'].map(name => view.get(`advise-${name}`));
    if (asked.join() === shown) return;
    shown = asked.join();
    const focused =
      menus.contains(document.activeElement) && document.activeElement.getAttribute('aria-label');
    const { menus: made, entry } = narrow(view, list);
    replace(menus, made);
    if (focused) menus.querySelector(`[aria-label="${focused}"]`)?.focus();
    if (document.activeElement !== limit) limit.value = view.get('advise-cpu');
    const choices = within(entry.choices, view.get('advise-cpu')).slice(0, choicesAtMost);
    replace(
      answer,
      entry.setting && h('p', { class: 'note' }, entry.setting),
      choices.length
        ? h(
            'ol',
            {},
            choices.map((choice, index) => choiceItem(context, choice, index, linkTo)),
          )
        : h('p', { class: 'note' }, 'Nothing measured here stays within that limit.'),
    );
  }

  view.watch(refresh);
  refresh();
  return h(
    'section',
    { class: 'advice', id: 'advice' },
    h('h3', {}, 'What to use'),
    h(
      'div',
      { class: 'controls' },
      menus,
      h('label', { class: 'field' }, h('span', {}, 'CPU at most'), limit, h('span', {}, '%')),
    ),
    answer,
  );
}
