/* The filters, and at the same time the key to the colours. */
import { h, replace, select } from './dom.js';
import * as format from './format.js';
import { distinct, patternTitle } from './model.js';
import { filters, filterValue } from './view.js';

const titles = {
  pattern: 'Pattern',
  size: 'Size',
  placement: 'Placement',
  idle: 'Idle',
  setting: 'Setting',
  run: 'Run',
};
const texts = {
  pattern: patternTitle,
  size: value => format.bytes(Number(value)),
  setting: value => value || 'none',
};

function menuOf(context, name) {
  const { model, view } = context;
  const values = distinct(model.cells.map(filterValue[name])).filter(value => value !== '');
  if (values.length < 2 && !(name === 'setting' && values.length)) return null;
  if (name === 'size') values.sort((a, b) => Number(a) - Number(b));
  if (name === 'pattern')
    values.sort((a, b) => model.patterns.indexOf(a) - model.patterns.indexOf(b));
  return select(
    titles[name],
    [['', 'all'], ...values.map(value => [value, (texts[name] ?? String)(value)])],
    view.get(name),
    value => view.set({ [name]: value }),
  );
}

function optionMenu({ model, view }) {
  const values = distinct(model.cells.flatMap(cell => cell.typed)).sort();
  return (
    values.length > 0 &&
    select(
      'Option',
      [['', 'all'], ...values.map(value => [value, value])],
      view.get('option'),
      value => view.set({ option: value }),
    )
  );
}

const chipsMost = 30;

function transportChips({ view, colours }) {
  const chosen = view.list('transport');
  if (colours.names.length > chipsMost)
    return select(
      'Transport',
      [['', 'all'], ...colours.names.map(name => [name, name])],
      chosen[0] ?? '',
      value => view.set({ transport: value }),
    );
  return h(
    'div',
    { class: 'chips', role: 'group', 'aria-label': 'Transports' },
    colours.names.map(name =>
      h(
        'button',
        {
          type: 'button',
          class: 'chip',
          'aria-pressed': String(chosen.includes(name)),
          'data-transport': name,
          style: `--hue: var(--${colours.hue(name)})`,
          title: name === 'null' ? 'What the harness itself costs: no transport' : `Only ${name}`,
          onclick: () => view.toggle('transport', name),
        },
        h('span', { class: 'hue' }),
        name,
      ),
    ),
  );
}

export function makeFilterBar(context) {
  const { view } = context;
  const fields = h('div', { class: 'fields' });
  const summary = h('summary', {}, 'Filters');
  const details = h('details', { class: 'filters', open: innerWidth > 720 }, summary, fields);
  return {
    element: details,
    refresh() {
      const active = filters.filter(name => view.get(name) !== '').length;
      replace(summary, 'Filters', active > 0 && h('span', { class: 'count' }, ` ${active}`));
      /* A menu that is made anew would lose the keyboard's place. */
      const label =
        document.activeElement?.getAttribute('aria-label') ??
        document.activeElement?.dataset.transport;
      replace(
        fields,
        ['pattern', 'size', 'placement', 'idle', 'setting', 'run'].map(name =>
          menuOf(context, name),
        ),
        optionMenu(context),
        transportChips(context),
        active > 0 &&
          h(
            'button',
            {
              type: 'button',
              class: 'quiet',
              onclick: () => view.set(Object.fromEntries(filters.map(name => [name, '']))),
            },
            'Show all',
          ),
      );
      if (label && !fields.contains(document.activeElement))
        [...fields.querySelectorAll('select, button')]
          .find(
            element => (element.getAttribute('aria-label') ?? element.dataset.transport) === label,
          )
          ?.focus();
    },
  };
}
