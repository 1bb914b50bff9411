/* The top of the page: which machine, which run, how far to trust it. */
import { h } from './dom.js';
import * as format from './format.js';
import { distinct, fact } from './model.js';

function threadText(run) {
  const cpus = fact(run, 'cpu', 'threads') ?? fact(run, 'cpu', 'online_count');
  return cpus ? `${cpus} CPUs` : null;
}

export function machineName(run) {
  return (fact(run, 'cpu', 'model') ?? 'unknown CPU').replace(/\((R|TM)\)/g, '');
}

function subtitle(run) {
  const hypervisor = fact(run, 'virtualisation', 'hypervisor');
  return [
    threadText(run),
    `Linux ${fact(run, 'kernel', 'release') ?? '?'}`,
    hypervisor && `virtual machine (${hypervisor.startsWith('KVM') ? 'KVM' : hypervisor})`,
    fact(run, 'kernel', 'hostname'),
    format.date(run.started_at),
  ]
    .filter(Boolean)
    .join(' · ');
}

function lost(baseline) {
  return baseline ? Math.max(...baseline.cpus.map(cpu => cpu.lost_share)) : undefined;
}

function keyFacts(run) {
  const { bounds, clock, noise } = run;
  return [
    [
      'cache line, there and back',
      bounds.cache_line_round_trip_ns && format.ns(bounds.cache_line_round_trip_ns),
    ],
    ['null system call', bounds.null_system_call_ns && format.ns(bounds.null_system_call_ns)],
    [
      'memcpy, in cache',
      bounds.memcpy_cached_bytes_per_s && format.bandwidth(bounds.memcpy_cached_bytes_per_s),
    ],
    [
      'memcpy, 64 MiB',
      bounds.memcpy_uncached_bytes_per_s && format.bandwidth(bounds.memcpy_uncached_bytes_per_s),
    ],
    ['one clock reading', clock.cost_ns && `${format.ns(clock.cost_ns)} (${clock.name})`],
    [
      'time lost to gaps',
      noise.before &&
        format.percent(lost(noise.before)) +
          (noise.after ? `, ${format.percent(lost(noise.after))} after` : ''),
    ],
    ['stolen by the host', noise.steal_share !== undefined && format.percent(noise.steal_share)],
    [
      'load when it began',
      noise.before?.load_average !== undefined && noise.before.load_average.toFixed(1),
    ],
  ].filter(([, value]) => value);
}

/* Of several pairs each has a distance of its own: then nothing follows. */
function movedAbout(run) {
  const pairs = distinct(run.cells.map(cell => cell.cpus.join('-')));
  const states = run.states.filter(state => state.trials > 1);
  const times = states.map(state => format.ns(state.median_ns)).join(' or ');
  return (
    pairs.length === 1 &&
    states.length > 1 &&
    `The two CPUs were not always equally far apart: a cache line took ${times} there and back.`
  );
}

function warnings(run) {
  return [
    !run.complete && 'This run was interrupted: not all that was asked for is here.',
    run.clock.drifted_ppm !== undefined &&
      `The clock drifted by ${run.clock.drifted_ppm.toFixed(0)} ppm during the run: do not trust these times.`,
    run.clock.reason && `The clock is ${run.clock.name}: ${run.clock.reason}.`,
    run.noise.throttled_ns &&
      `The run was held up for ${format.ns(run.noise.throttled_ns)} by its CPU quota.`,
    movedAbout(run),
  ].filter(Boolean);
}

/* How many cells, and links to those that need a second look. */
function tally(context, run) {
  const cells = context.model.cells.filter(cell => cell.run === run);
  const measured = cells.filter(cell => cell.summary);
  const noisy = measured.filter(cell => cell.summary.marks.includes('~')).length;
  const others = ['skipped', 'invalid', 'failed']
    .map(status => [status, cells.filter(cell => cell.status === status).length])
    .filter(([, count]) => count);
  const link = (text, words) =>
    h(
      'a',
      {
        href: '#cells',
        onclick: event => {
          event.preventDefault();
          context.view.set({ search: words });
          document.getElementById('cells').scrollIntoView();
        },
      },
      text,
    );
  return h(
    'p',
    { class: 'tally' },
    `${measured.length} cells measured in ${format.duration(run.elapsed_s ?? 0)}`,
    measured.length > 0 &&
      `, ${measured.length - noisy} to ±${format.plain(run.noisy_above * 100)} % or better`,
    others.map(([status, count]) => ['; ', link(`${count} ${status}`, status)]),
    '.',
  );
}

function allFacts(run) {
  const command = ['ipcbench run', ...run.request.arguments].join(' ');
  return h(
    'details',
    { class: 'facts' },
    h('summary', {}, 'All that is known of the machine and the run'),
    h(
      'div',
      { class: 'fact-groups' },
      h(
        'section',
        {},
        h('h4', {}, 'run'),
        h(
          'dl',
          {},
          [
            ['file', run.file],
            ['command', command],
            ['ipcbench', run.version],
            ['seed', run.request.seed],
            ['trials', String(run.request.trials)],
            ['started', run.started_at],
            ['clock', `${run.clock.name}, resolution ${format.ns(run.clock.resolution_ns ?? 0)}`],
          ].map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
        ),
      ),
      Object.entries(run.machine).map(([group, facts]) =>
        h(
          'section',
          {},
          h('h4', {}, group),
          h(
            'dl',
            {},
            facts.map(([name, value]) => [h('dt', {}, name), h('dd', {}, String(value))]),
          ),
        ),
      ),
    ),
  );
}

function runOverview(context, run) {
  const notes = warnings(run);
  return h(
    'section',
    { class: 'run' },
    h('h1', {}, run.letter && h('span', { class: 'letter' }, run.letter), machineName(run)),
    h('p', { class: 'subtitle' }, subtitle(run)),
    h(
      'dl',
      { class: 'key-facts' },
      keyFacts(run).map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
    ),
    tally(context, run),
    notes.length > 0 &&
      h(
        'ul',
        { class: 'warnings' },
        notes.map(note => h('li', {}, note)),
      ),
    allFacts(run),
  );
}

export function makeOverview(context) {
  return h(
    'header',
    { class: context.model.runs.length > 1 ? 'overview several' : 'overview' },
    context.model.runs.map(run => runOverview(context, run)),
  );
}
