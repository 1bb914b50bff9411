/* Light, dark, or as the system has it; kept for the next time where the browser allows that. */
import { choices, h, replace } from './dom.js';

const key = 'ipcbench-theme';

function stored() {
  try {
    return localStorage.getItem(key) ?? 'auto';
  } catch {
    return 'auto'; // storage may be closed to pages from disk
  }
}

function store(theme) {
  try {
    localStorage.setItem(key, theme);
  } catch {
    // then it holds for this visit
  }
}

export function makeTheme(changed) {
  const element = h('div', { class: 'theme' });
  const system = matchMedia('(prefers-color-scheme: dark)');
  let theme = stored();

  function apply() {
    const dark = theme === 'dark' || (theme === 'auto' && system.matches);
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    replace(
      element,
      choices(
        'Colours',
        [
          ['light', 'light'],
          ['dark', 'dark'],
          ['auto', 'auto'],
        ],
        theme,
        value => {
          theme = value;
          store(theme);
          apply();
        },
      ),
    );
    changed();
  }

  system.addEventListener('change', apply);
  addEventListener('beforeprint', () => {
    document.documentElement.dataset.theme = 'light';
    changed();
  });
  addEventListener('afterprint', apply);
  apply();
  return element;
}
