/* A figure: heading, switches, and a chart that is drawn when it comes into sight. The pointer and
 * the arrow keys move over the chart's points, and the nearest one is told in words. */
import * as echarts from 'echarts/core';
import { CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { LabelLayout } from 'echarts/features';
import { CanvasRenderer } from 'echarts/renderers';
import { h, replace } from './dom.js';

echarts.use([CustomChart, LineChart, ScatterChart, GridComponent, LabelLayout, CanvasRenderer]);

const reach = 40; // pixels from a point at which it still is the nearest
export const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", "DejaVu Sans", sans-serif';

/* spec: { id, title, note, controls(): elements, draw(width): { option, points, height, empty } or
 * null where there is nothing to show, select(cell) }
 * A point: { x, y as on the axes, series, curve: a number by which arrow keys go, title, rows:
 * [[name, value]...], cell } */
export function makeFigure(spec) {
  const canvas = h('div', { class: 'chart', tabindex: 0, role: 'img', 'aria-describedby': `${spec.id}-tip` });
  const tip = h('div', { class: 'tip', id: `${spec.id}-tip`, role: 'status', hidden: true });
  const ring = h('div', { class: 'ring', hidden: true });
  const controls = h('div', { class: 'controls' });
  const note = h('p', { class: 'note' });
  const frame = h('div', { class: 'frame' }, canvas, ring, tip);
  const element = h('section', { class: 'figure', id: spec.id },
    h('div', { class: 'figure-head' }, h('h3', {}, spec.title), controls), note, frame);
  let chart = null, drawn = null, points = [], current = -1, stale = true, seen = false;

  function place() {
    points = (drawn?.points ?? []).map(point => {
      const [left, top] = chart.convertToPixel({ xAxisIndex: 0, yAxisIndex: 0 }, [point.x, point.y]);
      return { ...point, left, top };
    }).filter(point => Number.isFinite(point.left) && Number.isFinite(point.top));
  }

  function clear() {
    current = -1;
    tip.hidden = ring.hidden = true;
    chart?.dispatchAction({ type: 'downplay' });
  }

  function show(index) {
    if (index === current)
      return;
    current = index;
    const point = points[index];
    replace(tip, h('strong', {}, point.title),
      h('dl', {}, point.rows.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])));
    tip.hidden = ring.hidden = false;
    const left = Math.min(Math.max(point.left + 14, 4), frame.clientWidth - tip.offsetWidth - 4);
    const below = point.top + 14 + tip.offsetHeight < frame.clientHeight + 40;
    Object.assign(tip.style, { left: `${left}px`, top: `${below ? point.top + 14 : Math.max(point.top - tip.offsetHeight - 14, -40)}px` });
    Object.assign(ring.style, { left: `${point.left}px`, top: `${point.top}px` });
    chart.dispatchAction({ type: 'downplay' });
    if (point.series !== undefined)
      chart.dispatchAction({ type: 'highlight', seriesIndex: point.series });
  }

  function nearest(left, top, among = points) {
    let best = -1, distance = Infinity;
    for (let index = 0; index < points.length; ++index) {
      const point = points[index];
      const away = Math.hypot(point.left - left, point.top - top);
      if (away < distance && (among === points || among.includes(point)))
        [best, distance] = [index, away];
    }
    return distance <= reach || among !== points ? best : -1;
  }

  /* Left and right along a curve; up and down to the nearest point of the next one. */
  function move(key) {
    if (!points.length)
      return;
    const from = points[current];
    if (!from) {
      show(0);
    } else if (key === 'ArrowLeft' || key === 'ArrowRight') {
      const sign = key === 'ArrowRight' ? 1 : -1;
      const along = points.filter(point => point.curve === from.curve && sign * (point.left - from.left) > 0.01);
      const next = along.sort((a, b) => sign * (a.left - b.left))[0];
      if (next)
        show(points.indexOf(next));
    } else {
      const sign = key === 'ArrowDown' ? 1 : -1;
      const others = points.filter(point => point.curve !== from.curve && sign * (point.top - from.top) > 0.01);
      const closest = others.sort((a, b) => Math.hypot(a.left - from.left, a.top - from.top) - Math.hypot(b.left - from.left, b.top - from.top))[0];
      if (closest)
        show(points.indexOf(closest));
    }
  }

  function draw() {
    stale = false;
    clear();
    replace(controls, spec.controls?.() ?? []);
    const width = Math.max(frame.clientWidth, 280);
    drawn = spec.draw(width);
    element.hidden = !drawn;
    if (!drawn)
      return;
    replace(note, drawn.note ?? spec.note ?? '');
    canvas.style.height = `${drawn.height ?? 340}px`;
    canvas.setAttribute('aria-label', `${spec.title}. ${drawn.summary ?? ''} Arrow keys move over the points.`);
    chart ??= echarts.init(canvas, null, { renderer: 'canvas' });
    chart.resize();
    chart.setOption({ animation: false, textStyle: { fontFamily: font }, ...drawn.option }, { notMerge: true });
    place();
  }

  canvas.addEventListener('mousemove', event => {
    const box = canvas.getBoundingClientRect();
    const index = nearest(event.clientX - box.left, event.clientY - box.top);
    index < 0 ? clear() : show(index);
  });
  canvas.addEventListener('mouseleave', clear);
  canvas.addEventListener('blur', clear);
  canvas.addEventListener('click', () => points[current]?.cell && spec.select(points[current].cell));
  canvas.addEventListener('keydown', event => {
    if (event.key.startsWith('Arrow')) {
      event.preventDefault();
      move(event.key);
    } else if (event.key === 'Enter' && points[current]?.cell) {
      spec.select(points[current].cell);
    } else if (event.key === 'Escape') {
      clear();
    }
  });
  let width = 0;
  new ResizeObserver(() => {
    if (chart && frame.clientWidth !== width) {
      width = frame.clientWidth;
      draw();
    }
  }).observe(frame);

  return {
    element,
    /* Something changed; drawn at once where it can be seen. A figure that has nothing to show is
     * asked again, since hidden it is never in sight. */
    refresh() {
      stale = true;
      if (seen || element.hidden)
        draw();
    },
    cameIntoSight(visible) {
      seen = visible;
      if (visible && stale)
        draw();
    },
    drawNow: () => stale && draw(),
  };
}

/* Draws figures as they come into sight, and all of them before the page is printed. */
export function watchFigures(figures) {
  const byElement = new Map(figures.map(figure => [figure.element, figure]));
  const observer = new IntersectionObserver(entries => {
    for (const entry of entries)
      byElement.get(entry.target).cameIntoSight(entry.isIntersecting);
  }, { rootMargin: '200px' });
  for (const figure of figures)
    observer.observe(figure.element);
  addEventListener('beforeprint', () => figures.forEach(figure => figure.drawNow()));
}
