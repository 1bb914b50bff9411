/* Elements by one call. Text is always set as text: whatever a name holds, it is never markup. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'value' || name === 'hidden' || name === 'open') element[name] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== undefined && child !== null && child !== false) element.append(child);
  }
}

export function replace(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/* A row of buttons of which one is pressed. */
export function choices(label, options, chosen, choose) {
  const buttons = options.map(([value, text]) =>
    h(
      'button',
      { type: 'button', 'aria-pressed': String(value === chosen), onclick: () => choose(value) },
      text,
    ),
  );
  return h('span', { class: 'choices', role: 'group', 'aria-label': label }, buttons);
}

export function select(label, options, chosen, choose, visibleLabel = true) {
  const box = h(
    'select',
    { 'aria-label': label, onchange: () => choose(box.value) },
    options.map(([value, text]) => h('option', { value }, text)),
  );
  box.value = chosen;
  return h('label', { class: 'field' }, visibleLabel && h('span', {}, label), box);
}
