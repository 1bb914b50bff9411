/* Rows by pointer and by keys. One row at a time is in the tab order; the arrows go on from it. */

const steps = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 15,
  PageUp: -15,
  Home: -Infinity,
  End: Infinity,
};

export function makeWalk(body, choose) {
  let current = null;
  const visible = () => [...body.querySelectorAll('tr.cell')].filter(row => !row.hidden);

  function makeCurrent(row) {
    current?.setAttribute('tabindex', -1);
    current = row;
    current?.setAttribute('tabindex', 0);
  }

  function focus(row) {
    makeCurrent(row);
    row.focus();
  }

  body.addEventListener('click', event => {
    const row = event.target.closest('tr.cell');
    if (row && !getSelection().toString()) choose(row.dataset.key);
  });
  body.addEventListener('keydown', event => {
    const row = event.target.closest('tr.cell');
    if (!row || !(event.key in steps || event.key === 'Enter' || event.key === ' ')) return;
    event.preventDefault();
    if (!(event.key in steps)) {
      choose(row.dataset.key);
      return;
    }
    const list = visible();
    focus(list[Math.min(Math.max(list.indexOf(row) + steps[event.key], 0), list.length - 1)]);
  });
  return {
    focus,
    refresh() {
      if (!current || current.hidden) makeCurrent(visible()[0] ?? null);
    },
  };
}
