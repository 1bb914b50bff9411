/* A figure: heading, switches, and a chart that is drawn when it comes into sight. The pointer and
 * the arrow keys move over the chart's points, and what the current one says is told in words. */
import * as echarts from 'echarts/core';
import { CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { LabelLayout } from 'echarts/features';
import { CanvasRenderer } from 'echarts/renderers';
import { h, replace } from './dom.js';
import { pointAt, pointBeyond } from './points.js';
import { makeTip } from './tip.js';

echarts.use([CustomChart, LineChart, ScatterChart, GridComponent, LabelLayout, CanvasRenderer]);

export const font =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", "DejaVu Sans", sans-serif';

function makeElements({ id, title }) {
  const canvas = h('div', {
    class: 'chart',
    tabindex: 0,
    role: 'img',
    'aria-describedby': `${id}-tip`,
  });
  const controls = h('div', { class: 'controls' });
  const note = h('p', { class: 'note' });
  const frame = h('div', { class: 'frame' }, canvas);
  const element = h(
    'section',
    { class: 'figure', id },
    h('div', { class: 'figure-head' }, h('h3', {}, title), controls),
    note,
    frame,
  );
  return { canvas, controls, note, frame, element };
}

/* Pointer and keys; `pointer` has points(), current(), go(point or null) and choose(). */
function listen(canvas, pointer) {
  canvas.addEventListener('mousemove', event => {
    const box = canvas.getBoundingClientRect();
    pointer.go(pointAt(pointer.points(), event.clientX - box.left, event.clientY - box.top));
  });
  canvas.addEventListener('mouseleave', () => pointer.go(null));
  canvas.addEventListener('blur', () => pointer.go(null));
  canvas.addEventListener('click', pointer.choose);
  canvas.addEventListener('keydown', event => {
    if (event.key.startsWith('Arrow')) {
      event.preventDefault();
      pointer.go(pointBeyond(pointer.points(), pointer.current(), event.key) ?? pointer.current());
    } else if (event.key === 'Enter') {
      pointer.choose();
    } else if (event.key === 'Escape') {
      pointer.go(null);
    }
  });
}

/* The chart in its element: draws what a spec gave, and knows where its points lie. */
function makeCanvas(elements, spec) {
  const tip = makeTip(`${spec.id}-tip`, elements.frame);
  let chart = null,
    points = [],
    current = null;

  function go(point) {
    if (point === current) return;
    current = point;
    chart?.dispatchAction({ type: 'downplay' });
    if (!point) {
      tip.hide();
      return;
    }
    tip.show(point);
    if (point.series !== undefined)
      chart.dispatchAction({ type: 'highlight', seriesIndex: point.series });
  }

  listen(elements.canvas, {
    points: () => points,
    current: () => current,
    go,
    choose: () => current?.cell && spec.select(current.cell),
  });
  return {
    clear: () => go(null),
    draw(drawn) {
      elements.canvas.style.height = `${drawn.height}px`;
      elements.canvas.setAttribute(
        'aria-label',
        `${spec.title}. ${drawn.summary} Arrow keys move over the points.`,
      );
      chart ??= echarts.init(elements.canvas, null, { renderer: 'canvas' });
      chart.resize();
      chart.setOption(
        { animation: false, textStyle: { fontFamily: font }, ...drawn.option },
        { notMerge: true },
      );
      points = drawn.points
        .map(point => {
          const [left, top] = chart.convertToPixel({ xAxisIndex: 0, yAxisIndex: 0 }, [
            point.x,
            point.y,
          ]);
          return { ...point, left, top };
        })
        .filter(point => Number.isFinite(point.left) && Number.isFinite(point.top));
    },
  };
}

/* spec: { id, title, controls(): elements, draw(width): { option, points, height, note, summary } or
 * null where there is nothing to show, select(cell) }
 * A point: { x, y as on the axes, series: its index, curve: what it is on, title, rows: [[name,
 * value], ...], cell } */
export function makeFigure(spec) {
  const elements = makeElements(spec);
  const { element, frame } = elements;
  const canvas = makeCanvas(elements, spec);
  let stale = true,
    seen = false,
    width = 0;

  function draw() {
    stale = false;
    canvas.clear();
    replace(elements.controls, spec.controls?.() ?? []);
    const drawn = spec.draw(Math.max(frame.clientWidth, 280));
    element.hidden = !drawn;
    if (drawn) {
      replace(elements.note, drawn.note);
      canvas.draw(drawn);
    }
  }

  new ResizeObserver(() => {
    stale ||= frame.clientWidth !== width;
    width = frame.clientWidth;
    if (seen && stale) draw();
  }).observe(frame);
  return {
    element,
    /* Something changed; drawn at once where it can be seen. A figure that has nothing to show is
     * asked again, since hidden it is never in sight. */
    refresh() {
      stale = true;
      if (seen || element.hidden) draw();
    },
    cameIntoSight(visible) {
      seen = visible;
      if (visible && stale) draw();
    },
    drawNow: () => stale && draw(),
  };
}

/* Draws figures as they come into sight, and all of them before the page is printed. */
export function watchFigures(figures) {
  const byElement = new Map(figures.map(figure => [figure.element, figure]));
  const observer = new IntersectionObserver(
    entries => {
      for (const entry of entries) byElement.get(entry.target).cameIntoSight(entry.isIntersecting);
    },
    { rootMargin: '200px' },
  );
  for (const figure of figures) observer.observe(figure.element);
  addEventListener('beforeprint', () => figures.forEach(figure => figure.drawNow()));
}
