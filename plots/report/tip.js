/* What is told of a point, beside it, and the ring around it. */
import { h, replace } from './dom.js';

const gap = 14;

export function makeTip(id, frame) {
  const tip = h('div', { class: 'tip', id, role: 'status', hidden: true });
  const ring = h('div', { class: 'ring', hidden: true });
  frame.append(ring, tip);
  return {
    hide() {
      tip.hidden = ring.hidden = true;
    },
    show({ title, rows, left, top }) {
      replace(
        tip,
        h('strong', {}, title),
        h(
          'dl',
          {},
          rows.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
        ),
      );
      tip.hidden = ring.hidden = false;
      const across = Math.min(Math.max(left + gap, 4), frame.clientWidth - tip.offsetWidth - 4);
      const fitsBelow = top + gap + tip.offsetHeight < frame.clientHeight + 40;
      const down = fitsBelow ? top + gap : Math.max(top - tip.offsetHeight - gap, -40);
      Object.assign(tip.style, { left: `${across}px`, top: `${down}px` });
      Object.assign(ring.style, { left: `${left}px`, top: `${top}px` });
    },
  };
}
