/* Moving over the points of a chart: by pointer to the nearest, by keys from one to the next. A point
 * has its place in pixels (left, top) and the curve that it is on. */

const reach = 40; // pixels from a point within which the pointer means it

const distance = (point, left, top) => Math.hypot(point.left - left, point.top - top);

function closest(points, left, top) {
  let best = null;
  for (const point of points) {
    if (!best || distance(point, left, top) < distance(best, left, top)) best = point;
  }
  return best;
}

export function pointAt(points, left, top) {
  const point = closest(points, left, top);
  return point && distance(point, left, top) <= reach ? point : null;
}

/* Left and right along a curve; up and down to the nearest point of another one. Null: there is none. */
export function pointBeyond(points, from, key) {
  if (!from) return points[0] ?? null;
  const sign = key === 'ArrowRight' || key === 'ArrowDown' ? 1 : -1;
  if (key === 'ArrowLeft' || key === 'ArrowRight') {
    const along = points.filter(
      point => point.curve === from.curve && sign * (point.left - from.left) > 0.01,
    );
    return along.sort((a, b) => sign * (a.left - b.left))[0] ?? null;
  }
  return closest(
    points.filter(point => point.curve !== from.curve && sign * (point.top - from.top) > 0.01),
    from.left,
    from.top,
  );
}
